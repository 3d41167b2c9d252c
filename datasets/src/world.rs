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
        }
    };
}

/// The days, in order.
pub const DAYS: [WorldDay; 5] = [
    day!("day1", "2025-03-01", "three feeds are read for the first time; one line is broken"),
    day!("day2", "2025-03-02", "a malware host is stated offline; the broken line is mended; a new name"),
    day!(
        "day3",
        "2025-03-03",
        "the malware host is back; a page leaves OpenPhish's window; the zone drops a name"
    ),
    day!("day4", "2025-03-04", "an operator marks media.co.zz a false positive"),
    day!("day5", "2025-03-05", "the lease of the page that left the window has run out"),
];

/// The suffix list of the sample world.
pub const SUFFIXES: &str = include_str!("../world/suffixes.dat");

/// The ranking of the sample world.
pub const RANKS: &str = include_str!("../world/ranks.csv");
