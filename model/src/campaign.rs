//! Campaigns: names of a TLD that came on one day and share what is rare among the names that were there (STIX calls a
//! set of such things a campaign).

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::time::Day;

/// What the names of a campaign share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SharedTrait {
    /// A text that stands in all of their labels.
    Substring(CompactString),
    /// The classes of their characters: `a` for letters, `9` for digits.
    Shape(CompactString),
}

impl SharedTrait {
    /// The kind in published columns.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            SharedTrait::Substring(_) => "substring",
            SharedTrait::Shape(_) => "shape",
        }
    }

    /// The text or the shape itself.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            SharedTrait::Substring(text) | SharedTrait::Shape(text) => text,
        }
    }
}

impl fmt::Display for SharedTrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SharedTrait::Substring(text) => write!(f, "`{text}`"),
            SharedTrait::Shape(shape) => write!(f, "the shape `{shape}`"),
        }
    }
}

/// The key of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CampaignKey {
    /// The TLD.
    pub tld: CompactString,
    /// The day on which its names entered the zone.
    pub day: Day,
    /// What they share.
    pub shared: SharedTrait,
}

/// A campaign, as of the close of its day.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Campaign {
    /// Its registered domains, sorted.
    pub names: Vec<CompactString>,
    /// How many other names of the TLD have the same trait.
    pub others: u64,
}
