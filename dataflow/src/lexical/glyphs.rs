//! What a name looks like: its readings in ASCII, and whether one text is taken for another.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

use super::tables::{MOST_READINGS, Tables};
use super::technique::Glyph;

/// How many groups of ASCII characters may be written for others.
const ROUNDS: usize = 2;
/// A round replaces a group of two by at most four characters.
const GROWTH: usize = 2 * ROUNDS;

/// What a name is read as: nonspacing marks are taken off, confusables of UTS #39 and the tables' own code points are
/// read as what they look like, until nothing changes. At most 16 readings; ASCII reads as itself.
pub(super) fn readings(tables: &Tables, name: &[char]) -> Vec<Vec<char>> {
    let mut all = vec![Vec::with_capacity(name.len())];
    for c in name {
        let mut read = Vec::new();
        one(tables, *c, 0, &mut read);
        if let [only] = read.as_slice() {
            all.iter_mut().for_each(|reading| reading.extend(only));
        } else {
            let longer = |reading: &Vec<char>| {
                let reading = reading.clone();
                read.iter().map(move |end| [reading.as_slice(), end.as_slice()].concat()).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(longer).take(MOST_READINGS).collect();
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The readings of one code point; what it looks like may look like something else in turn.
fn one(tables: &Tables, c: char, depth: u8, read: &mut Vec<Vec<char>>) {
    if c.is_ascii() || depth > 3 {
        return read.push(vec![c.to_ascii_lowercase()]);
    }
    if let Some(known) = tables.readings.get(&c) {
        return read.extend(known.iter().map(|reading| reading.chars().collect()));
    }
    let mut text = [0; 4];
    let text: &str = c.encode_utf8(&mut text);
    let bare: Vec<char> = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let next = if bare == [c] { skeleton(text).flat_map(char::to_lowercase).collect() } else { bare };
    if next == [c] {
        return read.push(next);
    }
    // A code point that looks like several is read in one way only, the first of each.
    let mut whole = Vec::new();
    for c in &next {
        let mut parts = Vec::new();
        one(tables, *c, depth + 1, &mut parts);
        if next.len() == 1 {
            return read.extend(parts);
        }
        whole.extend(parts.into_iter().next().unwrap_or_default());
    }
    read.push(whole);
}

/// How `label` is taken for `name`, of which `reading` is a reading: what is written for what, or `None`.
///
/// Any number of code points beyond ASCII may be written for others, but at most two groups of ASCII characters, one
/// after the other, as dnstwist does it: a character or pair of its table, or two equal neighbours at once.
pub(super) fn looks_like(tables: &Tables, label: &[char], reading: &[char], name: &[char]) -> Option<Vec<Glyph>> {
    let written = beyond_ascii(tables, label);
    if reading == name {
        return Some(written);
    }
    if reading.len().abs_diff(name.len()) > GROWTH {
        return None;
    }
    let glyph = |(written, meant): (Vec<char>, Vec<char>)| Glyph {
        written: written.into_iter().collect(),
        meant: meant.into_iter().collect(),
    };
    let ascii = rounds(tables, name, reading)?;
    Some(ascii.into_iter().map(glyph).chain(written).collect())
}

fn beyond_ascii(tables: &Tables, label: &[char]) -> Vec<Glyph> {
    let glyph = |c: &char| {
        let mut read = Vec::new();
        one(tables, *c, 0, &mut read);
        let meant: Vec<String> = read.into_iter().map(|reading| reading.into_iter().collect()).collect();
        Glyph { written: c.to_string(), meant: meant.join("' or '") }
    };
    label.iter().filter(|c| !c.is_ascii()).map(glyph).collect()
}

type Step = (Vec<char>, Vec<char>);

/// The steps, at most two, that make `to` of `from`.
fn rounds(tables: &Tables, from: &[char], to: &[char]) -> Option<Vec<Step>> {
    if let Some(step) = one_round(tables, from, to) {
        return Some(vec![step]);
    }
    // One step makes the first difference. The other may be taken after it, unless it made what that one needs, the
    // character behind.
    let same = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let mut found = None;
    steps(tables, from, same + 2, &mut |at, width, written| {
        if from.len() + written.len() > to.len() + width + 1 || found.is_some() {
            return;
        }
        let (head, rest) = from.split_at(at);
        let (meant, tail) = rest.split_at(width);
        let between = [head, written, tail].concat();
        if let Some(second) = one_round(tables, &between, to) {
            found = Some(vec![(written.to_vec(), meant.to_vec()), second]);
        }
    });
    found
}

/// The step that makes `to` of `from`, if it takes one.
fn one_round(tables: &Tables, from: &[char], to: &[char]) -> Option<Step> {
    let same = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let mut found = None;
    steps(tables, from, same + 1, &mut |at, width, written| {
        if found.is_none() && from.len() - width + written.len() == to.len() {
            let (head, rest) = from.split_at(at);
            let (meant, tail) = rest.split_at(width);
            let fits =
                to.starts_with(head) && to.ends_with(tail) && to.get(at..at + written.len()) == Some(written);
            found = fits.then(|| (written.to_vec(), meant.to_vec()));
        }
    });
    found
}

/// Every step from a text that begins before `last`: where, how many characters, and what is written for them.
fn steps(tables: &Tables, text: &[char], last: usize, take: &mut impl FnMut(usize, usize, &[char])) {
    for (at, first) in text.iter().enumerate().take(last) {
        for look in tables.written_for(*first) {
            match look.second {
                None => take(at, 1, &look.written),
                second if text.get(at + 1).copied() == second => take(at, 2, &look.written),
                Some(_) => {}
            }
        }
    }
}

/// All ASCII texts that are taken for a name: one or two steps from it.
pub(super) fn candidates(tables: &Tables, name: &[char]) -> Vec<Vec<char>> {
    let mut all = vec![name.to_vec()];
    let mut ends = 0;
    for _ in 0..ROUNDS {
        let begins = std::mem::replace(&mut ends, all.len());
        for from in all.get(begins..).unwrap_or_default().to_vec() {
            steps(tables, &from, from.len(), &mut |at, width, written| {
                let (head, rest) = from.split_at(at);
                all.push([head, written, rest.get(width..).unwrap_or_default()].concat());
            });
        }
    }
    all.sort_unstable();
    all.dedup();
    all.retain(|text| text != name);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn a_name_is_read_as_what_it_looks_like() {
        let read = |text: &str| -> Vec<String> {
            readings(&Tables::shipped(), &chars(text))
                .into_iter()
                .map(|reading| reading.into_iter().collect())
                .collect()
        };
        for (written, meant) in [
            ("paypal", "paypal"),
            ("раураӏ", "paypai paypal"),
            ("bücher", "bucher"),
            ("gооgle", "google"),
            ("ᴘaypal", "paypal"),
            ("næsa", "naesa"),
            ("œuf", "ceuf oeuf"),
            ("日本", "日本"),
        ] {
            assert_eq!(read(written).join(" "), meant, "{written}");
        }
    }

    #[test]
    fn readings_do_not_grow_without_end() {
        assert_eq!(readings(&Tables::shipped(), &['œ'; 60]).len(), MOST_READINGS);
    }

    #[test]
    fn two_groups_may_be_written_for_others_and_not_three() {
        let like = |label: &str, name: &str| {
            let (label, name) = (chars(label), chars(name));
            looks_like(&Tables::shipped(), &label, &label, &name)
                .map(|glyphs| glyphs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        };
        assert_eq!(like("paypa1", "paypal").as_deref(), Some("'1' for 'l'"));
        assert_eq!(like("rnodem", "modern").as_deref(), Some("'rn' for 'm', 'm' for 'rn'"));
        assert_eq!(like("g00gle", "google").as_deref(), Some("'00' for 'oo'"));
        assert_eq!(like("rnoclern", "modern").as_deref(), Some("'rn' for 'm', 'cl' for 'd'"));
        assert_eq!(like("paypal", "paypal").as_deref(), Some(""));
        assert_eq!(like("0iiue", "olive"), None);
    }

    #[test]
    fn every_candidate_is_taken_for_its_name() {
        let tables = Tables::shipped();
        for name in ["google", "modern", "wwwbank", "lily", "ddll", "nn", "rnm"] {
            let name = chars(name);
            for made in candidates(&tables, &name) {
                assert!(looks_like(&tables, &made, &made, &name).is_some(), "{made:?} {name:?}");
            }
        }
    }
}
