//! Certificates, good ones and others.

use panopticon_model::time::Epoch;
use panopticon_sources::http::certificate::{MAX_CERTIFICATE, read, word};
use proptest::prelude::{any, prop_assert, proptest};
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use rustls::CertificateError;

use super::world::{Flaw, Identity};

#[test]
fn what_a_certificate_says() {
    let mut params = CertificateParams::new(vec!["shop.xx".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "shop.xx\u{202e} of someone@bank.example");
    params.distinguished_name.push(DnType::OrganizationName, "Example  Shop\nLtd");
    params.distinguished_name.push(DnType::OrganizationalUnitName, "not kept");
    params.distinguished_name.push(DnType::from_oid(&[2, 5, 4, 4]), "Surname");
    params.not_before = rcgen::date_time_ymd(2024, 1, 2);
    params.not_after = rcgen::date_time_ymd(1960, 1, 2);
    let facts = read(&Identity::of(&params, Flaw::None).der, Some(&CertificateError::Expired));
    assert_eq!(facts.subject, "CN=shop.xx of [email], O=Example Shop Ltd");
    assert_eq!(facts.issuer, "CN=Test Authority");
    assert_eq!(facts.not_before, Some("2024-01-02T00:00:00Z".parse::<Epoch>().unwrap()));
    assert_eq!(facts.not_after, None, "before 1970");
    assert_eq!(facts.error.as_deref(), Some("expired"));
    let facts = read(&Identity::new("shop.xx", Flaw::None).der, None);
    assert_eq!((facts.subject.as_str(), facts.error), ("CN=shop.xx, O=Example", None));
}

#[test]
fn words_for_what_is_wrong() {
    for (error, self_issued, expected) in [
        (CertificateError::Expired, false, "expired"),
        (CertificateError::NotValidYet, true, "not-yet-valid"),
        (CertificateError::UnknownIssuer, false, "unknown-issuer"),
        (CertificateError::UnknownIssuer, true, "self-signed"),
        (CertificateError::NotValidForName, false, "wrong-name"),
        (CertificateError::Revoked, false, "revoked"),
        (CertificateError::BadEncoding, false, "malformed"),
        (CertificateError::BadSignature, false, "bad-signature"),
        (CertificateError::InvalidPurpose, false, "wrong-purpose"),
        (CertificateError::UnhandledCriticalExtension, false, "unknown-extension"),
        (CertificateError::ApplicationVerificationFailure, false, "not-trusted"),
    ] {
        assert_eq!(word(&error, self_issued), expected, "{error:?}");
    }
}

/// A certificate with so many names.
pub(super) fn of_names(count: usize) -> Identity {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    let name = |number: usize| SanType::DnsName(format!("{number}.xx").try_into().unwrap());
    params.subject_alt_names = (0..count).map(name).collect();
    Identity::of(&params, Flaw::None)
}

#[test]
fn a_million_names_are_not_read() {
    let identity = of_names(1_000_000);
    assert!(identity.der.len() > 10_000_000);
    let facts = read(&identity.der, None);
    assert_eq!((facts.subject.as_str(), facts.error.as_deref()), ("", Some("too-large")));
    // As many as a handshake can carry are.
    let identity = of_names(6000);
    assert!((50_000..MAX_CERTIFICATE).contains(&identity.der.len()), "{}", identity.der.len());
    assert_eq!(read(&identity.der, None).error, None);
}

#[test]
fn what_is_no_certificate() {
    let whole = Identity::new("shop.xx", Flaw::SelfSigned).der;
    for end in 0..whole.len() {
        assert_eq!(read(&whole[..end], None).error.as_deref(), Some("malformed"), "{end}");
    }
    assert_eq!(read(&KeyPair::generate().unwrap().serialize_der(), None).error.as_deref(), Some("malformed"));
}

proptest! {
    #[test]
    fn any_bytes_are_a_certificate_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes, None).subject.is_empty());
    }

    #[test]
    fn any_damage_to_a_certificate_is_survived(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8)) {
        static WHOLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut der = WHOLE.get_or_init(|| Identity::new("shop.xx", Flaw::SelfSigned).der.to_vec()).clone();
        for (at, byte) in changes {
            let at = at % der.len();
            der[at] = byte;
        }
        let facts = read(&der, Some(&CertificateError::UnknownIssuer));
        prop_assert!(facts.error.is_some() && facts.subject.chars().count() <= 420);
    }
}
