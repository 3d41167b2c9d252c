//! A score in words: which runs of characters speak most for a generated name, and what is out of the ordinary.

use std::fmt;

use super::features::{FEATURES, Feature};
use super::language::Costs;
use super::model::Model;
use super::spelling::{Spelling, character};

/// One reason, in plain words by `Display`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A run of characters that generated names have more often than registered ones.
    Run {
        /// The run; `^` is the start of the label, `$` its end.
        text: String,
        /// What it adds to the log-odds, in thousandths.
        milli: i32,
    },
    /// A feature that fewer than one in a thousand registered names have.
    Unusual {
        /// Which feature.
        feature: Feature,
        /// Its value.
        value: i16,
        /// In words.
        words: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Run { text, milli } => {
                let place = match (text.strip_prefix('^'), text.strip_suffix('$')) {
                    (Some(start), _) => format!("starts with `{}`", start.trim_end_matches('$')),
                    (_, Some(end)) => format!("ends with `{end}`"),
                    _ => format!("has `{text}`"),
                };
                write!(f, "{place}, more usual in generated names (+{}.{:02})", milli / 1000, milli % 1000 / 10)
            }
            Reason::Unusual { words, .. } => f.write_str(words),
        }
    }
}

/// Runs that are named.
const RUNS: usize = 3;

impl Model {
    /// Why a label looks generated: at most three runs of characters, then what is unusual. Empty for a label that is
    /// passed over.
    #[must_use]
    pub fn reasons(&self, label: &str) -> Vec<Reason> {
        if self.score(label).passed_over().is_some() {
            return Vec::new();
        }
        let spelling = Spelling::new(label);
        let mut runs: Vec<_> = self.grams.parts(&spelling).filter(|(_, milli)| *milli > 0).collect();
        runs.sort_by_key(|(run, milli)| (std::cmp::Reverse(*milli), *run));
        runs.dedup();
        let run = |(run, milli): ([u8; 3], i32)| Reason::Run { text: run.map(character).iter().collect(), milli };
        let values = self.features(label);
        let costs = self.costs(&spelling);
        let unusual =
            Feature::ALL.into_iter().zip(values).zip(&self.limits).filter_map(|((feature, value), limits)| {
                let [low, high] = *limits;
                let words = words(feature, value, value < low, value > high, &values, &costs)?;
                Some(Reason::Unusual { feature, value, words })
            });
        runs.into_iter().take(RUNS).map(run).chain(unusual).collect()
    }
}

/// What is said of a feature that is below or above what is usual; nothing for what says no more than another one.
fn words(
    feature: Feature,
    value: i16,
    below: bool,
    above: bool,
    values: &[i16; FEATURES],
    costs: &Costs,
) -> Option<String> {
    let of = |feature: Feature| values[feature as usize];
    let (length, letters) = (of(Feature::Length), of(Feature::Letters));
    let count = |share: i16, whole: i16| (i32::from(share) * i32::from(whole) + 500) / 1000;
    let words = match feature {
        Feature::Length if above => format!("{value} characters"),
        Feature::RareCount if above => format!("{value} of {} transitions are rare", length + 1),
        Feature::Vowels if below && value == 0 => format!("no vowel in {letters} letters"),
        Feature::Vowels if below => format!("{} vowels in {letters} letters", count(value, letters)),
        Feature::Vowels if above => format!("{} of {letters} letters are vowels", count(value, letters)),
        Feature::ConsonantRun if above => format!("{value} consonants in a row"),
        Feature::VowelRun if above => format!("{value} vowels in a row"),
        Feature::DigitRun if above => format!("{value} digits in a row"),
        Feature::Switches if above => format!("letters and digits change {value} times"),
        Feature::Digits if above => format!("{} digits in {length} characters", count(value, length)),
        Feature::RareLetters if above => {
            format!("{} of {letters} letters are of j k q v w x y z", count(value, letters))
        }
        Feature::BestFive if above => "no five characters in a row are usual".to_owned(),
        Feature::BestEight if above => "no eight characters in a row are usual".to_owned(),
        Feature::WorstFive if above => {
            let four = costs.four.get(..=length.max(0) as usize).unwrap_or_default();
            let window = four.windows(5.min(four.len().max(1))).enumerate();
            let (at, _) = window.max_by_key(|(at, costs)| {
                (costs.iter().map(|cost| u32::from(*cost)).sum::<u32>(), std::cmp::Reverse(*at))
            })?;
            format!("characters {} to {} are most unusual together", at + 1, (at + 5).min(length.max(1) as usize))
        }
        Feature::Cost3 if above => "each character surprises, given the two before it".to_owned(),
        Feature::Cost4 if above => "each character surprises, given the three before it".to_owned(),
        Feature::Cost1 if above => "its letters are rare ones".to_owned(),
        Feature::CostClass if above => "vowels, consonants and digits follow each other as in no word".to_owned(),
        Feature::Distinct if above && length > 9 => format!("all of its {length} characters differ"),
        Feature::Distinct if below => {
            format!("only {} different characters in {length}", count(value, length))
        }
        Feature::Hex if above && length > 9 => "all characters are hexadecimal digits".to_owned(),
        Feature::Alternation if above && length > 9 => "vowels and consonants take turns throughout".to_owned(),
        _ => return None,
    };
    Some(words)
}
