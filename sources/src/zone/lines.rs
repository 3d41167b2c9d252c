//! From bytes to records: physical lines are joined over parentheses, comments fall away.
//!
//! What comes out is one record in one buffer, its fields apart by blanks, with quotes and escapes as they were.

use std::io::BufRead;
use std::path::PathBuf;

use super::{Fault, Position, ZoneError};
use crate::capped::{Line, read_line};

/// One file: the zone, or one that it includes.
pub(super) struct Lines<'r> {
    reader: Box<dyn BufRead + Send + 'r>,
    position: Position,
    max_record: usize,
}

/// How a record begins, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// With an owner or a directive.
    Owner,
    /// With a blank: the owner is that of the record before.
    Blank,
}

impl<'r> Lines<'r> {
    pub(super) fn new(reader: Box<dyn BufRead + Send + 'r>, file: Option<PathBuf>, max_record: usize) -> Self {
        Lines { reader, position: Position { file, line: 0 }, max_record }
    }

    pub(super) fn position(&self) -> &Position {
        &self.position
    }

    /// The next line without its newline, where it lies; none if it does not lie in one piece. It is not taken yet.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Option<&[u8]>, ZoneError> {
        let max = self.max_record;
        match self.reader.fill_buf() {
            Ok(buffer) => {
                let line = memchr::memchr(b'\n', buffer).and_then(|end| buffer.get(..end));
                Ok(line.filter(|line| line.len() <= max))
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Ok(None),
            Err(source) => Err(ZoneError::Io { at: self.position.clone(), source }),
        }
    }

    /// Takes the line of that length that was seen.
    #[inline]
    pub(super) fn take(&mut self, length: usize) {
        self.reader.consume(length + 1);
        self.position.line += 1;
    }

    /// Puts the next record into `record`; it may be empty. None at the end of the file.
    pub(super) fn next(&mut self, record: &mut Vec<u8>) -> Result<Option<Start>, ZoneError> {
        record.clear();
        if !self.line(record, 0)? {
            return Ok(None);
        }
        if self.position.line == 1 && record.starts_with(b"\xEF\xBB\xBF") {
            record.drain(..3);
        }
        let start = if matches!(record.first(), Some(b' ' | b'\t')) { Start::Blank } else { Start::Owner };
        let is_plain =
            memchr::memchr3(b'(', b')', b';', record).is_none() && memchr::memchr(b'"', record).is_none();
        if is_plain {
            return Ok(Some(start));
        }
        let mut depth = 0;
        let mut from = 0;
        loop {
            self.clean(record, from, &mut depth)?;
            if depth == 0 {
                return Ok(Some(start));
            }
            record.push(b' ');
            from = record.len();
            if from > self.max_record {
                // Empty lines need no room, and there may be any number of them.
                return Err(self.fault(Fault::TooLong(self.max_record)));
            }
            if !self.line(record, from)? {
                return Err(self.fault(Fault::OpenParenthesis));
            }
        }
    }

    /// Appends a physical line.
    fn line(&mut self, record: &mut Vec<u8>, used: usize) -> Result<bool, ZoneError> {
        let room = self.max_record.saturating_sub(used);
        match read_line(&mut *self.reader, record, room) {
            Ok(Line::End) => Ok(false),
            Ok(line) => {
                self.position.line += 1;
                if line == Line::TooLong { Err(self.fault(Fault::TooLong(self.max_record))) } else { Ok(true) }
            }
            Err(source) => Err(ZoneError::Io { at: self.position.clone(), source }),
        }
    }

    /// Makes parentheses blanks and takes the comment off the line that begins at `from`, in place.
    fn clean(&self, record: &mut Vec<u8>, from: usize, depth: &mut u32) -> Result<(), ZoneError> {
        let mut to = from;
        let mut at = from;
        let mut quoted = false;
        while let Some(&byte) = record.get(at) {
            at += 1;
            let kept = match byte {
                b'\\' => {
                    // The next byte stands for itself, and it is looked at no more.
                    record[to] = byte;
                    to += 1;
                    let Some(&next) = record.get(at) else { break };
                    at += 1;
                    next
                }
                b'"' => {
                    quoted = !quoted;
                    byte
                }
                _ if quoted => byte,
                b';' => break,
                b'(' => {
                    *depth += 1;
                    b' '
                }
                b')' => {
                    *depth = depth.checked_sub(1).ok_or_else(|| self.fault(Fault::ClosingParenthesis))?;
                    b' '
                }
                _ => byte,
            };
            record[to] = kept;
            to += 1;
        }
        record.truncate(to);
        if quoted { Err(self.fault(Fault::OpenQuote)) } else { Ok(()) }
    }

    pub(super) fn fault(&self, fault: Fault) -> ZoneError {
        ZoneError::Syntax { at: self.position.clone(), fault }
    }
}

/// The fields of a record.
pub(super) struct Fields<'a>(&'a [u8]);

/// A field, with its escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) text: &'a [u8],
    pub(super) quoted: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(record: &'a [u8]) -> Self {
        Fields(record)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let blanks = self.0.iter().take_while(|byte| is_blank(**byte)).count();
        let rest = self.0.get(blanks..)?;
        let quoted = rest.first()? == &b'"';
        let text = if quoted { rest.get(1..)? } else { rest };
        let mut end = 0;
        while let Some(&byte) = text.get(end) {
            match byte {
                b'\\' => end += 1,
                b'"' => break,
                _ if !quoted && is_blank(byte) => break,
                _ => {}
            }
            end += 1;
        }
        // A backslash may be the last byte.
        let end = end.min(text.len());
        let (text, rest) = text.split_at_checked(end)?;
        self.0 = if quoted { rest.get(1..).unwrap_or_default() } else { rest };
        Some(Field { text, quoted })
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
