//! The median of some numbers and an interval for it, from their order alone: nothing is assumed of how they are spread,
//! and nothing is computed but ranks.
//!
//! Between the `d`th smallest and the `d`th largest of `n` numbers the true median lies, unless fewer than `d` of them
//! fell on one side of it; each falls on either side like a coin. So `d` is the greatest rank for which twice the
//! chance of fewer than `d` heads among `n` coins is 5 % at most (David and Nagaraja, Order Statistics, 3rd ed. 2003,
//! section 7.1).

/// From so many numbers on, a median says something.
pub(super) const ENOUGH: usize = 10;
/// Up to so many, chances are counted exactly; beyond, they do not fit into 128 bits.
const EXACT: usize = 120;

/// The median of enough numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Median {
    /// The number in the middle, or of the two in the middle the mean, rounded down.
    pub(super) middle: u64,
    /// The median lies from here, with 95 % certainty,
    pub(super) from: u64,
    /// to here.
    pub(super) to: u64,
}

impl Median {
    /// Of numbers in any order; none if they are fewer than [`ENOUGH`].
    pub(super) fn of(mut numbers: Vec<u64>) -> Option<Median> {
        if numbers.len() < ENOUGH {
            return None;
        }
        numbers.sort_unstable();
        let count = numbers.len();
        let at = |place: usize| numbers.get(place).copied();
        let (lower, upper) = (at((count - 1) / 2)?, at(count / 2)?);
        let rank = rank(count);
        Some(Median { middle: lower + (upper - lower) / 2, from: at(rank - 1)?, to: at(count - rank)? })
    }
}

/// The rank, from 1, of the ends of the interval among `count` numbers, at least [`ENOUGH`], counted from either end.
fn rank(count: usize) -> usize {
    if count > EXACT {
        // The normal curve instead: (n - 1.96 √n) / 2, rounded down; never above the exact rank, and at most one below.
        let count = count as u64;
        let width = (38_416 * count - 1).isqrt() + 1;
        return ((100 * count - width) / 200) as usize;
    }
    let all = 1u128 << count;
    let (mut ways, mut fewer, mut rank) = (1u128, 0u128, 0usize);
    loop {
        fewer += ways;
        if fewer > all / 40 {
            return rank;
        }
        rank += 1;
        ways = ways * (count - rank + 1) as u128 / rank as u128;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranks_are_those_of_the_binomial_distribution() {
        // From the quantiles of other people's binomial distribution: see the first line of the table.
        let table = include_str!("median_ranks.tsv");
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        let mut read = 0;
        for row in rows {
            let (count, exact) = row.split_once('\t').unwrap();
            let (count, exact): (usize, usize) = (count.parse().unwrap(), exact.parse().unwrap());
            let ours = rank(count);
            match count <= EXACT {
                true => assert_eq!(ours, exact, "of {count}"),
                false => assert!(ours == exact || ours + 1 == exact, "of {count}: {ours}, and {exact} is exact"),
            }
            read += 1;
        }
        assert!(read > 120, "{read}");
    }

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |numbers: &[u64]| Median::of(numbers.to_vec()).map(|of| (of.from, of.middle, of.to));
        for (numbers, expected) in [
            (&[][..], None),
            (&[1; 9], None),
            (&[9, 1, 8, 2, 7, 3, 6, 4, 5, 10], Some((2, 5, 9))),
            (&[1, 1, 1, 1, 2, 3, 9, 9, 9, 9], Some((1, 2, 9))),
            (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Some((2, 6, 10))),
            (&[u64::MAX; 12], Some((u64::MAX, u64::MAX, u64::MAX))),
        ] {
            assert_eq!(of(numbers), expected, "{numbers:?}");
        }
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_median_and_half_of_the_numbers_lie_on_each_side(
            numbers in proptest::collection::vec(any::<u64>(), ENOUGH..300),
        ) {
            let of = Median::of(numbers.clone()).unwrap();
            prop_assert!(of.from <= of.middle && of.middle <= of.to);
            let below = numbers.iter().filter(|number| **number <= of.middle).count();
            let above = numbers.iter().filter(|number| **number >= of.middle).count();
            prop_assert!(2 * below >= numbers.len() && 2 * (above + 1) >= numbers.len());
        }
    }
}
