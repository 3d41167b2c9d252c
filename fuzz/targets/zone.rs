//! Zones: master files, names in them, lists of names, the snapshots that are kept of them, and messages of their primaries.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;

use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use panopticon_model::update::Delegation;
use panopticon_sources::capped::Faults;
use panopticon_sources::fetch::Secret;
use panopticon_sources::zone::transfer::{Notified, TransferKey, Watch, Watched};
use panopticon_sources::zone::{Name, Options, Record, Settings, Snapshot, ZoneReader, from_names, from_zone};

use super::world::folder;

/// A snapshot, in memory: what is known of it, its rows, its sets with their hosts.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    counts: (u64, u64, u64, u64),
    apex: Option<String>,
    rows: Vec<(Vec<u8>, Delegation)>,
    sets: Vec<(u64, Vec<HostName>)>,
}

fn options() -> Options {
    Options { origin: Some(Name::parse(b"zz.", None).unwrap()), include_folder: None, max_record_bytes: 2048 }
}

/// A master file: read the same under any memory and any cut, and its snapshot sorted and complete.
pub fn zone(data: &[u8]) {
    let folder = folder();
    let build = |input: &mut (dyn BufRead + Send), memory| {
        let settings = Settings { options: options(), memory, spill: folder.path().to_owned() };
        let path = folder.path().join("snapshot");
        from_zone(input, &settings, &path).map(|_| content(&path).unwrap()).map_err(|error| format!("{error:?}"))
    };
    let whole = build(&mut { data }, 1 << 20);
    assert_eq!(build(&mut BufReader::with_capacity(3, data), 16 << 10), whole, "little memory, small buffers");
    let Ok(content) = whole else { return };
    assert!(content.rows.is_sorted_by(|(a, _), (b, _)| a < b));
    let sets: BTreeSet<u64> = content.sets.iter().map(|(id, _)| *id).collect();
    assert_eq!(sets.len(), content.sets.len());
    let used: BTreeSet<u64> = content.rows.iter().map(|(_, delegation)| delegation.name_servers).collect();
    assert_eq!(sets, used, "a set a delegation, a delegation a set");
    records(data);
}

/// The records one by one: no more than there are octets, and names that are their own spelling.
fn records(data: &[u8]) {
    let mut reader = ZoneReader::new(data, options());
    let mut count = 0;
    while let Ok(Some(record)) = reader.next_record() {
        count += 1;
        match record {
            Record::Soa { owner, .. } | Record::Ds { owner } | Record::Address { owner } => check_name(owner),
            Record::Ns { owner, target } => {
                check_name(owner);
                check_name(target);
            }
        }
    }
    assert!(count <= data.len());
}

/// A name as it stands in a master file.
pub fn zone_name(data: &[u8]) {
    let origin = Name::parse(b"zz.", None).unwrap();
    for origin in [None, Some(&origin)] {
        if let Ok(name) = Name::parse(data, origin) {
            check_name(&name);
        }
    }
    let (left, right) = data.split_at(data.len() / 2);
    if let (Ok(left), Ok(right)) = (Name::parse(left, Some(&origin)), Name::parse(right, Some(&origin))) {
        let reversed = |name: &Name| {
            let mut labels: Vec<Vec<u8>> = name.labels().map(<[u8]>::to_vec).collect();
            labels.reverse();
            labels
        };
        let (a, b) = (reversed(&left), reversed(&right));
        assert_eq!(left.key().cmp(&right.key()), a.cmp(&b), "canonical order");
        assert_eq!(left.is_at_or_below(&right), a.starts_with(&b));
    }
}

fn check_name(name: &Name) {
    let text = name.text();
    assert_eq!(panopticon_sources::zone::text_of_key(&name.key()), text);
    let dotted = if text == "." { text.to_string() } else { format!("{text}.") };
    assert_eq!(Name::parse(dotted.as_bytes(), None).as_ref().ok(), Some(name), "{text:?}");
    assert!(name.labels().all(|label| (1..=63).contains(&label.len())));
}

/// A message that may say that a zone changed: what is answered is an answer, and nobody is believed without the key or the
/// address of the primary.
pub fn zone_notify(data: &[u8]) {
    let primary = "192.0.2.1".parse().unwrap();
    let key = TransferKey::parse(&Secret::new("hmac-sha256:arke:c2VjcmV0IG9mIHRoaXMgZnV6eiB0YXJnZXQ=")).unwrap();
    let zone = |apex: &[u8], key| Watched { apex: Name::parse(apex, None).unwrap(), primary, key };
    let watch = Watch::new(vec![zone(b"zz.", Some(key)), zone(b"yy.", None)]);
    let now = Epoch(1_800_000_000_000);
    for from in ["192.0.2.1", "198.51.100.9"] {
        let Some(answer) = watch.answer(data, from.parse().unwrap(), now) else { continue };
        assert!(answer.message.len() >= 12 && answer.message[..2] == data[..2] && answer.message[2] & 0x80 != 0);
        assert!(answer.message.len() < data.len() + 1024, "nobody is flooded through us");
        let is_open = answer.notified == Some(Notified(1)) && from == "192.0.2.1";
        assert!(answer.notified.is_none() || is_open, "{:?} of {from}", answer.notified);
    }
}

/// A plain list of names.
pub fn zone_names(data: &[u8]) {
    let folder = folder();
    let build = |input: &mut dyn BufRead, memory| -> Result<(Content, Faults), String> {
        let settings = Settings { options: options(), memory, spill: folder.path().to_owned() };
        let path = folder.path().join("snapshot");
        let built = from_names(input, |host| host.is_below("zz"), &settings, &path);
        built.map(|(_, faults)| (content(&path).unwrap(), faults)).map_err(|error| format!("{error:?}"))
    };
    let whole = build(&mut { data }, 1 << 20);
    assert_eq!(build(&mut BufReader::with_capacity(3, data), 16 << 10), whole, "little memory, small buffers");
    let (content, faults) = whole.unwrap();
    assert!(content.rows.is_sorted_by(|(a, _), (b, _)| a < b));
    assert!(content.rows.iter().all(|(_, delegation)| delegation.flags == Delegation::NAME_ONLY));
    assert!(u64::try_from(faults.first.len()).unwrap() == faults.count.min(1000));
    assert!(faults.first.iter().all(|fault| !fault.sample.contains('@')));
}

/// A file that should be a snapshot and may be damaged: an error, never a panic, and no more rows than it has room for.
pub fn zone_snapshot(data: &[u8]) {
    let folder = folder();
    let path = folder.path().join("snapshot");
    std::fs::write(&path, data).unwrap();
    let _ = content(&path);
}

fn content(path: &Path) -> Option<Content> {
    let snapshot = Snapshot::open(path).ok()?;
    let meta = snapshot.meta();
    let (mut rows, mut sets) = (Vec::new(), Vec::new());
    let mut reader = snapshot.rows().ok()?;
    while let Some(row) = reader.next_row().ok()? {
        let _ = row.owner();
        rows.push((row.key.clone(), row.delegation));
    }
    let mut reader = snapshot.sets().ok()?;
    while let Some(id) = reader.next_set().ok()? {
        sets.push((u64::from_le_bytes(*id.0.first_chunk().unwrap()), reader.hosts()));
    }
    let counts = (meta.rows, meta.sets, meta.out_of_zone, meta.skipped);
    Some(Content { counts, apex: meta.apex.as_ref().map(ToString::to_string), rows, sets })
}
