//! Sets of name servers by a number: few providers serve most names, so that a set is mostly one that is known.

/// Keeps sets, each once, as [`push_host`](super::write::push_host) wrote them.
pub(super) struct HostSets {
    budget: usize,
    bytes: Vec<u8>,
    /// Where each set ends in the bytes.
    ends: Vec<u32>,
    /// Places by hash, twice as many as sets at least.
    places: Vec<Place>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    /// The number of a set, and one more; 0 where there is none.
    next: u32,
    /// The upper half of its hash: what has another is another.
    tag: u32,
}

impl HostSets {
    /// Keeps no more than `budget` bytes, numbers and places included.
    pub(super) fn new(budget: usize) -> HostSets {
        HostSets {
            budget: budget.min(u32::MAX as usize),
            bytes: Vec::new(),
            ends: Vec::new(),
            places: vec![Place::default(); 64],
        }
    }

    /// The number of a set. None if it is not known and there is no room for more.
    pub(super) fn number(&mut self, hosts: &[u8]) -> Option<u32> {
        let hash = hash(hosts);
        let mut place = self.place(hash);
        while let Place { next: next @ 1.., tag } = *self.places.get(place)? {
            if tag == tag_of(hash) && self.get(next - 1) == hosts {
                return Some(next - 1);
            }
            place = self.after(place);
        }
        if self.bytes.len() + hosts.len() + (self.ends.len() + 1) * 24 > self.budget {
            return None;
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        self.bytes.extend_from_slice(hosts);
        self.ends.push(u32::try_from(self.bytes.len()).ok()?);
        *self.places.get_mut(place)? = Place { next: number + 1, tag: tag_of(hash) };
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
        self.places = vec![Place::default(); self.places.len() * 2];
        for number in 0..u32::try_from(self.ends.len()).unwrap_or(u32::MAX) {
            let hash = hash(self.get(number));
            let mut place = self.place(hash);
            while self.places.get(place).is_some_and(|taken| taken.next > 0) {
                place = self.after(place);
            }
            if let Some(free) = self.places.get_mut(place) {
                *free = Place { next: number + 1, tag: tag_of(hash) };
            }
        }
    }

    // There are a power of two of places.
    fn place(&self, hash: u64) -> usize {
        hash as usize & (self.places.len() - 1)
    }

    fn after(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }
}

fn tag_of(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Eight octets at a time, each time the two halves of a long product: it only decides where something is looked for.
fn hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word ^ 0xf39c_c060_5ced_c835) * 0x9e37_79b9_7f4a_7c15;
        (product >> 64) as u64 ^ product as u64
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(place, octet)| *place = *octet);
    mix(hash, u64::from_le_bytes(last))
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
