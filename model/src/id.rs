//! Published ids: the first 128 bits of BLAKE3 in derive-key mode under a fixed public context per kind.
//!
//! They hold no secret, need no counter and are the same for ever and for everybody: two registries that see
//! the same URL publish the same indicator id. Printed as 32 lower-case hexadecimal digits.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};
use serde::{Deserialize, Serialize};

/// A published 128-bit id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub [u8; 16]);

/// What an id names. Each kind has a context of its own, so ids of two kinds never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// An observable: kind and canonical value.
    Observable,
    /// An indicator: an observable and an abuse class.
    Indicator,
    /// A case: a subject and an abuse class.
    Case,
    /// An entry of a feed that numbers none: observable and label.
    Entry,
    /// A line of a feed that cannot be read.
    Line,
    /// A line of a change file.
    Change,
    /// A set of name servers.
    NameServers,
    /// An observation: target, kind of probe and vantage.
    Observation,
    /// A name of the zone.
    Name,
}

impl IdKind {
    const ALL: [IdKind; 9] = [
        IdKind::Observable,
        IdKind::Indicator,
        IdKind::Case,
        IdKind::Entry,
        IdKind::Line,
        IdKind::Change,
        IdKind::NameServers,
        IdKind::Observation,
        IdKind::Name,
    ];

    fn context(self) -> &'static str {
        match self {
            IdKind::Observable => "panopticon 2026-11-23 v1 observable id",
            IdKind::Indicator => "panopticon 2026-11-23 v1 indicator id",
            IdKind::Case => "panopticon 2026-11-23 v1 case id",
            IdKind::Entry => "panopticon 2026-11-23 v1 feed entry id",
            IdKind::Line => "panopticon 2026-11-23 v1 feed line id",
            IdKind::Change => "panopticon 2026-11-23 v1 change id",
            IdKind::NameServers => "panopticon 2026-11-23 v1 name server set id",
            IdKind::Observation => "panopticon 2026-11-23 v1 observation id",
            IdKind::Name => "panopticon 2026-11-25 v1 name id",
        }
    }

    fn key(self) -> &'static ContextKey {
        static KEYS: OnceLock<[ContextKey; 9]> = OnceLock::new();
        let keys = KEYS.get_or_init(|| IdKind::ALL.map(|kind| hash_derive_key_context(kind.context())));
        &keys[self as usize]
    }
}

impl Id {
    /// The id of `parts` as one thing of `kind`. Each part is preceded by its length, so that no two lists of
    /// parts read alike.
    #[must_use]
    pub fn derive(kind: IdKind, parts: &[&[u8]]) -> Id {
        let mut hasher = blake3::Hasher::new_from_context_key(kind.key());
        for part in parts {
            hasher.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            hasher.update(part);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Id(id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits: Vec<u8> = text.bytes().filter_map(|b| char::from(b).to_digit(16)).map(|d| d as u8).collect();
        if text.len() != 32 || digits.len() != 32 {
            return Err(IdError(text.to_owned()));
        }
        let mut id = [0; 16];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Id(id))
    }
}

/// A text that is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: an id has 32 hexadecimal digits")]
pub struct IdError(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_never_change() {
        // Published ids are stable for ever: these values may not be edited.
        let id = Id::derive(IdKind::Observable, &[b"url", b"http://example.xx/"]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(id, Id::derive(IdKind::Indicator, &[b"url", b"http://example.xx/"]));
        assert_ne!(id, Id::derive(IdKind::Observable, &[b"urlhttp://example.xx/"]));
        assert_ne!(Id::derive(IdKind::Case, &[b"ab", b"c"]), Id::derive(IdKind::Case, &[b"a", b"bc"]));
    }

    #[test]
    fn texts_that_are_no_ids() {
        for text in ["", "00", "zz000000000000000000000000000000", "é0000000000000000000000000000000"] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }
}
