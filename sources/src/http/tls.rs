//! TLS with targets, whose certificates are looked at and never refused, and with proxies, whose must be valid.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use panopticon_model::observation::TlsFacts;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::admit::Target;
use super::certificate;
use super::config::SetupError;
use super::wire::Wire;

/// What is needed for TLS, made once.
#[derive(Debug)]
pub(super) struct Tls {
    /// For targets; every connection gets a verifier of its own.
    targets: ClientConfig,
    proxies: Arc<ClientConfig>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Tls {
    /// Trusts what this machine trusts, and the certificates in the PEM file `ca`.
    pub(super) fn new(ca: Option<&Path>) -> Result<Tls, SetupError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca {
            let wrong = |_| SetupError::Ca(path.to_owned());
            for root in CertificateDer::pem_file_iter(path).map_err(wrong)? {
                roots.add(root.map_err(wrong)?).map_err(|_| SetupError::Ca(path.to_owned()))?;
            }
        }
        if roots.is_empty() {
            return Err(SetupError::NoRoots);
        }
        let (roots, provider) = (Arc::new(roots), Arc::new(rustls::crypto::ring::default_provider()));
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider)).build();
        let mut proxies = config(&provider)?.with_root_certificates(roots).with_no_client_auth();
        proxies.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut targets = proxies.clone();
        // A ticket of an earlier visit would let a server know us again, whatever the vantage.
        targets.resumption = rustls::client::Resumption::disabled();
        Ok(Tls { targets, proxies: Arc::new(proxies), verifier: verifier.map_err(|_| SetupError::NoRoots)? })
    }

    /// Secures a connection to a target. Its certificate is there even if the rest fails.
    pub(super) async fn with_target(
        &self,
        wire: Wire,
        host: &Target,
    ) -> (io::Result<Wire>, Option<Box<TlsFacts>>) {
        let seen = Arc::new(Seen { verifier: Arc::clone(&self.verifier), facts: Mutex::new(None) });
        let name = match host {
            Target::Name(name) => match ServerName::try_from(name.as_str().to_owned()) {
                Ok(name) => name,
                Err(_) => return (Err(io::Error::other("the name cannot be sent in TLS")), None),
            },
            Target::Address(address) => ServerName::IpAddress((*address).into()),
        };
        let mut config = self.targets.clone();
        config.dangerous().set_certificate_verifier(Arc::clone(&seen) as Arc<dyn ServerCertVerifier>);
        let stream = TlsConnector::from(Arc::new(config)).connect(name, wire).await;
        let facts = seen.facts.lock().unwrap_or_else(PoisonError::into_inner).take();
        (stream.map(|stream| Box::new(stream) as Wire), facts)
    }

    /// Secures a connection to a proxy, which gets our credentials.
    pub(super) async fn with_proxy(&self, wire: Wire, host: &str) -> io::Result<Wire> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(&self.proxies)).connect(name, wire).await?;
        Ok(Box::new(stream))
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn config(provider: &Arc<CryptoProvider>) -> Result<Builder, SetupError> {
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider));
    builder.with_safe_default_protocol_versions().map_err(|_| SetupError::Tls)
}

/// Checks a certificate as a browser would, writes down what came out, and accepts it.
#[derive(Debug)]
struct Seen {
    verifier: Arc<WebPkiServerVerifier>,
    facts: Mutex<Option<Box<TlsFacts>>>,
}

impl Seen {
    /// Accepts a signature. A wrong one is worth a word if nothing else was wrong; in a certificate that cannot be
    /// read there is no key to check it with.
    fn accept(&self, checked: Result<HandshakeSignatureValid, rustls::Error>) -> HandshakeSignatureValid {
        checked.unwrap_or_else(|_| {
            let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(facts) = facts.as_mut().filter(|facts| facts.error.is_none()) {
                facts.error = Some(certificate::word(&CertificateError::BadSignature, false).into());
            }
            HandshakeSignatureValid::assertion()
        })
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let error = match self.verifier.verify_server_cert(leaf, intermediates, name, ocsp, now) {
            Ok(_) => None,
            Err(rustls::Error::InvalidCertificate(error)) => Some(error),
            Err(_) => Some(CertificateError::ApplicationVerificationFailure),
        };
        let facts = Box::new(certificate::read(leaf, error.as_ref()));
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = Some(facts);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.accept(self.verifier.verify_tls12_signature(message, leaf, signed)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.accept(self.verifier.verify_tls13_signature(message, leaf, signed)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
