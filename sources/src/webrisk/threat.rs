//! Types of threat: the lists that Web Risk keeps.

use std::fmt;
use std::str::FromStr;

use compact_str::CompactString;

/// A type of threat; each has a list of its own (`ThreatType` of the Web Risk API).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThreatType {
    /// Malware, for any platform.
    Malware,
    /// Social engineering: phishing and the like.
    SocialEngineering,
    /// Unwanted software.
    UnwantedSoftware,
    /// Social engineering again, with more entries and more of them wrong.
    SocialEngineeringExtendedCoverage,
}

impl ThreatType {
    /// All types, in the order in which they sort.
    pub const ALL: [ThreatType; 4] = [
        ThreatType::Malware,
        ThreatType::SocialEngineering,
        ThreatType::UnwantedSoftware,
        ThreatType::SocialEngineeringExtendedCoverage,
    ];

    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ThreatType::Malware => "MALWARE",
            ThreatType::SocialEngineering => "SOCIAL_ENGINEERING",
            ThreatType::UnwantedSoftware => "UNWANTED_SOFTWARE",
            ThreatType::SocialEngineeringExtendedCoverage => "SOCIAL_ENGINEERING_EXTENDED_COVERAGE",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for ThreatType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no type of threat. Write one of [`ThreatType::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a threat type: write MALWARE, SOCIAL_ENGINEERING, UNWANTED_SOFTWARE or SOCIAL_ENGINEERING_EXTENDED_COVERAGE"
)]
pub struct ThreatTypeError;

impl FromStr for ThreatType {
    type Err = ThreatTypeError;

    fn from_str(text: &str) -> Result<ThreatType, ThreatTypeError> {
        ThreatType::ALL.into_iter().find(|known| known.as_str() == text).ok_or(ThreatTypeError)
    }
}

/// A set of types of threat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ThreatTypes(u8);

impl ThreatTypes {
    /// Whether no type is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The types that are in this set, in the other, or in both.
    #[must_use]
    pub fn union(self, other: ThreatTypes) -> ThreatTypes {
        ThreatTypes(self.0 | other.0)
    }

    /// Its types, in the order in which they sort.
    pub fn iter(self) -> impl Iterator<Item = ThreatType> {
        ThreatType::ALL.into_iter().filter(move |known| self.0 & known.bit() != 0)
    }

    /// Its types in the words of the API, as observations hold them.
    #[must_use]
    pub fn words(self) -> Vec<CompactString> {
        self.iter().map(|threat_type| CompactString::const_new(threat_type.as_str())).collect()
    }
}

impl FromIterator<ThreatType> for ThreatTypes {
    fn from_iter<I: IntoIterator<Item = ThreatType>>(types: I) -> ThreatTypes {
        ThreatTypes(types.into_iter().fold(0, |bits, threat_type| bits | threat_type.bit()))
    }
}
