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
# publish_every = "5m"         # how often `run` publishes; `run --once` does it once
# workers = 1                  # threads of the engine
# suffix_list = "suffixes.dat" # a public suffix list; without it the one that is built in counts
# user_agent = "panopticon (abuse@nic.{tld})" # who we say we are when we fetch
# ca = "ca.pem"                # certificates to trust beside those of the system
# What a feed or zone may cost at most: packed, unpacked, a line, rows.
# limits = {{ max_bytes = 268435456, max_decoded_bytes = 1073741824, max_line_bytes = 65536, max_rows = 10000000 }}

[[tld]]
name = "{tld}"
# Where names can be registered, in the syntax of the public suffix list. Without it the built-in list decides.
# registrable_at = ["{tld}", "com.{tld}"]
# A BIND zone file, if you have it; or `{{ names = "{tld}.txt" }}`, a list of registered names.
# It is read once in `every`; an export that has lost more than `max_shrink` per cent is held back.
# zone = {{ file = "{tld}.zone", apex = "{tld}", max_shrink = 20, every = "1h" }}

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
# A snapshot that has lost more per cent of its rows is held back until `panopticon feeds accept`.
# max_shrink = 50
# The entry of the secrets file with the key of a feed. It stands for `{{key}}` in the url, or goes into a header.
# secret = "phishing-database"
# secret_header = "Auth-Key"

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
