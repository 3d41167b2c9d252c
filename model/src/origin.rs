//! Origin: whether a feed says for what the names that it lists were registered.

use serde::{Deserialize, Serialize};

/// For what a name was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// For abuse.
    Dedicated,
    /// For something else; it was broken into.
    Compromised,
}

impl Origin {
    /// The word in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Dedicated => "dedicated",
            Origin::Compromised => "compromised",
        }
    }
}

/// Words in labels that say so. `compromised` and `dedicated` are those by which ThreatFox explains its
/// `is_compromised`; `hacked` and `defaced` stand among the free tags of URLhaus and in lists that people keep; `dga`
/// is the tag of names that malware makes up.
const WORDS: [(&str, Origin); 8] = [
    ("compromised", Origin::Compromised),
    ("compromised-site", Origin::Compromised),
    ("compromised-website", Origin::Compromised),
    ("hacked", Origin::Compromised),
    ("hacked-site", Origin::Compromised),
    ("defaced", Origin::Compromised),
    ("dedicated", Origin::Dedicated),
    ("dga", Origin::Dedicated),
];

/// What the labels of an indicator say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Labelled {
    /// One says that the name was registered for abuse.
    pub dedicated: bool,
    /// One says that it was broken into.
    pub compromised: bool,
}

impl Labelled {
    /// What labels say. Words are parted by blanks, commas, semicolons or bars; their case does not matter.
    pub fn of<'a>(labels: impl Iterator<Item = &'a str>) -> Labelled {
        let mut said = Labelled::default();
        for word in labels.flat_map(|label| label.split([' ', ',', ';', '|'])) {
            match WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
                Some((_, Origin::Dedicated)) => said.dedicated = true,
                Some((_, Origin::Compromised)) => said.compromised = true,
                None => {}
            }
        }
        said
    }
}
