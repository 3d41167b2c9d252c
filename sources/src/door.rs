//! The door: from a row in the feed's spelling to a claim in ours.
//!
//! ```text
//! value ──refang──► canonical form ──place──► registrable domain ──scope──► Claim
//! ```
//!
//! What passes is canonical, placed under the registry's rules and free of e-mail addresses in its words. The URL
//! itself is kept whole, since its id is over the whole and it is what gets fetched: it is masked when published.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString};
use panopticon_model::name::{HostName, Places};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::sighting::{AbuseClass, EntryId};
use panopticon_model::time::Epoch;
use panopticon_model::url::{CanonicalUrl, UrlHost, mask_mail_within, refang};

use crate::feeds::{Fault, Kind, Row, State};

/// What a snapshot says of an entry: a sighting, less the intervals that only the comparison of snapshots gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What was seen.
    pub observable: Arc<Observable>,
    /// What the name is said to be used for.
    pub abuse_class: AbuseClass,
    /// The feed's own words for it, e-mail addresses masked.
    pub label: CompactString,
    /// The feed's own confidence, 0 to 100.
    pub confidence: Option<u8>,
    /// The brand that is imitated, e-mail addresses masked.
    pub brand: Option<CompactString>,
    /// When the feed learned of the entry.
    pub reported_at: Option<Epoch>,
    /// When the feed last saw the target at work.
    pub last_seen: Option<Epoch>,
    /// Whether the feed upholds it.
    pub state: State,
}

/// What the door makes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Under a TLD of this installation, or an address: it is kept.
    Kept(EntryId, Claim),
    /// Under another TLD: it is counted and not kept.
    OutOfScope,
}

/// Octets of a feed's own id.
const MAX_ENTRY_ID: usize = 128;
/// Characters of a label or a brand.
const MAX_WORDS: usize = 256;

/// Admits a row; `abuse_class` is that of the feed, for rows that name none.
///
/// # Errors
/// [`Fault`] if the value is no URL, host or address that could be anybody's, in words for people.
pub fn admit(row: &Row<'_>, abuse_class: AbuseClass, places: &Places) -> Result<Admission, Fault> {
    let spelled = refang(row.value.trim_ascii());
    let observable = match row.kind {
        Kind::Url => url(&spelled, places)?,
        Kind::Any if is_network(&spelled) => return Err(Fault::Network),
        Kind::Any if is_url(&spelled) => url(&spelled, places)?,
        Kind::Any | Kind::Host => host(&spelled, places)?,
    };
    let Some(observable) = observable else { return Ok(Admission::OutOfScope) };
    let label = words(row.label);
    let entry = match row.entry {
        Some(id) if id.len() > MAX_ENTRY_ID => return Err(Fault::Id(id.len())),
        Some(id) => EntryId::Own(id.to_compact_string()),
        None => EntryId::of(&observable, &label),
    };
    Ok(Admission::Kept(
        entry,
        Claim {
            observable: Arc::new(observable),
            abuse_class: row.abuse_class.unwrap_or(abuse_class),
            label,
            confidence: row.confidence,
            brand: row.brand.map(words).filter(|brand| !brand.is_empty()),
            reported_at: row.reported_at,
            last_seen: row.last_seen,
            state: row.state,
        },
    ))
}

/// Whether a text of any kind is a URL: it has a scheme, a path, a query, a port or user information.
fn is_url(text: &str) -> bool {
    text.contains(['/', '\\', '?', '@']) || (text.contains(':') && bare(text).parse::<IpAddr>().is_err())
}

fn is_network(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, length)| {
        address.parse::<IpAddr>().is_ok() && length.parse::<u8>().is_ok_and(|length| length <= 128)
    })
}

/// An IPv6 address without the brackets that a URL would need.
fn bare(text: &str) -> &str {
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text)
}

fn url(text: &str, places: &Places) -> Result<Option<Observable>, Fault> {
    let parsed = CanonicalUrl::parse(text)?;
    let place = match &parsed.host {
        UrlHost::Name(name) => place(name, places)?,
        UrlHost::Address(address) => Some(Place::of_address(public(*address)?)),
    };
    Ok(place.map(|place| Observable::new(ObservableKind::Url, &parsed.canonical, Some(text), place)))
}

fn host(text: &str, places: &Places) -> Result<Option<Observable>, Fault> {
    match UrlHost::parse(text)? {
        UrlHost::Name(name) => {
            let place = place(&name, places)?;
            Ok(place.map(|place| Observable::new(ObservableKind::Host, name.as_str(), Some(text), place)))
        }
        UrlHost::Address(address) => {
            let place = Place::of_address(public(address)?);
            let canonical = place.host().to_compact_string();
            Ok(Some(Observable::new(ObservableKind::Address, &canonical, Some(text), place)))
        }
    }
}

/// Where a host stands; none if its TLD is not one of ours. Hosts that cannot have been registered are faults
/// whatever their TLD is.
fn place(name: &HostName, places: &Places) -> Result<Option<Place>, Fault> {
    let placement = places.place(name)?;
    Ok(places.in_scope(name).then(|| Place::of_name(name, &placement)))
}

/// Refuses addresses that mean the reader's own machine, as in hosts files.
fn public(address: IpAddr) -> Result<IpAddr, Fault> {
    if address.is_loopback() || address.is_unspecified() { Err(Fault::OwnMachine) } else { Ok(address) }
}

/// A publisher's words: control characters taken out, e-mail addresses masked, of bounded length. In this order: an
/// address with a control character in it would pass the mask.
fn words(text: &str) -> CompactString {
    let plain: Cow<'_, str> = match text.contains(char::is_control) {
        true => text.chars().filter(|c| !c.is_control()).collect(),
        false => text.into(),
    };
    mask_mail_within(plain.trim_ascii(), MAX_WORDS).trim_ascii().into()
}
