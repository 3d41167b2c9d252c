//! The ten techniques of a slipping hand, to the letter of dnstwist 20250130, told from a pair of names and made from
//! one: [`slips`] says which of them lead from a name to a label, [`candidates`] makes all labels that they lead to.

use std::collections::BTreeSet;

use super::tables::Tables;
use super::technique::{Edit, Technique, Why};

/// A technique, and what it did.
pub(super) type Finding = (Technique, Edit);

const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];
const SIBILANTS: [char; 3] = ['s', 'x', 'z'];

/// Whether a label can be a candidate at all: dnstwist drops what IDNA2008 refuses for its hyphens.
pub(super) fn hyphens_fit(label: &[char]) -> bool {
    label.first() != Some(&'-') && label.last() != Some(&'-') && label.get(2..4) != Some(&['-', '-'])
}

/// The typing techniques that lead from `name` to `label`, which differ.
pub(super) fn slips(tables: &Tables, label: &[char], name: &[char]) -> Vec<Finding> {
    if !hyphens_fit(label) {
        return Vec::new();
    }
    let same = label.iter().zip(name).take_while(|(a, b)| a == b).count();
    let behind = |label_at: usize, name_at: usize| label.get(label_at..) == name.get(name_at..);
    if label.len() == name.len() + 1 {
        if behind(same + 1, same) { inserted(tables, label, name, same) } else { Vec::new() }
    } else if label.len() + 1 == name.len() {
        let what = name.get(same).filter(|_| behind(same, same + 1));
        what.map(|what| (Technique::Omission, Edit::Omitted { at: same + 1, what: *what })).into_iter().collect()
    } else if label.len() == name.len() + 2 {
        plural_es(label, name).into_iter().collect()
    } else if label.len() == name.len() {
        let Some((from, to)) = name.get(same).copied().zip(label.get(same).copied()) else { return Vec::new() };
        if behind(same + 1, same + 1) {
            return replaced(tables, same, from, to);
        }
        let crossed = name.get(same + 1) == Some(&to) && label.get(same + 1) == Some(&from);
        let edit = Edit::Transposed { at: same + 1, first: from, second: to };
        Some((Technique::Transposition, edit))
            .filter(|_| crossed && behind(same + 2, same + 2))
            .into_iter()
            .collect()
    } else {
        Vec::new()
    }
}

/// One character was put in, before the character `last` of the name or, in a run of the same, further ahead.
fn inserted(tables: &Tables, label: &[char], name: &[char], last: usize) -> Vec<Finding> {
    let Some(&what) = label.get(last) else { return Vec::new() };
    let length = name.len();
    let run = name.iter().take(last).rev().take_while(|c| **c == what).count();
    let (first, mut found) = (last - run, Vec::new());
    let mut find = |technique, at: usize, why| {
        found.push((technique, Edit::Inserted { at: at + 1, what: what.into(), why }));
    };
    let places = first..=last;
    let before = |at: usize| at.checked_sub(1).and_then(|at| name.get(at)).copied();
    let joins = |at: &usize| *at == length || name.get(*at) == Some(&'-');
    if (what.is_ascii_lowercase() || what.is_ascii_digit())
        && let Some(at) = places.clone().find(joins)
    {
        find(Technique::Addition, at, Why::Plain);
    }
    if what == '-'
        && let Some(at) = places.clone().find(|at| *at > 0 && *at < length)
    {
        find(Technique::Hyphenation, at, Why::Plain);
    }
    // The last character of the name has no neighbours put in beside it.
    let key = |at: usize| name.get(at).copied().filter(|_| at + 1 < length);
    let neighbour = |at: usize| {
        let keys = [at.checked_sub(1).and_then(key), key(at)];
        keys.into_iter().flatten().find_map(|key| {
            let layout = tables.beside(key, what)?.to_owned();
            Some((at, Why::Neighbour { layout, key }))
        })
    };
    if let Some((at, why)) = places.clone().find_map(neighbour) {
        find(Technique::Insertion, at, why);
    }
    let plural = |at: &usize| *at >= 3 && at + 2 <= length && before(*at).is_some_and(|c| !SIBILANTS.contains(&c));
    if what == 's'
        && let Some(at) = places.clone().find(plural)
    {
        find(Technique::Plural, at, Why::Plain);
    }
    if run > 0 {
        find(Technique::Repetition, last, Why::Double);
    }
    found
}

/// The plurals of a name that are two characters longer.
pub(super) fn plurals_in_es(name: &[char]) -> impl Iterator<Item = Vec<char>> {
    let sibilant = |at: &usize| name.get(*at).is_some_and(|c| SIBILANTS.contains(c));
    let places = (2..name.len().saturating_sub(2)).filter(sibilant);
    places.map(|at| {
        let (head, tail) = name.split_at(at + 1);
        [head, &['e', 's'], tail].concat()
    })
}

fn plural_es(label: &[char], name: &[char]) -> Option<Finding> {
    let places = 3..(name.len() + 1).saturating_sub(2);
    let fits = |at: &usize| {
        let sibilant = at.checked_sub(1).and_then(|at| name.get(at)).is_some_and(|c| SIBILANTS.contains(c));
        sibilant
            && label.get(..*at) == name.get(..*at)
            && label.get(*at..at + 2) == Some(&['e', 's'])
            && label.get(at + 2..) == name.get(*at..)
    };
    let at = places.into_iter().find(fits)?;
    Some((Technique::Plural, Edit::Inserted { at: at + 1, what: "es".into(), why: Why::Plain }))
}

fn replaced(tables: &Tables, at: usize, from: char, to: char) -> Vec<Finding> {
    let edit = |why| Edit::Replaced { at: at + 1, from, to, why };
    let mut found = Vec::new();
    let bits = u32::from(from) ^ u32::from(to);
    if bits.is_power_of_two() && bits <= 128 && is_plain(to) {
        found.push((Technique::Bitsquatting, edit(Why::Bit)));
    }
    if let Some(layout) = tables.beside(from, to) {
        found.push((Technique::Replacement, edit(Why::Neighbour { layout: layout.into(), key: from })));
    }
    if VOWELS.contains(&from) && VOWELS.contains(&to) {
        found.push((Technique::VowelSwap, edit(Why::Vowel)));
    }
    found
}

fn is_plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

/// All labels that the typing techniques make of a name, each with its technique, in order; the name itself is none.
/// About 70 for each character: for a new protected name, whose look-alikes are then looked up among the names that
/// there are.
pub(super) fn candidates(tables: &Tables, name: &[char]) -> BTreeSet<(Technique, String)> {
    let mut made = BTreeSet::new();
    let length = name.len();
    let mut make = |technique, from: usize, to: usize, middle: &[char]| {
        let head = name.get(..from).unwrap_or_default();
        let tail = name.get(to..).unwrap_or_default();
        let label = [head, middle, tail].concat();
        if label != name && hyphens_fit(&label) && !label.is_empty() {
            made.insert((technique, label.into_iter().collect()));
        }
    };
    let letters = || ('0'..='9').chain('a'..='z');
    letters().for_each(|c| make(Technique::Addition, length, length, &[c]));
    for (at, &c) in name.iter().enumerate() {
        if c == '-' {
            letters().for_each(|added| make(Technique::Addition, at, at, &[added]));
        }
        if at > 0 {
            make(Technique::Hyphenation, at, at, &['-']);
        }
        if at + 1 < length {
            for neighbour in tables.neighbours(c) {
                make(Technique::Insertion, at, at, &[neighbour]);
                make(Technique::Insertion, at + 1, at + 1, &[neighbour]);
            }
            if let Some(&next) = name.get(at + 1) {
                make(Technique::Transposition, at, at + 2, &[next, c]);
            }
        }
        make(Technique::Omission, at, at + 1, &[]);
        make(Technique::Repetition, at, at, &[c]);
        tables.neighbours(c).for_each(|neighbour| make(Technique::Replacement, at, at + 1, &[neighbour]));
        let flipped = (0..8).filter_map(|bit| char::from_u32(u32::from(c) ^ (1 << bit)));
        flipped.filter(|c| is_plain(*c)).for_each(|c| make(Technique::Bitsquatting, at, at + 1, &[c]));
        if VOWELS.contains(&c) {
            VOWELS.iter().for_each(|vowel| make(Technique::VowelSwap, at, at + 1, &[*vowel]));
        }
        if (2..length.saturating_sub(2)).contains(&at) {
            let added: &[char] = if SIBILANTS.contains(&c) { &['e', 's'] } else { &['s'] };
            make(Technique::Plural, at + 1, at + 1, added);
        }
    }
    made
}
