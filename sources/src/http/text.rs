//! Words of strangers, made fit to be kept: short, on one line, in reading order, without e-mail addresses.

use compact_str::CompactString;
use panopticon_model::url::mask_mail_within;

/// Characters of a title, a header, or a part of a certificate.
pub(super) const MAX_WORDS: usize = 200;
/// Characters that are looked at for them: what was cut off is no loss, what is masked is shorter afterwards.
const MAX_LOOKED_AT: usize = 4096;

/// Cleans a text: each run of white space becomes one blank, control characters and those that turn the direction of
/// writing go (Unicode UAX #9, "explicit directional formatting"), e-mail addresses are masked, and what remains is
/// cut after [`MAX_WORDS`] characters. None if nothing remains.
pub(super) fn clean(text: &str) -> Option<CompactString> {
    let mut plain = String::new();
    for char in text.chars().take(MAX_LOOKED_AT) {
        if !char.is_whitespace() {
            plain.extend(Some(char).filter(|char| !is_unwanted(*char)));
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    let cut = mask_mail_within(plain.trim(), MAX_WORDS);
    let cut = CompactString::from(cut.trim_end());
    (!cut.is_empty()).then_some(cut)
}

/// Cleans octets that should be text; what is no UTF-8 becomes U+FFFD.
pub(super) fn clean_bytes(bytes: &[u8]) -> Option<CompactString> {
    clean(&String::from_utf8_lossy(bytes.get(..4 * MAX_LOOKED_AT).unwrap_or(bytes)))
}

fn is_unwanted(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        // Zero-width blanks, marks of order and annotations: they show nothing and hide words from a search.
        || matches!(char, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{AD}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;

    #[test]
    fn words_are_cleaned() {
        for (text, cleaned) in [
            ("Sign in", Some("Sign in")),
            ("  Sign\r\n\t in \u{a0}now ", Some("Sign in now")),
            ("\u{202e}gnihsihp\u{2066}\u{200b}", Some("gnihsihp")),
            ("a\0b\u{1b}[31mc", Some("ab[31mc")),
            ("mail to someone@bank.example now", Some("mail to [email] now")),
            ("some\u{200b}one@bank.example", Some("[email]")),
            (" \u{feff}\n", None),
            ("", None),
        ] {
            assert_eq!(clean(text).as_deref(), cleaned, "{text:?}");
        }
        assert_eq!(clean(&"ü ".repeat(5000)).unwrap().chars().count(), 199);
        assert_eq!(clean_bytes(b"caf\xe9").as_deref(), Some("caf\u{fffd}"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_becomes_one_short_line(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..6000)) {
            if let Some(cleaned) = clean_bytes(&bytes) {
                assert!(cleaned.chars().count() <= MAX_WORDS && !cleaned.contains(char::is_control), "{cleaned:?}");
                assert_eq!(cleaned.trim(), cleaned);
            }
        }
    }
}
