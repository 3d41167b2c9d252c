//! Answers of people to a notice.

use mailparse::{MailHeaderMap, ParsedMail};

use super::{About, Incoming, bracketed};

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// It is mended.
    Fixed,
    /// The recipient has nothing to do with the name.
    NotOurs,
    /// Something that a person has to read.
    Else,
}

/// The words by which an answer is understood, one list for all languages of the notices, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// For [`Says::Fixed`].
    pub fixed: Vec<String>,
    /// For [`Says::NotOurs`].
    pub not_ours: Vec<String>,
}

impl Default for Words {
    fn default() -> Words {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Words {
            fixed: list(&["fixed", "réglé", "regle", "resuelto"]),
            not_ours: list(&["not ours", "not mine", "pas à nous", "pas a nous", "no es nuestro"]),
        }
    }
}

/// An answer, if the mail refers to anything.
pub(super) fn read(mail: &ParsedMail<'_>, words: &Words) -> Incoming {
    let header = |name: &str| mail.headers.get_first_value(name).unwrap_or_default();
    let (answered, thread) = (header("In-Reply-To"), header("References"));
    let mut about: Vec<About> = bracketed(&answered).chain(bracketed(&thread)).map(About::HeaderId).collect();
    let subject = header("Subject");
    about.extend(reference(&subject).map(About::Reference));
    about.dedup();
    if about.is_empty() {
        return Incoming::Other;
    }
    Incoming::Answer { about, says: says(&text(mail).unwrap_or_default(), words) }
}

/// What stands in the last square brackets.
fn reference(subject: &str) -> Option<String> {
    let (before, _) = subject.rsplit_once(']')?;
    let (_, reference) = before.rsplit_once('[')?;
    (!reference.trim().is_empty()).then(|| reference.trim().to_owned())
}

/// The first part of plain text.
fn text(mail: &ParsedMail<'_>) -> Option<String> {
    mail.parts().find(|part| part.ctype.mimetype == "text/plain" && part.subparts.is_empty())?.get_body().ok()
}

/// What the first line says that the writer wrote: all of it, or its beginning up to a mark.
fn says(text: &str, words: &Words) -> Says {
    let own = |line: &&str| !line.is_empty() && !line.starts_with('>');
    let Some(line) = text.lines().map(str::trim).find(own) else { return Says::Else };
    let line = line.to_lowercase();
    let begins = |word: &String| {
        line.strip_prefix(word.as_str())
            .is_some_and(|rest| !rest.starts_with(|c: char| c == ' ' || c.is_alphanumeric()))
    };
    // "not fixed" begins with no word of the list, and "fixed it? no" does not end at a mark: both are for a person.
    if words.not_ours.iter().any(begins) {
        Says::NotOurs
    } else if words.fixed.iter().any(begins) {
        Says::Fixed
    } else {
        Says::Else
    }
}

#[cfg(test)]
mod tests {
    use super::{Says, Words, reference, says};

    #[test]
    fn only_what_is_clear_is_understood() {
        let rows = [
            ("Fixed", Says::Fixed),
            ("fixed.\n> Is it fixed?", Says::Fixed),
            ("\n\nFIXED, we removed the page", Says::Fixed),
            ("Not ours!", Says::NotOurs),
            ("not mine", Says::NotOurs),
            ("Not fixed", Says::Else),
            ("fixed it? no", Says::Else),
            ("> fixed\nWhat is this?", Says::Else),
            ("prefixed", Says::Else),
            ("", Says::Else),
        ];
        for (text, expected) in rows {
            assert_eq!(says(text, &Words::default()), expected, "{text:?}");
        }
        let german = Words { fixed: vec!["behoben".to_owned()], not_ours: Vec::new() };
        assert_eq!(says("Behoben - danke", &german), Says::Else);
        assert_eq!(says("Behoben. Danke", &german), Says::Fixed);
    }

    #[test]
    fn the_reference_is_in_the_last_brackets() {
        assert_eq!(reference("Re: [ext] Phishing at shop.xx [XX-1a2b]").as_deref(), Some("XX-1a2b"));
        assert_eq!(reference("Re: your mail"), None);
        assert_eq!(reference("] ["), None);
        assert_eq!(reference("[ ]"), None);
    }
}
