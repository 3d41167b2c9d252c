//! What the file says of measuring, as it is written.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProbeV1 {
    #[serde(default)]
    pub(super) dns: Switch<DnsV1>,
    #[serde(default)]
    pub(super) quad9: Switch<FilterV1>,
    #[serde(default)]
    pub(super) http: Switch<HttpV1>,
    pub(super) web_risk: Option<Switch<WebRiskV1>>,
    #[serde(default)]
    pub(super) rdap: Switch<RdapV1>,
    pub(super) resolver: Option<Vec<String>>,
    #[serde(default)]
    pub(super) allow_private: Vec<String>,
    pub(super) refresh: Option<String>,
    pub(super) valid: Option<String>,
    pub(super) retry: Option<String>,
    pub(super) confirm: Option<String>,
    pub(super) longest: Option<String>,
    pub(super) at_once: Option<usize>,
    pub(super) per_second: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DnsV1 {
    pub(super) per_server: Option<f64>,
    pub(super) at_once: Option<usize>,
    pub(super) timeout: Option<String>,
    pub(super) port: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilterV1 {
    pub(super) id: Option<String>,
    pub(super) filtered: Option<String>,
    pub(super) unfiltered: Option<String>,
    pub(super) extended_errors: Option<Vec<u16>>,
    pub(super) no_recursion: Option<bool>,
    pub(super) canary_blocked: Option<String>,
    pub(super) canary_nonexistent_in: Option<String>,
    pub(super) canary_identity: Option<String>,
    pub(super) per_second: Option<f64>,
    pub(super) timeout: Option<String>,
    pub(super) repeat: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlocklistV1 {
    pub(super) id: String,
    pub(super) zone: String,
    pub(super) codes: Option<String>,
    pub(super) resolver: Vec<String>,
    pub(super) per_second: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpV1 {
    pub(super) per_host: Option<f64>,
    pub(super) at_once: Option<usize>,
    pub(super) timeout: Option<String>,
    pub(super) max_body_bytes: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebRiskV1 {
    pub(super) secret: Option<String>,
    #[serde(default)]
    pub(super) update: bool,
    pub(super) url: Option<String>,
    pub(super) per_second: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RdapV1 {
    pub(super) per_second: Option<f64>,
    pub(super) bootstrap: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TldRdapV1 {
    pub(super) url: String,
    pub(super) secret: Option<String>,
    pub(super) user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VantageV1 {
    pub(super) id: String,
    pub(super) country: String,
    pub(super) proxy: ProxiesV1,
    pub(super) secret: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ProxiesV1 {
    One(String),
    Pool(Vec<String>),
}

/// `true`, `false`, or a table that says how.
pub(super) enum Switch<T> {
    Off,
    On(T),
}

impl<T: Default> Default for Switch<T> {
    fn default() -> Self {
        Switch::On(T::default())
    }
}

// By hand: serde's untagged enums forget which key was not known, and where.
impl<'de, T: Default + Deserialize<'de>> Deserialize<'de> for Switch<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Default + Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Switch<T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("`true`, `false`, or a table that says how")
            }
            fn visit_bool<E>(self, on: bool) -> Result<Switch<T>, E> {
                Ok(if on { Switch::default() } else { Switch::Off })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Switch<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Switch::On)
            }
        }
        from.deserialize_any(Either(PhantomData))
    }
}

impl<T> Switch<T> {
    pub(super) fn on(self) -> Option<T> {
        match self {
            Switch::On(how) => Some(how),
            Switch::Off => None,
        }
    }
}
