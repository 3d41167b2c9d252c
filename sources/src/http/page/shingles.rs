//! The similarity hash: like pages differ in few of its 64 bits.
//!
//! Simhash (M. Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002; for pages: G. Manku,
//! A. Jain, A. Das Sarma, "Detecting near-duplicates for web crawling", WWW 2007) over shingles of three words
//! (A. Broder, "On the resemblance and containment of documents", 1997), each as often as it is there. Two hashes are
//! compared long after one another: none of the constants may ever change.

/// Words of a shingle.
const WORDS: usize = 3;

/// Takes words, gives a hash. It costs the same for any number of them.
#[derive(Clone, Debug)]
pub(super) struct Shingles {
    /// For each bit, how many shingles more have it than lack it.
    sums: [i32; 64],
    /// The last words, the newest last; zero for none.
    last: [u64; WORDS],
    count: usize,
    /// The word so far.
    word: Option<u64>,
}

impl Default for Shingles {
    fn default() -> Shingles {
        Shingles { sums: [0; 64], last: [0; WORDS], count: 0, word: None }
    }
}

/// FNV-1a, 64 bits (G. Fowler, L. Noll, K. Vo; RFC 9923).
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

impl Shingles {
    /// An octet of a word; case is dropped where it is ASCII.
    pub(super) fn letter(&mut self, byte: u8) {
        let word = self.word.unwrap_or(FNV_BASIS);
        self.word = Some((word ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(FNV_PRIME));
    }

    /// The end of a word, if there is one.
    pub(super) fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        let [_, second, third] = self.last;
        self.last = [second, third, word];
        self.count += 1;
        if self.count >= WORDS {
            self.add();
        }
    }

    fn add(&mut self) {
        let shingle = self.last.iter().fold(0, |hash, word| mixed(hash ^ word));
        for (bit, sum) in self.sums.iter_mut().enumerate() {
            *sum += if shingle >> bit & 1 == 1 { 1 } else { -1 };
        }
    }

    /// The hash; 0 without a word. A page of one or two words is a shingle of its own.
    pub(super) fn hash(mut self) -> u64 {
        if (1..WORDS).contains(&self.count) {
            self.add();
        }
        let bits = self.sums.iter().enumerate().filter(|(_, sum)| **sum > 0);
        bits.fold(0, |hash, (bit, _)| hash | 1 << bit)
    }
}

/// Spreads each bit over all (the finalizer of MurmurHash3, A. Appleby).
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}
