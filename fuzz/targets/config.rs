//! The configuration file and the file of secrets. The code is that of the binary, which has no library.

#[allow(dead_code, unused_imports, reason = "the binary uses what a target does not")]
#[path = "../../src/config/mod.rs"]
mod file;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

pub(super) use file::{parse_duration, show_duration};

use super::world::folder;

/// A configuration is refused with a message, or every number in it is within its bounds.
pub fn config(data: &[u8]) {
    let text = std::str::from_utf8(data).unwrap_or_default();
    // A suffix list is another file, and an input of the fuzzer should not choose which one is opened.
    if text.parse::<toml::Table>().is_ok_and(|table| table.contains_key("suffix_list")) {
        return;
    }
    let folder = folder();
    let path = folder.path().join("panopticon.toml");
    fs::write(&path, data).unwrap();
    match file::Config::read(&path) {
        Ok(config) => {
            assert!(!config.tlds.is_empty() && (1..=64).contains(&config.workers));
            assert!(config.publish_every_ms > 0 && config.retention_days >= 15);
            assert!(config.feeds.iter().all(|feed| feed.shrink_percent <= 100 && feed.every_ms > 0));
            assert!(config.tlds.iter().flat_map(|tld| &tld.zones).all(|zone| zone.shrink_percent <= 100));
            assert_eq!(config.tld_names().len(), config.tlds.len());
            // What is shown is read as the same.
            let shown = config.show();
            fs::write(&path, &shown).unwrap();
            let again = file::Config::read(&path).unwrap_or_else(|error| panic!("{error}: {shown}"));
            assert_eq!(again.show(), shown);
        }
        Err(error) => {
            let _ = error.hint();
            assert!(!error.to_string().is_empty());
        }
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let _ = file::secrets::Secrets::read(Some(&path)).map(|secrets| secrets.get("key"));
}
