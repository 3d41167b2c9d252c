//! What the tests of feeds share: rules for a made-up internet, entries, snapshots, and tables to apply updates to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use panopticon_model::name::{HostName, Label, Places, SuffixList, TldRules};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::sighting::{AbuseClass, EntryId, FeedId, Interval, Sighting, SightingKey};
use panopticon_model::time::Epoch;
use panopticon_model::update::{ErrorKey, FeedState, LineError, Update};
use panopticon_sources::door::Claim;
use panopticon_sources::feeds::snapshot::{Snapshot, read_snapshot};
use panopticon_sources::feeds::{FeedSpec, Format, Limits, SnapshotError, State};

/// The TLD `xx` is ours, `example` is somebody else's, all others do not exist.
pub(super) fn places() -> Places {
    let list = "// ===BEGIN ICANN DOMAINS===\nxx\nco.xx\nexample\n// ===END ICANN DOMAINS===\n\
                // ===BEGIN PRIVATE DOMAINS===\npages.xx\n// ===END PRIVATE DOMAINS===\n";
    let tld = TldRules { tld: Label::parse("xx").unwrap(), rules: None };
    Places::new(SuffixList::parse(list).unwrap(), vec![tld])
}

pub(super) fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

/// The files of a folder, sorted by name.
pub(super) fn files(path: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(testdata(path))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

pub(super) fn spec(format: &str) -> FeedSpec {
    FeedSpec::new(feed(), Format::from_id(format).unwrap())
}

pub(super) fn read(format: &str, bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    read_limited(format, bytes, &Limits::default())
}

pub(super) fn read_limited(format: &str, bytes: &[u8], limits: &Limits) -> Result<Snapshot, SnapshotError> {
    read_snapshot(&spec(format), &mut { bytes }, &places(), limits)
}

/// Reads with a buffer of so many octets.
pub(super) fn read_in_chunks(format: &str, bytes: &[u8], size: usize) -> Result<Snapshot, SnapshotError> {
    let mut input = BufReader::with_capacity(size, bytes);
    read_snapshot(&spec(format), &mut input, &places(), &Limits::default())
}

/// Endless text without a line end, up to `left` octets.
pub(super) fn long_line(left: u64) -> impl BufRead {
    BufReader::new(std::io::repeat(b'a').take(left))
}

pub(super) fn feed() -> FeedId {
    FeedId::from("test")
}

pub(super) fn entry(n: usize) -> EntryId {
    EntryId::Own(format!("{n}").into())
}

pub(super) fn key(n: usize) -> SightingKey {
    SightingKey { feed: feed(), entry: entry(n) }
}

/// A claim on the host `e<n>.xx`. What the feed last saw is the only word of it that changes.
pub(super) fn claim(n: usize, state: State, last_seen: Epoch) -> (EntryId, Claim) {
    let host = HostName::parse(&format!("e{n}.xx")).unwrap();
    let place = Place::of_name(&host, &places().place(&host).unwrap());
    let claim = Claim {
        observable: Arc::new(Observable::new(ObservableKind::Host, host.as_str(), None, place)),
        abuse_class: AbuseClass::Other,
        label: "".into(),
        confidence: None,
        brand: None,
        reported_at: None,
        last_seen: Some(last_seen),
        state,
    };
    (entry(n), claim)
}

/// The snapshot that says `states` of the entries 0, 1, … ; `words` is what it last saw of them.
pub(super) fn snapshot(states: &[Option<State>], words: Epoch) -> Snapshot {
    let held = states.iter().enumerate().filter_map(|(n, state)| Some(claim(n, (*state)?, words)));
    let mut claims: Vec<_> = held.collect();
    claims.sort_by(|(a, _), (b, _)| a.cmp(b));
    Snapshot { rows: claims.len() as u64, claims, ..Snapshot::default() }
}

/// What the writer keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tables {
    pub(super) sightings: BTreeMap<SightingKey, Arc<Sighting>>,
    pub(super) errors: BTreeMap<ErrorKey, LineError>,
    pub(super) state: Option<Arc<FeedState>>,
}

impl Tables {
    /// Applies updates, each of which has to change something.
    pub(super) fn apply(&mut self, updates: Vec<Update>) {
        for update in updates {
            match update {
                Update::Sighting(key, after) => replace(&mut self.sightings, key, after),
                Update::Error(key, after) => replace(&mut self.errors, key, after),
                Update::Feed(id, after) => {
                    assert_eq!(id, feed());
                    assert_ne!(self.state, after);
                    self.state = after;
                }
                other => panic!("a feed does not say {other:?}"),
            }
        }
    }

    pub(super) fn intervals(&self, n: usize) -> &[Interval] {
        self.sightings.get(&key(n)).map_or(&[], |sighting| &sighting.intervals)
    }
}

fn replace<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    table: &mut BTreeMap<K, V>,
    key: K,
    after: Option<V>,
) {
    assert_ne!(table.get(&key), after.as_ref(), "an update of {key:?} that changes nothing");
    match after {
        Some(value) => table.insert(key, value),
        None => table.remove(&key),
    };
}
