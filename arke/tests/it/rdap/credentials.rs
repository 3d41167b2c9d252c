//! TLS: whom we trust, and the certificate that shows who we are.

use std::sync::Arc;

use arke::config::Secret;
use arke::rdap::{Auth, Rdap, RdapError, Settings};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;

use super::client::{found, settings};
use super::name;
use super::server::Server;

/// An authority of our own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Authority { issuer: Issuer::new(params, key), certificate }
    }

    fn sign(&self, subject: &str) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![subject.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// A server with a certificate of this authority, which wants one of its clients.
    async fn serve(&self, wants_certificate: bool) -> Server {
        let (certificate, key) = self.sign("127.0.0.1");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if wants_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let tls = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        Server::answering(|_, _| found("a.xx"), Some(Arc::new(tls).into())).await
    }
}

fn client(server: &Server, roots: Option<&Authority>, auth: &Auth) -> Rdap {
    let settings = Settings {
        roots: roots.map(|authority| authority.certificate.pem()),
        ..settings(&format!("https://{}/rdap", server.address))
    };
    Rdap::new(settings, auth).unwrap()
}

#[tokio::test]
async fn a_service_that_nobody_vouches_for_is_not_asked() {
    let authority = Authority::new();
    let server = authority.serve(false).await;
    let failed = client(&server, None, &Auth::None).domain(&name("a.xx")).await;
    assert!(matches!(failed, Err(RdapError::Tls)), "{failed:?}");
    assert!(server.asked().is_empty());
    client(&server, Some(&authority), &Auth::None).domain(&name("a.xx")).await.unwrap();
}

#[tokio::test]
async fn a_client_certificate_opens_a_service() {
    let authority = Authority::new();
    let server = authority.serve(true).await;
    let (certificate, key) = authority.sign("arke.example");
    let auth = Auth::Certificate { chain: certificate.pem(), key: Secret::new(&key.serialize_pem()) };
    let rdap = client(&server, Some(&authority), &auth);
    rdap.domain(&name("a.xx")).await.unwrap();
    assert!(!format!("{auth:?}").contains("PRIVATE KEY"));

    let without = client(&server, Some(&authority), &Auth::None).domain(&name("a.xx")).await;
    assert!(matches!(without, Err(RdapError::Tls | RdapError::Unreachable)), "{without:?}");
    assert_eq!(server.asked().len(), 1);
}
