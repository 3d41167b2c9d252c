//! Answers: JSON becomes what it says. Fields that are not known are ignored, and what is known must be right.
//!
//! An answer that says nothing means that a URL is clear, so it must be an object and must not hold an error; a match
//! under no type that is known is not an answer to our question. Memory is bounded by the caller's cap on the body,
//! and by the number of entries that it asked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use panopticon_model::time::Epoch;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::json::{
    Additions, ComputeDiff, Failure, Removals, RiceDeltaEncoding, SearchHashes, SearchUris, ThreatUri,
};
use crate::webrisk::hash::{FullHash, LONGEST, Prefix, SHORTEST};
use crate::webrisk::prefixes::{Diff, Prefixes};
use crate::webrisk::rice::{self, RiceDelta, RiceError};
use crate::webrisk::{Entries, ThreatTypes};

/// An answer that cannot be read. Nothing of it is used. The error shows nothing of the answer, which may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Not JSON, or not of the API's form.
    #[error("not of the form of the Web Risk API: line {line}, column {column}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// An error in the place of an answer.
    #[error("the answer is an error")]
    Error,
    /// A field that should be there, or holds something else.
    #[error("the field `{0}` is not what it should be")]
    Field(&'static str),
    /// More entries than we asked for at most.
    #[error("more than {} entries", .0.get())]
    TooMany(Entries),
    /// Packed numbers that cannot be unpacked.
    #[error("numbers that cannot be unpacked")]
    Rice(#[from] RiceError),
}

/// What is said of a URL or a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The types of list on which it is; none if it is clear.
    pub types: ThreatTypes,
    /// Until when that may be kept. Without it, not at all; only of a clear URL `uris:search` never says it.
    pub expire_at: Option<Epoch>,
}

impl Verdict {
    /// The verdict on a whole of which this and `other` are verdicts on parts: on a list if either is, and kept for
    /// as long as what it rests on.
    #[must_use]
    pub fn and(self, other: Verdict) -> Verdict {
        match (self.types.is_empty(), other.types.is_empty()) {
            (false, true) => self,
            (true, false) => other,
            // None is less than any instant.
            _ => Verdict { types: self.types.union(other.types), expire_at: self.expire_at.min(other.expire_at) },
        }
    }
}

/// The hashes that begin with a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Threats {
    /// Those that are on lists. One may come several times.
    pub threats: Vec<(FullHash, Verdict)>,
    /// Until when all others may be taken to be clear; without it, not at all.
    pub negative_expire_at: Option<Epoch>,
}

impl Threats {
    /// The verdict on a hash that begins with the prefix.
    #[must_use]
    pub fn verdict(&self, hash: &FullHash) -> Verdict {
        let clear = Verdict { types: ThreatTypes::default(), expire_at: self.negative_expire_at };
        self.threats.iter().filter(|(threat, _)| threat == hash).fold(clear, |all, (_, found)| all.and(*found))
    }
}

/// Reads an answer to `uris:search`.
///
/// # Errors
/// [`AnswerError`].
pub fn uris(body: &[u8]) -> Result<Verdict, AnswerError> {
    let SearchUris { threat, error } = json(body)?;
    refuse(error)?;
    match threat {
        Some(ThreatUri { threat_types: Some(words), expire_time }) if !words.is_empty() => {
            found(&words, expire_time)
        }
        _ => Ok(Verdict::default()),
    }
}

/// Reads an answer to `hashes:search` for `prefix`.
///
/// # Errors
/// [`AnswerError`].
pub fn hashes(body: &[u8], prefix: &Prefix) -> Result<Threats, AnswerError> {
    let SearchHashes { threats, negative_expire_time, error } = json(body)?;
    refuse(error)?;
    let threats = threats.unwrap_or_default().into_iter().map(|threat| {
        let hash = fixed(threat.hash, "hash")?;
        if !prefix.begins(&hash) {
            return Err(AnswerError::Field("hash"));
        }
        Ok((hash, found(&threat.threat_types.unwrap_or_default(), threat.expire_time)?))
    });
    Ok(Threats {
        threats: threats.collect::<Result<_, _>>()?,
        negative_expire_at: instant(negative_expire_time, "negativeExpireTime")?,
    })
}

/// Reads an answer to `threatLists:computeDiff`, of at most `most` additions and as many removals.
///
/// # Errors
/// [`AnswerError`].
pub fn diff(body: &[u8], most: Entries) -> Result<Diff, AnswerError> {
    let answer: ComputeDiff = json(body)?;
    refuse(answer.error)?;
    let reset = match answer.response_type.as_deref() {
        Some("DIFF") => false,
        Some("RESET") => true,
        _ => return Err(AnswerError::Field("responseType")),
    };
    Ok(Diff {
        reset,
        removals: answer.removals.map_or(Ok(Vec::new()), |removals| indices(removals, most))?,
        additions: answer.additions.map_or(Ok(Prefixes::default()), |additions| prefixes(additions, most))?,
        version: bytes(answer.new_version_token, "newVersionToken")?,
        checksum: fixed(answer.checksum.and_then(|checksum| checksum.sha256), "checksum")?,
        next_at: instant(answer.recommended_next_diff, "recommendedNextDiff")?,
    })
}

/// Whether an answer with status 400 is about the key: Google says neither 401 nor 403 to a key that is none.
#[must_use]
pub fn is_about_key(body: &[u8]) -> bool {
    let Ok(Failure { error: Some(status) }) = json(body) else { return false };
    let mut reasons = status.details.into_iter().flatten().filter_map(|detail| detail.reason);
    reasons.any(|reason| reason.starts_with("API_KEY_"))
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, AnswerError> {
    // A list would do for an object with the fields in their order; of the API it never comes.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(AnswerError::Json { line: 1, column: 1 });
    }
    serde_json::from_slice(body).map_err(|error| AnswerError::Json { line: error.line(), column: error.column() })
}

fn refuse(error: Option<IgnoredAny>) -> Result<(), AnswerError> {
    error.map_or(Ok(()), |_| Err(AnswerError::Error))
}

fn found(words: &[String], expire_time: Option<String>) -> Result<Verdict, AnswerError> {
    let types: ThreatTypes = words.iter().filter_map(|word| word.parse().ok()).collect();
    if types.is_empty() {
        return Err(AnswerError::Field("threatTypes"));
    }
    Ok(Verdict { types, expire_at: instant(expire_time, "expireTime")? })
}

/// An instant; its nanoseconds are cut off, so that it never comes later than it is.
fn instant(text: Option<String>, field: &'static str) -> Result<Option<Epoch>, AnswerError> {
    text.map(|text| text.parse().map_err(|_| AnswerError::Field(field))).transpose()
}

fn bytes(text: Option<String>, field: &'static str) -> Result<Vec<u8>, AnswerError> {
    STANDARD_PAD_INDIFFERENT.decode(text.unwrap_or_default()).map_err(|_| AnswerError::Field(field))
}

fn fixed(text: Option<String>, field: &'static str) -> Result<FullHash, AnswerError> {
    bytes(text, field)?.try_into().map_err(|_| AnswerError::Field(field))
}

fn numbers(packed: RiceDeltaEncoding, most: Entries) -> Result<Vec<u32>, AnswerError> {
    let data = bytes(packed.encoded_data, "encodedData")?;
    let packed = RiceDelta {
        first_value: packed.first_value.map_or(0, |number| number.0),
        parameter: packed.rice_parameter.unwrap_or(0),
        entry_count: packed.entry_count.unwrap_or(0),
        data: &data,
    };
    Ok(rice::decode(&packed, most.get())?)
}

fn indices(removals: Removals, most: Entries) -> Result<Vec<u32>, AnswerError> {
    let mut indices = removals.raw_indices.and_then(|raw| raw.indices).unwrap_or_default();
    if let Some(packed) = removals.rice_indices {
        indices.extend(numbers(packed, most)?);
    }
    if indices.len() > most.get() as usize { Err(AnswerError::TooMany(most)) } else { Ok(indices) }
}

fn prefixes(additions: Additions, most: Entries) -> Result<Prefixes, AnswerError> {
    let mut entries = 0;
    let mut sets = Vec::new();
    for raw in additions.raw_hashes.unwrap_or_default() {
        let size = raw.prefix_size.filter(|size| (SHORTEST..=LONGEST).contains(size));
        let size = size.ok_or(AnswerError::Field("prefixSize"))?;
        let bytes = bytes(raw.raw_hashes, "rawHashes")?;
        if bytes.len() % size != 0 {
            return Err(AnswerError::Field("rawHashes"));
        }
        entries += bytes.len() / size;
        sets.push((size, bytes));
    }
    let packed = additions.rice_hashes.map_or(Ok(Vec::new()), |packed| numbers(packed, most))?;
    if entries + packed.len() > most.get() as usize {
        return Err(AnswerError::TooMany(most));
    }
    let raw = sets.iter().flat_map(|(size, bytes)| bytes.chunks_exact(*size)).filter_map(Prefix::new);
    // Packed prefixes are numbers with the lowest byte first.
    Ok(raw.chain(packed.into_iter().map(|number| Prefix::short(number.swap_bytes()))).collect())
}
