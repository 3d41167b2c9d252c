//! Lines of capped length, and those among them that cannot be read.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use compact_str::{CompactString, format_compact};
use panopticon_model::id::{Id, IdKind};
use panopticon_model::sighting::FeedId;
use panopticon_model::update::{ErrorKey, LineError};

use crate::feeds::snapshot::{MORE, about_feed, whole_feed};

/// What [`read_line`] met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line was appended, without its newline.
    Read,
    /// The line is longer than allowed; nothing more of it than allowed was appended, and it was passed over.
    TooLong,
    /// There is no further line.
    End,
}

/// Appends the next line to `line`, at most `max` bytes of it; the last line needs no newline.
///
/// # Errors
/// Those of the reader.
pub fn read_line(reader: &mut (impl BufRead + ?Sized), line: &mut Vec<u8>, max: usize) -> io::Result<Line> {
    let mut taken = 0;
    let mut any = false;
    let mut too_long = false;
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(if too_long {
                Line::TooLong
            } else if any {
                Line::Read
            } else {
                Line::End
            });
        }
        any = true;
        let newline = memchr::memchr(b'\n', buffer);
        let part = buffer.get(..newline.unwrap_or(buffer.len())).unwrap_or(buffer);
        let room = max - taken;
        too_long |= part.len() > room;
        let part = part.get(..room).unwrap_or(part);
        line.extend_from_slice(part);
        taken += part.len();
        let used = newline.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if newline.is_some() {
            return Ok(if too_long { Line::TooLong } else { Line::Read });
        }
    }
}

/// Faulty lines: data, not a failure. All are counted, the first thousand are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// How many lines cannot be read.
    pub count: u64,
    /// The first of them.
    pub first: Vec<LineError>,
    /// Their hashes, in the same order.
    lines: Vec<Id>,
}

impl Faults {
    const KEPT: usize = 1000;
    /// Characters of a line that are shown.
    const SAMPLE: usize = 120;

    /// Adds a line, counted from 1, and what is wrong with it.
    pub fn add(&mut self, line_number: u64, line: &[u8], message: &str) {
        self.count += 1;
        if self.first.len() < Faults::KEPT {
            self.lines.push(Id::derive(IdKind::Line, &[line]));
            let line = String::from_utf8_lossy(line);
            let sample: CompactString = if line.contains('@') {
                // Names and ranks have no place for an e-mail address; whatever this is, it is not shown.
                "[email]".into()
            } else {
                line.chars().take(Faults::SAMPLE).collect()
            };
            self.first.push(LineError { line_number, message: message.into(), sample });
        }
    }
    /// The rows of the view `errors`: the lines that are kept, each once, and one row with the number of the others.
    #[must_use]
    pub fn rows(&self, source: &FeedId) -> BTreeMap<ErrorKey, LineError> {
        let mut rows = BTreeMap::new();
        for (line, error) in self.lines.iter().zip(&self.first) {
            rows.entry(ErrorKey { source: source.clone(), line: *line }).or_insert_with(|| error.clone());
        }
        let more = self.count - self.first.len() as u64;
        if more > 0 {
            let message = format_compact!("{more} more lines cannot be read");
            rows.insert(whole_feed(source, MORE), about_feed(message));
        }
        rows
    }
}
