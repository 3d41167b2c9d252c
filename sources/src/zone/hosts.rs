//! Sets of name servers by a number: few providers serve most names, so that a set is mostly one that is known.

/// Keeps sets, each once, as [`push_host`](super::write::push_host) wrote them.
pub(super) struct HostSets {
    budget: usize,
    bytes: Vec<u8>,
    /// Where each set ends in the bytes.
    ends: Vec<u32>,
    /// Places by hash, twice as many as sets at least: the number of a set, and one more; 0 where there is none.
    places: Vec<u32>,
}

impl HostSets {
    /// Keeps no more than `budget` bytes, numbers and places included.
    pub(super) fn new(budget: usize) -> HostSets {
        HostSets {
            budget: budget.min(u32::MAX as usize),
            bytes: Vec::new(),
            ends: Vec::new(),
            places: vec![0; 64],
        }
    }

    /// The number of a set. None if it is not known and there is no room for more.
    pub(super) fn number(&mut self, hosts: &[u8]) -> Option<u32> {
        let mut place = self.place(hosts);
        while let Some(number) = self.places.get(place)?.checked_sub(1) {
            if self.get(number) == hosts {
                return Some(number);
            }
            place = self.next(place);
        }
        if self.bytes.len() + hosts.len() + (self.ends.len() + 1) * 16 > self.budget {
            return None;
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        self.bytes.extend_from_slice(hosts);
        self.ends.push(u32::try_from(self.bytes.len()).ok()?);
        *self.places.get_mut(place)? = number + 1;
        if self.ends.len() * 2 > self.places.len() {
            self.widen();
        }
        Some(number)
    }

    /// The set with a number.
    pub(super) fn get(&self, number: u32) -> &[u8] {
        let end = |number: usize| self.ends.get(number).map_or(0, |end| *end as usize);
        let start = (number as usize).checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(number as usize)).unwrap_or_default()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    fn widen(&mut self) {
        self.places = vec![0; self.places.len() * 2];
        for number in 0..u32::try_from(self.ends.len()).unwrap_or(u32::MAX) {
            let mut place = self.place(self.get(number));
            while self.places.get(place).is_some_and(|taken| *taken > 0) {
                place = self.next(place);
            }
            if let Some(free) = self.places.get_mut(place) {
                *free = number + 1;
            }
        }
    }

    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }

    /// FNV-1a, eight octets at a time.
    fn place(&self, bytes: &[u8]) -> usize {
        let mix = |hash: u64, value: u64| (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        let (words, rest) = bytes.as_chunks::<8>();
        let hash = words.iter().fold(0xcbf2_9ce4_8422_2325, |hash, word| mix(hash, u64::from_le_bytes(*word)));
        let hash = rest.iter().fold(hash, |hash, octet| mix(hash, u64::from(*octet)));
        // There are a power of two of places.
        (hash ^ hash >> 29) as usize & (self.places.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_one_number_as_long_as_there_is_room() {
        let mut sets = HostSets::new(5000);
        let set = |n: u32| [n.to_le_bytes(), (n * 7).to_le_bytes()].concat();
        let numbers: Vec<Option<u32>> = (0..300).map(|n| sets.number(&set(n))).collect();
        let kept = numbers.iter().flatten().count();
        assert!(kept > 100 && kept < 300, "{kept}");
        for (n, number) in (0..300).zip(numbers) {
            assert_eq!(sets.number(&set(n)), number, "{n}");
            assert!(number.is_none_or(|number| sets.get(number) == set(n)));
        }
        assert_eq!(sets.count(), kept);
    }
}
