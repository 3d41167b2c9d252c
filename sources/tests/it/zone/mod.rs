//! Zones: grammar, snapshots, differences.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod corpora;
mod delta;
mod diff;
mod grammar;
mod names;
mod notify;
mod primaries;
mod snapshot;

use std::path::Path;

use panopticon_model::update::Delegation;
use panopticon_sources::zone::{Meta, Name, Options, Record, Settings, Snapshot, ZoneReader, from_zone};

/// A name by its absolute text.
fn name(text: &str) -> Name {
    Name::parse(text.as_bytes(), Some(&Name::default())).unwrap()
}

/// Options for the zone `zz`.
fn of_zz() -> Options {
    Options { origin: Some(name("zz")), ..Options::default() }
}

/// The records of a zone, a line each; or what is wrong.
fn records(zone: impl AsRef<[u8]>, options: &Options) -> Result<Vec<String>, String> {
    let mut reader = ZoneReader::new(zone.as_ref(), options.clone());
    let mut records = Vec::new();
    loop {
        records.push(match reader.next_record().map_err(|error| error.to_string())? {
            None => return Ok(records),
            Some(Record::Soa { owner, serial }) => format!("{} soa {serial}", owner.text()),
            Some(Record::Ns { owner, target }) => format!("{} ns {}", owner.text(), target.text()),
            Some(Record::Ds { owner }) => format!("{} ds", owner.text()),
            Some(Record::Address { owner }) => format!("{} address", owner.text()),
        });
    }
}

/// A snapshot of a zone, in `folder` under `file`.
fn snapshot_in(folder: &Path, file: &str, zone: &[u8], memory: usize) -> Snapshot {
    let out = folder.join(file);
    let settings = Settings { options: of_zz(), memory, ..Settings::new(folder) };
    let meta = from_zone(zone, &settings, &out).unwrap();
    let snapshot = Snapshot::open(&out).unwrap();
    assert_eq!(*snapshot.meta(), meta);
    snapshot
}

/// Owners and what is said of them; and the ids of sets and their hosts.
type Content = (Vec<(String, Delegation)>, Vec<(String, String)>);

/// Everything that a snapshot says.
fn content(snapshot: &Snapshot) -> Content {
    let (mut rows, mut sets) = (snapshot.rows().unwrap(), snapshot.sets().unwrap());
    let mut content = (Vec::new(), Vec::new());
    while let Some(row) = rows.next_row().unwrap() {
        content.0.push((row.owner().owner.to_string(), row.delegation));
    }
    while let Some(id) = sets.next_set().unwrap() {
        let hosts: Vec<_> = sets.hosts().iter().map(ToString::to_string).collect();
        content.1.push((id.to_string(), hosts.join(" ")));
    }
    let Meta { rows, sets, .. } = snapshot.meta();
    assert_eq!((*rows, *sets), (content.0.len() as u64, content.1.len() as u64));
    content
}
