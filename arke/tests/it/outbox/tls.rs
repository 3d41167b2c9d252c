//! TLS or nothing: by STARTTLS and from the first byte, with an authority of our own.

use std::net::SocketAddr;
use std::sync::Arc;

use arke::send::smtp::{Smtp, SmtpConfig, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::sink::{Deed, Offers, Sink};
use super::support::{NOW, config, fill, open, run_at, smtp, standing};

/// A server's side for `localhost`, the authority that vouches for it as PEM, and its certificate and key as PEM.
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    pub(super) authority: String,
    pub(super) certificate: String,
    pub(super) key: String,
}

pub(super) fn identity() -> Identity {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = parameters.signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    Identity {
        acceptor: TlsAcceptor::from(Arc::new(server)),
        authority: authority.pem(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}

/// By name, so that the certificate is checked against it.
pub(super) fn by_name(address: SocketAddr, tls: Tls, authority: Option<&str>) -> SmtpConfig {
    let extra_ca = authority.map(|pem| pem.as_bytes().to_vec());
    SmtpConfig { host: "localhost".to_owned(), tls, extra_ca, ..config(address) }
}

#[test]
fn mail_goes_by_tls_or_not_at_all() {
    let identity = identity();
    let (other, known) = (self::identity().authority, identity.authority.as_str());
    let offers = |implicit| Offers { tls: Some(identity.acceptor.clone()), implicit, ..Offers::default() };
    let none = Offers::default;
    let rows = [
        ("starttls", offers(false), Tls::Required, Some(known), 3),
        ("implicit", offers(true), Tls::Implicit, Some(known), 3),
        ("an authority that nobody knows", offers(false), Tls::Required, None, 0),
        ("another authority", offers(true), Tls::Implicit, Some(other.as_str()), 0),
        ("no starttls offered", none(), Tls::Required, Some(known), 0),
    ];
    let mut stops = Vec::new();
    for (name, offers, tls, authority, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        fill(&mut ledger, 3);
        let sink = Sink::offering(offers, |_, _| Deed::Take);
        let transport = smtp(by_name(sink.address, tls, authority));
        let report = run_at(&mut ledger, &transport, NOW);
        assert_eq!((report.accepted, sink.taken().len()), (expected, expected), "{name}: {report:?}");
        let state = if expected == 3 { "accepted" } else { "queued" };
        assert_eq!(standing(&ledger), [(state, 3)], "{name}");
        stops.push(format!("{name}: {:?}", report.stop));
    }
    insta::assert_snapshot!(stops.join("\n"));
}

#[test]
fn what_cannot_be_secure_is_refused_when_it_is_configured() {
    let address = "192.0.2.1:25".parse().unwrap();
    let configs = [
        config(address),
        by_name(address, Tls::Required, Some("no PEM")),
        SmtpConfig { host: "localhost".to_owned(), ..config(address) },
    ];
    let refusals = configs.map(|config| Smtp::new(config).unwrap_err().to_string());
    insta::assert_snapshot!(refusals.join("\n"));
    let loopback = SmtpConfig { host: "::1".to_owned(), ..config(address) };
    assert!(Smtp::new(loopback).is_ok());
}
