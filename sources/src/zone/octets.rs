//! Octets eight at a time, in a register: what plain names consist of, and where their dots are.

/// A word of eight times this octet.
const fn each(octet: u8) -> u64 {
    u64::from_le_bytes([octet; 8])
}

/// The highest bit of each octet.
const HIGH: u64 = each(0x80);

/// The highest bit of each octet that lies between two of ASCII; the octets of `word` are ASCII.
const fn within(word: u64, low: u8, high: u8) -> u64 {
    // No sum is more than an octet holds.
    word.wrapping_add(each(0x80 - low)) & !word.wrapping_add(each(0x7f - high)) & HIGH
}

/// Eight octets of plain names, letters small, and the highest bit of each that is a dot. None if there is anything but
/// letters, digits, hyphens and dots.
#[inline]
pub(super) fn plain_lower(octets: [u8; 8]) -> Option<([u8; 8], Dots)> {
    let word = u64::from_le_bytes(octets);
    // The bit by which letters differ; digits, hyphens and dots have it as well. What would become one of those by it is a
    // control character, which has neither this bit nor the next.
    let lower = word | each(0x20);
    let printed = (word | word << 1) & each(0x40);
    let dots = within(lower, b'.', b'.');
    let plain = within(lower, b'a', b'z') | within(lower, b'0', b'9') | within(lower, b'-', b'-') | dots;
    let is_plain = word & HIGH == 0 && plain == HIGH && printed == each(0x40);
    is_plain.then_some((lower.to_le_bytes(), Dots(dots)))
}

/// Places of dots among eight octets.
pub(super) struct Dots(u64);

impl Iterator for Dots {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let at = (self.0 != 0).then(|| self.0.trailing_zeros() as usize / 8);
        self.0 &= self.0.wrapping_sub(1);
        at
    }
}

/// Where the first octet stands that is a blank or below it; the length if there is none.
#[inline]
pub(super) fn first_blank(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (at, octets) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*octets);
        // What is beyond ASCII is no blank.
        let blanks = within(word & !HIGH, 0, b' ') & !word;
        if blanks != 0 {
            return at * 8 + blanks.trailing_zeros() as usize / 8;
        }
    }
    let behind = rest.iter().position(|octet| *octet <= b' ').unwrap_or(rest.len());
    words.len() * 8 + behind
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_one_octet_at_a_time(text in prop::collection::vec(prop_oneof![9 => prop::sample::select(b"aZ0-.m9".to_vec()), 1 => any::<u8>()], 0..40)) {
            let blank = text.iter().position(|octet| *octet <= b' ').unwrap_or(text.len());
            prop_assert_eq!(first_blank(&text), blank);
            for octets in text.as_chunks::<8>().0 {
                let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"-.".contains(octet);
                let lower = plain_lower(*octets);
                prop_assert_eq!(lower.is_some(), octets.iter().all(is_plain));
                if let Some((lower, dots)) = lower {
                    prop_assert_eq!(lower.to_vec(), octets.to_ascii_lowercase());
                    let expected: Vec<usize> = (0..8).filter(|at| octets[*at] == b'.').collect();
                    prop_assert_eq!(dots.collect::<Vec<usize>>(), expected);
                }
            }
        }
    }

    #[test]
    fn every_octet_is_what_it_is() {
        for octet in 0..=u8::MAX {
            assert_eq!(first_blank(&[octet; 9]) == 0, octet <= b' ', "{octet}");
            let plain = octet.is_ascii_alphanumeric() || b"-.".contains(&octet);
            assert_eq!(plain_lower([octet; 8]).is_some(), plain, "{octet}");
        }
    }
}
