//! The catalogue of feeds: every entry goes into a configuration as it stands, and is read by a format that there is.

use std::path::Path;

use panopticon_sources::feeds::Format;
use panopticon_sources::feeds::catalogue::{CATALOGUE, Entry};

use crate::common::{fails, ok, panopticon};

#[test]
fn every_feed_of_the_catalogue_can_be_added() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsecrets = \"secrets.toml\"\n[[tld]]\nname = \"xx\"\n";
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    let keys: String = CATALOGUE
        .iter()
        .filter_map(|entry| entry.key)
        .map(|key| format!("{} = \"k\"\n", key.secret))
        .collect::<std::collections::BTreeSet<String>>()
        .into_iter()
        .collect();
    let secrets = folder.join("secrets.toml");
    std::fs::write(&secrets, keys).unwrap();
    std::fs::set_permissions(&secrets, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(CATALOGUE.is_sorted_by(|a, b| a.id < b.id), "each once, in order");
    for entry in CATALOGUE {
        assert!(Format::from_id(entry.format).is_some(), "{}", entry.id);
        ok(panopticon(folder).args(["feeds", "add", entry.id]));
    }
    let listed = ok(panopticon(folder).args(["feeds", "list"]));
    for (id, url) in CATALOGUE.iter().flat_map(|entry| entry.placed(&["xx"])) {
        assert!(listed.contains(&format!("{id}  ")) && listed.contains(&url), "{id}: {listed}");
        assert!(Entry::from_url(&url).is_some_and(|entry| id.starts_with(entry.id)), "{id} at {url}");
    }
    // The rest of the file is as it was.
    let text = std::fs::read_to_string(folder.join("panopticon.toml")).unwrap();
    assert!(text.starts_with(config.trim_end()), "{text}");
    assert!(
        fails(panopticon(folder).args(["feeds", "add", "urlhaus"]), 1).contains("has a feed `urlhaus` already")
    );
    assert!(
        fails(panopticon(folder).args(["feeds", "add", "nothing"]), 1).contains("there are blackbook, cert-pl")
    );
    // It needs no configuration.
    let empty = tempfile::tempdir().unwrap();
    insta::assert_snapshot!("feeds_catalogue", ok(panopticon(empty.path()).args(["feeds", "catalogue"])));
}

#[test]
fn every_feed_of_the_catalogue_is_read_from_a_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources/testdata");
    let mut config = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n[[tld]]\nname = \"xx\"\n".to_owned();
    let mut ids = Vec::new();
    for entry in CATALOGUE {
        for (id, url) in entry.placed(&["xx"]) {
            let fixture =
                std::fs::read_dir(testdata.join(entry.format)).unwrap().map(|file| file.unwrap().path()).min();
            let place = format!("path    = \"{}\"", fixture.unwrap().display());
            let table = entry.table(&id, &url).replace(&format!("url     = \"{url}\""), &place);
            let lines = table.lines().filter(|line| !line.starts_with("secret"));
            config.extend(lines.map(|line| format!("{line}\n")));
            ids.push(id);
        }
    }
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    let out = panopticon(folder).args(["feeds", "check", "--format", "csv"]).output().unwrap();
    // Fixtures have faults.
    assert_eq!(out.status.code(), Some(4), "{}", String::from_utf8_lossy(&out.stderr));
    let read = String::from_utf8(out.stdout).unwrap();
    let read: Vec<Vec<&str>> = read.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(read.iter().map(|row| row[0]).collect::<Vec<_>>(), ids);
    for row in read {
        let kept: u64 = row[3].parse().unwrap();
        assert!(row[1] == "loaded" && kept > 0, "{row:?}");
    }
}
