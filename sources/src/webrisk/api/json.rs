//! The objects of the API as they are written in JSON (proto3, JSON mapping): what is absent has its default.
//!
//! Strings are owned: Google escapes `=` and `/`, so base64 can seldom be borrowed.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, Visitor};

#[derive(Deserialize)]
pub(super) struct SearchUris {
    pub(super) threat: Option<ThreatUri>,
    pub(super) error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreatUri {
    pub(super) threat_types: Option<Vec<String>>,
    pub(super) expire_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchHashes {
    pub(super) threats: Option<Vec<ThreatHash>>,
    pub(super) negative_expire_time: Option<String>,
    pub(super) error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreatHash {
    pub(super) threat_types: Option<Vec<String>>,
    pub(super) hash: Option<String>,
    pub(super) expire_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ComputeDiff {
    pub(super) response_type: Option<String>,
    pub(super) additions: Option<Additions>,
    pub(super) removals: Option<Removals>,
    pub(super) new_version_token: Option<String>,
    pub(super) checksum: Option<Checksum>,
    pub(super) recommended_next_diff: Option<String>,
    pub(super) error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Checksum {
    pub(super) sha256: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Additions {
    pub(super) raw_hashes: Option<Vec<RawHashes>>,
    pub(super) rice_hashes: Option<RiceDeltaEncoding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawHashes {
    pub(super) prefix_size: Option<usize>,
    pub(super) raw_hashes: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Removals {
    pub(super) raw_indices: Option<RawIndices>,
    pub(super) rice_indices: Option<RiceDeltaEncoding>,
}

#[derive(Deserialize)]
pub(super) struct RawIndices {
    pub(super) indices: Option<Vec<u32>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RiceDeltaEncoding {
    pub(super) first_value: Option<Int64>,
    pub(super) rice_parameter: Option<u32>,
    pub(super) entry_count: Option<u32>,
    pub(super) encoded_data: Option<String>,
}

/// What is sent with a status other than 200 (`google.rpc.Status`).
#[derive(Deserialize)]
pub(super) struct Failure {
    pub(super) error: Option<Status>,
}

#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) details: Option<Vec<ErrorInfo>>,
}

#[derive(Deserialize)]
pub(super) struct ErrorInfo {
    pub(super) reason: Option<String>,
}

/// A number of 64 bits, in quotes or not, of which ours have 32 and no sign.
pub(super) struct Int64(pub(super) u32);

impl<'de> Deserialize<'de> for Int64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Int64, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Int64;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of 32 bits, in quotes or not")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Int64, E> {
                u32::try_from(number).map(Int64).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Int64, E> {
                text.parse().map(Int64).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
