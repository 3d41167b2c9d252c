//! What the tests of this folder need again and again.

use std::sync::Arc;
use std::time::Duration;

use panopticon_sources::dns::exchange::Client;
use panopticon_sources::dns::resolve::Resolver;
use panopticon_sources::dns::server::Server;
use panopticon_sources::probe::pace::Pace;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// For answers that come: long, as the machine may be busy.
pub(super) const LONG: Duration = Duration::from_secs(20);
/// For answers that do not come.
pub(super) const SHORT: Duration = Duration::from_millis(300);

/// Trust in nobody.
pub(super) fn no_trust() -> ClientConfig {
    trust(RootCertStore::empty())
}

pub(super) fn trust(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    builder.with_root_certificates(roots).with_no_client_auth()
}

/// Someone who asks as fast as he likes.
pub(super) fn client(deadline: Duration) -> Arc<Client> {
    Arc::new(Client::new(&no_trust(), Arc::new(Pace::unlimited()), deadline))
}

pub(super) fn resolver(server: Server) -> Resolver {
    Resolver::new(client(LONG), vec![server])
}

/// An authority, and a certificate of it for a name.
pub(super) struct Authority {
    pub(super) client: ClientConfig,
    pub(super) certificate: rcgen::Certificate,
    pub(super) key: rcgen::KeyPair,
}

impl Authority {
    pub(super) fn new(name: &str) -> Authority {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let authority = params.self_signed(&authority_key).unwrap();
        let issuer = rcgen::Issuer::new(params, authority_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        Authority { client: trust(roots), certificate, key }
    }

    /// A server with that certificate, speaking `protocol`.
    pub(super) fn acceptor(&self, protocol: &[u8]) -> tokio_rustls::TlsAcceptor {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![protocol.to_vec()];
        Arc::new(config).into()
    }

    pub(super) fn client(&self, deadline: Duration) -> Arc<Client> {
        Arc::new(Client::new(&self.client, Arc::new(Pace::unlimited()), deadline))
    }
}
