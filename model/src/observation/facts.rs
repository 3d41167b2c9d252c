//! Facts: what a measurement found, kind by kind. Object data only: no field can hold a person.

use std::net::{IpAddr, Ipv4Addr};

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::name::HostName;
use crate::time::Epoch;

/// What a measurement found, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Facts {
    /// Nothing but its outcome.
    #[default]
    None,
    /// Of a delegation.
    Delegation(Box<DelegationFacts>),
    /// Of a filtering resolver.
    Filter(Box<FilterFacts>),
    /// Of a DNS blocklist.
    Blocklist(BlocklistFacts),
    /// Of a fetch.
    Http(Box<HttpFacts>),
    /// Of Web Risk.
    WebRisk(WebRiskFacts),
    /// Of RDAP.
    Rdap(Box<RdapFacts>),
}

/// What the servers of a TLD say of a name, and what the servers say to which they refer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DelegationFacts {
    /// Servers of the TLD that answered.
    pub answered: u8,
    /// Servers of the TLD that were asked.
    pub asked: u8,
    /// The least and the greatest SOA serial of the TLD among those that say it.
    pub serials: Option<(u32, u32)>,
    /// The name servers of the name, sorted.
    pub name_servers: Vec<HostName>,
    /// Whether the parent has a DS record for the name; none when it was not told.
    pub signed: Option<bool>,
    /// Whether the parent gave addresses of name servers with the referral.
    pub glue: bool,
    /// Name servers of the name that answer for it, and how many were asked.
    pub working: (u8, u8),
    /// The addresses of the name itself, sorted.
    pub addresses: Vec<IpAddr>,
    /// Its mail exchangers, best first.
    pub mail_servers: Vec<CompactString>,
}

/// How a filter shows that it blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// An extended DNS error: blocked, censored or filtered (RFC 8914 4.16 to 4.18).
    ExtendedError,
    /// NXDOMAIN without recursion being available, as Quad9 does it.
    NoRecursion,
    /// NXDOMAIN twice, where the unfiltered resolver has an answer.
    Inferred,
}

impl Signal {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Signal::ExtendedError => "extended-error",
            Signal::NoRecursion => "no-recursion",
            Signal::Inferred => "inferred",
        }
    }
}

/// What a filtering resolver said, and an unfiltered one beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FilterFacts {
    /// The server that was asked.
    pub server: CompactString,
    /// The response code of the filter, in words of RFC 2136 2.2 (`NOERROR`, `NXDOMAIN`).
    pub rcode: CompactString,
    /// The response code of the unfiltered resolver.
    pub unfiltered_rcode: Option<CompactString>,
    /// How the filter shows that it blocks.
    pub signal: Option<Signal>,
    /// The bit of the filter's answer that recursion is available.
    pub recursion_available: bool,
    /// The bit that the answer is authoritative.
    pub authoritative: bool,
    /// The bit that the data is authentic.
    pub authentic: bool,
    /// Records in the authority section.
    pub authorities: u16,
    /// Info code of an extended DNS error (RFC 8914), and its text.
    pub extended_error: Option<(u16, CompactString)>,
}

/// What a DNS blocklist said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlocklistFacts {
    /// The addresses that it gave.
    pub codes: Vec<Ipv4Addr>,
    /// What they mean, in the words of the list.
    pub meanings: Vec<CompactString>,
}

/// What a URL answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HttpFacts {
    /// The steps, the first request included.
    pub hops: Vec<Hop>,
    /// The status of the last step.
    pub status: Option<u16>,
    /// The URL of the last step, if it is not the first one.
    pub final_url: Option<Box<str>>,
    /// Whether the last step is under another registrable domain than the first one.
    pub left_domain: bool,
    /// The `Server` header.
    pub server: Option<CompactString>,
    /// The `Content-Type` header.
    pub content_type: Option<CompactString>,
    /// Bytes of the decoded body that were read.
    pub length: u64,
    /// The title of the page.
    pub title: Option<CompactString>,
    /// Where the page sends a browser by itself: `Refresh`, or its meta element.
    pub refresh: Option<Box<str>>,
    /// The SHA-256 of the decoded body.
    pub body_sha256: Option<[u8; 32]>,
    /// The similarity hash of the words of the body: like pages differ in few bits.
    pub similarity: Option<u64>,
    /// The certificate of the last step.
    pub tls: Option<Box<TlsFacts>>,
    /// The address that was connected to, where we resolved the name.
    pub address: Option<IpAddr>,
    /// Whether the proxy resolved the name.
    pub resolved_by_proxy: bool,
    /// Which way of the vantage was taken, without its credentials.
    pub via: CompactString,
    /// How long everything took, in milliseconds.
    pub duration_ms: u32,
    /// What failed, in words.
    pub detail: Option<CompactString>,
}

/// One step of a fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hop {
    /// What was asked for.
    pub url: Box<str>,
    /// The status of the answer; none when there was none.
    pub status: Option<u16>,
    /// The address that was connected to.
    pub address: Option<IpAddr>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
}

/// The certificate that a server showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TlsFacts {
    /// Its subject.
    pub subject: CompactString,
    /// Its issuer.
    pub issuer: CompactString,
    /// From when on it is valid.
    pub not_before: Option<Epoch>,
    /// Until when it is valid.
    pub not_after: Option<Epoch>,
    /// Why it is not to be trusted for the host.
    pub error: Option<CompactString>,
}

/// What Web Risk knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WebRiskFacts {
    /// The types of threat, in its words.
    pub threat_types: Vec<CompactString>,
    /// Until when its answer may be kept.
    pub expire_at: Option<Epoch>,
}

/// What RDAP says of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RdapFacts {
    /// When it was registered.
    pub created_at: Option<Epoch>,
    /// When it was changed last.
    pub changed_at: Option<Epoch>,
    /// When it expires.
    pub expires_at: Option<Epoch>,
    /// Its statuses in the words of EPP, those that only RDAP has in its words, `other` for the rest; sorted (RFC 8056).
    pub epp_statuses: Vec<CompactString>,
    /// The registrar.
    pub registrar: Option<CompactString>,
    /// The number of the registrar at IANA.
    pub registrar_iana_id: Option<CompactString>,
    /// The address of the registrar's abuse desk: of an office, not of a person.
    pub registrar_abuse_email: Option<CompactString>,
    /// Its telephone number.
    pub registrar_abuse_phone: Option<CompactString>,
    /// The name servers that the registry has, sorted.
    pub name_servers: Vec<CompactString>,
    /// Whether the delegation is signed.
    pub signed: Option<bool>,
    /// What is withheld: a role, a field, or both (`registrant email`), `other` if it has no such name; sorted.
    pub redacted: Vec<CompactString>,
}
