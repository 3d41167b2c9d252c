//! Distance of two in long names: restricted Damerau-Levenshtein, that is, optimal string alignment.

/// Names shorter than this are left alone: two slips make nearly any short name of any other.
pub(super) const LONG: usize = 12;

/// Whether two texts that begin alike, and differ by at most one character in length, are two slips apart.
pub(super) fn is_two(label: &[char], name: &[char]) -> bool {
    name.len() >= LONG
        && label.first() == name.first()
        && label.len().abs_diff(name.len()) <= 1
        && within_two(label, name) == Some(2)
}

/// The distance, if it is at most two.
fn within_two(a: &[char], b: &[char]) -> Option<usize> {
    if a.len().abs_diff(b.len()) > 2 {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        row.push(i + 1);
        for (j, cb) in b.iter().enumerate() {
            let at = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(&last, j) + usize::from(ca != cb)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca) {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        if row.iter().all(|distance| *distance > 2) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= 2)
}

#[cfg(test)]
mod tests {
    use super::within_two;

    #[test]
    fn distances_are_those_of_the_definition() {
        for (a, b, distance) in [
            ("bankofamerica", "bankofamerica", Some(0)),
            ("bankofamerica", "bankofmaerica", Some(1)),
            ("bankofamerica", "bnakofmaerica", Some(2)),
            ("bankofamerica", "bamkofamerca", Some(2)),
            ("ca", "abc", None),
            ("", "ab", Some(2)),
            ("bankofamerica", "deutschebanks", None),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(within_two(&chars(a), &chars(b)), distance, "{a} {b}");
        }
    }
}
