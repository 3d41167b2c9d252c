//! Web Risk: packed numbers, answers of the API, expressions of URLs, and the file with the lists.

use std::collections::BTreeSet;

use panopticon_model::time::{DAY_MS, Epoch, MINUTE_MS};
use panopticon_sources::webrisk::hash::Prefix;
use panopticon_sources::webrisk::prefixes::{Diff, Lists, Prefixes, ThreatList, decode, encode};
use panopticon_sources::webrisk::rice::{self, RiceDelta, RiceError};
use panopticon_sources::webrisk::{Entries, api, expressions};
use serde_json::Value;

/// Numbers that are taken at most.
const MOST: u32 = 1000;
/// An instant; which one does not matter.
const NOW: Epoch = Epoch(1_700_000_000_000);

/// Packed numbers: a parameter, how many deltas there are (2 octets), the first number (4), the data. What is unpacked
/// has this packing and no other one; and numbers that we pack come out again.
pub fn webrisk_rice(data: &[u8]) {
    let Some((&[parameter, low, high, a, b, c, d], data)) = data.split_first_chunk() else { return };
    let (parameter, entry_count) = (u32::from(parameter), u32::from(u16::from_le_bytes([low, high])));
    let first_value = u32::from_le_bytes([a, b, c, d]);
    let packed = RiceDelta { first_value, parameter, entry_count, data };
    if let Ok(numbers) = rice::decode(&packed, MOST) {
        assert_eq!(numbers.len(), entry_count as usize + 1);
        assert!(numbers[0] == first_value && numbers.is_sorted());
        let again = pack(&numbers, parameter);
        // Nobody reads what the last octet is filled up with.
        let last = again.last().map(|again| again & data[data.len() - 1]);
        assert!(again.len() == data.len() && again.last().copied() == last, "{again:?}");
        assert!(again.iter().zip(data).rev().skip(1).all(|(again, was)| again == was), "{again:?}");
    }

    let mut numbers: Vec<u32> = data.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    numbers.truncate(200);
    numbers.sort_unstable();
    let widest = numbers.windows(2).map(|pair| pair[1] - pair[0]).max();
    let (Some(widest), Some(&first_value)) = (widest, numbers.first()) else { return };
    // As few ones as the parameter allows, or up to 16 times as many.
    let parameter = widest.checked_ilog2().unwrap_or(0).saturating_sub(parameter % 5).clamp(2, 28);
    let packed = pack(&numbers, parameter);
    let entry_count = u32::try_from(numbers.len()).unwrap() - 1;
    let unpack = |data: &[u8], most| rice::decode(&RiceDelta { first_value, parameter, entry_count, data }, most);
    assert_eq!(unpack(&packed, entry_count + 1), Ok(numbers));
    assert!(matches!(unpack(&packed, entry_count), Err(RiceError::TooMany { .. })));
    assert_eq!(unpack(&packed[..packed.len() - 1], MOST), Err(RiceError::Short));
    assert!(matches!(unpack(&[&packed[..], &[0]].concat(), MOST), Err(RiceError::Trailing(_))));
}

/// The deltas of rising numbers: the quotient in ones, a zero, the rest with its lowest bit first.
fn pack(numbers: &[u32], parameter: u32) -> Vec<u8> {
    let mut bits = Vec::new();
    for pair in numbers.windows(2) {
        let delta = pair[1] - pair[0];
        bits.extend((0..delta >> parameter).map(|_| true));
        bits.push(false);
        bits.extend((0..parameter).map(|bit| delta >> bit & 1 == 1));
    }
    let octet = |bits: &[bool]| bits.iter().rev().fold(0, |octet, bit| octet << 1 | u8::from(*bit));
    bits.chunks(8).map(octet).collect()
}

/// Answers of the API: an error is none, what is on a list has a type, and a diff leads to the list that it names.
pub fn webrisk_answer(data: &[u8]) {
    let most = Entries::new(1024).unwrap();
    let prefix = Prefix::new(b"aaaa").unwrap();
    let (uris, hashes, diff) = (api::uris(data), api::hashes(data, &prefix), api::diff(data, most));
    let answer = serde_json::from_slice::<Value>(data).ok();
    if answer.is_some_and(|answer| answer.get("error").is_some_and(|error| !error.is_null())) {
        assert!(uris.is_err() && hashes.is_err() && diff.is_err(), "an error in the place of an answer");
    }
    if let Ok(verdict) = uris {
        assert!(!verdict.types.is_empty() || verdict.expire_at.is_none());
    }
    if let Ok(threats) = hashes {
        for (hash, found) in &threats.threats {
            assert!(prefix.begins(hash) && !found.types.is_empty());
            let verdict = threats.verdict(hash);
            assert!(found.types.iter().all(|word| verdict.types.iter().any(|other| other == word)));
            assert!(verdict.expire_at <= found.expire_at);
        }
        let other = threats.verdict(&[0; 32]);
        assert_eq!((other.types.is_empty(), other.expire_at), (true, threats.negative_expire_at));
    }
    if let Ok(diff) = diff {
        check_diff(&diff, most);
    }
    if api::is_about_key(data) {
        assert!(api::uris(data).is_err());
    }
}

fn check_diff(diff: &Diff, most: Entries) {
    let limit = most.get() as usize;
    assert!(diff.removals.len() <= limit && diff.additions.len() <= limit);
    let old: Prefixes = (0..8).map(|number| Prefix::short(number << 24)).collect();
    for list in [&Prefixes::default(), &old] {
        let Ok(new) = list.apply(diff, most) else { continue };
        assert_eq!(new.checksum(), diff.checksum);
        let removed: BTreeSet<&u32> = diff.removals.iter().collect();
        let stayed = if diff.reset { 0 } else { list.len() - removed.len() };
        assert_eq!(new.len(), stayed + diff.additions.len());
    }
    // Few diffs have the right checksum by chance.
    let reset = Diff { reset: true, removals: Vec::new(), checksum: diff.additions.checksum(), ..diff.clone() };
    if let Ok(list) = ThreatList::default().updated(&reset, most, NOW) {
        check_prefixes(&list.prefixes, most);
        assert_eq!((&list.prefixes, &list.version), (&diff.additions, &diff.version));
        assert!(
            (NOW.plus(MINUTE_MS)..=NOW.plus(DAY_MS)).contains(&list.due_at) && list.due_at < list.counts_until
        );
    }
}

/// Each prefix once, in the order of its bytes, and found by every hash that it begins.
fn check_prefixes(prefixes: &Prefixes, most: Entries) {
    let all: Vec<Prefix> = prefixes.iter().collect();
    assert!(all.len() == prefixes.len() && all.len() <= most.get() as usize);
    assert!(all.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
    for prefix in all.iter().take(64) {
        for filler in [0, 0x61, 0xff] {
            let mut hash = [filler; 32];
            hash[..prefix.as_bytes().len()].copy_from_slice(prefix.as_bytes());
            let expected: Vec<Prefix> = all.iter().filter(|prefix| prefix.begins(&hash)).copied().collect();
            assert_eq!(prefixes.matching(&hash), expected, "{hash:?}");
        }
    }
}

/// The expressions of a URL: at most thirty, each once, all of them parts of the first, whose own expressions they are
/// unless its host is neither a name nor an address: what comes of that is not its own form.
pub fn webrisk_expressions(data: &[u8]) {
    let Ok(all) = expressions::expressions(data) else {
        assert!(expressions::hashes(data).is_err());
        return;
    };
    assert!((1..=30).contains(&all.len()), "{all:?}");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
    let (host, path) = all[0].split_at(all[0].find('/').unwrap());
    for expression in &all {
        assert!(expression.is_ascii(), "{expression:?}");
        let (part, start) = expression.split_at(expression.find('/').unwrap());
        assert!(part == host || host.strip_suffix(part).is_some_and(|rest| rest.ends_with('.')), "{all:?}");
        assert!(path.starts_with(start), "{all:?}");
    }
    if !host.contains([':', '%']) || host.ends_with(']') {
        assert_eq!(expressions::expressions(format!("https://{}", all[0])).as_ref(), Ok(&all));
    }
    let hashes: Vec<_> = all.iter().map(|expression| expressions::hash(expression)).collect();
    assert_eq!(expressions::hashes(data), Ok(hashes));
}

/// The file with the lists, damaged, or with the right checksum over anything: none, or lists that hold together and
/// are written as the same.
pub fn webrisk_lists(data: &[u8]) {
    let most = Entries::new(1024).unwrap();
    let empty = encode(&Lists::new()).unwrap();
    let magic = &empty[..empty.len() - 33];
    let whole = [magic, blake3::hash(data).as_bytes(), data].concat();
    assert_eq!(decode(data, most).map(|lists| lists.len()), None, "a file without its checksum");
    let Some(lists) = decode(&whole, most) else { return };
    assert_eq!(decode(&encode(&lists).unwrap(), most).as_ref(), Some(&lists));
    for list in lists.values() {
        check_prefixes(&list.prefixes, most);
        let failed = list.failed(NOW, None, 7);
        assert!(failed.failures > 0 && (NOW..=NOW.plus(DAY_MS)).contains(&failed.due_at));
        assert!(list.dropped().prefixes.is_empty() && list.without_version().version.is_empty());
    }
}
