//! Keys of texts: a polynomial modulo 2^64, so that the keys of all deletions cost one multiplication each.
//!
//! What has the same key is compared in full before it counts, so a collision costs time and never makes a pair.

/// An odd base; any would do.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// A label has at most 63 characters.
pub(super) const LONGEST: usize = 63;

pub(super) const POWERS: [u64; LONGEST + 1] = {
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

    /// As if what `tail` is of were pushed, a text of as many characters as `power` says.
    #[inline]
    pub(super) fn append(&mut self, power: u64, tail: u64) {
        self.0 = self.0.wrapping_mul(power).wrapping_add(tail);
    }

    pub(super) fn value(self) -> u64 {
        self.0
    }
}

/// Spreads a value over the upper bits, and those over the lower.
#[inline]
pub(super) fn mix(value: u64) -> u64 {
    let value = value.wrapping_mul(0xd6e8_feb8_6659_fd93);
    value ^ (value >> 32)
}

/// The key of a text.
pub(super) fn whole(text: impl Iterator<Item = u64>) -> u64 {
    let mut polynomial = Polynomial::default();
    text.for_each(|character| polynomial.push(character));
    mix(polynomial.0)
}

/// The polynomials of all beginnings of a text of at most [`LONGEST`] characters; what is longer counts so far.
pub(super) struct Prefixes([u64; LONGEST + 1]);

impl Prefixes {
    #[inline]
    pub(super) fn new<T: Copy + Into<u64>>(text: &[T]) -> Prefixes {
        let mut prefixes = [0; LONGEST + 1];
        let mut value = 0_u64;
        for (place, character) in prefixes.iter_mut().skip(1).zip(text) {
            value = value.wrapping_mul(BASE).wrapping_add((*character).into());
            *place = value;
        }
        Prefixes(prefixes)
    }

    /// The key of the beginning of the text that these are of.
    #[inline]
    pub(super) fn whole<T>(&self, beginning: &[T]) -> u64 {
        mix(self.0.get(beginning.len().min(LONGEST)).copied().unwrap_or_default())
    }

    /// The keys of the beginning of the text that these are of, with one character left out; of equal neighbours one.
    #[inline]
    pub(super) fn deletions<T: Copy + Into<u64>>(&self, beginning: &[T], mut take: impl FnMut(u64)) {
        let length = beginning.len().min(LONGEST);
        let (Some(known), Some(powers)) = (self.0.get(..=length), POWERS.get(..length)) else { return };
        let whole = known.last().copied().unwrap_or_default();
        let mut last = None;
        for ((pair, character), power) in known.windows(2).zip(beginning).zip(powers.iter().rev()) {
            let &[before, with] = pair else { continue };
            let character: u64 = (*character).into();
            if last != Some(character) {
                take(mix(whole.wrapping_add(before.wrapping_sub(with).wrapping_mul(*power))));
            }
            last = Some(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Prefixes, whole};

    #[test]
    fn deletions_have_the_keys_of_what_is_left() {
        let text = b"paypall-x";
        let prefixes = Prefixes::new(text);
        let mut keys = vec![prefixes.whole(text)];
        prefixes.deletions(text, |key| keys.push(key));
        let without =
            |at: usize| whole(text.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, c)| u64::from(*c)));
        let mut wanted = vec![whole(text.iter().map(|c| u64::from(*c)))];
        // The second `l` of two gives the same text.
        wanted.extend((0..text.len()).filter(|at| *at != 6).map(without));
        assert_eq!(keys, wanted);
    }

    #[test]
    fn a_label_of_63_characters_is_no_trouble() {
        let text: Vec<u8> = (0..63).collect();
        let prefixes = Prefixes::new(&text);
        let mut keys = Vec::new();
        prefixes.deletions(&text, |key| keys.push(key));
        assert_eq!(keys.len(), 63);
        assert_eq!(keys.last(), Some(&prefixes.whole(&text[..62])));
        prefixes.deletions(&text[..0], |key| keys.push(key));
        assert_eq!(keys.len(), 63);
    }
}
