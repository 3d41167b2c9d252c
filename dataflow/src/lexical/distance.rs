//! Distance of two in long names: restricted Damerau-Levenshtein, that is, optimal string alignment.

use super::technique::{Edit, Why};

/// Names shorter than this are left alone: two slips make nearly any short name of any other.
pub(crate) const LONG: usize = 12;

/// The two slips by which a long name became a label that begins alike and is at most one character longer or shorter;
/// `None` if it took more or fewer. Positions are those of the name, but of what was inserted those of the label.
pub(super) fn two_slips(label: &[char], name: &[char]) -> Option<Vec<Edit>> {
    let fits = name.len() >= LONG && label.first() == name.first() && label.len().abs_diff(name.len()) <= 1;
    let rows = fits.then(|| distances(label, name)).flatten()?;
    (at(&rows, label.len(), name.len()) == 2).then(|| slips(&rows, label, name))
}

/// What one text costs of the other, for all beginnings of both; `None` once nothing is within two slips.
fn distances(label: &[char], name: &[char]) -> Option<Vec<Vec<usize>>> {
    let mut rows = vec![(0..=name.len()).collect::<Vec<usize>>()];
    for (i, written) in label.iter().enumerate() {
        let mut row = Vec::with_capacity(name.len() + 1);
        row.push(i + 1);
        for (j, meant) in name.iter().enumerate() {
            let beside = row.get(j).map_or(FAR, |left| left + 1);
            let mut least =
                (at(&rows, i, j) + usize::from(written != meant)).min(at(&rows, i, j + 1) + 1).min(beside);
            if crossed(label, name, i, j) {
                least = least.min(at(&rows, i - 1, j - 1) + 1);
            }
            row.push(least);
        }
        if row.iter().all(|distance| *distance > 2) {
            return None;
        }
        rows.push(row);
    }
    Some(rows)
}

/// More than any two labels are apart.
const FAR: usize = 1000;

fn at(rows: &[Vec<usize>], i: usize, j: usize) -> usize {
    rows.get(i).and_then(|row| row.get(j)).copied().unwrap_or(FAR)
}

/// Whether the characters at these places and the ones before are the same, exchanged.
fn crossed(label: &[char], name: &[char], i: usize, j: usize) -> bool {
    i > 0
        && j > 0
        && label.get(i) == name.get(j - 1)
        && label.get(i - 1) == name.get(j)
        && label.get(i) != name.get(j)
}

/// The way back through the distances, told from the beginning.
fn slips(rows: &[Vec<usize>], label: &[char], name: &[char]) -> Vec<Edit> {
    let (mut i, mut j, mut edits) = (label.len(), name.len(), Vec::new());
    while i > 0 || j > 0 {
        let here = at(rows, i, j);
        let written = i.checked_sub(1).and_then(|i| label.get(i)).copied();
        let meant = j.checked_sub(1).and_then(|j| name.get(j)).copied();
        match (written, meant) {
            (Some(written), Some(meant)) if written == meant && at(rows, i - 1, j - 1) == here => {
                (i, j) = (i - 1, j - 1);
            }
            (Some(first), Some(second))
                if i > 1 && j > 1 && crossed(label, name, i - 1, j - 1) && at(rows, i - 2, j - 2) + 1 == here =>
            {
                // Of the name the first is what the label has last.
                edits.push(Edit::Transposed { at: j - 1, first, second });
                (i, j) = (i - 2, j - 2);
            }
            (Some(to), Some(from)) if at(rows, i - 1, j - 1) + 1 == here => {
                edits.push(Edit::Replaced { at: j, from, to, why: Why::Plain });
                (i, j) = (i - 1, j - 1);
            }
            (Some(what), _) if i > 0 && at(rows, i - 1, j) + 1 == here => {
                edits.push(Edit::Inserted { at: i, what: what.into(), why: Why::Plain });
                i -= 1;
            }
            (_, Some(what)) => {
                edits.push(Edit::Omitted { at: j, what });
                j -= 1;
            }
            _ => break,
        }
    }
    edits.reverse();
    edits
}

#[cfg(test)]
mod tests {
    use super::two_slips;

    #[test]
    fn two_slips_are_told_and_no_other_number_of_them() {
        let told = |label: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let edits = two_slips(&chars(label), &chars("bankofamerica"))?;
            Some(edits.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        };
        let mut table = String::new();
        for label in [
            "bankofamerica",
            "bankofmaerica",
            "bnakofmaerica",
            "bamkofamerca",
            "baankofamerrica",
            "baankoframerica",
            "bankofameriac",
            "bankofamericxy",
            "bonkofamerico",
            "vankofamerico",
            "bankofamreica",
            "bnkofmerica",
            "bakofamericaa",
            "bankfoameirca",
            "deutschebanks",
            "bankofaerimca",
        ] {
            table += &format!("{label}: {}\n", told(label).unwrap_or_else(|| "-".into()));
        }
        insta::assert_snapshot!(table);
    }
}
