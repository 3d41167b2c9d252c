//! The configuration that `init` writes: commented, with feeds that need no key.

/// The text for a TLD.
pub(crate) fn text(tld: &str) -> String {
    format!(
        r#"# Panopticon: which names under .{tld} are used for abuse, and who says so.
# Paths are relative to this file. `panopticon config show` prints every value with its default.

version = "v1"
state   = "state"              # input log, base tables, archive: back it up, keep it private
output  = "out"                # what readers see: Parquet, records.sql, change files
# secrets = "secrets.toml"     # keys of feeds, one `name = "key"` a line; mode 0600
# retention = "400d"           # how long log, archive and dated files are kept

[[tld]]
name = "{tld}"
# Where names can be registered, in the syntax of the public suffix list. Without it the built-in list decides.
# registrable_at = ["{tld}", "com.{tld}"]
# A BIND zone file, if you have it; or `{{ names = "{tld}.txt" }}`, a list of registered names.
# zone = {{ file = "{tld}.zone" }}

# Each feed is fetched on its own clock by `panopticon run`, and once by `panopticon run --once`.
# Read the terms of a feed before you use it.

[[feed]]
id      = "openphish"
format  = "openphish-txt"
url     = "https://openphish.com/feed.txt"
trusted = true
every   = "1h"
# The list is a window of the newest entries: one that leaves it counts for seven days more.
absence = {{ lease = "7d" }}

[[feed]]
id      = "urlhaus"
format  = "urlhaus-csv"
url     = "https://urlhaus.abuse.ch/downloads/csv_online/"
trusted = true
every   = "15m"
# The list of what is online is complete: what leaves it has ended.
absence = "retract"

[[feed]]
id          = "phishing-database"
format      = "plain"
url         = "https://raw.githubusercontent.com/Phishing-Database/Phishing.Database/master/phishing-domains-ACTIVE.txt"
abuse_class = "phishing"
trusted     = false
every       = "6h"
absence     = "retract"

# The Tranco list says how popular a name is.
[ranks]
url   = "https://tranco-list.eu/top-1m.csv.zip"
every = "1d"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn the_written_configuration_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("panopticon.toml");
        std::fs::write(&file, text("xx")).unwrap();
        let config = Config::read(&file).unwrap();
        assert_eq!(config.tld_names(), ["xx"]);
        assert_eq!(config.feeds.len(), 3);
        assert!(config.feeds.iter().all(|feed| feed.secret.is_none()), "no key is needed");
    }
}
