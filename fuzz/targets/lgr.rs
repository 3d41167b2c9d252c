//! Tables of variants of a TLD (RFC 7940).

use std::io::BufReader;

use panopticon_sources::lgr::{Pair, variants};

/// The same however the bytes were cut into buffers; every pair has two sides.
pub fn lgr(data: &[u8]) {
    let read = |size: usize| -> Option<Vec<Pair>> { variants(BufReader::with_capacity(size, data)).ok() };
    let whole = variants(data).ok();
    for size in [1, 13] {
        assert_eq!(read(size), whole, "buffers of {size}");
    }
    assert!(whole.into_iter().flatten().all(|(of, variant)| !of.is_empty() && !variant.is_empty()));
}
