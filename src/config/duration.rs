//! Durations as people write them: `30s`, `5m`, `12h`, `7d`.

const UNITS: [(&str, u64); 5] = [("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];

/// Milliseconds of a duration; none when it is not one.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (number, unit) = UNITS.iter().find_map(|(unit, ms)| Some((text.strip_suffix(unit)?, *ms)))?;
    number.trim().parse::<u64>().ok()?.checked_mul(unit)
}

/// A duration in the largest unit that divides it.
pub(crate) fn show(ms: u64) -> String {
    let fitting = UNITS[1..].iter().find(|(_, unit)| ms > 0 && ms.is_multiple_of(*unit));
    let (unit, size) = fitting.unwrap_or(&UNITS[0]);
    format!("{}{unit}", ms / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_trip() {
        for (text, ms) in
            [("30s", 30_000), ("5m", 300_000), ("12h", 43_200_000), ("7d", 604_800_000), ("250ms", 250)]
        {
            assert_eq!(parse(text), Some(ms), "{text}");
            assert_eq!(show(ms), text);
        }
        for text in ["", "5", "m", "5 weeks", "-1s", "99999999999999999999d"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
