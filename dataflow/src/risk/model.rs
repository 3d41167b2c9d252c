//! The model as a value, and what it says of a label.

use super::features::{FEATURES, features};
use super::forest::{Forest, Tree};
use super::grams::{GRAMS, Grams};
use super::histogram::Histogram;
use super::language::{Costs, Language, SIZES};
use super::pattern::Pattern;
use super::spelling::{LONGEST, Spelling};

/// What a model is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// First stage, by run of three symbols: thousandths of log-odds.
    pub grams: Vec<i16>,
    /// First stage, by length 0 to 63.
    pub lengths: Vec<i16>,
    /// What surprises.
    pub language: Language,
    /// Labels above this log-odds of the first stage get to the second one.
    pub loose: i32,
    /// Second stage; none for a model of one stage.
    pub trees: Vec<Tree>,
    /// What is added to the trees.
    pub bias: i32,
    /// By feature: what one in a thousand registered names is below, and above.
    pub limits: Vec<[i16; 2]>,
    /// Scores of registered names of many TLDs.
    pub background: Histogram,
}

/// Why a model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Another kind of file.
    #[error("this is no model of generated names")]
    Magic,
    /// A version that this program does not know.
    #[error("version {0} of a model of generated names is not known")]
    Version(u16),
    /// It ends before its end, or goes on behind it.
    #[error("a model of generated names has {found} octets and not {expected}")]
    Length {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The digest in the header is another one.
    #[error("a model of generated names is damaged: its SHA-256 is another one")]
    Digest,
    /// A part has the wrong size, or leads astray.
    #[error("the {0} of a model of generated names cannot be used")]
    Part(&'static str),
}

/// What is said of a label: log-odds that it is generated, at as many generated names as registered ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    milli: i32,
    passed_over: Option<Pattern>,
}

impl Score {
    /// Log-odds in thousandths: 0 is even, 6,907 is a thousand to one. The lowest there is for what is passed over.
    #[must_use]
    pub fn milli(self) -> i32 {
        self.milli
    }

    /// Why the label got no score.
    #[must_use]
    pub fn passed_over(self) -> Option<Pattern> {
        self.passed_over
    }

    /// The same as probability in thousandths.
    #[must_use]
    pub fn permille(self) -> u16 {
        // 1000 / (1 + e^-x) for x = 0, 0.5, 1 ... 8; straight lines between.
        const CURVE: [i32; 17] =
            [500, 622, 731, 818, 881, 924, 953, 971, 982, 989, 993, 996, 998, 998, 999, 999, 1000];
        let size = self.milli.unsigned_abs().min(7_999) as i32;
        let at = |index: i32| CURVE.get(index as usize).copied().unwrap_or(1000);
        let (low, high) = (at(size / 500), at(size / 500 + 1));
        let above = low + (high - low) * (size % 500) / 500;
        (if self.milli < 0 { 1000 - above } else { above }) as u16
    }

    fn new(milli: i32) -> Score {
        Score { milli, passed_over: None }
    }
}

/// Tells labels that a program may have made from those that people registered.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) grams: Grams,
    language: Language,
    loose: i32,
    forest: Forest,
    pub(super) limits: Vec<[i16; 2]>,
    background: Histogram,
}

impl Model {
    /// Puts a model together.
    ///
    /// # Errors
    /// [`ModelError::Part`] for a table of another size, or a tree that leads astray.
    pub fn new(parts: Parts) -> Result<Model, ModelError> {
        let check = |sound: bool, part: &'static str| if sound { Ok(()) } else { Err(ModelError::Part(part)) };
        check(parts.grams.len() == GRAMS, "table of runs")?;
        check(parts.lengths.len() == LONGEST + 1, "table of lengths")?;
        let tables = parts.language.tables.iter().zip(SIZES).all(|(table, size)| table.len() == size);
        check(tables, "table of costs")?;
        check(parts.limits.len() == FEATURES, "table of limits")?;
        check(parts.trees.iter().all(Tree::is_sound), "trees")?;
        // Places in the forest have 16 bits.
        let steps: usize = parts.trees.iter().map(|tree| tree.nodes.len() + tree.leaves.len()).sum();
        check(steps <= usize::from(u16::MAX), "trees")?;
        Ok(Model {
            grams: Grams { weights: parts.grams, lengths: parts.lengths },
            language: parts.language,
            loose: parts.loose,
            forest: Forest::new(parts.trees, parts.bias),
            limits: parts.limits,
            background: parts.background,
        })
    }

    /// What it is made of.
    #[must_use]
    pub fn parts(&self) -> Parts {
        Parts {
            grams: self.grams.weights.clone(),
            lengths: self.grams.lengths.clone(),
            language: self.language.clone(),
            loose: self.loose,
            trees: self.forest.trees().to_vec(),
            bias: self.forest.bias(),
            limits: self.limits.clone(),
            background: self.background.clone(),
        }
    }

    /// How much a label looks generated. Any text will do; what is no label is judged by its first 63 octets.
    #[must_use]
    pub fn score(&self, label: &str) -> Score {
        if let Some(pattern) = Pattern::of(label) {
            return Score { milli: i32::MIN, passed_over: Some(pattern) };
        }
        let spelling = Spelling::new(label);
        let linear = self.grams.score(&spelling);
        if linear < self.loose || self.forest.trees().is_empty() {
            return Score::new(linear);
        }
        self.second(&spelling, linear)
    }

    #[inline(never)]
    fn second(&self, spelling: &Spelling, linear: i32) -> Score {
        let features = features(spelling, &self.language.costs(spelling), linear);
        Score::new(self.forest.score(&features))
    }

    pub(super) fn costs(&self, spelling: &Spelling) -> Costs {
        self.language.costs(spelling)
    }

    /// The features of a label, in the order of [`super::Feature::ALL`].
    #[must_use]
    pub fn features(&self, label: &str) -> [i16; FEATURES] {
        let spelling = Spelling::new(label);
        features(&spelling, &self.language.costs(&spelling), self.grams.score(&spelling))
    }

    /// What the first stage alone says, in thousandths.
    #[must_use]
    pub fn linear(&self, label: &str) -> i32 {
        self.grams.score(&Spelling::new(label))
    }

    /// What the second stage alone says, in thousandths.
    #[must_use]
    pub fn of_features(&self, features: &[i16; FEATURES]) -> i32 {
        self.forest.score(features)
    }

    /// Scores of registered names of many TLDs, for zones that are too small for a quantile of their own.
    #[must_use]
    pub fn background(&self) -> &Histogram {
        &self.background
    }
}
