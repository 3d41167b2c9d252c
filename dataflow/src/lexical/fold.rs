//! One key for all ASCII texts that may be taken for each other, however many characters of them.
//!
//! The pairs of dnstwist's table hang together: `d` looks like `cl` and like `dl`, `k` like `lc`, `b` like `lb`. A key
//! that no pair may change has to leave out `l`, and with it `1` and `i`, and hold `b c d e k` for one. So it is
//! coarse: it brings pairs together, and [`super::glyphs`] says which of them are look-alikes.

use super::hash::{POWERS, Polynomial, mix};

/// Keys of folded texts are no keys of the texts themselves.
const SALT: u64 = 0x8f1b_bcdc_a62c_1d6d;

/// The key of an ASCII text. A run of what may be taken for `n` counts as one, since `nn` looks like `m`.
pub(super) fn hash(text: impl Iterator<Item = u8>) -> u64 {
    let mut key = Polynomial::default();
    let mut last = 0;
    for byte in text {
        let class = CLASSES.get(usize::from(byte)).copied().unwrap_or(byte);
        // One step for each character, whatever it is: to branch here would cost more than all the rest.
        let again = class == b'n' && last == b'n';
        let power = if class == 0 || again {
            1
        } else if class == b'w' {
            POWERS[2]
        } else {
            POWERS[1]
        };
        let tail = if class == 0 || again {
            0
        } else if class == b'w' {
            TWICE_U
        } else {
            u64::from(class)
        };
        key.append(power, tail);
        last = if class == 0 { last } else { class };
    }
    mix(key.value() ^ SALT)
}

/// What eight bytes add to a sum that all texts of one [`hash`] have in common, and their anagrams: it needs no order, so it
/// is made faster.
#[inline]
pub(super) fn weight(word: u64) -> u64 {
    word.to_be_bytes().iter().fold(0, |sum: u64, byte| sum.wrapping_add(WEIGHTS[usize::from(*byte)]))
}

/// What a byte weighs: nothing where the text may have more or fewer of it.
const WEIGHTS: [u64; 256] = {
    let mut weights = [0; 256];
    let mut at = 0;
    while at < 256 {
        let class = if at < 128 { CLASSES[at] } else { at as u8 };
        let class = if class == b'n' { 0 } else { class };
        let twice = if class == b'w' { 2 } else { 1 };
        let class = if class == b'w' { b'u' } else { class };
        weights[at] =
            (class as u64).wrapping_mul(SALT).rotate_left(class as u32 % 64).wrapping_mul(twice * class as u64);
        at += 1;
    }
    weights
};

/// `w` looks like `vv`, and `v` is held for `u`.
const TWICE_U: u64 = (b'u' as u64).wrapping_mul(POWERS[1]).wrapping_add(b'u' as u64);

/// What stands for each ASCII character; 0 for what is left out.
const CLASSES: [u8; 128] = {
    let mut classes = [0; 128];
    let mut at = 0_u8;
    while at < 128 {
        classes[at as usize] = match at {
            b'0' => b'o',
            b'1' | b'l' | b'i' => 0,
            b'8' => b'3',
            b'9' => b'6',
            b'b' | b'd' | b'e' | b'k' => b'c',
            b'm' | b'r' => b'n',
            b'v' => b'u',
            b'q' => b'g',
            other => other,
        };
        at += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::hash;

    fn alike(a: &str, b: &str) -> bool {
        hash(a.bytes()) == hash(b.bytes())
    }

    #[test]
    fn what_looks_alike_has_one_key() {
        for (a, b) in [
            ("google", "g00g1e"),
            ("modern", "rnoclern"),
            ("wave", "vvave"),
            ("banana", "lbamama"),
            ("dk", "cllc"),
        ] {
            assert!(alike(a, b), "{a} {b}");
        }
    }

    #[test]
    fn what_does_not_look_alike_has_another() {
        for (a, b) in [("google", "goagle"), ("paypal", "paypay"), ("ab", "ba")] {
            assert!(!alike(a, b), "{a} {b}");
        }
    }
}
