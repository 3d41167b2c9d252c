//! Counting what the model says of labelled names: how often, how often wrongly, and by which signals.

use panopticon_model::judgement::{ABSTAIN, RemedyKind, SIGNALS, Signal};

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

    /// What the sum decides: malicious from the first of `bounds` on, compromised up to the second. A guarded name is
    /// never decided to be malicious.
    fn decide(&self, judged: &Judged, bounds: (i32, i32)) -> RemedyKind {
        match self.score(judged) {
            score if score >= bounds.0 && !judged.is_guarded => RemedyKind::Malicious,
            score if score <= bounds.1 => RemedyKind::Compromised,
            _ => RemedyKind::Unclear,
        }
    }

    /// What the sum decides on the names of a label at the thresholds of the model.
    #[must_use]
    pub fn decided(&self, judged: &[Judged], truth: Truth) -> Decided {
        self.decided_at(judged, truth, ABSTAIN)
    }

    fn decided_at(&self, judged: &[Judged], truth: Truth, bounds: (i32, i32)) -> Decided {
        let mut decided = Decided::default();
        for one in judged.iter().filter(|one| one.truth == truth) {
            let kind = self.decide(one, bounds);
            decided.names += 1;
            decided.malicious += usize::from(kind == RemedyKind::Malicious);
            decided.compromised += usize::from(kind == RemedyKind::Compromised);
        }
        decided
    }
}

/// What is decided on the names of a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// How many there are.
    pub names: usize,
    /// How many are held for registered for abuse.
    pub malicious: usize,
    /// How many for broken into.
    pub compromised: usize,
}

/// Thresholds of the curve.
pub const THRESHOLDS: [i32; 10] = [5, 10, 15, 20, 25, 30, 35, 40, 50, 60];

/// What comes of deciding at sums as far from zero as a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The threshold.
    pub threshold: i32,
    /// What is decided on the names of each label, in the order of [`Truth::ALL`].
    pub by_label: [Decided; Truth::ALL.len()],
}

impl Point {
    /// The share of names on which something is decided; none if there are no names.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        let (names, decided, _) = self.sums();
        share(decided, names)
    }

    /// The share of wrong decisions among all; none if nothing is decided.
    #[must_use]
    pub fn risk(&self) -> Option<f64> {
        let (_, decided, wrong) = self.sums();
        share(wrong, decided)
    }

    /// Names, those decided, those decided wrongly. Customers of platforms are left out: the suffix list decides on
    /// them, not the sum.
    fn sums(&self) -> (usize, usize, usize) {
        let mut sums = (0, 0, 0);
        for (truth, of) in Truth::ALL.iter().zip(&self.by_label) {
            let Some(expected) = truth.expected() else { continue };
            sums.0 += of.names;
            sums.1 += of.malicious + of.compromised;
            sums.2 += if expected == RemedyKind::Malicious { of.compromised } else { of.malicious };
        }
        sums
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Coverage and risk at each of [`THRESHOLDS`] (El-Yaniv and Wiener, JMLR 11, 2010).
#[must_use]
pub fn curve(judged: &[Judged], set: &SignalSet) -> [Point; THRESHOLDS.len()] {
    THRESHOLDS.map(|threshold| Point {
        threshold,
        by_label: Truth::ALL.map(|truth| set.decided_at(judged, truth, (threshold, -threshold))),
    })
}
