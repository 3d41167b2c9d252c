//! JSON documents: bytes in, entries out, in bounded memory and with the same result however the bytes are cut.
//!
//! An entry is an object that stands in an array, and in no other entry: `[{…},{…}]`, `{"urls":[{…}]}`, `{"17":[{…}]}`,
//! `{"Event":{"Attribute":[{…}]}}`. It is handed on as text, with the key of its array, and read by itself: one that
//! cannot be read, or is too long, costs itself only. Documents may follow each other, as pages do. What stands outside of
//! them is a comment if it begins with `#`, else each line is an entry that cannot be read.

use std::io::{BufRead, ErrorKind};

use super::lines::{Parsed, is_foreign, refuse_archive, refuse_page};
use super::row::{Fault, Line, Row};
use super::{Emit, Limits, SnapshotError};

/// Takes what was made of an entry; an entry may be several rows.
pub(super) type Take<'t> = dyn FnMut(Parsed<'_>) -> Result<(), SnapshotError> + 't;

/// What was made of an entry, as it is taken.
pub(super) fn told(found: Result<Row<'_>, Fault>) -> Parsed<'_> {
    found.map_or_else(Parsed::Fault, Parsed::Row)
}

/// A format whose rows are objects of a document.
pub(super) trait DocumentFormat {
    /// Reads an entry: the key of the array in which it stands, and its text, which begins with `{`.
    fn entry(&mut self, array: &str, object: &str, take: &mut Take<'_>) -> Result<(), SnapshotError>;

    /// What a key outside of entries says: a text without its quotes, or another value as it is written.
    fn said(&mut self, _key: &str, _value: &str) {}
}

/// Objects and arrays in each other, outside of entries; feeds have five or six.
const DEEPEST: usize = 64;
/// Octets of a key or a value outside of entries that are kept.
const LONGEST_WORD: usize = 256;

/// Reads all documents of `input` and emits their entries.
pub(super) fn each(
    input: &mut dyn BufRead,
    limits: &Limits,
    format: &mut dyn DocumentFormat,
    emit: &mut Emit<'_>,
) -> Result<(), SnapshotError> {
    let mut told = Told { limits, format, emit, number: 0, rows: 0, foreign: 0 };
    let mut reader = Reader::default();
    let head = head(input)?;
    refuse_archive(&head)?;
    reader.read(head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head), &mut told)?;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        if chunk.is_empty() {
            return reader.end(&mut told);
        }
        let read = chunk.len();
        reader.read(chunk, &mut told)?;
        input.consume(read);
    }
}

/// The first four octets, or as many as there are.
fn head(input: &mut dyn BufRead) -> Result<Vec<u8>, SnapshotError> {
    let mut head = Vec::with_capacity(4);
    while head.len() < 4 {
        let mut octet = [0];
        match input.read(&mut octet) {
            Ok(0) => break,
            Ok(_) => head.extend(octet),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(head)
}

/// What becomes of entries and of lines that are none.
struct Told<'t, 'e> {
    limits: &'t Limits,
    format: &'t mut dyn DocumentFormat,
    emit: &'t mut Emit<'e>,
    /// Entries and lines so far, rows so far, and lines and entries of another charset.
    number: u64,
    rows: u64,
    foreign: u64,
}

impl Told<'_, '_> {
    fn take(&mut self, bytes: &[u8], parsed: Parsed<'_>) -> Result<(), SnapshotError> {
        taken(self.emit, self.limits, self.number, &mut self.rows, bytes, parsed)
    }

    /// A text that should be an entry and is not UTF-8, or too long.
    fn text<'b>(&mut self, bytes: &'b [u8], over: bool) -> Result<Option<&'b str>, SnapshotError> {
        self.number += 1;
        let fault = match std::str::from_utf8(bytes) {
            _ if over => Fault::TooLong(self.limits.max_line_bytes),
            Ok(text) => return Ok(Some(text)),
            Err(_) => {
                self.foreign += 1;
                Fault::NotUtf8
            }
        };
        self.take(bytes, Parsed::Fault(fault))?;
        Ok(None)
    }

    fn line(&mut self, bytes: &[u8], over: bool) -> Result<(), SnapshotError> {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() || bytes.starts_with(b"#") {
            return Ok(());
        }
        if self.number == 0 {
            refuse_page(bytes)?;
        }
        match self.text(bytes, over)? {
            Some(_) => self.take(bytes, Parsed::Fault(Fault::Json)),
            None => Ok(()),
        }
    }

    fn entry(&mut self, array: &str, bytes: &[u8], over: bool) -> Result<(), SnapshotError> {
        let Some(text) = self.text(bytes, over)? else { return Ok(()) };
        let (limits, number, rows) = (self.limits, self.number, &mut self.rows);
        let emit = &mut *self.emit;
        self.format.entry(array, text, &mut |parsed| taken(emit, limits, number, rows, bytes, parsed))
    }
}

fn taken(
    emit: &mut Emit<'_>,
    limits: &Limits,
    number: u64,
    rows: &mut u64,
    bytes: &[u8],
    parsed: Parsed<'_>,
) -> Result<(), SnapshotError> {
    let outcome = match parsed {
        Parsed::Skip => return Ok(()),
        Parsed::Row(row) => Ok(row),
        Parsed::Fault(fault) | Parsed::BrokenOff(fault) => Err(fault),
    };
    *rows += 1;
    if *rows > limits.max_rows {
        return Err(SnapshotError::TooManyRows(limits.max_rows));
    }
    emit(Line { number, bytes }, outcome)
}

/// Where the next octet stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Between documents, in a line that may be none.
    #[default]
    Line,
    /// In a document, between entries.
    Document,
    /// In a quoted text between entries, or in another value there.
    Quoted,
    Value,
    Entry,
}

#[derive(Default)]
struct Reader {
    place: Place,
    /// The line, word or entry so far, up to its cap, and whether there was more.
    buffer: Vec<u8>,
    over: bool,
    /// The brackets that are open outside of entries, each with the key of what it opens.
    open: Vec<(u8, String)>,
    /// The key of what comes next, and a word that may be one.
    key: String,
    word: Option<String>,
    /// Brackets that are open in the entry; whether a text is, and whether its next octet is escaped.
    depth: usize,
    quoted: bool,
    escaped: bool,
    /// A line has begun in the entry: white space here is its indent.
    indent: bool,
}

impl Reader {
    fn keep(&mut self, bytes: &[u8], cap: usize) {
        let room = cap.saturating_sub(self.buffer.len());
        self.over |= bytes.len() > room;
        self.buffer.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn clear(&mut self) {
        self.buffer.clear();
        self.over = false;
    }

    fn read(&mut self, chunk: &[u8], told: &mut Told<'_, '_>) -> Result<(), SnapshotError> {
        // Up to the first octet that no text has, so that it does not matter how the bytes are cut.
        let binary = memchr::memchr(0, chunk);
        let mut rest = chunk.get(..binary.unwrap_or(chunk.len())).unwrap_or(chunk);
        while let Some((&octet, behind)) = rest.split_first() {
            rest = match self.place {
                Place::Line => {
                    self.line(octet, told)?;
                    behind
                }
                Place::Document => {
                    self.document(octet, told)?;
                    behind
                }
                Place::Quoted => {
                    self.word(octet);
                    behind
                }
                // What ends a value counts for itself.
                Place::Value if matches!(octet, b',' | b']' | b'}' | b':') || octet.is_ascii_whitespace() => {
                    self.end_word();
                    rest
                }
                Place::Value => {
                    self.keep(&[octet], LONGEST_WORD);
                    behind
                }
                Place::Entry => self.entry(rest, told)?,
            };
        }
        if binary.is_some() { Err(SnapshotError::Binary) } else { Ok(()) }
    }

    fn line(&mut self, octet: u8, told: &mut Told<'_, '_>) -> Result<(), SnapshotError> {
        let opens = matches!(octet, b'{' | b'[') && self.buffer.trim_ascii().is_empty() && !self.over;
        if opens {
            self.clear();
            self.place = Place::Document;
            return self.document(octet, told);
        }
        match octet {
            b'\n' => {
                told.line(&self.buffer, self.over)?;
                self.clear();
            }
            b'\r' => {}
            // White space ahead of a document may be long.
            _ if octet.is_ascii_whitespace() && self.buffer.is_empty() => {}
            _ => self.keep(&[octet], told.limits.max_line_bytes),
        }
        Ok(())
    }

    fn document(&mut self, octet: u8, told: &mut Told<'_, '_>) -> Result<(), SnapshotError> {
        match octet {
            b'"' => self.place = Place::Quoted,
            b':' => self.key = self.word.take().unwrap_or_default(),
            b'{' if self.open.last().is_some_and(|(bracket, _)| *bracket == b'[') => {
                self.place = Place::Entry;
                self.depth = 1;
                self.keep(b"{", told.limits.max_line_bytes);
            }
            b'{' | b'[' if self.open.len() < DEEPEST => {
                self.open.push((octet, std::mem::take(&mut self.key)));
            }
            b'}' | b']' | b',' => {
                if let Some(word) = self.word.take() {
                    told.format.said(&self.key, &word);
                }
                if octet != b',' {
                    let opened = if octet == b'}' { b'{' } else { b'[' };
                    if self.open.pop().is_none_or(|(bracket, _)| bracket != opened) {
                        return Err(SnapshotError::NoDocument(told.number));
                    }
                    if self.open.is_empty() {
                        self.place = Place::Line;
                    }
                }
            }
            _ if octet.is_ascii_whitespace() => {}
            b'{' | b'[' => return Err(SnapshotError::NoDocument(told.number)),
            _ => {
                self.place = Place::Value;
                self.keep(&[octet], LONGEST_WORD);
            }
        }
        Ok(())
    }

    /// An octet of a quoted text between entries.
    fn word(&mut self, octet: u8) {
        match octet {
            b'"' if !self.escaped => self.end_word(),
            _ => {
                self.escaped = octet == b'\\' && !self.escaped;
                self.keep(&[octet], LONGEST_WORD);
            }
        }
    }

    fn end_word(&mut self) {
        self.word = Some(String::from_utf8_lossy(&self.buffer).into_owned());
        self.clear();
        self.place = Place::Document;
    }

    /// Reads on in an entry; gives what follows what was read.
    fn entry<'c>(&mut self, rest: &'c [u8], told: &mut Told<'_, '_>) -> Result<&'c [u8], SnapshotError> {
        let cap = told.limits.max_line_bytes;
        if self.indent && !rest.is_empty() {
            let trimmed = rest.trim_ascii_start();
            self.indent = trimmed.is_empty();
            return self.entry(trimmed, told);
        }
        let mut read = 0;
        while let Some(&octet) = rest.get(read) {
            read += 1;
            if self.quoted {
                match octet {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.quoted = false,
                    _ => {
                        // On to what ends the text, or the next escape.
                        let behind = rest.get(read..).unwrap_or_default();
                        read += memchr::memchr2(b'"', b'\\', behind).unwrap_or(behind.len());
                    }
                }
                continue;
            }
            match octet {
                b'"' => self.quoted = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        let (object, behind) = rest.split_at_checked(read).unwrap_or((rest, &[]));
                        self.keep(object, cap);
                        let array = self.open.last().map_or("", |(_, key)| key);
                        told.entry(array, &self.buffer, self.over)?;
                        self.clear();
                        self.place = Place::Document;
                        return Ok(behind);
                    }
                }
                // Line ends between tokens say nothing, and differ.
                b'\n' | b'\r' => {
                    let (tokens, behind) = rest.split_at_checked(read - 1).unwrap_or((rest, &[]));
                    self.keep(tokens, cap);
                    self.indent = true;
                    return Ok(behind);
                }
                _ => {}
            }
        }
        self.keep(rest, cap);
        Ok(&[])
    }

    fn end(&mut self, told: &mut Told<'_, '_>) -> Result<(), SnapshotError> {
        if self.place != Place::Line {
            return Err(SnapshotError::Truncated(told.number + 1));
        }
        told.line(&self.buffer, self.over)?;
        if is_foreign(told.foreign, told.number) { Err(SnapshotError::Binary) } else { Ok(()) }
    }
}
