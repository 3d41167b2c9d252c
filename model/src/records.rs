//! `records.sql`: the rules that its writer and its readers share. The writer is a sink; the reader is `arke`,
//! or anybody's program.
//!
//! The file holds tables of three kinds of values. Texts are printable ASCII without a backslash: whatever else a
//! text holds is written as percent-encoded UTF-8 ([`plain`]). So a literal reads the same in every SQL dialect,
//! mode, character set and client, and a tab, a line feed or a backslash can serve as a mark in the digest.
//!
//! **Digest.** For each table, in the order of its `CREATE TABLE`: its name and a line feed, then each row in the
//! order of its primary key: values separated by tabs, NULL as `\N`, ended by a line feed. The table `meta` is the
//! last one and goes in without its column `digest`. The digest is BLAKE3 of that text. It is the text that
//! PostgreSQL's `COPY (SELECT * FROM t ORDER BY key) TO STDOUT` prints.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The version of the file: readers refuse another major, and ignore tables and columns that they do not know.
pub const SCHEMA_VERSION: &str = "1.4";

/// The table that says what the file is; its one row comes last, so a torn file has none.
pub const META: &str = "meta";

/// The column of [`META`] that holds the digest.
pub const DIGEST: &str = "digest";

/// How many days of `daily_diffs` the file holds, its own day included.
pub const DIFF_DAYS: u32 = 14;

/// A value in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A count, an instant in milliseconds, or 0 and 1 for no and yes.
    Number(i64),
    /// A text, already [`plain`].
    Text(String),
}

impl Value {
    /// A text, made plain.
    #[must_use]
    pub fn text(text: &str) -> Value {
        Value::Text(plain(text).into_owned())
    }
}

/// A text in the alphabet of the file: printable ASCII stands for itself, but a backslash, control characters and
/// everything beyond ASCII become percent-encoded UTF-8.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    encode(text, |byte| matches!(byte, b' '..=b'~') && byte != b'\\')
}

/// A word, or a few, in the alphabet of the file that can stand in a comma-separated list and in JSON quotes.
#[must_use]
pub fn plain_word(text: &str) -> Cow<'_, str> {
    encode(text, |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'\\' | b',' | b'"'))
}

fn encode(text: &str, stands: fn(u8) -> bool) -> Cow<'_, str> {
    if text.bytes().all(stands) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if stands(byte) {
            plain.push(char::from(byte));
        } else {
            let _ = write!(plain, "%{byte:02X}");
        }
    }
    Cow::Owned(plain)
}

/// The digest of a file while its rows pass by.
#[derive(Clone, Debug, Default)]
pub struct Digest(blake3::Hasher);

impl Digest {
    /// The digest of nothing yet.
    #[must_use]
    pub fn new() -> Digest {
        Digest::default()
    }

    /// The rows that follow are of this table.
    pub fn table(&mut self, name: &str) {
        self.0.update(name.as_bytes());
        self.0.update(b"\n");
    }

    /// A row.
    pub fn row<'a>(&mut self, values: impl IntoIterator<Item = &'a Value>) {
        let mut line = String::new();
        for (column, value) in values.into_iter().enumerate() {
            if column > 0 {
                line.push('\t');
            }
            match value {
                Value::Null => line.push_str("\\N"),
                Value::Number(number) => {
                    let _ = write!(line, "{number}");
                }
                Value::Text(text) => line.push_str(text),
            }
        }
        line.push('\n');
        self.0.update(line.as_bytes());
    }

    /// The digest as 64 hexadecimal digits.
    #[must_use]
    pub fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_plain() {
        for (text, expected) in [
            ("http://example.xx/a'b?c=%20", "http://example.xx/a'b?c=%20"),
            ("C:\\temp", "C:%5Ctemp"),
            ("a\r\nb\0", "a%0D%0Ab%00"),
            ("é", "%C3%A9"),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(plain_word("a,\"b\" c"), "a%2C%22b%22 c");
    }

    #[test]
    fn the_digest_is_that_of_the_copied_text() {
        let mut digest = Digest::new();
        digest.table("cases");
        digest.row(&[Value::text(""), Value::Null, Value::Number(-7)]);
        assert_eq!(digest.finish(), blake3::hash(b"cases\n\t\\N\t-7\n").to_hex().to_string());
    }
}
