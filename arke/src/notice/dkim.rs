//! DKIM signatures (RFC 6376) over the final bytes: relaxed/relaxed, RSA-SHA256 or Ed25519-SHA256 (RFC 8463).
//!
//! lettre signs header lists whose part headers it does not see, so a signature over `Content-Type` of a multipart mail
//! does not hold; and its signing brings a crate with a known weakness. Here the bytes are signed that will be sent.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use panopticon_model::time::Epoch;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use thiserror::Error;

/// What is signed where it is present. `From` stands twice: a second one, added on the way, breaks the signature
/// (RFC 6376, 8.15). Never `Content-Type`, which relays rewrite.
const SIGNED: [&str; 14] = [
    "from",
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "auto-submitted",
    "x-auto-response-suppress",
    "list-id",
    "list-unsubscribe",
    "feedback-id",
    "content-language",
];

/// A key and the name under which its public half stands in the DNS. It does not show itself.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Why a key cannot be used or a mail cannot be signed. It shows nothing of the key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DkimError {
    /// The file cannot be read: check the path and who may read it.
    #[error("the DKIM key `{path}` cannot be read")]
    Io {
        /// The path as it was given.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Not a key that signs mail.
    #[error(
        "not a DKIM key: expected PEM with an RSA key of 2048 bits or more, or an Ed25519 key (PKCS #8 or #1)"
    )]
    Key,
    /// A domain or a selector that is no name.
    #[error("`{0}` is no domain or selector of a DKIM key")]
    Name(String),
    /// The mail has no header, or no `From`: a fault of the program.
    #[error("a mail without `From` cannot be signed")]
    Mail,
    /// The library did not sign.
    #[error("the mail could not be signed")]
    Sign,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}._domainkey.{}, ***)", self.selector, self.domain)
    }
}

impl Signer {
    /// A signer from the text of a PEM file.
    ///
    /// # Errors
    /// [`DkimError`] when it is no such key, or the names are none.
    pub fn new(domain: &str, selector: &str, pem: &str) -> Result<Signer, DkimError> {
        for name in [domain, selector] {
            if name.is_empty() || !name.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._".contains(&it)) {
                return Err(DkimError::Name(name.to_owned()));
            }
        }
        let (label, der) = read_pem(pem).ok_or(DkimError::Key)?;
        let key = match label {
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).map(Key::Rsa).map_err(|_| DkimError::Key)?,
            "PRIVATE KEY" => match RsaKeyPair::from_pkcs8(&der) {
                Ok(pair) => Key::Rsa(pair),
                // OpenSSL writes Ed25519 keys without their public half.
                Err(_) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
                    .map(Key::Ed25519)
                    .map_err(|_| DkimError::Key)?,
            },
            _ => return Err(DkimError::Key),
        };
        Ok(Signer { domain: domain.to_ascii_lowercase(), selector: selector.to_ascii_lowercase(), key })
    }

    /// A signer from a PEM file.
    ///
    /// # Errors
    /// [`DkimError`] when the file cannot be read or is no such key.
    pub fn read_key(domain: &str, selector: &str, path: &Path) -> Result<Signer, DkimError> {
        let pem = fs::read_to_string(path)
            .map_err(|source| DkimError::Io { path: path.display().to_string(), source })?;
        Signer::new(domain, selector, &pem)
    }

    /// The name under which the public key must stand, and the text that it must say.
    #[must_use]
    pub fn record(&self) -> (String, String) {
        let name = format!("{}._domainkey.{}", self.selector, self.domain);
        let text = match &self.key {
            // `p=` of RSA is a SubjectPublicKeyInfo (RFC 6376, 3.6.1), which wraps what ring has.
            Key::Rsa(pair) => format!("v=DKIM1; k=rsa; p={}", BASE64.encode(rsa_info(pair.public().as_ref()))),
            Key::Ed25519(pair) => format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(pair.public_key().as_ref())),
        };
        (name, text)
    }

    fn algorithm(&self) -> &'static str {
        match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, text: &[u8]) -> Result<String, DkimError> {
        match &self.key {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                // The randomness blinds the computation; the signature is the same every time.
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
                    .map_err(|_| DkimError::Sign)?;
                Ok(BASE64.encode(signature))
            }
            // RFC 8463, 3: what is signed is the SHA-256 of the text.
            Key::Ed25519(pair) => Ok(BASE64.encode(pair.sign(digest(&SHA256, text).as_ref()))),
        }
    }
}

/// The mail with a `DKIM-Signature` for each signer in front.
///
/// # Errors
/// [`DkimError`] when the mail has no `From`.
pub fn sign(mail: &[u8], signers: &[Signer], at: Epoch) -> Result<Vec<u8>, DkimError> {
    if signers.is_empty() {
        return Ok(mail.to_vec());
    }
    let end = mail.windows(4).position(|it| it == b"\r\n\r\n").ok_or(DkimError::Mail)?;
    let (head, body) = (mail.get(..end + 2).unwrap_or_default(), mail.get(end + 4..).unwrap_or_default());
    let fields = fields(head);
    let mut names = Vec::new();
    let mut text = Vec::new();
    let mut from = 0;
    for name in SIGNED {
        let mut found = fields.iter().rev().filter(|(it, _)| it == name);
        // The second `From` is one that is not there.
        let skip = if name == "from" { std::mem::replace(&mut from, 1) } else { 0 };
        let field = found.nth(skip);
        if let Some((_, value)) = field {
            text.extend_from_slice(format!("{name}:").as_bytes());
            text.extend_from_slice(value);
            text.extend_from_slice(b"\r\n");
        } else if name != "from" {
            continue;
        }
        names.push(name);
    }
    if !fields.iter().any(|(name, _)| name == "from") {
        return Err(DkimError::Mail);
    }
    let hash = BASE64.encode(digest(&SHA256, &canonical_body(body)).as_ref());
    let mut out = Vec::with_capacity(mail.len() + signers.len() * 1024);
    for signer in signers {
        let start = format!(
            "v=1; a={}; c=relaxed/relaxed; d={}; s={}; t={}; h={}; bh={hash}; b=",
            signer.algorithm(),
            signer.domain,
            signer.selector,
            at.0 / 1000,
            names.join(":"),
        );
        let mut signed = text.clone();
        signed.extend_from_slice(format!("dkim-signature:{start}").as_bytes());
        let value = start + &signer.sign(&signed)?;
        out.extend_from_slice(folded(&value).as_bytes());
    }
    out.extend_from_slice(mail);
    Ok(out)
}

/// The field in lines of at most 76 characters. Blanks count for one however they are folded, and none within `b=`.
fn folded(value: &str) -> String {
    let mut out = "DKIM-Signature:".to_owned();
    let mut length = out.len();
    for word in value.split(' ') {
        if length + 1 + word.len() > 76 {
            out.push_str("\r\n");
            length = 0;
        }
        out.push(' ');
        length += 1;
        // The signature, and nothing else, may be broken within.
        if word.starts_with("b=") {
            for chunk in word.as_bytes().chunks(72) {
                if length > 2 {
                    out.push_str("\r\n ");
                }
                out.extend(chunk.iter().map(|octet| char::from(*octet)));
                length = 1 + chunk.len();
            }
        } else {
            out.push_str(word);
            length += word.len();
        }
    }
    out.push_str("\r\n");
    out
}

/// Names in lower case and relaxed values (RFC 6376, 3.4.2), in their order.
fn fields(head: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    for line in head.split_inclusive(|octet| *octet == b'\n') {
        let goes_on = line.starts_with(b" ") || line.starts_with(b"\t");
        match (goes_on, fields.last_mut()) {
            (true, Some((_, value))) => value.extend_from_slice(line),
            _ => {
                let colon = line.iter().position(|octet| *octet == b':').unwrap_or(line.len());
                let name = String::from_utf8_lossy(line.get(..colon).unwrap_or_default());
                let value = line.get(colon + 1..).unwrap_or_default().to_vec();
                fields.push((name.trim().to_ascii_lowercase(), value));
            }
        }
    }
    for (_, value) in &mut fields {
        *value = relaxed(value);
    }
    fields
}

/// Runs of blanks and line ends become one blank; none at the ends.
fn relaxed(value: &[u8]) -> Vec<u8> {
    let words = value.split(|octet| b" \t\r\n".contains(octet)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

/// RFC 6376, 3.4.4: blanks joined, none at line ends, no empty lines at the end.
fn canonical_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut empty = 0;
    for line in body.split(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let begins = line.first().is_some_and(|octet| b" \t".contains(octet));
        let words = line.split(|octet| b" \t".contains(octet)).filter(|word| !word.is_empty());
        let line = words.collect::<Vec<_>>().join(&b' ');
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            out.extend_from_slice(b"\r\n");
        }
        if begins {
            out.push(b' ');
        }
        out.extend_from_slice(&line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// The label and the octets of the first block of a PEM file (RFC 7468).
fn read_pem(pem: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (text, _) = rest.split_once("-----END ")?;
    let text: String = text.split_whitespace().collect();
    Some((label, BASE64.decode(text).ok()?))
}

/// SubjectPublicKeyInfo (RFC 5280, 4.1) of an RSAPublicKey.
fn rsa_info(key: &[u8]) -> Vec<u8> {
    // AlgorithmIdentifier { rsaEncryption, NULL }.
    const ALGORITHM: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    let mut bits = vec![0];
    bits.extend_from_slice(key);
    let mut inner = ALGORITHM.to_vec();
    inner.extend_from_slice(&tagged(3, &bits));
    tagged(0x30, &inner)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|octet| *octet == 0).collect();
    let mut out = vec![tag];
    match (content.len(), u8::try_from(length.len())) {
        (0..128, _) => out.push(length.first().copied().unwrap_or_default()),
        (_, Ok(octets)) => {
            out.push(0x80 | octets);
            out.extend_from_slice(&length);
        }
        _ => {}
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::{canonical_body, fields};

    /// The example of RFC 6376, 3.4.5.
    #[test]
    fn fields_are_relaxed_as_the_standard_shows() {
        let fields = fields(b"A: X\r\nB : Y\t\r\n\tZ  \r\n");
        assert_eq!(fields, [("a".to_owned(), b"X".to_vec()), ("b".to_owned(), b"Y Z".to_vec())]);
    }

    #[test]
    fn bodies_are_relaxed() {
        let rows = [
            (" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"),
            ("", ""),
            ("\r\n\r\n", ""),
            ("a", "a\r\n"),
            ("a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"),
            ("a\r\n \t \r\nb \r\n", "a\r\n\r\nb\r\n"),
            ("\ta\r\n", " a\r\n"),
        ];
        for (from, to) in rows {
            assert_eq!(canonical_body(from.as_bytes()), to.as_bytes(), "{from:?}");
        }
    }
}
