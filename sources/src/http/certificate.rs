//! Certificates: what a server's says of itself, and why it is not to be trusted, in a word.

use compact_str::{CompactString, format_compact};
use panopticon_model::observation::TlsFacts;
use panopticon_model::time::Epoch;
use rustls::CertificateError;
use x509_parser::asn1_rs::FromDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::text::clean_bytes;

/// Octets of a certificate that is read: as many as a whole TLS handshake may have here.
pub const MAX_CERTIFICATE: usize = 65_535;

/// Reads a certificate in DER (RFC 5280): subject and issuer by common name and organisation, validity, and as
/// `error` the word for what the check of it said.
///
/// Of the names only those two are kept: the others may be of a person. One that cannot be read, or has more than
/// [`MAX_CERTIFICATE`] octets, gives its error and nothing else.
#[must_use]
pub fn read(der: &[u8], error: Option<&CertificateError>) -> TlsFacts {
    let unread = |word: &str| TlsFacts { error: Some(word.into()), ..TlsFacts::default() };
    if der.len() > MAX_CERTIFICATE {
        return unread("too-large");
    }
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return unread("malformed") };
    let is_self_issued = certificate.subject().as_raw() == certificate.issuer().as_raw();
    TlsFacts {
        subject: name(certificate.subject()),
        issuer: name(certificate.issuer()),
        not_before: instant(certificate.validity().not_before),
        not_after: instant(certificate.validity().not_after),
        error: error.map(|error| word(error, is_self_issued).into()),
    }
}

/// The word for an error of the check (RFC 5280 6.1, RFC 9525 6).
#[must_use]
pub fn word(error: &CertificateError, is_self_issued: bool) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "not-yet-valid",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "wrong-name",
        CertificateError::UnknownIssuer if is_self_issued => "self-signed",
        // Among the rest is "an authority's certificate in the place of a server's", which most that are made by
        // hand for oneself are.
        CertificateError::Other(_) if is_self_issued => "self-signed",
        CertificateError::UnknownIssuer => "unknown-issuer",
        CertificateError::Revoked => "revoked",
        CertificateError::BadEncoding => "malformed",
        CertificateError::BadSignature => "bad-signature",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => "wrong-purpose",
        CertificateError::UnhandledCriticalExtension => "unknown-extension",
        _ => "not-trusted",
    }
}

/// `CN=bank.example, O=Bank`.
fn name(name: &X509Name<'_>) -> CompactString {
    let value = |first: Option<&AttributeTypeAndValue<'_>>| clean_bytes(first?.as_slice());
    let common = value(name.iter_common_name().next()).map(|value| format_compact!("CN={value}"));
    let organisation = value(name.iter_organization().next()).map(|value| format_compact!("O={value}"));
    match (common, organisation) {
        (Some(common), Some(organisation)) => format_compact!("{common}, {organisation}"),
        (common, organisation) => common.or(organisation).unwrap_or_default(),
    }
}

fn instant(time: ASN1Time) -> Option<Epoch> {
    Some(Epoch(u64::try_from(time.timestamp()).ok()?.checked_mul(1000)?))
}
