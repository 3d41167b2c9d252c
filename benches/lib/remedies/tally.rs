//! Counting what the model says of labelled names: how often, how often wrongly, and by which signals.

use panopticon_model::judgement::{RemedyKind, SIGNALS, Signal};

use super::labelled::{Judged, Truth};

/// Remedies in the order of tables.
pub const KINDS: [RemedyKind; 4] =
    [RemedyKind::Malicious, RemedyKind::Compromised, RemedyKind::Platform, RemedyKind::Unclear];

/// How often names of a label are held for each of [`KINDS`].
#[must_use]
pub fn confusion(judged: &[Judged], truth: Truth) -> [usize; 4] {
    KINDS.map(|kind| judged.iter().filter(|one| one.truth == truth && one.kind == kind).count())
}

/// How often each signal fires on names of a label, in the order of [`SIGNALS`].
#[must_use]
pub fn fired(judged: &[Judged], truth: Truth) -> [usize; SIGNALS.len()] {
    let of = |signal| judged.iter().filter(|one| one.truth == truth && one.signals.contains(&signal)).count();
    SIGNALS.map(|(signal, _, _)| of(signal))
}

/// Guarded names that are called malicious: none, or the model is broken.
#[must_use]
pub fn guarded_and_malicious(judged: &[Judged]) -> usize {
    judged.iter().filter(|one| one.is_guarded && one.kind == RemedyKind::Malicious).count()
}

/// A choice of signals: all but those of some kinds.
#[derive(Clone, Copy, Debug)]
pub struct SignalSet {
    /// Its name in tables.
    pub name: &'static str,
    /// What is switched off.
    without: &'static [Signal],
}

const AGE: [Signal; 6] = [
    Signal::AgeUnderWeek,
    Signal::AgeUnderMonth,
    Signal::AgeUnderQuarter,
    Signal::AgeUnderYear,
    Signal::AgeOverThreeYears,
    Signal::AgeOverSixYears,
];
const FORM: [Signal; 5] =
    [Signal::RootListed, Signal::CmsPath, Signal::UserPath, Signal::DeepPath, Signal::SubordinateHost];
const FORM_AND_RANK: [Signal; 6] = [
    Signal::RootListed,
    Signal::CmsPath,
    Signal::UserPath,
    Signal::DeepPath,
    Signal::SubordinateHost,
    Signal::Ranked,
];

/// The choices that are compared. The form of an entry is whether it is a name or a URL, of which path, of which host.
pub const SETS: [SignalSet; 6] = [
    SignalSet { name: "all", without: &[] },
    SignalSet { name: "no age", without: &AGE },
    SignalSet { name: "no rank", without: &[Signal::Ranked] },
    SignalSet { name: "no cms", without: &[Signal::CmsPath] },
    SignalSet { name: "no form", without: &FORM },
    SignalSet { name: "no form, rank", without: &FORM_AND_RANK },
];

impl SignalSet {
    /// The sum of the weights of the signals that a name shows and that are not switched off.
    #[must_use]
    pub fn score(&self, judged: &Judged) -> i32 {
        let counts = |signal: &&Signal| !self.without.contains(signal);
        judged.signals.iter().filter(counts).map(|signal| signal.weight()).sum()
    }
}

/// Thresholds of the curve.
pub const THRESHOLDS: [i32; 10] = [5, 10, 15, 20, 25, 30, 35, 40, 50, 60];

/// What comes of deciding at sums as far from zero as a threshold, in names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// The threshold.
    pub threshold: i32,
    /// Names that were registered for abuse.
    pub dedicated: usize,
    /// ... held for that.
    pub dedicated_right: usize,
    /// ... held for broken into.
    pub dedicated_wrong: usize,
    /// Names that were broken into.
    pub others: usize,
    /// ... held for that.
    pub others_right: usize,
    /// ... held for registered for abuse.
    pub others_wrong: usize,
}

impl Point {
    /// The share of all names about which something is decided.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        share(self.decided(), self.dedicated + self.others)
    }

    /// The share of wrong decisions among all.
    #[must_use]
    pub fn risk(&self) -> f64 {
        share(self.dedicated_wrong + self.others_wrong, self.decided())
    }

    fn decided(&self) -> usize {
        self.dedicated_right + self.dedicated_wrong + self.others_right + self.others_wrong
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Coverage and risk at each of [`THRESHOLDS`] (El-Yaniv and Wiener, JMLR 11, 2010). Customers of platforms are left out:
/// the suffix list decides on them, not the sum. A guarded name is never decided to be malicious.
#[must_use]
pub fn curve(judged: &[Judged], set: &SignalSet) -> [Point; 10] {
    THRESHOLDS.map(|threshold| {
        let mut point = Point { threshold, ..Point::default() };
        for one in judged.iter().filter(|one| one.truth != Truth::Customer) {
            let score = set.score(one);
            let is_malicious = score >= threshold && !one.is_guarded;
            let is_compromised = score <= -threshold;
            if one.truth == Truth::Dedicated {
                point.dedicated += 1;
                point.dedicated_right += usize::from(is_malicious);
                point.dedicated_wrong += usize::from(is_compromised);
            } else {
                point.others += 1;
                point.others_right += usize::from(is_compromised);
                point.others_wrong += usize::from(is_malicious);
            }
        }
        point
    })
}
