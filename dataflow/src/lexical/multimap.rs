//! Which of the protected names have a key: built once, small, and quick to say that none has.

/// Which keys there may be, in [`BITS`] bits a key: of keys that are not there it takes one in 20 or 30 for one that is.
#[derive(Clone, Debug)]
pub(super) struct Filter(Vec<u64>);

impl Filter {
    /// Of so many keys.
    fn with_capacity(keys: usize) -> Filter {
        Filter(vec![0; (keys * BITS).div_ceil(64).max(1)])
    }

    pub(super) fn new(keys: &[u64]) -> Filter {
        let mut filter = Filter::with_capacity(keys.len());
        keys.iter().for_each(|key| filter.insert(*key));
        filter
    }

    fn insert(&mut self, key: u64) {
        let (word, bits) = self.place(key);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bits;
        }
    }

    /// The word of the filter, and its three bits.
    #[inline]
    fn place(&self, key: u64) -> (usize, u64) {
        let word = ((key >> 32) * self.0.len() as u64) >> 32;
        (word as usize, 1 << (key & 63) | 1 << ((key >> 6) & 63) | 1 << ((key >> 12) & 63))
    }

    /// Whether a key may be there.
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        let (word, bits) = self.place(key);
        bits & !self.0.get(word).copied().unwrap_or_default() == 0
    }

    /// Which of these keys may be there: a bit each, the first lowest. All are looked at: to wait for one answer before the
    /// next is asked for would take longer.
    #[inline]
    pub(super) fn among<const N: usize>(&self, keys: [u64; N]) -> u32 {
        let mut among = 0;
        for (number, key) in keys.iter().enumerate() {
            among |= u32::from(self.may_hold(*key)) << number;
        }
        among
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.0.capacity() * 8
    }
}

/// Bits of a filter for each of its keys. Filters that stay in a core's cache are worth more than exact ones.
const BITS: usize = 12;

/// Numbers by key. A key that is not there costs one look into a filter.
#[derive(Clone, Debug)]
pub(super) struct Multimap {
    filter: Filter,
    /// Where each bucket begins in `entries`, and where the last one ends.
    starts: Vec<u32>,
    /// A mark, and the number; by bucket.
    entries: Vec<(u32, u32)>,
}

impl Multimap {
    /// Of keys and numbers. What marks an entry is the lower half of its key.
    pub(super) fn new(pairs: Vec<(u64, u32)>) -> Multimap {
        Multimap::marked(pairs.into_iter().map(|(key, number)| (key, (key as u32, number))).collect())
    }

    /// Of keys and numbers, with a mark that says more of a number than the key would.
    pub(super) fn marked(mut pairs: Vec<(u64, (u32, u32))>) -> Multimap {
        pairs.sort_unstable();
        pairs.dedup();
        // The entries of a bucket lie together, so a few of them cost no more than one.
        let buckets = (pairs.len() / 4).max(1).next_power_of_two();
        let mut filter = Filter::with_capacity(pairs.len());
        let mut counts = vec![0_u32; buckets + 1];
        for (key, _) in &pairs {
            if let Some(count) = counts.get_mut(bucket_of(*key, buckets) + 1) {
                *count += 1;
            }
            filter.insert(*key);
        }
        let mut sum = 0;
        let starts = counts
            .into_iter()
            .map(|count| {
                sum += count;
                sum
            })
            .collect();
        // Keys are sorted and a bucket is their upper bits, so buckets follow each other already.
        let entries = pairs.into_iter().map(|(_, entry)| entry).collect();
        Multimap { filter, starts, entries }
    }

    /// Whether a key may be there.
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        self.filter.may_hold(key)
    }

    /// Those of the keys that may be there.
    #[inline]
    pub(super) fn among<const N: usize>(&self, keys: [u64; N]) -> impl Iterator<Item = u64> {
        let mut among = self.filter.among(keys);
        std::iter::from_fn(move || {
            let first = among.trailing_zeros() as usize;
            among &= among.wrapping_sub(1);
            keys.get(first).copied()
        })
    }

    /// The numbers of a key; now and then one of another key with it.
    #[inline]
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = u32> {
        self.get_marked(key, move |mark| mark == key as u32)
    }

    /// The numbers that may be of a key, and have such a mark.
    #[inline]
    pub(super) fn get_marked(&self, key: u64, is_sought: impl Fn(u32) -> bool) -> impl Iterator<Item = u32> {
        let buckets = self.starts.len().saturating_sub(1);
        let bucket = bucket_of(key, buckets);
        let range = self.starts.get(bucket).zip(self.starts.get(bucket + 1));
        let range = range.map(|(start, end)| *start as usize..*end as usize).unwrap_or_default();
        let entries = self.entries.get(range).unwrap_or_default();
        entries.iter().filter(move |(mark, _)| is_sought(*mark)).map(|(_, number)| *number)
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.filter.heap_bytes() + self.starts.capacity() * 4 + self.entries.capacity() * 8
    }
}

/// A bucket is the upper bits of a key; there are a power of two of them.
#[inline]
fn bucket_of(key: u64, buckets: usize) -> usize {
    if buckets < 2 { 0 } else { (key >> (64 - buckets.trailing_zeros())) as usize }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Multimap;
    use crate::lexical::hash::mix;

    proptest! {
        #[test]
        fn it_holds_what_was_put_in_and_nothing_else(pairs in proptest::collection::vec((0_u64..200, 0_u32..50), 0..300)) {
            let pairs: Vec<(u64, u32)> = pairs.into_iter().map(|(key, number)| (mix(key), number)).collect();
            let map = Multimap::new(pairs.clone());
            for key in (0..250).map(mix) {
                let mut wanted: Vec<u32> = pairs.iter().filter(|(known, _)| *known == key).map(|(_, n)| *n).collect();
                wanted.sort_unstable();
                wanted.dedup();
                prop_assert!(wanted.is_empty() || map.may_hold(key));
                prop_assert_eq!(map.get(key).collect::<Vec<_>>(), wanted);
            }
        }
    }
}
