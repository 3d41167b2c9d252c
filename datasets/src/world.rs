//! The sample world: five days of two made-up TLDs, for the demo and for tests. See `world/README.md`.

/// One day of the sample world.
#[derive(Clone, Copy, Debug)]
pub struct WorldDay {
    /// The day.
    pub date: &'static str,
    /// What happens, for people.
    pub story: &'static str,
    /// Files that feeds serve: name and content.
    pub feeds: [(&'static str, &'static str); 3],
    /// The zone of `.xx`.
    pub zone: &'static str,
    /// What pages answer: URL, vantage or `*`, status, title, separated by tabs. Others answer 404.
    pub web: &'static str,
}

macro_rules! day {
    ($folder:literal, $date:literal, $story:literal) => {
        WorldDay {
            date: $date,
            story: $story,
            feeds: [
                ("urlhaus.csv", include_str!(concat!("../world/", $folder, "/urlhaus.csv"))),
                ("openphish.txt", include_str!(concat!("../world/", $folder, "/openphish.txt"))),
                ("desk.txt", include_str!(concat!("../world/", $folder, "/desk.txt"))),
            ],
            zone: include_str!(concat!("../world/", $folder, "/xx.zone")),
            web: include_str!(concat!("../world/", $folder, "/web.tsv")),
        }
    };
}

/// The days, in order.
pub const DAYS: [WorldDay; 5] = [
    day!("day1", "2025-03-01", "three feeds are read for the first time; one line is broken"),
    day!(
        "day2",
        "2025-03-02",
        "a malware host is stated offline; the broken line is mended; new names, one of them dead"
    ),
    day!(
        "day3",
        "2025-03-03",
        "the malware host is back; a page leaves OpenPhish's window; the zone drops a name; a page is gone for the second time"
    ),
    day!(
        "day4",
        "2025-03-04",
        "the dropped name is still gone; an operator marks media.co.zz a false positive; a name that no feed has imitates somebody"
    ),
    day!(
        "day5",
        "2025-03-05",
        "a hacked shop and a parked name are listed; the lease of a page has run out, and nobody can tell if it is gone"
    ),
];

/// The suffix list of the sample world.
pub const SUFFIXES: &str = include_str!("../world/suffixes.dat");

/// The ranking of the sample world.
pub const RANKS: &str = include_str!("../world/ranks.csv");

/// The zone of `.zz`, which the registry of the sample world does not hand over.
pub const ZZ_ZONE: &str = include_str!("../world/zz.zone");

/// Names that the filtering resolver of the sample world refuses, one a line.
pub const BLOCKED: &str = include_str!("../world/blocked.txt");

/// What Web Risk knows in the sample world: host and type of threat, separated by a tab.
pub const WEB_RISK: &str = include_str!("../world/web_risk.tsv");

/// What RDAP says in the sample world: domain, registration, registrar, its number, statuses, separated by tabs.
pub const RDAP: &str = include_str!("../world/rdap.tsv");

/// The key that signs what is published of the sample world. Everybody has it: it is worth nothing.
pub const SIGNING_KEY: &str = include_str!("../world/signing.key");

/// What verifies the signatures of [`SIGNING_KEY`].
pub const SIGNING_PUB: &str = include_str!("../world/signing.pub");

/// The certificate and the key of the pages that answer over HTTPS. Signed by themselves, for nobody: the key is worth
/// nothing.
pub const TLS: &str = include_str!("../world/tls.pem");
