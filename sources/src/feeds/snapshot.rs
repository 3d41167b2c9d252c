//! A snapshot: everything that a feed says at one time, canonical, sorted, each entry once.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::BufRead;

use compact_str::{CompactString, format_compact};
use panopticon_model::id::{Id, IdKind};
use panopticon_model::name::Places;
use panopticon_model::sighting::{EntryId, FeedId};
use panopticon_model::time::Epoch;
use panopticon_model::update::{ErrorKey, LineError};
use panopticon_model::url::{mask_mail, mask_mail_within};

use super::row::{Fault, Line};
use super::versions::Versions;
use super::{Emit, FeedSpec, Limits, SnapshotError, csv};
use crate::door::{Admission, Claim, admit};

/// Everything that a feed says at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The stamp that the bytes themselves carry.
    pub stamp: Option<Epoch>,
    /// What is kept, sorted by entry; of two rows with the same entry the first one, of things in several versions the
    /// newest.
    pub claims: Vec<(EntryId, Claim)>,
    /// Rows that could be read, those that are not kept included.
    pub rows: u64,
    /// Of these, rows under TLDs that are not ours.
    pub out_of_scope: u64,
    /// Of these, rows that repeat an entry.
    pub duplicates: u64,
    /// Lines that could not be read, up to a cap, and one row with the number of the others.
    pub errors: BTreeMap<ErrorKey, LineError>,
    /// How many lines could not be read.
    pub faulty: u64,
}

impl Snapshot {
    /// How many rows are kept.
    #[must_use]
    pub fn kept(&self) -> u64 {
        u64::try_from(self.claims.len()).unwrap_or(u64::MAX)
    }

    /// Refuses a snapshot that has lines and not one row: taken for a list, it would say that everything is gone.
    ///
    /// # Errors
    /// [`SnapshotError::NoRow`].
    pub fn refuse_without_row(self) -> Result<Snapshot, SnapshotError> {
        // The row with the number of the others is about no line.
        let lines = self.errors.values().filter(|error| error.line_number > 0);
        let first = lines.min_by_key(|error| error.line_number);
        match first {
            Some(first) if self.rows == 0 => Err(SnapshotError::NoRow {
                lines: self.faulty,
                number: first.line_number,
                message: first.message.clone(),
            }),
            _ => Ok(self),
        }
    }

    /// What the snapshot says of an entry.
    #[must_use]
    pub fn claim(&self, entry: &EntryId) -> Option<&Claim> {
        let at = self.claims.binary_search_by(|(other, _)| other.cmp(entry)).ok()?;
        self.claims.get(at).map(|(_, claim)| claim)
    }
}

/// Reads a snapshot of a feed.
///
/// # Errors
/// [`SnapshotError`] if the bytes are no snapshot at all; single lines that cannot be read are rows of
/// [`Snapshot::errors`].
pub fn read_snapshot(
    feed: &FeedSpec,
    input: &mut dyn BufRead,
    places: &Places,
    limits: &Limits,
) -> Result<Snapshot, SnapshotError> {
    let mut snapshot = Snapshot::default();
    let mut unlisted = 0;
    let mut versions = Versions::default();
    let emit: &mut Emit<'_> = &mut |line, row| {
        match row.and_then(|row| Ok((row.version, admit(&row, feed.abuse_class, places)?))) {
            Ok((version, admission)) => {
                snapshot.rows += 1;
                let mut place = None;
                match admission {
                    Admission::Kept(entry, claim) => {
                        place = Some(snapshot.claims.len());
                        snapshot.claims.push((entry, claim));
                    }
                    Admission::OutOfScope => snapshot.out_of_scope += 1,
                }
                if let Some(version) = version {
                    versions.told(version, place);
                }
            }
            Err(fault) => {
                snapshot.faulty += 1;
                let key = ErrorKey { source: feed.id.clone(), line: Id::derive(IdKind::Line, &[line.bytes]) };
                if snapshot.errors.len() < limits.max_errors {
                    snapshot.errors.entry(key).or_insert_with(|| line_error(line, &fault));
                } else if !snapshot.errors.contains_key(&key) {
                    unlisted += 1;
                }
            }
        }
        Ok(())
    };
    let stamp = match &feed.columns {
        Some(columns) => csv::read(input, limits, columns, emit)?,
        None => (feed.format.parse)(input, limits, emit)?,
    };
    if unlisted > 0 {
        let message = format_compact!("{unlisted} more lines cannot be read");
        snapshot.errors.insert(whole_feed(&feed.id, MORE), about_feed(message));
    }
    snapshot.stamp = stamp;
    let before = snapshot.claims.len();
    versions.retain_newest(&mut snapshot.claims);
    // Stable, so that the first row of an entry stays the first.
    snapshot.claims.sort_by(|(a, _), (b, _)| a.cmp(b));
    snapshot.claims.dedup_by(|later, first| later.0 == first.0);
    snapshot.duplicates = u64::try_from(before - snapshot.claims.len()).unwrap_or(u64::MAX);
    Ok(snapshot)
}

/// The key word of the error row for faulty lines beyond the cap.
pub const MORE: &str = "more";
/// The key word of the error row for a feed that cannot be loaded.
pub const FETCH: &str = "fetch";
/// The key word of the error row for a snapshot that came too late.
pub const LATE: &str = "late";

/// The key of an error that is about a whole feed.
#[must_use]
pub fn whole_feed(feed: &FeedId, word: &str) -> ErrorKey {
    ErrorKey { source: feed.clone(), line: Id::derive(IdKind::Line, &[word.as_bytes()]) }
}

/// An error that is about a whole feed.
pub(crate) fn about_feed(message: CompactString) -> LineError {
    LineError { line_number: 0, message, sample: CompactString::default() }
}

/// Characters of a sample.
const SAMPLE: usize = 200;

fn line_error(line: Line<'_>, fault: &Fault) -> LineError {
    let mut message = format_compact!("{fault}");
    let mut source = fault.source();
    while let Some(cause) = source {
        message.push_str(&format_compact!(": {cause}"));
        source = cause.source();
    }
    // More than the sample is masked, so that no address is cut in two before it is recognised.
    let start = line.bytes.get(..16 * SAMPLE).unwrap_or(line.bytes);
    // Control characters go first: with one of them in it, an address would pass the mask.
    let text: String = String::from_utf8_lossy(start).chars().filter(|c| !c.is_control()).collect();
    let sample = mask_mail_within(&text, SAMPLE).into();
    LineError { line_number: line.number, message: mask_mail(&message).as_ref().into(), sample }
}
