//! The catalogue of feeds: every entry goes into a configuration as it stands, and is read by a format that there is.

use panopticon_sources::feeds::Format;
use panopticon_sources::feeds::catalogue::CATALOGUE;

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
    assert!(CATALOGUE.iter().all(|entry| listed.contains(entry.url)), "{listed}");
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
