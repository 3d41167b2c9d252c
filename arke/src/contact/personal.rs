//! Names, telephone numbers and other text of people.

use std::fmt;

/// The longest text of a person that is kept, in characters.
const MAX_CHARS: usize = 200;

/// Text of a person: cleaned when it is made, masked when it is shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personal(String);

impl Personal {
    /// The text without what must not be in a header or a line; none if nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Personal> {
        let text = clean(text);
        (!text.is_empty()).then_some(Personal(text))
    }

    /// The text itself: for the mail to that person, and for the registry's own lists.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(***)")
    }
}

/// Text from outside that may go into a header or a line: controls, line and paragraph separators, and the characters
/// that turn the direction of writing or are not seen become blanks; blanks are joined; at most 200
/// characters remain.
#[must_use]
pub fn clean(text: &str) -> String {
    let seen = |c: char| if c.is_control() || is_unseen(c) { ' ' } else { c };
    let words: String = text.chars().map(seen).collect();
    let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(MAX_CHARS).collect::<String>().trim_end().to_owned()
}

/// Separators, bidirectional controls, joiners and other format characters (Unicode, general categories Zl, Zp, Cf).
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::{MAX_CHARS, Personal, clean};

    #[test]
    fn what_a_header_must_not_hold_is_gone() {
        let rows = [
            ("Ann\r\nBcc: all@example", "Ann Bcc: all@example"),
            ("\u{202e}evil\u{202c} name", "evil name"),
            ("a\u{2028}b\u{0}c\t d", "a b c d"),
            ("  Jörg  Müller ", "Jörg Müller"),
            ("\u{200b}\r\n", ""),
        ];
        for (from, to) in rows {
            assert_eq!(clean(from), to, "{from:?}");
        }
        assert_eq!(clean(&"é".repeat(500)).chars().count(), MAX_CHARS);
    }

    #[test]
    fn it_does_not_show_itself() {
        let name = Personal::new("Jörg Müller").unwrap();
        assert_eq!((format!("{name:?}").as_str(), name.reveal()), ("Personal(***)", "Jörg Müller"));
        assert_eq!(Personal::new(" \r\n "), None);
    }
}
