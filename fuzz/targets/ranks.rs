//! Rankings, plain or packed.

use std::io::{BufRead, BufReader};

use panopticon_sources::capped::{Caps, open};
use panopticon_sources::ranks::{Ranking, read};

use super::world::places;

/// The list as it comes, and what an archive of it holds.
pub fn ranks(data: &[u8]) {
    let whole = ranking(data);
    for size in [1, 13] {
        assert_eq!(ranking(BufReader::with_capacity(size, data)), whole, "buffers of {size}");
    }
    let caps = Caps { max_bytes: 8 << 10, max_decoded_bytes: 64 << 10 };
    if let Ok(decoded) = open(data, caps, None) {
        let _ = ranking(decoded);
    }
}

fn ranking(input: impl BufRead) -> Option<Ranking> {
    let registrable = |host: &_| {
        let place = places().place(host).ok().filter(|_| places().in_scope(host))?;
        Some(place.registrable_domain.as_str().into())
    };
    let ranking = read(input, 10, registrable).ok()?;
    assert!(ranking.ranks.values().all(|rank| *rank > 0));
    assert!(u64::try_from(ranking.ranks.len()).unwrap() <= ranking.rows);
    assert!(u64::try_from(ranking.top.len()).unwrap() <= ranking.rows);
    let first = &ranking.faults.first;
    assert!(u64::try_from(first.len()).unwrap() == ranking.faults.count.min(1000));
    assert!(first.iter().all(|fault| fault.sample.chars().count() <= 120 && !fault.sample.contains('@')));
    Some(ranking)
}
