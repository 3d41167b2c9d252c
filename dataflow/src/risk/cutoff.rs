//! From which score on a name is looked at: a quantile of the scores of the zone's own names.

use super::histogram::{BUCKETS, Histogram};
use super::model::Score;

/// A zone with fewer names borrows from the background, up to so many.
pub const ENOUGH: u64 = 100_000;

/// The lowest score that no more than a share of the names reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutoff {
    milli: Option<i32>,
    /// Names of a thousand million that reach it.
    reach: u64,
}

const BILLION: u128 = 1_000_000_000;

impl Cutoff {
    /// The cut-off that at most `share` of the names reach: `0.001` for one in a thousand, 0 for none. What is no share of
    /// one is taken for the nearest, what is no number for none. A zone of fewer than [`ENOUGH`] names is filled up with the
    /// background in its proportions.
    #[must_use]
    pub fn new(own: &Histogram, background: &Histogram, share: f64) -> Cutoff {
        let share = if share > 0.0 { (share.min(1.0) * 1e9) as u128 } else { 0 };
        let missing = if background.total() == 0 { 0 } else { ENOUGH.saturating_sub(own.total()) };
        let (own_weight, other_weight) =
            if missing == 0 { (1, 0) } else { (u128::from(background.total()), u128::from(missing)) };
        let total = u128::from(own.total()) * own_weight + u128::from(background.total()) * other_weight;
        if total == 0 || share == 0 {
            return Cutoff { milli: None, reach: 0 };
        }
        let (mut above, mut cutoff) = (0_u128, Cutoff { milli: None, reach: 0 });
        for (bucket, (count, other)) in own.counts().iter().zip(background.counts()).enumerate().rev() {
            above += u128::from(*count) * own_weight + u128::from(*other) * other_weight;
            if above * BILLION > share * total {
                break;
            }
            // The rounding up keeps a name that is there from vanishing.
            cutoff = Cutoff {
                milli: Some(Histogram::edge(bucket.min(BUCKETS))),
                reach: (above * BILLION).div_ceil(total) as u64,
            };
        }
        cutoff
    }

    /// In thousandths of log-odds. `None` if no name is to be looked at: of none was asked for, or even the
    /// highest bucket holds too many.
    #[must_use]
    pub fn milli(&self) -> Option<i32> {
        self.milli
    }

    /// Whether a name is to be looked at.
    #[must_use]
    pub fn is_reached(&self, score: Score) -> bool {
        score.passed_over().is_none() && self.milli.is_some_and(|milli| score.milli() >= milli)
    }

    /// The share of the names of the zone that reach it.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.reach as f64 / 1e9
    }

    /// How many harmless names reach it on a day with so many new names, if new names are like the old ones.
    #[must_use]
    pub fn expected_false_alarms(&self, names_per_day: u64) -> f64 {
        self.share() * names_per_day as f64
    }
}
