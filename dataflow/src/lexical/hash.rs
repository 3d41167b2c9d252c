//! Keys of texts: a polynomial modulo 2^64, so that the keys of all deletions cost one multiplication each.
//!
//! What has the same key is compared in full before it counts, so a collision costs time and never makes a pair.

/// An odd base; any would do.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// A label has at most 63 characters.
pub(super) const LONGEST: usize = 63;

const POWERS: [u64; LONGEST + 1] = {
    let mut powers = [1_u64; LONGEST + 1];
    let mut at = 1;
    while at <= LONGEST {
        powers[at] = powers[at - 1].wrapping_mul(BASE);
        at += 1;
    }
    powers
};

/// The polynomial of the characters so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Polynomial(u64);

impl Polynomial {
    pub(super) fn push(&mut self, character: u64) {
        self.0 = self.0.wrapping_mul(BASE).wrapping_add(character);
    }

    pub(super) fn value(self) -> u64 {
        self.0
    }
}

/// Spreads a value over all 64 bits.
pub(super) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    value ^ (value >> 32)
}

/// The key of a text.
pub(super) fn whole(text: impl Iterator<Item = u64>) -> u64 {
    let mut polynomial = Polynomial::default();
    text.for_each(|character| polynomial.push(character));
    mix(polynomial.0)
}

/// The key of a text of at most [`LONGEST`] characters, then the keys of it with one character left out. The first is
/// the first that is handed over; equal neighbours are left out once.
#[inline]
pub(super) fn deletions<T: Copy + Into<u64>>(text: &[T], mut take: impl FnMut(u64)) {
    let mut prefixes = [0_u64; LONGEST + 1];
    let length = text.len().min(LONGEST);
    let mut value = 0_u64;
    for (place, character) in prefixes.iter_mut().skip(1).zip(text) {
        value = value.wrapping_mul(BASE).wrapping_add((*character).into());
        *place = value;
    }
    take(mix(value));
    let mut last = None;
    let neighbours = prefixes.windows(2).zip(text);
    for ((pair, character), power) in neighbours.zip(POWERS.iter().take(length).rev()) {
        let character: u64 = (*character).into();
        if last != Some(character) {
            let &[before, with] = pair else { continue };
            take(mix(value.wrapping_add(before.wrapping_sub(with).wrapping_mul(*power))));
        }
        last = Some(character);
    }
}

#[cfg(test)]
mod tests {
    use super::{deletions, whole};

    #[test]
    fn deletions_have_the_keys_of_what_is_left() {
        let text = b"paypall-x";
        let mut keys = Vec::new();
        deletions(text, |key| keys.push(key));
        let without =
            |at: usize| whole(text.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, c)| u64::from(*c)));
        let mut wanted = vec![whole(text.iter().map(|c| u64::from(*c)))];
        // The second `l` of two gives the same text.
        wanted.extend((0..text.len()).filter(|at| *at != 6).map(without));
        assert_eq!(keys, wanted);
    }

    #[test]
    fn a_label_of_63_characters_is_no_trouble() {
        let text = [b'a'; 63];
        let mut keys = Vec::new();
        deletions(&text, |key| keys.push(key));
        assert_eq!(keys.len(), 2);
        deletions(&text[..0], |key| keys.push(key));
        assert_eq!(keys.len(), 3);
    }
}
