//! Version 1 of what frames hold: postcard of the types below and of [`Update`].
//!
//! Postcard has neither names nor numbers of fields. Any change to `Update`, to a type inside it or to a type here
//! (a field, a variant, their order) makes other bytes: it needs a module `v2`, a new version byte, and a reader
//! that still understands this one. Only a variant at the end leaves the bytes of the others as they are. A test
//! replays logs that were written once and holds their bytes fixed.

use std::collections::BTreeMap;

use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::Update;
use serde::{Deserialize, Serialize};

/// The head of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The first epoch of the segment, as in its name.
    pub(crate) first: Epoch,
    /// The segment before it and the chain at its end; none in the first segment that ever was.
    pub(crate) previous: Option<(Epoch, [u8; 32])>,
}

/// The end of an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Commit {
    /// How many rows the epoch has.
    pub(crate) rows: u64,
    /// The digest of everything up to here.
    pub(crate) chain: [u8; 32],
}

/// A publication starts: from here on its files may appear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishIntent {
    /// The number of the publication, counted from 1.
    pub number: u64,
    /// The last epoch that it includes.
    pub upto: Epoch,
    /// The day that it closes.
    pub closes: Option<Day>,
    /// The version of the program that publishes.
    pub program: String,
}

/// A publication is done: its files are in place and synced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The number of the publication.
    pub number: u64,
    /// The last epoch that it includes.
    pub upto: Epoch,
    /// The version of the program that published.
    pub program: String,
    /// The digest of what was published.
    pub digest: [u8; 32],
    /// By TLD, how long the change file of the day is: what is longer was never sealed.
    pub changes_len: BTreeMap<String, u64>,
}

/// Appends the encoding of `value` to `out`.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), postcard::Error> {
    postcard::serialize_with_flavor(value, Append(out))
}

/// Reads a value that fills `bytes`.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, postcard::Error> {
    match postcard::take_from_bytes(bytes)? {
        (value, []) => Ok(value),
        _ => Err(postcard::Error::DeserializeBadEncoding),
    }
}

/// The count in front of encoded rows: count and rows together are the encoding of a `Vec<Update>`.
pub(crate) fn rows_head(count: usize, out: &mut Vec<u8>) -> Result<(), postcard::Error> {
    encode(&count, out)
}

/// How many rows a payload says it has.
pub(crate) fn count_rows(payload: &[u8]) -> Result<u64, postcard::Error> {
    postcard::take_from_bytes(payload).map(|(count, _)| count)
}

/// Reads rows.
pub(crate) fn decode_rows(payload: &[u8]) -> Result<Vec<Update>, postcard::Error> {
    decode(payload)
}

struct Append<'a>(&'a mut Vec<u8>);

impl postcard::ser_flavors::Flavor for Append<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
