//! The file as it is written.

use std::fmt;
use std::path::PathBuf;

use panopticon_model::origin::Origin;
use panopticon_model::sighting::AbuseClass;
use panopticon_model::tlp::Tlp;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::policy_file::PolicyV1;
use super::probe_file::{BlocklistV1, FilterV1, ProbeV1, TldRdapV1, VantageV1};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileV1 {
    pub(super) version: String,
    pub(super) state: PathBuf,
    pub(super) output: PathBuf,
    pub(super) secrets: Option<PathBuf>,
    pub(super) signing_key: Option<PathBuf>,
    pub(super) suffix_list: Option<PathBuf>,
    pub(super) user_agent: Option<String>,
    pub(super) ca: Option<PathBuf>,
    pub(super) workers: Option<usize>,
    pub(super) publish_every: Option<String>,
    pub(super) retention: Option<String>,
    pub(super) notify: Option<String>,
    #[serde(default)]
    pub(super) limits: LimitsV1,
    #[serde(default)]
    pub(super) tld: Vec<TldV1>,
    #[serde(default)]
    pub(super) feed: Vec<FeedV1>,
    pub(super) ranks: Option<RanksV1>,
    #[serde(default)]
    pub(super) lookalikes: LookalikesV1,
    #[serde(default)]
    pub(super) policy: PolicyV1,
    #[serde(default)]
    pub(super) protected: Vec<ProtectedV1>,
    pub(super) probe: Option<ProbeV1>,
    #[serde(default)]
    pub(super) vantage: Vec<VantageV1>,
    #[serde(default)]
    pub(super) filter: Vec<FilterV1>,
    #[serde(default)]
    pub(super) blocklist: Vec<BlocklistV1>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsV1 {
    pub(super) max_bytes: Option<u64>,
    pub(super) max_decoded_bytes: Option<u64>,
    pub(super) max_line_bytes: Option<usize>,
    pub(super) max_rows: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TldV1 {
    pub(super) name: String,
    pub(super) registrable_at: Option<Vec<String>>,
    pub(super) zone: Option<ZonesV1>,
    #[serde(default)]
    pub(super) servers: Vec<String>,
    pub(super) rdap: Option<TldRdapV1>,
    pub(super) policy: Option<PolicyV1>,
    pub(super) variants: Option<PathBuf>,
}

pub(super) enum ZonesV1 {
    One(ZoneV1),
    Many(Vec<ZoneV1>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ZoneV1 {
    pub(super) file: Option<PathBuf>,
    pub(super) names: Option<PathBuf>,
    pub(super) primary: Option<String>,
    pub(super) key: Option<String>,
    pub(super) final_soa: Option<bool>,
    pub(super) apex: Option<String>,
    pub(super) max_shrink: Option<u8>,
    pub(super) every: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedV1 {
    pub(super) id: String,
    pub(super) format: String,
    pub(super) path: Option<PathBuf>,
    pub(super) url: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) secret_header: Option<String>,
    #[serde(default)]
    pub(super) trusted: bool,
    pub(super) every: Option<String>,
    pub(super) absence: Option<AbsenceV1>,
    pub(super) abuse_class: Option<AbuseClass>,
    pub(super) columns: Option<ColumnsV1>,
    pub(super) lists: Option<Origin>,
    pub(super) redistributable: Option<bool>,
    pub(super) licence: Option<String>,
    pub(super) tlp: Option<Tlp>,
    pub(super) max_shrink: Option<u8>,
}

/// The columns of a CSV that is described here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnsV1 {
    pub(super) separator: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) value: ColumnV1,
    pub(super) entry: Option<ColumnV1>,
    pub(super) label: Option<ColumnV1>,
    pub(super) brand: Option<ColumnV1>,
    pub(super) reported_at: Option<ColumnV1>,
    pub(super) last_seen: Option<ColumnV1>,
    pub(super) confidence: Option<ColumnV1>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ColumnV1 {
    Place(u16),
    Name(String),
}

pub(super) enum AbsenceV1 {
    Word(String),
    Lease(LeaseV1),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaseV1 {
    pub(super) lease: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RanksV1 {
    pub(super) path: Option<PathBuf>,
    pub(super) url: Option<String>,
    pub(super) every: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookalikesV1 {
    pub(super) shipped: Option<bool>,
    pub(super) top: Option<u32>,
    pub(super) false_positives: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProtectedV1 {
    pub(super) id: String,
    pub(super) path: Option<PathBuf>,
    pub(super) url: Option<String>,
    pub(super) every: Option<String>,
}

// By hand: serde's untagged enums forget which key was not known, and where.
impl<'de> Deserialize<'de> for ZonesV1 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ZonesV1, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = ZonesV1;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("`{ file = \"xx.zone\" }`, or a list of such tables")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ZonesV1, A::Error> {
                ZoneV1::deserialize(MapAccessDeserializer::new(map)).map(ZonesV1::One)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ZonesV1, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(ZonesV1::Many)
            }
        }
        from.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for AbsenceV1 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<AbsenceV1, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = AbsenceV1;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("`\"retract\"` or `{ lease = \"7d\" }`")
            }
            fn visit_str<E>(self, word: &str) -> Result<AbsenceV1, E> {
                Ok(AbsenceV1::Word(word.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AbsenceV1, A::Error> {
                LeaseV1::deserialize(MapAccessDeserializer::new(map)).map(AbsenceV1::Lease)
            }
        }
        from.deserialize_any(Either)
    }
}
