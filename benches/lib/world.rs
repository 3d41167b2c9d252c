//! A large world: delegations of the zone `xx`, and what four feeds say of names in it. Every row is a function of
//! its number, so the world needs no memory and is the same everywhere.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use panopticon_model::name::{HostName, Places, SuffixList, TldRules};
use panopticon_model::name::{Label, Placement};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::sighting::{AbuseClass, End, EntryId, FeedId, Interval, Intervals, Sighting, SightingKey};
use panopticon_model::time::{DAY_MS, Day, Epoch, HOUR_MS};
use panopticon_model::update::{Change, Delegation, DelegationKey};

/// The TLD of the world; its zone is read.
pub const TLD: &str = "xx";
/// The day on which the world is measured.
pub const TODAY: Day = Day(20_148);
/// Noon of the day before; by then all that the feeds uphold has begun.
const NOON: Epoch = Epoch(TODAY.0 as u64 * DAY_MS - 12 * HOUR_MS);

/// Numbers that look random (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[must_use]
pub fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// The delegated name of a number below 2^24: ten to seventeen letters. Names sort as their numbers do, and zones
/// are read in that order.
#[must_use]
pub fn domain(n: u64) -> CompactString {
    let word = ["bank", "cloud", "garden", "mail", "market", "news", "shop", "studio"][(n >> 21 & 7) as usize];
    let tail = &"gramed"[..(mix(n) % 6) as usize];
    format_compact!("{word}{:06x}{tail}.{TLD}", n & 0x1f_ffff)
}

/// The delegation of a name.
#[must_use]
pub fn delegation(n: u64) -> (DelegationKey, Delegation) {
    let mixed = mix(n);
    let flags = if mixed.is_multiple_of(5) { Delegation::SIGNED } else { 0 };
    // Most names share the name servers of few operators.
    (DelegationKey { owner: domain(n) }, Delegation { name_servers: mix(mixed % 4000), flags })
}

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Indicators that are live.
    pub indicators: u64,
    /// Delegated names that the indicators spread over.
    pub names: u64,
}

/// What one feed says of one URL. `n` numbers the URLs.
#[must_use]
pub fn sighting(scale: Scale, n: u64, feed: usize, places: &Places) -> (SightingKey, Arc<Sighting>) {
    let mixed = mix(n);
    // Most URLs are anywhere; some on names with many, a few on names with hundreds. So a URL has about a dozen
    // others beside it on average, as in years of URLhaus, where it is 5 to 75.
    let among = match mixed % 100 {
        0..85 => scale.names,
        85..98 => scale.names / 50,
        _ => scale.names / 5000,
    };
    let at = (mixed >> 8) % among.max(1);
    let name = domain(at);
    let host = match (mixed >> 4) % 4 {
        0 => format_compact!("login.{name}"),
        1 => format_compact!("www.{name}"),
        _ => name,
    };
    let class = if (mixed >> 6).is_multiple_of(4) { AbuseClass::Malware } else { AbuseClass::Phishing };
    let url = format!("http://{host}/{:x}/index.php?id={n}", mixed >> 40);
    let began = |back: u64| NOON.minus((mixed % 90) * DAY_MS + back).minus(n % HOUR_MS);
    let gone = (mixed >> 12) % 100;
    let intervals = match gone {
        // Came back after it had been offline.
        0 => Intervals::from_iter([
            Interval { first_seen: began(50 * DAY_MS), ended: Some((began(40 * DAY_MS), End::Offline)) },
            Interval::open(began(0)),
        ]),
        // Left a list of the newest entries and has a lease.
        1..20 => Intervals::from([Interval {
            first_seen: began(0),
            ended: Some((TODAY.end().plus(DAY_MS + mixed % DAY_MS), End::Lapsed)),
        }]),
        _ => Intervals::from([Interval::open(began(0))]),
    };
    let observable = Arc::new(Observable::new(ObservableKind::Url, &url, None, place(&host, places)));
    let label = CompactString::const_new("listed");
    let entry = EntryId::of(&observable, &label);
    let sighting = Sighting {
        observable,
        abuse_class: class,
        label,
        confidence: None,
        brand: None,
        reported_at: Some(began(0)),
        last_seen: Some(began(0).plus(HOUR_MS)),
        intervals,
    };
    let feed = FeedId::from(["openphish", "urlhaus", "phishtank", "desk"][feed % 4]);
    (SightingKey { feed, entry }, Arc::new(sighting))
}

/// The sightings of a URL: one in ten is known to two feeds.
pub fn sightings<'a>(
    scale: Scale,
    n: u64,
    places: &'a Places,
) -> impl Iterator<Item = (SightingKey, Arc<Sighting>)> + 'a {
    let feeds = if mix(n ^ 0xfeed).is_multiple_of(10) { 2 } else { 1 };
    (0..feeds).map(move |more| sighting(scale, n, (mix(n ^ 0xf0) as usize) + more, places))
}

/// The places of the world: the registry registers at its TLD, and nobody else has a suffix.
///
/// # Errors
/// Never; the rules are written here.
pub fn places() -> anyhow::Result<Places> {
    let list = SuffixList::parse("// ===BEGIN ICANN DOMAINS===\nxx\n// ===END ICANN DOMAINS===\n")?;
    Ok(Places::new(list, vec![TldRules { tld: Label::parse(TLD)?, rules: None }]))
}

fn place(host: &str, places: &Places) -> Place {
    let parsed = HostName::parse(host).ok();
    let placement: Option<Placement> = parsed.as_ref().and_then(|host| places.place(host).ok());
    match (parsed, placement) {
        (Some(host), Some(placement)) => Place::of_name(&host, &placement),
        _ => Place::of_address(std::net::Ipv4Addr::UNSPECIFIED.into()),
    }
}

/// A key that is new.
pub fn came<K, V>((key, value): (K, V)) -> Change<K, V> {
    Change { key, before: None, after: Some(value) }
}

/// A key that is gone.
pub fn went<K, V>((key, value): (K, V)) -> Change<K, V> {
    Change { key, before: Some(value), after: None }
}

/// A sighting that its list dropped at an instant.
#[must_use]
pub fn delisted(
    (key, value): (SightingKey, Arc<Sighting>),
    at: Epoch,
    end: End,
) -> Change<SightingKey, Arc<Sighting>> {
    let mut after = value.as_ref().clone();
    if let Some(last) = after.intervals.last_mut() {
        last.ended = Some((at, end));
    }
    Change { key, before: Some(value), after: Some(Arc::new(after)) }
}
