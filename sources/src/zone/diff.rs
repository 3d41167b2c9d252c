//! The difference of two snapshots as updates, in one pass and constant memory; and when not to believe it.

use std::cmp::Ordering;

use panopticon_model::update::Update;

use super::snapshot::{Kind, Meta, Row, Rows, Sets, Snapshot, SnapshotError};

/// When a snapshot is held back for a person to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// By how much a zone may shrink, in percent of what it was. Default 20.
    pub max_shrink_percent: u8,
    /// Snapshots with fewer rows before may shrink by any amount. Default 50.
    pub min_rows: u64,
    /// Whether the SOA record has to stand at the end of the file once more (CZDS).
    pub needs_final_soa: bool,
}

impl Default for Guard {
    fn default() -> Self {
        Guard { max_shrink_percent: 20, min_rows: 50, needs_final_soa: false }
    }
}

/// Why a snapshot is held back. An operator may accept it; else the next good one takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Held {
    /// Too many names would be gone at once: the export may be cut off.
    #[error("{after} delegations after {before}, which is more than {limit} % fewer")]
    Shrunk {
        /// Delegations in the last good snapshot.
        before: u64,
        /// Delegations in this one.
        after: u64,
        /// By how many percent it may shrink.
        limit: u8,
    },
    /// An older zone than the one that is known (RFC 1982).
    #[error("serial {after} is older than {before}")]
    SerialBack {
        /// The serial of the last good snapshot.
        before: u32,
        /// The serial of this one.
        after: u32,
    },
    /// No SOA record: not a zone, or not all of it.
    #[error("there is no SOA record: the file is no zone, or it is cut off")]
    NoSoa,
    /// The SOA record is not repeated at the end: the file is cut off.
    #[error("the SOA record is not repeated at the end: the file is cut off")]
    NoFinalSoa,
    /// The zone of another name.
    #[error("the SOA record has another owner than before")]
    OtherZone,
}

impl Guard {
    /// Whether `after` may take the place of `before`.
    ///
    /// # Errors
    /// [`Held`], the gravest reason first.
    pub fn check(&self, before: Option<&Meta>, after: &Meta) -> Result<(), Held> {
        if after.kind == Kind::Zone {
            after.serial.ok_or(Held::NoSoa)?;
            if self.needs_final_soa && !after.ends_in_soa {
                return Err(Held::NoFinalSoa);
            }
        }
        let Some(before) = before else { return Ok(()) };
        if before.kind == after.kind && before.apex != after.apex {
            return Err(Held::OtherZone);
        }
        if let (Some(before), Some(after)) = (before.serial, after.serial)
            && is_older(after, before)
        {
            return Err(Held::SerialBack { before, after });
        }
        let kept = u128::from(100u8.saturating_sub(self.max_shrink_percent));
        if before.rows >= self.min_rows && u128::from(after.rows) * 100 < u128::from(before.rows) * kept {
            let limit = self.max_shrink_percent;
            return Err(Held::Shrunk { before: before.rows, after: after.rows, limit });
        }
        Ok(())
    }
}

/// RFC 1982 3.2: whether serial `a` is less than `b`. Two that are exactly half the circle apart are not ordered.
pub(super) fn is_older(a: u32, b: u32) -> bool {
    let ahead = b.wrapping_sub(a);
    ahead != 0 && ahead < 1 << 31
}

/// The updates that lead from one snapshot to another: new sets of name servers by their ids, then delegations in
/// canonical order. Unchanged rows make none.
pub struct Diff {
    sets: Option<(Option<Sets>, Option<Sets>)>,
    rows: (Option<Rows>, Option<Rows>),
    /// The set of the snapshot before that is next in order.
    old_set: Next<panopticon_model::id::Id>,
    old: Next<Row>,
    new: Next<Row>,
    failed: bool,
}

/// One item looked at ahead.
enum Next<T> {
    Unread,
    Item(T),
    End,
}

impl Diff {
    /// From `before` (none: nothing is known) to `after` (none: the source was taken out).
    ///
    /// # Errors
    /// [`SnapshotError::Io`].
    pub fn between(before: Option<&Snapshot>, after: Option<&Snapshot>) -> Result<Diff, SnapshotError> {
        let sets = |snapshot: Option<&Snapshot>| snapshot.map(Snapshot::sets).transpose();
        let rows = |snapshot: Option<&Snapshot>| snapshot.map(Snapshot::rows).transpose();
        Ok(Diff {
            sets: Some((sets(before)?, sets(after)?)),
            rows: (rows(before)?, rows(after)?),
            old_set: Next::Unread,
            old: Next::Unread,
            new: Next::Unread,
            failed: false,
        })
    }

    fn next_update(&mut self) -> Result<Option<Update>, SnapshotError> {
        if let Some(update) = self.next_new_set()? {
            return Ok(Some(update));
        }
        self.sets = None;
        loop {
            fill(&mut self.old, self.rows.0.as_mut())?;
            fill(&mut self.new, self.rows.1.as_mut())?;
            let order = match (&self.old, &self.new) {
                (Next::Item(old), Next::Item(new)) => old.key.cmp(&new.key),
                (Next::Item(_), _) => Ordering::Less,
                (_, Next::Item(_)) => Ordering::Greater,
                _ => return Ok(None),
            };
            let before = if order.is_le() { self.old.take() } else { None };
            let after = if order.is_ge() { self.new.take() } else { None };
            let (from, to) = (before.as_ref().map(|row| row.delegation), after.as_ref().map(|row| row.delegation));
            if from != to
                && let Some(row) = before.or(after)
            {
                return Ok(Some(Update::Delegation(row.owner(), from, to)));
            }
        }
    }

    /// The next set that was not in the snapshot before.
    fn next_new_set(&mut self) -> Result<Option<Update>, SnapshotError> {
        let Some((old, Some(new))) = &mut self.sets else { return Ok(None) };
        while let Some(id) = new.next_set()? {
            let is_known = loop {
                if matches!(self.old_set, Next::Unread) {
                    let next = match old {
                        Some(old) => old.next_set()?,
                        None => None,
                    };
                    self.old_set = next.map_or(Next::End, Next::Item);
                }
                match self.old_set {
                    Next::Item(known) if known < id => self.old_set = Next::Unread,
                    Next::Item(known) => break known == id,
                    Next::Unread | Next::End => break false,
                }
            };
            if !is_known {
                return Ok(Some(Update::NameServers(id, new.hosts())));
            }
        }
        Ok(None)
    }
}

impl Iterator for Diff {
    type Item = Result<Update, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_update().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}

impl<T> Next<T> {
    fn take(&mut self) -> Option<T> {
        match std::mem::replace(self, Next::Unread) {
            Next::Item(item) => Some(item),
            Next::End => {
                *self = Next::End;
                None
            }
            Next::Unread => None,
        }
    }
}

fn fill(next: &mut Next<Row>, rows: Option<&mut Rows>) -> Result<(), SnapshotError> {
    if matches!(next, Next::Unread) {
        let row = match rows {
            Some(rows) => rows.next_row()?.cloned(),
            None => None,
        };
        *next = row.map_or(Next::End, Next::Item);
    }
    Ok(())
}
