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
signing_key = "signing.key"     # signs what is in out/records; readers verify with `signing.pub`; mode 0600
# retention = "400d"           # how long log, archive and dated files are kept
# publish_every = "5m"         # how often `run` publishes; `run --once` does it once
# workers = 1                  # threads of the engine
# suffix_list = "suffixes.dat" # a public suffix list; without it the one that is built in counts
# user_agent = "panopticon (abuse@nic.{tld})" # who we say we are when we fetch
# ca = "ca.pem"                # certificates to trust beside those of the system
# notify = "192.0.2.9:53"      # where `run` hears from primary servers that a zone changed, over UDP and TCP
# What a feed or zone may cost at most: packed, unpacked, a line, rows.
# limits = {{ max_bytes = 268435456, max_decoded_bytes = 1073741824, max_line_bytes = 65536, max_rows = 10000000 }}

[[tld]]
name = "{tld}"
# Where names can be registered, in the syntax of the public suffix list. Without it the built-in list decides.
# registrable_at = ["{tld}", "com.{tld}"]
# A BIND zone file, if you have it; or `{{ names = "{tld}.txt" }}`, a list of registered names.
# It is read once in `every`; an export that has lost more than `max_shrink` per cent is held back.
# zone = {{ file = "{tld}.zone", apex = "{tld}", max_shrink = 20, every = "1h" }}
# With `final_soa = true` the file has to end with its SOA record once more, as those of CZDS do: nothing was cut off.
# Or from a primary server, whole and then as what changed: `{{ primary = "192.0.2.1:53", key = "{tld}-transfer" }}`. The key
# is an entry of `secrets`, `{tld}-transfer = "hmac-sha256:name:base64"`. The server is asked once in `every`, and at once
# when it says by `notify` that the zone changed.
# The name servers of .{tld}, if they are not to be looked up, and its RDAP service, with a user if it asks for one.
# servers = ["192.0.2.1", "[2001:db8::1]:53"]
# Its label generation rules (RFC 7940): labels that they hold for the same are look-alikes.
# variants = "{tld}-lgr.xml"
# rdap = {{ url = "https://rdap.nic.{tld}/", user = "panopticon", secret = "rdap" }}

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
# What a feed lists, if it lists one kind of names only: those that were registered for abuse ("dedicated"), or
# those that were broken into ("compromised"). The remedies of their cases count it.
# lists = "dedicated"
# Whether its terms let you pass its rows on with `panopticon export`; without it what `panopticon feeds catalogue` says.
# redistributable = true
# Who is to be named for it and on what terms, and how far its rows may go: "clear", "green", "amber", "amber+strict", "red".
# licence = "Phishing.Database: MIT"
# tlp = "clear"
# The entry of the secrets file with the key of a feed. It stands for `{{key}}` in the url, or goes into a header.
# secret = "phishing-database"
# secret_header = "Auth-Key"

# The Tranco list says how popular a name is.
[ranks]
url   = "https://tranco-list.eu/top-1m.csv.zip"
every = "1d"

# What it takes to hold a claim for confirmed, so that somebody may be told. A TLD may have a `policy` of its own.
[policy]
# trusted   = ["openphish", "urlhaus"] # feeds of which one is enough; without it those with `trusted = true`
independent  = 2        # how many others are enough; 0 for never
fresh        = "1d"     # how long a measurement confirms
guarded_rank = 100000   # names of this rank or a better one are never called malicious by a sum; 0 for none
allow        = []       # names of which nothing is held for confirmed

# Names that you hold critical yourself, one a line: they are marked in every view, and names of the zone that imitate
# them are looked for. Behind a comma a line may have a sector (finance, parcel, shop, technology, blockchain, government),
# behind another `word` if the name is a common word as well.
# [[protected]]
# id   = "critical"
# path = "critical.txt"

# Whose look-alikes are searched in the zone beside these: names that are imitated everywhere, from a list that comes with
# the program; so many of the most popular names. The brands that live phishing names are looked for in any case.
[lookalikes]
shipped = true
top     = 0
false_positives = 0.001 # the share of ordinary names that may be held for made by a machine; 0 for none

# Whatever a feed says is checked by ourselves: is the name delegated (asked at the servers of .{tld}), does Quad9
# block it, what does RDAP say. Each of these may be `false`, or a table that says how.
[probe]
# dns   = {{ per_server = 50.0, at_once = 64, timeout = "2s", port = 53 }} # a second, for each server of .{tld}
# quad9 = {{ per_second = 20.0, timeout = "5s", repeat = "1m" }}
# http  = {{ per_host = 1.0, at_once = 50, timeout = "20s", max_body_bytes = 1048576 }}
# rdap  = {{ per_second = 2.0, bootstrap = "dns.json" }}        # IANA's file, for TLDs without `rdap` above
# web_risk = {{ secret = "web-risk", update = false, per_second = 10.0 }} # Google Web Risk, with your key
# resolver = ["tls://9.9.9.10#dns10.quad9.net"]               # finds the addresses of hosts; it must not filter
# allow_private = ["10.1.0.0/16"] # networks that are asked although they are private
# refresh = "12h"  # what was told is measured again after this time,
# valid   = "1d"   # counts for this time,
# retry   = "5m"   # and is asked again after this time if nothing could be told, then after twice that, and so on
# confirm = "2h"   # before a publication open cases are measured again if that was longer ago
# longest = "15m"  # `run --once` measures no longer than this
# at_once = 128    # probes under way
# per_second = 200.0

# Pages are fetched only from places that you name: two or more, in different countries. `direct` is this machine;
# `http://`, `https://` and `socks5://` are proxies, and of several one is drawn for each page.
# [[vantage]]
# id      = "here"
# country = "CH"
# proxy   = "direct"
# [[vantage]]
# id      = "there"
# country = "NL"
# proxy   = ["socks5://192.0.2.7:1080", "http://me:{{key}}@192.0.2.8:3128?via=proxy-nl"]
# secret  = "proxy"

# Other resolvers that filter, beside ones that do not, and blocklists that are asked over DNS.
# [[filter]]
# id         = "cert"
# filtered   = "192.0.2.53"
# unfiltered = "192.0.2.54"
# extended_errors = [15, 16, 17] # what says that it blocks; and, if it does so by not recursing:
# no_recursion = false
# canary_blocked = "blocked.example"
# canary_nonexistent_in = "com"
# canary_identity = "whoami.example"
# [[blocklist]]
# id       = "dbl"
# zone     = "dbl.spamhaus.org"
# codes    = "spamhaus-dbl"      # or "any": every answer lists
# resolver = ["192.0.2.54"]
# per_second = 20.0
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
        let probe = config.probe.unwrap();
        assert!(probe.dns.is_some() && probe.rdap.is_some() && probe.web_risk.is_none());
        assert!(
            probe.filters.len() == 1 && probe.http.is_none(),
            "no page is fetched before somebody says from where"
        );
    }
}
