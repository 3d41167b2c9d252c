//! The country of a contact, by which its language may be guessed.

/// Calling codes of one country each.
const CALLING_CODES: &str = include_str!("calling_codes.tsv");

/// The first of some codes that has the form of one, in capitals.
pub(super) fn of_codes(codes: &[String]) -> Option<String> {
    let mut codes = codes.iter().map(|code| code.trim());
    let code = codes.find(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))?;
    Some(code.to_ascii_uppercase())
}

/// The country of a telephone number that begins with `+`. EPP writes a point after the calling code (RFC 5733, 2.5);
/// elsewhere no code begins another, so one at most fits.
pub(super) fn of_phone(number: &str) -> Option<&'static str> {
    let number = number.trim().strip_prefix('+')?;
    let of_epp = number.split_once('.').map(|(code, _)| code);
    let digits: String = number.chars().filter(char::is_ascii_digit).take(3).collect();
    let mut rows = CALLING_CODES.lines().filter_map(|line| line.split_once('\t'));
    let is_it = |code: &str| of_epp.map_or(digits.starts_with(code), |of_epp| of_epp == code);
    rows.find(|(code, _)| is_it(code)).map(|(_, country)| country)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_addresses() {
        let check = |codes: &[&str]| of_codes(&codes.iter().map(|&code| code.to_owned()).collect::<Vec<_>>());
        assert_eq!(check(&["", "Cz", "de"]).as_deref(), Some("CZ"));
        assert_eq!(check(&["Czechia", "č"]), None);
    }

    #[test]
    fn calling_codes() {
        for (number, expected) in [
            ("+420.555010123", Some("CZ")),
            ("+421-555", Some("SK")),
            ("+49 555", Some("DE")),
            ("+420555010123", Some("CZ")),
            ("+4.20555", None),
            ("+99.5550002", None),
            ("+4", None),
            ("+1.5550100", None),
            ("+7.5550100", None),
            ("0049555", None),
            ("+", None),
        ] {
            assert_eq!(of_phone(number), expected, "{number}");
        }
    }

    #[test]
    fn no_code_begins_another() {
        let codes: Vec<&str> =
            CALLING_CODES.lines().skip(1).map(|line| line.split_once('\t').unwrap().0).collect();
        for code in &codes {
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()) && (1..=3).contains(&code.len()), "{code}");
            assert_eq!(codes.iter().filter(|other| other.starts_with(code)).count(), 1, "{code}");
        }
    }
}
