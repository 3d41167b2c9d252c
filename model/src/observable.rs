//! An observable: the raw thing that somebody saw (STIX 2.1: cyber-observable), in canonical form, and where
//! it stands under the registry's names. Whether it is bad is another question: see [`crate::indicator`].

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use compact_str::{CompactString, ToCompactString};
use serde::{Deserialize, Serialize};

use crate::id::{Id, IdKind};
use crate::name::{HostName, HostRole, Placement};

/// What kind of thing was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObservableKind {
    /// A URL in canonical form, scheme included.
    Url,
    /// A host name, listed as such.
    Host,
    /// An IPv4 or IPv6 address, listed as such.
    Address,
}

impl ObservableKind {
    /// The word in columns and ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ObservableKind::Url => "url",
            ObservableKind::Host => "host",
            ObservableKind::Address => "address",
        }
    }
}

/// A thing seen, in canonical form. Sorts by its fields in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Observable {
    /// The id of kind and canonical value; the first field, so that observables sort by it.
    pub id: Id,
    /// What kind of thing it is.
    pub kind: ObservableKind,
    /// The canonical value: Safe Browsing form of a URL, A-label form of a host, text form of an address.
    pub canonical: Box<str>,
    /// The first spelling that was seen, when it differs from the canonical one: that is what is fetched.
    pub original: Option<Box<str>>,
    /// Where the host stands.
    pub place: Place,
}

impl Observable {
    /// An observable of `kind` with its canonical value; `original` is dropped when it says nothing more.
    #[must_use]
    pub fn new(kind: ObservableKind, canonical: &str, original: Option<&str>, place: Place) -> Observable {
        Observable {
            id: Observable::id_of(kind, canonical),
            kind,
            canonical: canonical.into(),
            original: original.filter(|text| *text != canonical).map(Into::into),
            place,
        }
    }

    /// The id of a canonical value, for look-ups.
    #[must_use]
    pub fn id_of(kind: ObservableKind, canonical: &str) -> Id {
        Id::derive(IdKind::Observable, &[kind.as_str().as_bytes(), canonical.as_bytes()])
    }
}

impl Ord for Observable {
    fn cmp(&self, other: &Observable) -> Ordering {
        // Rows share their observable: most comparisons that the id does not decide are of one with itself.
        if std::ptr::eq(self, other) {
            return Ordering::Equal;
        }
        self.id
            .cmp(&other.id)
            .then_with(|| self.kind.cmp(&other.kind))
            .then_with(|| self.canonical.cmp(&other.canonical))
            .then_with(|| self.original.cmp(&other.original))
            .then_with(|| self.place.cmp(&other.place))
    }
}

impl PartialOrd for Observable {
    fn partial_cmp(&self, other: &Observable) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where a host stands: its registrable domain, the platform it is a customer of, and the subject that a case
/// is about. All three are endings of the host name, so only their offsets are kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    host: CompactString,
    registrable_at: u8,
    subject_at: u8,
    platform_at: u8,
    role: HostRole,
}

/// No ending: host names have at most 253 octets.
const NOWHERE: u8 = u8::MAX;

impl Place {
    /// The place of a name, from what the suffix rules say of it.
    #[must_use]
    pub fn of_name(host: &HostName, placement: &Placement) -> Place {
        let text = host.as_str();
        let at = |ending: &str| {
            let start = text.len().saturating_sub(ending.len());
            if text.ends_with(ending) { u8::try_from(start).unwrap_or(NOWHERE) } else { NOWHERE }
        };
        Place {
            host: text.to_compact_string(),
            registrable_at: at(placement.registrable_domain.as_str()),
            subject_at: at(placement.subject.as_str()),
            platform_at: placement.platform.as_ref().map_or(NOWHERE, |platform| at(platform.as_str())),
            role: placement.role,
        }
    }

    /// The place of an address: it has no TLD and no case.
    #[must_use]
    pub fn of_address(address: IpAddr) -> Place {
        Place {
            host: address.to_compact_string(),
            registrable_at: NOWHERE,
            subject_at: NOWHERE,
            platform_at: NOWHERE,
            role: HostRole::Address,
        }
    }

    /// The host, or the text of the address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What the host is to its registrable domain.
    #[must_use]
    pub fn role(&self) -> HostRole {
        self.role
    }

    /// The name that the registry registered; none for an address.
    #[must_use]
    pub fn registrable_domain(&self) -> Option<&str> {
        self.ending(self.registrable_at)
    }

    /// The name that a case about this host is about: the registrable domain, or the customer's name under a platform.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.ending(self.subject_at)
    }

    /// The suffix under which a platform lets others create names.
    #[must_use]
    pub fn platform(&self) -> Option<&str> {
        self.ending(self.platform_at)
    }

    /// The TLD whose publications show this host; [`NO_TLD`] for an address.
    #[must_use]
    pub fn tld(&self) -> &str {
        match self.role {
            HostRole::Address => NO_TLD,
            _ => top_level(&self.host),
        }
    }

    fn ending(&self, at: u8) -> Option<&str> {
        if at == NOWHERE { None } else { self.host.get(usize::from(at)..) }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.host, self.role.as_str())
    }
}

/// The partition of what has no TLD: addresses, feeds, errors.
pub const NO_TLD: &str = "_";

/// The last label of a name.
#[must_use]
pub fn top_level(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
