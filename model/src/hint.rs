//! Hints: the known word that was probably meant, of keys in configuration files.

/// The known word that is nearest to another: at most a third of its letters differ.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|key| (distance(word, key), key))
        .filter(|(far, key)| far * 3 <= key.len().max(3))
        .min()
        .map(|(_, key)| key)
}

/// What serde says of an unknown field, as a message about a key, and what was probably meant; none for other errors.
#[must_use]
pub fn unknown_key(message: &str) -> Option<(String, String)> {
    let rest = message.strip_prefix("unknown field")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    let hint = match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys: {}", known.join(", ")),
    };
    Some((format!("unknown key `{unknown}`"), hint))
}

/// Edit distance (Levenshtein), for hints.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::unknown_key;

    #[test]
    fn an_unknown_key_has_its_neighbour() {
        let said = |unknown: &str| unknown_key(&format!("unknown field `{unknown}`, expected `url` or `records`"));
        assert_eq!(said("recrods"), Some(("unknown key `recrods`".into(), "did you mean `records`?".into())));
        assert_eq!(said("zone"), Some(("unknown key `zone`".into(), "known keys: url, records".into())));
        assert_eq!(unknown_key("invalid type: map"), None);
    }
}
