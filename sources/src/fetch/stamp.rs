//! The instant that the name of a file speaks of.

use panopticon_model::time::Epoch;

/// The first date in a name: `2025-03-01` or `20250301`, with `T101500Z` or `T10:15:00Z` behind it if the name
/// gives a time; the signs between the parts of a time may be any. None if there is no such date.
#[must_use]
pub fn stamp_in_name(name: &str) -> Option<Epoch> {
    let bytes = name.as_bytes();
    (0..bytes.len())
        .filter(|&at| at == 0 || !bytes[at - 1].is_ascii_digit())
        .find_map(|at| stamp_at(name.get(at..)?))
}

fn stamp_at(text: &str) -> Option<Epoch> {
    let (year, rest) = digits(text, 4)?;
    let dashed = rest.starts_with('-');
    let (month, rest) = digits(rest.strip_prefix('-').unwrap_or(rest), 2)?;
    if rest.starts_with('-') != dashed {
        return None;
    }
    let (day, rest) = digits(rest.strip_prefix('-').unwrap_or(rest), 2)?;
    if rest.starts_with(|next: char| next.is_ascii_digit()) {
        return None;
    }
    let date = format!("{year}-{month}-{day}");
    match rest.strip_prefix('T').and_then(time) {
        Some(time) => format!("{date}T{time}Z").parse().ok(),
        None => date.parse().ok(),
    }
}

/// `HHMMSS`, with any one sign between the parts.
fn time(text: &str) -> Option<String> {
    let (hours, rest) = digits(text, 2)?;
    let (minutes, rest) = digits(sign(rest), 2)?;
    let (seconds, rest) = digits(sign(rest), 2)?;
    (!rest.starts_with(|next: char| next.is_ascii_digit())).then(|| format!("{hours}:{minutes}:{seconds}"))
}

fn sign(text: &str) -> &str {
    text.strip_prefix([':', '-', '_', '.']).unwrap_or(text)
}

fn digits(text: &str, count: usize) -> Option<(&str, &str)> {
    let (head, rest) = text.split_at_checked(count)?;
    head.bytes().all(|byte| byte.is_ascii_digit()).then_some((head, rest))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;

    #[test]
    fn dates_in_names() {
        for (name, stamp) in [
            ("2025-03-01.txt", Some("2025-03-01")),
            ("xx-20250301.zone.gz", Some("2025-03-01")),
            ("feed_20250301T101500Z.csv", Some("2025-03-01T10:15:00Z")),
            ("feed_2025-03-01T10-15-00Z.csv", Some("2025-03-01T10:15:00Z")),
            ("feed-v12-2025-03-01", Some("2025-03-01")),
            ("99999999-20250301", Some("2025-03-01")),
            ("20250301Txx.csv", Some("2025-03-01")),
            ("2025-02-30.txt", None),
            ("202503011.txt", None),
            ("1202503.txt", None),
            ("2025-0301.txt", None),
            ("latest.txt", None),
            ("é2025", None),
            ("", None),
        ] {
            assert_eq!(stamp_in_name(name), stamp.map(|text| text.parse().unwrap()), "{name}");
        }
    }
}
