//! What vouches for a records.sql, as arke reads it: public key, signature, manifest.

use arke::records::signed::Voucher;

/// Any bytes in the place of each; and a manifest that is signed rightly does not vouch for what holds it.
///
/// The bytes are three parts with an octet 0 between: key, signature, manifest.
pub fn signed_records(data: &[u8]) {
    let mut parts = data.splitn(3, |octet| *octet == 0);
    let mut part = || parts.next().unwrap_or_default();
    let voucher = Voucher { key: part(), signature: part(), manifest: part() };
    match voucher.check("records.sql", data) {
        Ok(()) => panic!("no manifest states its own digest"),
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
}
