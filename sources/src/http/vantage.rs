//! Vantages: places from which targets are fetched, and how many of them are really different places.

use std::fmt;

use compact_str::CompactString;

use super::way::Way;

/// A place from which targets are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vantage {
    id: CompactString,
    country: CompactString,
    ways: Vec<Way>,
}

/// A vantage without a way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the vantage `{0}` has no way; `direct` is one")]
pub struct NoWay(CompactString);

impl Vantage {
    /// A vantage with its id, its country (ISO 3166-1 alpha-2 in any case; empty if it is not known) and its ways,
    /// each as good as the others.
    ///
    /// # Errors
    /// [`NoWay`] if there is none.
    pub fn new(id: &str, country: &str, ways: Vec<Way>) -> Result<Vantage, NoWay> {
        if ways.is_empty() {
            return Err(NoWay(id.into()));
        }
        Ok(Vantage { id: id.into(), country: country.trim_ascii().to_ascii_uppercase().into(), ways })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its country in upper case; empty if it is not known.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The way that a URL goes: any of them, and for the same seed and URL always the same one.
    #[must_use]
    pub fn way(&self, seed: u64, url: &str) -> &Way {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        hasher.update(url.as_bytes());
        let drawn = hasher.finalize().as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let count = u64::try_from(self.ways.len()).unwrap_or(u64::MAX).max(1);
        let index = usize::try_from(drawn % count).unwrap_or_default();
        self.ways.get(index).unwrap_or(&Way::Direct)
    }
}

/// Vantages by place: what seems to be two places may be one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// One vantage for each place, in the order given.
    pub distinct: Vec<CompactString>,
    /// Why the others are none of their own, one reason for each. An operator should be told.
    pub same: Vec<SamePlace>,
}

/// Two vantages that count as one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamePlace {
    /// The one.
    pub vantage: CompactString,
    /// The other, which was given before.
    pub other: CompactString,
    /// What they share.
    pub shared: Shared,
}

/// What makes two vantages one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared {
    /// The country.
    Country(CompactString),
    /// The name or address of a proxy.
    Proxy(CompactString),
    /// This machine's own address.
    Direct,
}

impl fmt::Display for SamePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SamePlace { vantage, other, shared } = self;
        write!(f, "the vantages `{other}` and `{vantage}` count as one place: both ")?;
        match shared {
            Shared::Country(country) => write!(f, "are in {country}"),
            Shared::Proxy(host) => write!(f, "go through {host}"),
            Shared::Direct => f.write_str("go out from this machine"),
        }
    }
}

/// Groups vantages by place: two in one country, with a proxy on one address, or that both go out directly, are at
/// one place, and so is who shares a place with either. Proxies are compared as they are written; nothing is resolved.
#[must_use]
pub fn places(vantages: &[Vantage]) -> Places {
    let mut places = Places::default();
    // The place of each vantage so far, as the index of its first one.
    let mut place_of: Vec<usize> = Vec::with_capacity(vantages.len());
    for (index, vantage) in vantages.iter().enumerate() {
        let mut place = index;
        for (at, other) in vantages.iter().enumerate().take(index) {
            let Some(shared) = shared(other, vantage) else { continue };
            let Some(known) = place_of.get(at).copied().filter(|known| *known != place) else { continue };
            places.same.push(SamePlace { vantage: vantage.id.clone(), other: other.id.clone(), shared });
            let joined = known.min(place);
            place_of.iter_mut().filter(|of| **of == known || **of == place).for_each(|of| *of = joined);
            place = joined;
        }
        place_of.push(place);
    }
    let firsts = vantages.iter().zip(&place_of).enumerate().filter(|(index, (_, place))| index == *place);
    places.distinct = firsts.map(|(_, (vantage, _))| vantage.id.clone()).collect();
    places
}

fn shared(a: &Vantage, b: &Vantage) -> Option<Shared> {
    if !a.country.is_empty() && a.country == b.country {
        return Some(Shared::Country(a.country.clone()));
    }
    a.ways.iter().find_map(|way| match way.proxy() {
        None => b.ways.contains(&Way::Direct).then_some(Shared::Direct),
        Some(proxy) => {
            let hosts = b.ways.iter().filter_map(Way::proxy).map(|other| &other.host);
            hosts.into_iter().find(|host| **host == proxy.host).map(|host| Shared::Proxy(host.clone()))
        }
    })
}
