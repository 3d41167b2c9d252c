//! Cuts a script into statements, so that no more than one of them is in memory.
//!
//! Our writer ends each statement with `;` and a line feed, and no text of its holds a line feed: a line that ends with
//! `;` ends a statement.

use std::io::{BufRead, Read};
use std::path::PathBuf;

use super::RecordsError;

/// The longest statement that is read: our writer ends one early at a sixteenth of that, and the longest row has room.
const MAX_STATEMENT: usize = 4 << 20;

/// A walk over the statements of a script.
pub(super) struct Statements<R> {
    input: R,
    text: Vec<u8>,
    /// Lines before the statement.
    lines: usize,
    /// Lines in the statement.
    own_lines: usize,
}

impl<R: BufRead> Statements<R> {
    pub(super) fn new(input: R) -> Statements<R> {
        Statements { input, text: Vec::new(), lines: 0, own_lines: 0 }
    }

    /// The next statement, and the lines before it; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(&str, usize)>, RecordsError> {
        self.text.clear();
        self.lines += std::mem::take(&mut self.own_lines);
        loop {
            let before = self.text.len();
            let room = (MAX_STATEMENT + 1 - before) as u64;
            let read = self.input.by_ref().take(room).read_until(b'\n', &mut self.text);
            let read = read.map_err(|source| RecordsError::Io { path: PathBuf::from("records.sql"), source })?;
            if self.text.len() > MAX_STATEMENT {
                let (line, wanted) = (self.lines + self.own_lines + 1, "a statement of at most 4 MiB");
                return Err(RecordsError::Foreign { line, wanted, found: "a longer one".to_owned() });
            }
            let line = self.text.get(before..).unwrap_or_default();
            let plain = |byte: u8| byte == b'\n' || (matches!(byte, b' '..=b'~') && byte != b'\\');
            if let Some(octet) = line.iter().copied().find(|byte| !plain(*byte)) {
                return Err(RecordsError::NotPlain { line: self.lines + self.own_lines + 1, octet });
            }
            self.own_lines += usize::from(line.ends_with(b"\n"));
            if read == 0 || line.trim_ascii_end().ends_with(b";") {
                break;
            }
        }
        if self.text.is_empty() {
            return Ok(None);
        }
        let text = std::str::from_utf8(&self.text).map_err(|_| RecordsError::Torn)?;
        Ok(Some((text, self.lines)))
    }
}
