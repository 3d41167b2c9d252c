//! The secret key that signs what is published.

use panopticon_sinks::minisign::SigningKey;

/// A text is refused, or is a key that is written and read as the same.
pub fn signing_key(data: &[u8]) {
    let text = std::str::from_utf8(data).unwrap_or_default();
    match SigningKey::parse(text) {
        Ok(key) => {
            let again = SigningKey::parse(&key.secret_text()).unwrap();
            assert_eq!(again.public_text(), key.public_text());
            assert_eq!(again.sign(data, "comment"), key.sign(data, "comment"));
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
}
