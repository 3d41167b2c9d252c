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

/// Makes letters small, in place, and calls `dot` with the place of each dot. False, and `text` of no use, if there is
/// anything but letters, digits, hyphens, underscores and dots.
pub(super) fn plain_lower(text: &mut [u8], mut dot: impl FnMut(usize)) -> bool {
    let mut at = 0;
    let mut one = |octets: &mut [u8; 8]| {
        let word = u64::from_le_bytes(*octets);
        if word & HIGH != 0 {
            return false;
        }
        // The bit by which letters differ is two below the highest.
        let word = word | within(word, b'A', b'Z') >> 2;
        let mut dots = within(word, b'.', b'.');
        let plain = within(word, b'a', b'z') | within(word, b'0', b'9') | within(word, b'-', b'-') | dots;
        if plain | within(word, b'_', b'_') != HIGH {
            return false;
        }
        *octets = word.to_le_bytes();
        while dots != 0 {
            dot(at + dots.trailing_zeros() as usize / 8);
            dots &= dots - 1;
        }
        at += 8;
        true
    };
    let (words, rest) = text.as_chunks_mut::<8>();
    if !words.iter_mut().all(&mut one) {
        return false;
    }
    let mut last = [b'a'; 8];
    let (Some(filled), length) = (last.get_mut(..rest.len()), rest.len()) else { return false };
    filled.copy_from_slice(rest);
    if !one(&mut last) {
        return false;
    }
    rest.copy_from_slice(last.get(..length).unwrap_or_default());
    true
}

/// Where the first octet stands that is a blank or below it; the length if there is none.
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
        fn as_one_octet_at_a_time(text in prop::collection::vec(prop_oneof![9 => prop::sample::select(b"aZ0-_.m9".to_vec()), 1 => any::<u8>()], 0..40)) {
            let blank = text.iter().position(|octet| *octet <= b' ').unwrap_or(text.len());
            prop_assert_eq!(first_blank(&text), blank);
            let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_.".contains(octet);
            let (mut lower, mut dots) = (text.clone(), Vec::new());
            let plain = plain_lower(&mut lower, |at| dots.push(at));
            prop_assert_eq!(plain, text.iter().all(is_plain));
            if plain {
                prop_assert_eq!(lower, text.to_ascii_lowercase());
                let expected: Vec<usize> = (0..text.len()).filter(|at| text[*at] == b'.').collect();
                prop_assert_eq!(dots, expected);
            }
        }
    }

    #[test]
    fn every_octet_is_what_it_is() {
        for octet in 0..=u8::MAX {
            let mut text = [octet; 9];
            assert_eq!(first_blank(&text) == 0, octet <= b' ', "{octet}");
            let plain = octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
            assert_eq!(plain_lower(&mut text, |_| ()), plain, "{octet}");
        }
    }
}
