//! How many names have which score: a value that grows and shrinks with its zone.

use super::model::Score;

/// The width of a bucket in thousandths of log-odds.
pub const WIDTH: i32 = 50;
/// Scores below and above are counted at the ends.
pub const LIMIT: i32 = 16_000;
/// Buckets of a histogram.
pub const BUCKETS: usize = (2 * LIMIT / WIDTH) as usize;

/// Counts of scores by bucket. Names that are passed over do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { counts: vec![0; BUCKETS], total: 0 }
    }
}

/// More was taken away than was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a score is taken away that was never counted")]
pub struct NeverCounted;

impl Histogram {
    /// A histogram of counts; what is beyond the last bucket is left out.
    #[must_use]
    pub fn of_counts(counts: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        for (place, count) in histogram.counts.iter_mut().zip(counts) {
            *place = count;
        }
        histogram.total = histogram.counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
        histogram
    }

    /// Counts of all buckets, the lowest first.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many scores there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The bucket of a score.
    #[must_use]
    pub fn bucket(milli: i32) -> usize {
        ((milli.clamp(-LIMIT, LIMIT - 1) + LIMIT) / WIDTH) as usize
    }

    /// The lowest score of a bucket.
    #[must_use]
    pub fn edge(bucket: usize) -> i32 {
        bucket.min(BUCKETS) as i32 * WIDTH - LIMIT
    }

    /// Counts a score.
    pub fn add(&mut self, score: Score) {
        if score.passed_over().is_none()
            && let Some(count) = self.counts.get_mut(Histogram::bucket(score.milli()))
        {
            *count = count.saturating_add(1);
            self.total = self.total.saturating_add(1);
        }
    }

    /// Takes a score away again.
    ///
    /// # Errors
    /// [`NeverCounted`] if its bucket is empty; nothing is changed then.
    pub fn remove(&mut self, score: Score) -> Result<(), NeverCounted> {
        if score.passed_over().is_some() {
            return Ok(());
        }
        let count = self.counts.get_mut(Histogram::bucket(score.milli())).ok_or(NeverCounted)?;
        *count = count.checked_sub(1).ok_or(NeverCounted)?;
        self.total = self.total.saturating_sub(1);
        Ok(())
    }

    /// Counts all that another one counts.
    pub fn merge(&mut self, other: &Histogram) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*more);
        }
        self.total = self.total.saturating_add(other.total);
    }

    /// How many scores are in this bucket or above.
    #[must_use]
    pub fn from(&self, bucket: usize) -> u64 {
        self.counts.iter().skip(bucket).fold(0, |sum, count| sum.saturating_add(*count))
    }
}
