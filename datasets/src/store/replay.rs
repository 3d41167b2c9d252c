//! Replay and history: the events that make the state again.
//!
//! Replay starts from the newest base; history from the first segment, without a base; the past of a day from the
//! newest base before it. All deliver rows in chunks, in the order in which they were logged, and all end with the last
//! complete record.

use std::path::Path;

use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{EpochHeader, Update};

use super::{Store, StoreError};
use crate::layout::StateLayout;
use crate::log::{self, LogError, Origin, PublishIntent, Sealed, Segment, Step, Tail, walk};
use crate::tables::{self, Base, Collection};

/// One step of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Base rows follow, as of the close of a day.
    Base {
        /// The last epoch that they include.
        as_of: Epoch,
        /// The day at whose close they stand.
        day: Day,
    },
    /// An epoch starts.
    Epoch(EpochHeader),
    /// Rows of the base or of the epoch.
    Rows(Vec<Update>),
    /// The epoch is complete. Base rows have no such end: the first other event ends them.
    EndEpoch,
    /// A publication started.
    Intent(PublishIntent),
    /// A publication was finished.
    Sealed(Sealed),
}

impl Store {
    /// Shows everything that makes the present state: the newest base, then the log after it. Publications before
    /// the base are not shown; see [`Store::last_sealed`] and [`Store::open_intent`].
    ///
    /// # Errors
    /// What `visit` answers, or what is damaged. Then what was shown may not be used.
    pub fn replay<E: From<StoreError>>(&self, visit: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        let mut origin = Origin::First;
        if let Some(base) = &self.base {
            origin = Origin::After(&base.manifest().position);
            base_rows(base, visit)?;
        }
        let Some(end) = self.log.end() else {
            return Ok(());
        };
        let segments = log::list(&self.layout).map_err(StoreError::from)?;
        events(&self.layout, &segments, origin, Tail::Limit(end.offset), None, visit)
    }

    /// Shows the log of a state folder from its first segment, without a base; with `from`, from the first epoch at
    /// or after it. Takes no lock and changes nothing: an epoch that is being written is not shown.
    ///
    /// # Errors
    /// [`StoreError::HistoryGone`] when the log does not reach back to `from`, or to the first epoch ever; otherwise
    /// what `visit` answers, or what is damaged.
    pub fn history<E: From<StoreError>>(
        state_dir: &Path,
        from: Option<Epoch>,
        visit: &mut dyn FnMut(Event) -> Result<(), E>,
    ) -> Result<(), E> {
        let layout = StateLayout::new(state_dir);
        let mut segments = log::list(&layout).map_err(StoreError::from)?;
        let after = segments.partition_point(|segment| from.is_some_and(|from| segment.first <= from));
        segments.drain(..after.saturating_sub(1));
        let Some(first) = segments.first() else {
            return Ok(());
        };
        if after == 0 {
            check_is_first(first)?;
        }
        to_the_end(&layout, segments, Origin::First, from, visit)
    }

    /// Shows what makes the state of a state folder from `day` on: the newest base of a day before it, then the log
    /// after that base; where no base is that old, the log from its first segment. Takes no lock and changes nothing:
    /// an epoch that is being written is not shown.
    ///
    /// # Errors
    /// [`StoreError::HistoryGone`] when neither a base nor the log reaches back to a time before `day`; otherwise what
    /// `visit` answers, or what is damaged. Then what was shown may not be used.
    pub fn history_of<E: From<StoreError>>(
        state_dir: &Path,
        day: Day,
        visit: &mut dyn FnMut(Event) -> Result<(), E>,
    ) -> Result<(), E> {
        let layout = StateLayout::new(state_dir);
        let Some(base) = tables::newest_before(&layout, day).map_err(StoreError::from)? else {
            return Store::history(state_dir, None, visit);
        };
        let segments = log::list(&layout).map_err(StoreError::from)?;
        base_rows(&base, visit)?;
        to_the_end(&layout, segments, Origin::After(&base.manifest().position), None, visit)
    }
}

/// Shows a base.
fn base_rows<E: From<StoreError>>(base: &Base, visit: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
    let manifest = base.manifest();
    visit(Event::Base { as_of: manifest.as_of, day: manifest.day })?;
    for collection in Collection::ALL.into_iter().filter(|collection| base.has(*collection)) {
        for rows in base.rows(collection).map_err(StoreError::from)? {
            visit(Event::Rows(rows.map_err(StoreError::from)?))?;
        }
    }
    Ok(())
}

/// Shows a log that another process may be writing, up to its last complete record.
fn to_the_end<E: From<StoreError>>(
    layout: &StateLayout,
    mut segments: Vec<Segment>,
    origin: Origin<'_>,
    from: Option<Epoch>,
    visit: &mut dyn FnMut(Event) -> Result<(), E>,
) -> Result<(), E> {
    let end = walk(layout, &segments, origin, Tail::Recover, &mut |_, _| Ok::<(), LogError>(()));
    let end = end.map_err(StoreError::from)?;
    if end.hollow.is_some() {
        segments.pop();
    }
    let Some(end) = end.position else {
        return Ok(());
    };
    events(layout, &segments, origin, Tail::Limit(end.offset), from, visit)
}

/// Refuses a log whose beginning is gone.
pub(super) fn check_is_first(first: &Segment) -> Result<(), StoreError> {
    match log::continues(first)? {
        true => Err(StoreError::HistoryGone { first: first.path.clone() }),
        false => Ok(()),
    }
}

fn events<E: From<StoreError>>(
    layout: &StateLayout,
    segments: &[Segment],
    origin: Origin<'_>,
    tail: Tail,
    from: Option<Epoch>,
    visit: &mut dyn FnMut(Event) -> Result<(), E>,
) -> Result<(), E> {
    let mut waits = from.is_some();
    let walked = walk(layout, segments, origin, tail, &mut |step, records| {
        if let Step::Epoch(header) = &step {
            waits = waits && from.is_some_and(|from| header.at < from);
        }
        if waits {
            return Ok(());
        }
        let event = match step {
            Step::Epoch(header) => Event::Epoch(header),
            Step::Rows => Event::Rows(records.rows().map_err(|error| Stopped::Store(error.into()))?),
            Step::EndEpoch => Event::EndEpoch,
            Step::Intent(intent) => Event::Intent(intent),
            Step::Sealed(sealed) => Event::Sealed(sealed),
        };
        visit(event).map_err(Stopped::Visitor)
    });
    match walked {
        Ok(_) => Ok(()),
        Err(Stopped::Store(error)) => Err(error.into()),
        Err(Stopped::Visitor(error)) => Err(error),
    }
}

/// Why a walk stopped: `E` need not know of the log.
enum Stopped<E> {
    Store(StoreError),
    Visitor(E),
}

impl<E> From<LogError> for Stopped<E> {
    fn from(error: LogError) -> Stopped<E> {
        Stopped::Store(error.into())
    }
}
