//! The catalogue: feeds that the world offers, as far as we know them, each with its terms.
//!
//! What stands here is copied into a configuration and may be changed there; nothing is fetched because it stands here.
//! Feeds whose address is part of a contract (`openphish-json`) are not in it.

use std::fmt::Write as _;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::tlp::Tlp;

use super::{Absence, Format};

/// A feed that anybody, or whoever has a key, can fetch.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name here.
    pub id: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// The format of its rows.
    pub format: &'static str,
    /// Where it is; `{key}` stands for the key, `{tld}` for a TLD: then it is a feed for each.
    pub url: &'static str,
    /// What absence means, where it is not what the format says: the value of `absence` in a configuration.
    pub absence: Option<&'static str>,
    /// The class of its rows, where the format does not say.
    pub abuse_class: Option<AbuseClass>,
    /// How often it is worth fetching, as its publisher asks: the value of `every`.
    pub every: &'static str,
    /// Its terms.
    pub licence: &'static str,
    /// How far its rows may go.
    pub tlp: Tlp,
    /// Whether its terms let anybody pass its rows on.
    pub redistributable: bool,
    /// The key that opens it.
    pub key: Option<Key>,
}

/// A key, and how it is given.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The entry of the secrets file.
    pub secret: &'static str,
    /// The header that carries it; without one it stands in the address.
    pub header: Option<&'static str>,
    /// Where it is to be had.
    pub whence: &'static str,
}

const ABUSE_CH: Key =
    Key { secret: "abuse-ch", header: Some("Auth-Key"), whence: "https://auth.abuse.ch/, free of charge" };
const ABUSE_CH_TERMS: &str = "CC0; abuse.ch asks for fair use";

const URLHAUS: Entry = Entry {
    id: "urlhaus",
    publisher: "abuse.ch",
    format: "urlhaus-csv",
    url: "https://urlhaus.abuse.ch/downloads/csv_online/",
    absence: Some("\"retract\""),
    abuse_class: None,
    every: "15m",
    licence: ABUSE_CH_TERMS,
    tlp: Tlp::Clear,
    redistributable: true,
    key: Some(ABUSE_CH),
};
const DATABASE: Entry = Entry {
    id: "phishing-database",
    publisher: "Phishing.Database",
    format: "phishing-database",
    url: "https://raw.githubusercontent.com/Phishing-Database/Phishing.Database/master/phishing-domains-ACTIVE.txt",
    absence: None,
    abuse_class: Some(AbuseClass::Phishing),
    every: "6h",
    licence: "MIT",
    tlp: Tlp::Clear,
    redistributable: true,
    key: None,
};

const CERT_PL: Entry = Entry {
    id: "cert-pl",
    publisher: "CERT Polska",
    format: "cert-pl-tsv",
    url: "https://hole.cert.pl/domains/v2/domains.csv",
    abuse_class: None,
    every: "5m",
    licence: "free of charge, the source is to be named",
    ..DATABASE
};

const PHISHTANK: Entry = Entry {
    id: "phishtank",
    publisher: "PhishTank (Cisco Talos)",
    format: "phishtank-csv",
    url: "https://data.phishtank.com/data/{key}/online-valid.csv.gz",
    abuse_class: None,
    every: "1h",
    licence: "terms of use",
    redistributable: false,
    key: Some(Key {
        secret: "phishtank",
        header: None,
        whence: "https://www.phishtank.com/api_register.php, while registrations are open",
    }),
    ..DATABASE
};

/// What stands for a TLD in an address.
const TLD: &str = "{tld}";

/// All of them, by their names.
pub const CATALOGUE: &[Entry] = &[
    Entry {
        id: "blackbook",
        publisher: "Miroslav Stampar",
        format: "blackbook-csv",
        url: "https://raw.githubusercontent.com/stamparm/blackbook/master/blackbook.csv",
        abuse_class: None,
        every: "1d",
        ..DATABASE
    },
    CERT_PL,
    Entry {
        id: "cert-pl-hosts",
        format: "hosts",
        url: "https://hole.cert.pl/domains/v2/domains_hosts.txt",
        abuse_class: Some(AbuseClass::Phishing),
        ..CERT_PL
    },
    Entry {
        id: "cert-pl-json",
        format: "cert-pl-json",
        url: "https://hole.cert.pl/domains/v2/domains.json",
        ..CERT_PL
    },
    Entry {
        id: "cert-pl-rpz",
        format: "rpz",
        url: "https://hole.cert.pl/domains/v2/domains_rpz.db",
        abuse_class: Some(AbuseClass::Phishing),
        ..CERT_PL
    },
    Entry {
        id: "circl-osint",
        publisher: "CIRCL",
        format: "misp",
        url: "https://www.circl.lu/doc/misp/feed-osint/manifest.json",
        abuse_class: None,
        every: "6h",
        licence: "free of charge; each event names its own terms",
        redistributable: false,
        ..DATABASE
    },
    Entry {
        id: "maltrail",
        publisher: "Miroslav Stampar",
        format: "maltrail",
        url: "https://raw.githubusercontent.com/stamparm/aux/master/maltrail-malware-domains.txt",
        abuse_class: None,
        every: "1d",
        ..DATABASE
    },
    Entry {
        id: "openphish",
        publisher: "OpenPhish",
        format: "openphish-txt",
        url: "https://openphish.com/feed.txt",
        abuse_class: None,
        every: "1h",
        licence: "terms of use; non-commercial use",
        redistributable: false,
        ..DATABASE
    },
    DATABASE,
    Entry {
        id: "phishing-database-links",
        url: "https://raw.githubusercontent.com/Phishing-Database/Phishing.Database/master/phishing-links-ACTIVE.txt",
        ..DATABASE
    },
    PHISHTANK,
    Entry {
        id: "phishtank-json",
        format: "phishtank-json",
        url: "https://data.phishtank.com/data/{key}/online-valid.json.gz",
        ..PHISHTANK
    },
    Entry {
        id: "threatfox",
        format: "threatfox-csv",
        url: "https://threatfox.abuse.ch/export/csv/recent/",
        absence: None,
        every: "30m",
        ..URLHAUS
    },
    Entry {
        id: "threatfox-json",
        format: "threatfox-json",
        url: "https://threatfox.abuse.ch/export/json/recent/",
        absence: None,
        every: "30m",
        ..URLHAUS
    },
    URLHAUS,
    Entry {
        id: "urlhaus-hosts",
        format: "hosts",
        url: "https://urlhaus.abuse.ch/downloads/hostfile/",
        absence: None,
        abuse_class: Some(AbuseClass::Malware),
        ..URLHAUS
    },
    Entry {
        id: "urlhaus-json",
        format: "urlhaus-json",
        url: "https://urlhaus.abuse.ch/downloads/json_recent/",
        absence: None,
        ..URLHAUS
    },
    Entry {
        id: "urlhaus-recent",
        url: "https://urlhaus.abuse.ch/downloads/csv_recent/",
        absence: None,
        ..URLHAUS
    },
    Entry {
        id: "urlhaus-rpz",
        format: "rpz",
        url: "https://urlhaus.abuse.ch/downloads/rpz/",
        absence: None,
        abuse_class: Some(AbuseClass::Malware),
        ..URLHAUS
    },
    Entry { id: "urlhaus-tld", url: "https://urlhaus.abuse.ch/feeds/tld/{tld}/", absence: None, ..URLHAUS },
];

impl Entry {
    /// The entry of that name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<&'static Entry> {
        CATALOGUE.iter().find(|entry| entry.id == id)
    }

    /// What absence means, and how the publisher tells that an entry is gone or was wrong: in words.
    #[must_use]
    pub fn ends(&self) -> (&'static str, &'static str) {
        let format = Format::from_id(self.format);
        let absence = match (self.absence, format.map(|format| format.absence)) {
            (None, Some(Absence::Lease(_))) => "lease of 7d",
            _ => "retract",
        };
        (absence, format.map_or("", |format| format.removals))
    }

    /// The entry with that address.
    #[must_use]
    pub fn from_url(url: &str) -> Option<&'static Entry> {
        CATALOGUE.iter().find(|entry| match entry.url.split_once(TLD) {
            None => entry.url == url,
            Some((ahead, behind)) => url
                .strip_prefix(ahead)
                .and_then(|rest| rest.strip_suffix(behind))
                .is_some_and(|tld| !tld.is_empty()),
        })
    }

    /// Its name and its address in the configuration of these TLDs: one, or one for each.
    #[must_use]
    pub fn placed(&self, tlds: &[&str]) -> Vec<(String, String)> {
        if !self.url.contains(TLD) {
            return vec![(self.id.to_owned(), self.url.to_owned())];
        }
        tlds.iter().map(|tld| (format!("{}-{tld}", self.id), self.url.replace(TLD, tld))).collect()
    }

    /// Its table for a configuration under a name and an address, with its terms as comments.
    #[must_use]
    pub fn table(&self, id: &str, url: &str) -> String {
        let passed_on = if self.redistributable { "may be passed on" } else { "may not be passed on" };
        let mut text = format!(
            "\n# {}: {}; {}, {passed_on}.\n[[feed]]\nid      = \"{}\"\nformat  = \"{}\"\nurl     = \"{}\"\n",
            self.publisher,
            self.licence,
            self.tlp.as_str(),
            id,
            self.format,
            url
        );
        // Writing to a string does not fail.
        if let Some(key) = self.key {
            let _ = writeln!(text, "secret  = \"{}\" # from {}", key.secret, key.whence);
            if let Some(header) = key.header {
                let _ = writeln!(text, "secret_header = \"{header}\"");
            }
        }
        if let Some(class) = self.abuse_class {
            let _ = writeln!(text, "abuse_class = \"{}\"", class.as_str());
        }
        if let Some(absence) = self.absence {
            let _ = writeln!(text, "absence = {absence}");
        }
        let _ = writeln!(text, "trusted = false\nevery   = \"{}\"", self.every);
        text
    }
}
