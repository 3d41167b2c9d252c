//! Lines: bytes in, lines out, in bounded memory and with the same result however the bytes are cut.
//!
//! A byte order mark, `\n` and `\r\n` are taken off. A line over the cap keeps its start only; the rest is skipped as
//! it streams by. What is no list at all (a web page, an archive, binary data) is refused as a whole.

use std::io::{BufRead, ErrorKind};

use super::row::{Fault, Line, Row};
use super::{Emit, Limits, SnapshotError};

/// What a format makes of a line.
pub(super) enum Parsed<'a> {
    /// A comment, a header or nothing.
    Skip,
    /// A row.
    Row(Row<'a>),
    /// A line that should have been a row.
    Fault(Fault),
    /// A line that breaks off: fatal if the input ends with it, else a line that should have been a row.
    BrokenOff(Fault),
}

/// A format whose rows are lines.
pub(super) trait LineFormat {
    /// Reads one line, without white space at its ends.
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a>;

    /// What else the same line says, by the number of the part, from 1; none behind the last.
    fn more<'a>(&'a mut self, _line: &'a str, _part: usize) -> Option<Parsed<'a>> {
        None
    }
}

/// Lines of another charset that are tolerated before they are more than one in ten.
const TOLERATED: u64 = 10;

/// Reads all lines of `input` and emits those that are rows or should be.
pub(super) fn each(
    input: &mut dyn BufRead,
    limits: &Limits,
    format: &mut dyn LineFormat,
    emit: &mut Emit<'_>,
) -> Result<(), SnapshotError> {
    let mut buffer = Vec::with_capacity(512);
    let (mut number, mut rows, mut foreign, mut begun) = (0, 0, 0, false);
    while let Some(end) = read_line(input, &mut buffer, limits.max_line_bytes)? {
        number += 1;
        let mut bytes = buffer.as_slice();
        if number == 1 {
            refuse_archive(bytes)?;
            bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        }
        if memchr::memchr(0, bytes).is_some() {
            return Err(SnapshotError::Binary);
        }
        let trimmed = bytes.trim_ascii();
        if !begun && !trimmed.is_empty() {
            begun = true;
            refuse_page(trimmed)?;
        }
        let mut tell = |parsed: Parsed<'_>| {
            let outcome = match parsed {
                Parsed::Skip => return Ok(()),
                Parsed::Row(row) => Ok(row),
                Parsed::BrokenOff(_) if end == LineEnd::Input => return Err(SnapshotError::Truncated(number)),
                Parsed::Fault(fault) | Parsed::BrokenOff(fault) => Err(fault),
            };
            rows += 1;
            if rows > limits.max_rows {
                return Err(SnapshotError::TooManyRows(limits.max_rows));
            }
            emit(Line { number, bytes: trimmed }, outcome)
        };
        match std::str::from_utf8(trimmed) {
            _ if end == LineEnd::TooLong => tell(Parsed::Fault(Fault::TooLong(limits.max_line_bytes)))?,
            Ok("") => {}
            Ok(text) => {
                tell(format.line(text))?;
                let mut part = 1;
                while let Some(parsed) = format.more(text, part) {
                    tell(parsed)?;
                    part += 1;
                }
            }
            Err(_) => {
                foreign += 1;
                tell(Parsed::Fault(Fault::NotUtf8))?;
            }
        }
    }
    if is_foreign(foreign, number) { Err(SnapshotError::Binary) } else { Ok(()) }
}

/// Whether too many of the lines are of another charset.
pub(super) fn is_foreign(foreign: u64, lines: u64) -> bool {
    foreign > TOLERATED && foreign > lines / 10
}

/// How a line ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    Newline,
    /// With the input.
    Input,
    /// Over the cap; it was read to its end.
    TooLong,
}

/// Reads one line without its `\n` into `buffer`; none at the end of the input. Keeps at most `cap` octets.
fn read_line(input: &mut dyn BufRead, buffer: &mut Vec<u8>, cap: usize) -> Result<Option<LineEnd>, SnapshotError> {
    buffer.clear();
    let (mut any, mut over) = (false, false);
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        if chunk.is_empty() {
            let end = if over { LineEnd::TooLong } else { LineEnd::Input };
            return Ok(any.then_some(end));
        }
        any = true;
        let newline = memchr::memchr(b'\n', chunk);
        let line = chunk.get(..newline.unwrap_or(chunk.len())).unwrap_or_default();
        // One octet more than the cap is let in, in case it is the `\r` of the line end.
        let room = (cap + 1).saturating_sub(buffer.len());
        over |= line.len() > room;
        buffer.extend_from_slice(line.get(..room).unwrap_or(line));
        let used = line.len() + usize::from(newline.is_some());
        input.consume(used);
        if newline.is_some() {
            if buffer.last() == Some(&b'\r') && !over {
                buffer.pop();
            }
            over |= buffer.len() > cap;
            buffer.truncate(cap);
            return Ok(Some(if over { LineEnd::TooLong } else { LineEnd::Newline }));
        }
    }
}

pub(super) fn refuse_archive(start: &[u8]) -> Result<(), SnapshotError> {
    const ARCHIVES: [(&[u8], &str); 4] =
        [(b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh9", "bzip2")];
    match ARCHIVES.iter().find(|(magic, _)| start.starts_with(magic)) {
        Some((_, name)) => Err(SnapshotError::Packed(name)),
        None => Ok(()),
    }
}

pub(super) fn refuse_page(start: &[u8]) -> Result<(), SnapshotError> {
    const PAGES: [&[u8]; 5] = [b"<!doctype", b"<html", b"<head", b"<body", b"<?xml"];
    let is = |page: &&[u8]| start.get(..page.len()).is_some_and(|head| head.eq_ignore_ascii_case(page));
    if PAGES.iter().any(is) { Err(SnapshotError::Html) } else { Ok(()) }
}
