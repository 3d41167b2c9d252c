//! Look-alikes and names made by machines: what is looked for, what is known of a zone as a whole, and the rows of the
//! views `typosquats`, `algorithmic_names` and `high_risk_names`.
//!
//! How likeness is found and judged is for the engine; here are the words for it.

use std::fmt;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

use crate::name::{HostName, NameError, SuffixList};
use crate::time::Epoch;

/// A way to make a look-alike, spelled as dnstwist 20250130 spells its fuzzers; the last two are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Technique {
    /// A letter or digit at the end, or at the end of a part before a hyphen.
    Addition,
    /// One bit of one character is flipped.
    Bitsquatting,
    /// The whole name is written in Cyrillic.
    Cyrillic,
    /// Looks the same: up to two groups of ASCII characters, any number of others.
    Homoglyph,
    /// A hyphen inside.
    Hyphenation,
    /// A key that lies beside one of the name's, before or after it.
    Insertion,
    /// A character is missing.
    Omission,
    /// An `s` or `es` inside.
    Plural,
    /// A character is doubled.
    Repetition,
    /// A key that lies beside the right one.
    Replacement,
    /// The last part of the name, as if a dot stood before it.
    Subdomain,
    /// The same label under another TLD.
    TldSwap,
    /// Two neighbours are exchanged.
    Transposition,
    /// The name and its TLD in one label, or `www` before it.
    Various,
    /// Another vowel.
    VowelSwap,
    /// The name with other words around it.
    Combosquatting,
    /// Two slips in a long name.
    DistanceTwo,
}

impl Technique {
    /// The name in published columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Technique::Addition => "addition",
            Technique::Bitsquatting => "bitsquatting",
            Technique::Cyrillic => "cyrillic",
            Technique::Homoglyph => "homoglyph",
            Technique::Hyphenation => "hyphenation",
            Technique::Insertion => "insertion",
            Technique::Omission => "omission",
            Technique::Plural => "plural",
            Technique::Repetition => "repetition",
            Technique::Replacement => "replacement",
            Technique::Subdomain => "subdomain",
            Technique::TldSwap => "tld-swap",
            Technique::Transposition => "transposition",
            Technique::Various => "various",
            Technique::VowelSwap => "vowel-swap",
            Technique::Combosquatting => "combosquatting",
            Technique::DistanceTwo => "distance-two",
        }
    }
}

impl fmt::Display for Technique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How urgent a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Below 30 points, or a hyphen only.
    Info,
    /// 30 to 59 points: for a person to look at.
    Review,
    /// 60 points and more.
    High,
}

impl Tier {
    /// The tier in published columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Info => "info",
            Tier::Review => "review",
            Tier::High => "high",
        }
    }
}

/// Why a pair is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suppression {
    /// An operator looked at it and said that it is none.
    Dismissed,
    /// The name is itself protected.
    Protected,
    /// The name is a popular one.
    Popular,
    /// The label is a word or family name of the languages of the TLD.
    Word,
    /// The holder of the protected name holds it.
    Defensive,
    /// It was registered before the protected name was there.
    Older,
    /// The protected name has fewer than 5 characters, and this is a slip.
    ShortName,
    /// Only the first character differs.
    FirstCharacter,
    /// Only a digit at the end differs.
    TrailingDigit,
    /// The protected name has many neighbours in the zone, and nothing but letters speaks for this one.
    Crowded,
}

impl Suppression {
    /// The reason in published columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Suppression::Dismissed => "dismissed",
            Suppression::Protected => "protected",
            Suppression::Popular => "popular",
            Suppression::Word => "word",
            Suppression::Defensive => "defensive",
            Suppression::Older => "older",
            Suppression::ShortName => "short-name",
            Suppression::FirstCharacter => "first-character",
            Suppression::TrailingDigit => "trailing-digit",
            Suppression::Crowded => "crowded",
        }
    }
}

/// The key of a name that is looked for: one list names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetKey {
    /// The name in full, or a label alone.
    pub name: CompactString,
    /// The list.
    pub list: CompactString,
}

/// A name that is not to be imitated, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// Its label before the public suffix, lower-case, as A-label.
    pub label: CompactString,
    /// The public suffix under which it stands, without a leading dot; empty of a label alone.
    pub suffix: CompactString,
    /// Its trade, as keyword lists name it.
    pub sector: Option<CompactString>,
    /// It is also a common word, so that likeness says little.
    pub common_word: bool,
}

impl Target {
    /// Reads a line of a list of protected names: `name[,sector[,word]]`, where `word` says that it is a common word as
    /// well. A name may be only its label. Gives the name in full; `None` for a line of blanks, or of a comment behind `#`.
    ///
    /// # Errors
    /// [`NameError`] when the name is none.
    pub fn parse(line: &str, suffixes: &SuffixList) -> Result<Option<(HostName, Target)>, NameError> {
        let text = line.trim_start_matches('\u{feff}').split('#').next().unwrap_or_default();
        let mut fields = text.split(',').map(str::trim);
        let Some(name) = fields.next().filter(|name| !name.is_empty()) else { return Ok(None) };
        let host = HostName::parse(name)?;
        let suffix = suffixes.public_suffix(&host);
        let (label, suffix) = match host.as_str().strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.')) {
            Some(rest) => (rest.rsplit('.').next().unwrap_or(rest), suffix),
            None => (host.as_str(), ""),
        };
        let sector = fields.next().filter(|sector| !sector.is_empty()).map(CompactString::from);
        let common_word = fields.next() == Some("word");
        let target = Target { label: label.into(), suffix: suffix.into(), sector, common_word };
        Ok(Some((host, target)))
    }
}

/// A label and the suffix that it stands under, as people write them.
#[must_use]
pub fn full_name(label: &str, suffix: &str) -> CompactString {
    if suffix.is_empty() { label.into() } else { format_compact!("{label}.{suffix}") }
}

/// What is counted of the look-alikes of a zone at the close of a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SurveyKey {
    /// Of a protected name, by the TLD under which it is imitated and its name.
    Target(CompactString, CompactString),
    /// Of a set of name servers, by the TLD and the number by which delegations refer to it.
    Servers(CompactString, u64),
}

/// What the count says; a row that says nothing is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Surveyed {
    /// The protected name has so many neighbours that one of them says little.
    pub crowded: bool,
    /// The name servers on which the protected name itself stands, if they are its holder's own.
    pub holder: Option<u64>,
    /// A large part of the names on the name servers are look-alikes.
    pub squatting: bool,
    /// The name servers hold look-alikes of three protected names or more.
    pub many_targets: bool,
}

/// From which score on a name under a TLD counts as made by a machine, as of the close of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CutOff {
    /// The lowest score that counts.
    pub score: i32,
    /// How many of the TLD's own names it was taken from.
    pub names: u64,
    /// How many of a million ordinary names it lets through.
    pub per_million: u32,
}

/// A row of `typosquats`: a registered domain that imitates a protected name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Typosquat {
    /// The registered domain.
    pub name: CompactString,
    /// The protected name.
    pub target: CompactString,
    /// How, and what was done, in words; each technique once.
    pub findings: Vec<(Technique, CompactString)>,
    /// What the score is made of, with points.
    pub terms: Vec<(CompactString, i32)>,
    /// How much that says, 0 to 100.
    pub score: i32,
    /// What it comes to, held back or not.
    pub tier: Tier,
    /// Why it is held back; none if it counts.
    pub suppressed_by: Option<Suppression>,
    /// When it entered the zone; none if it was there when we looked first.
    pub entered_at: Option<Epoch>,
}

/// A row of `algorithmic_names`: a registered domain that looks as if a machine had made it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AlgorithmicName {
    /// The registered domain.
    pub name: CompactString,
    /// Its score.
    pub score: i32,
    /// From which score on it counts.
    pub cut_off: i32,
    /// What speaks for it.
    pub reasons: Vec<CompactString>,
    /// Why it is held back; none if it counts.
    pub suppressed_by: Option<Suppression>,
    /// When it entered the zone; none if it was there when we looked first.
    pub entered_at: Option<Epoch>,
}

/// A row of `high_risk_names`: a name that no feed has, and that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HighRiskName {
    /// The registered domain.
    pub name: CompactString,
    /// How urgent it is.
    pub tier: Tier,
    /// The score of the likeness that says most; none if there is none.
    pub score: Option<i32>,
    /// The protected name that it imitates most.
    pub target: Option<CompactString>,
    /// How.
    pub techniques: Vec<Technique>,
    /// The score by which a machine made it; none if it is not held for that.
    pub algorithmic: Option<i32>,
    /// When it entered the zone. None if it was there when we looked first: the baseline.
    pub entered_at: Option<Epoch>,
}

impl HighRiskName {
    /// The row of a name, from the rows of the other two views. None if nothing that counts speaks against it.
    #[must_use]
    pub fn of(typosquats: &[Arc<Typosquat>], algorithmic: Option<&AlgorithmicName>) -> Option<HighRiskName> {
        let counts = |row: &&Arc<Typosquat>| row.suppressed_by.is_none() && row.tier >= Tier::Review;
        let best = typosquats.iter().filter(counts).max_by(|a, b| {
            let by_score = (a.tier, a.score).cmp(&(b.tier, b.score));
            by_score.then_with(|| b.target.cmp(&a.target))
        });
        let algorithmic = algorithmic.filter(|row| row.suppressed_by.is_none());
        let (name, entered_at) = match (best, algorithmic) {
            (Some(row), _) => (&row.name, row.entered_at),
            (None, Some(row)) => (&row.name, row.entered_at),
            (None, None) => return None,
        };
        Some(HighRiskName {
            name: name.clone(),
            tier: best.map_or(Tier::Review, |row| row.tier),
            score: best.map(|row| row.score),
            target: best.map(|row| row.target.clone()),
            techniques: best.map(|row| row.findings.iter().map(|(how, _)| *how).collect()).unwrap_or_default(),
            algorithmic: algorithmic.map(|row| row.score),
            entered_at,
        })
    }
}
