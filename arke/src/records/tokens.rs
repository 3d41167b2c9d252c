//! The tokens of the script. Comments are of two kinds: `-- …` to the end of the line, and `/*!40101 … */`, which
//! speaks to MariaDB alone. Neither is looked into.

use super::RecordsError;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword or a name, quoted or not.
    Word(&'a str),
    /// A literal text, quotes undone.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `(`, `)`, `,` or `;`.
    Mark(char),
    /// The end of the text.
    End,
}

/// A walk over the tokens of a text.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// Lines before the text.
    lines: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str, lines: usize) -> Tokens<'a> {
        Tokens { text, at: 0, lines }
    }

    /// The line that is reached, from 1.
    pub(super) fn line(&self) -> usize {
        self.lines + self.text.bytes().take(self.at).filter(|byte| *byte == b'\n').count() + 1
    }

    /// Whether nothing but blanks and comments is left.
    pub(super) fn is_over(&mut self) -> Result<bool, RecordsError> {
        let at = self.at;
        let token = self.next()?;
        self.at = at;
        Ok(token == Token::End)
    }

    pub(super) fn foreign(&self, wanted: &'static str, found: &Token<'_>) -> RecordsError {
        let found = match found {
            Token::End => return RecordsError::Torn,
            Token::Word(word) => format!("`{word}`"),
            Token::Text(_) => "a text".to_owned(),
            Token::Number(number) => number.to_string(),
            Token::Mark(mark) => format!("`{mark}`"),
        };
        RecordsError::Foreign { line: self.line(), wanted, found }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token<'a>, RecordsError> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with("-- ") {
                self.at += rest.find('\n').ok_or(RecordsError::Torn)?;
            } else if rest.starts_with("/*!40101 ") {
                self.at += rest.find("*/").ok_or(RecordsError::Torn)? + 2;
            } else {
                return self.token(rest);
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn token(&mut self, rest: &'a str) -> Result<Token<'a>, RecordsError> {
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        let (token, length) = match first {
            '(' | ')' | ',' | ';' => (Token::Mark(first), 1),
            '\'' => return self.literal(rest),
            '"' => {
                let inner = rest.get(1..).unwrap_or_default();
                let end = inner.find('"').ok_or(RecordsError::Torn)?;
                (Token::Word(inner.get(..end).unwrap_or_default()), end + 2)
            }
            'A'..='Z' | 'a'..='z' | '_' => {
                let word = prefix(rest, |c| c.is_ascii_alphanumeric() || c == '_');
                (Token::Word(word), word.len())
            }
            '0'..='9' | '-' => {
                let digits = prefix(rest, |c| c.is_ascii_digit() || c == '-');
                let Ok(number) = digits.parse() else {
                    return Err(self.foreign("a number", &Token::Word(digits)));
                };
                (Token::Number(number), digits.len())
            }
            other => return Err(self.foreign("a statement of ours", &Token::Mark(other))),
        };
        self.at += length;
        Ok(token)
    }

    fn literal(&mut self, rest: &'a str) -> Result<Token<'a>, RecordsError> {
        let mut text = String::new();
        let mut inner = rest.get(1..).unwrap_or_default();
        loop {
            let end = inner.find('\'').ok_or(RecordsError::Torn)?;
            let part = inner.get(..end).unwrap_or_default();
            if part.contains('\n') {
                return Err(self.foreign("a text within its line", &Token::Text(String::new())));
            }
            text.push_str(part);
            inner = inner.get(end + 1..).unwrap_or_default();
            match inner.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    inner = more;
                }
                None => break,
            }
        }
        self.at += rest.len() - inner.len();
        Ok(Token::Text(text))
    }
}

fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
