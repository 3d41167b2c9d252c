//! How far something may go: the labels of the Traffic Light Protocol.

use serde::{Deserialize, Serialize};

/// A label (FIRST, Traffic Light Protocol 2.0), from what anybody may see to what nobody may pass on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tlp {
    /// To anybody.
    #[default]
    #[serde(rename = "clear")]
    Clear,
    /// To the community.
    #[serde(rename = "green")]
    Green,
    /// To those who need to know it, and their clients.
    #[serde(rename = "amber")]
    Amber,
    /// To those who need to know it, in the organisation.
    #[serde(rename = "amber+strict")]
    AmberStrict,
    /// To nobody else.
    #[serde(rename = "red")]
    Red,
}

impl Tlp {
    /// All labels, the freest first.
    pub const ALL: [Tlp; 5] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];

    /// The label as it is marked.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Tlp::Clear => "TLP:CLEAR",
            Tlp::Green => "TLP:GREEN",
            Tlp::Amber => "TLP:AMBER",
            Tlp::AmberStrict => "TLP:AMBER+STRICT",
            Tlp::Red => "TLP:RED",
        }
    }

    /// The word for it in configurations and arguments.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Tlp::Clear => "clear",
            Tlp::Green => "green",
            Tlp::Amber => "amber",
            Tlp::AmberStrict => "amber+strict",
            Tlp::Red => "red",
        }
    }

    /// The label of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Tlp> {
        Tlp::ALL.into_iter().find(|tlp| tlp.word() == word)
    }
}
