//! Zones of the world, where they are at hand: the root zone against a count by other means, and the zone files
//! that the makers of other readers collected.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use panopticon_model::update::Delegation;
use panopticon_sources::capped::{self, Caps};
use panopticon_sources::zone::{Guard, Name, Options, Settings, Snapshot, from_zone};

use super::{content, name, records};

/// A file of the shared test data; none where it is absent.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn shared(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/zones").join(file);
    if !path.is_file() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn the_root_zone_by_other_means() {
    for file in ["root_2019-11-02.zone.zst", "root_2020-03-31.zone.zst"] {
        let Some(path) = shared(file) else { return };
        let open = || capped::open(File::open(&path).unwrap(), Caps::default(), None).unwrap();

        // One record a line, absolute names, no escapes: fields by blanks.
        let mut hosts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let (mut signed, mut addresses, mut has_soa) = (BTreeSet::new(), BTreeSet::new(), false);
        for line in BufReader::new(open()).lines() {
            let line = line.unwrap().to_ascii_lowercase();
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let absolute = |text: &str| text.trim_end_matches('.').to_owned();
            has_soa |= fields.get(3) == Some(&"soa");
            match fields[..] {
                [".", ..] => {}
                [owner, _, "in", "ns", host] => {
                    hosts.entry(absolute(owner)).or_default().insert(absolute(host));
                }
                [owner, _, "in", "ds", ..] => {
                    signed.insert(absolute(owner));
                }
                [owner, _, "in", "a" | "aaaa", _] => {
                    addresses.insert(absolute(owner));
                }
                _ => {}
            }
        }
        assert!(hosts.len() > 1500);

        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("s");
        // With 100 KiB of memory it has to spill.
        for memory in [64 << 20, 100 << 10] {
            let settings = Settings { memory, ..Settings::new(folder.path()) };
            let meta = from_zone(open(), &settings, &out).unwrap();
            // One of the two files lacks the SOA record.
            assert_eq!((meta.apex.as_deref(), meta.out_of_zone), (has_soa.then_some("."), 0));
            assert_eq!(Guard::default().check(None, &meta).is_ok(), has_soa);
            let (rows, sets) = content(&Snapshot::open(&out).unwrap());
            assert_eq!(rows.len(), hosts.len());
            let sets: BTreeMap<_, _> = sets.into_iter().collect();
            for (owner, Delegation { name_servers, flags }) in rows {
                let servers = &hosts[&owner];
                assert_eq!(flags & Delegation::SIGNED != 0, signed.contains(&owner), "{owner}");
                assert_eq!(flags & Delegation::GLUE != 0, !servers.is_disjoint(&addresses), "{owner}");
                let head: String = name_servers.to_le_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                let (_, stored) =
                    sets.range(head.clone()..).next().filter(|(id, _)| id.starts_with(&head)).unwrap();
                assert_eq!(*stored, servers.iter().cloned().collect::<Vec<_>>().join(" "), "{owner}");
            }
        }
    }
}

/// The files of a tar archive: name and content. Good enough for ours.
fn files_of_tar(mut tar: impl Read) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut header = [0; 512];
    while tar.read_exact(&mut header).is_ok() && header[0] != 0 {
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&header[range]).trim_matches(['\0', ' ']).to_owned()
        };
        let length = usize::from_str_radix(&text(124..136), 8).unwrap();
        let mut content = vec![0; length.next_multiple_of(512)];
        tar.read_exact(&mut content).unwrap();
        content.truncate(length);
        if matches!(header[156], b'0' | 0) {
            files.push((text(0..100), content));
        }
    }
    files
}

#[test]
fn zones_that_stress_readers() {
    let Some(path) = shared("zone_parser_corpora.tar.zst") else { return };
    let tar = capped::open(File::open(path).unwrap(), Caps::default(), None).unwrap();
    let files = files_of_tar(tar);
    assert!(files.len() > 40);
    for (file, content) in files {
        let file = file.trim_start_matches("corpora/");
        // Zones within a description of what should come of them.
        let zone = if file.ends_with(".yaml") { zone_of_yaml(&content) } else { content };
        let options = Options { origin: Some(name("example.com")), ..Options::default() };
        let refused = match file {
            "hickory_test_configs_example.com.zone" | "hickory_test_configs_dnssec_example.com.zone" => "INCLUDE",
            "nldomain_mixedclass.yaml" | "nldomain_defaultclass.yaml" => "class is not IN",
            _ => "",
        };
        match records(&zone, &options) {
            Ok(_) => assert_eq!(refused, "", "{file}"),
            Err(error) => assert!(!refused.is_empty() && error.contains(refused), "{file}: {error}"),
        }
        // Cut off anywhere, it is an error or fewer records, never a panic.
        for end in (0..zone.len().min(3000)).step_by(7) {
            let _ = records(&zone[..end], &Options { origin: Some(Name::default()), ..Options::default() });
        }
    }
}

/// The block under `zonefile`, without its indentation.
fn zone_of_yaml(yaml: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(yaml).unwrap();
    let block = text.lines().skip_while(|line| !line.starts_with("zonefile:")).skip(1);
    let block = block.take_while(|line| line.is_empty() || line.starts_with("  "));
    block.flat_map(|line| [line.get(2..).unwrap_or_default(), "\n"]).collect::<String>().into_bytes()
}
