//! Past days as they were published: the base before the first of them and the log since, through the views, and what
//! the publications of those days wrote, written again into another folder.
//!
//! The log is read without its lock, and nothing of the state or of the output is written.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use panopticon_datasets::log::PublishIntent;
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_model::time::Day;
use panopticon_sinks::minisign::SigningKey;

use super::WireError;
use super::publish::Publishing;
use super::views::Views;
use crate::config::{Config, signing};

/// Writes the days that were closed, and are among `days`, into `out`. Gives them.
///
/// # Errors
/// [`WireError::Store`] when the log cannot be read or does not reach back to a base before the first day, nor to its
/// own beginning; a fault of the engine; a file that cannot be written.
pub(crate) fn rebuild(config: &Config, days: RangeInclusive<Day>, out: &Path) -> Result<Vec<Day>, WireError> {
    let first = *days.start();
    let mut rebuilding = Rebuilding {
        config,
        key: signing::read(config.signing_key.as_deref())?,
        views: Views::new(config)?,
        days,
        out,
        intent: None,
        changes: BTreeMap::new(),
        rebuilt: Vec::new(),
    };
    match Store::history_of(&config.state, first, &mut |event| rebuilding.event(event)) {
        Ok(()) | Err(Stop::Done) => Ok(rebuilding.rebuilt),
        Err(Stop::Fault(error)) => Err(*error),
    }
}

/// Why no more is read of the log.
enum Stop {
    /// The last day is over.
    Done,
    Fault(Box<WireError>),
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Stop {
        Stop::Fault(Box::new(error))
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        WireError::from(error).into()
    }
}

struct Rebuilding<'a> {
    config: &'a Config,
    key: Option<SigningKey>,
    views: Views,
    days: RangeInclusive<Day>,
    out: &'a Path,
    /// The publication under way.
    intent: Option<PublishIntent>,
    /// Lengths of the change files of the day.
    changes: BTreeMap<String, u64>,
    rebuilt: Vec<Day>,
}

impl Rebuilding<'_> {
    fn event(&mut self, event: Event) -> Result<(), Stop> {
        match &event {
            Event::Epoch(header) if header.at.day() > *self.days.end() => return Err(Stop::Done),
            Event::Intent(intent) => self.intent = Some(intent.clone()),
            Event::Sealed(_) => {
                if let Some(intent) = self.intent.take() {
                    self.publish(&intent)?;
                }
            }
            _ => {}
        }
        Ok(self.views.event(event)?)
    }

    /// What a publication wrote. Only the one that closed a day is whole: those before it were written over.
    fn publish(&mut self, intent: &PublishIntent) -> Result<(), WireError> {
        let publishing = Publishing {
            config: self.config,
            key: self.key.as_ref(),
            views: &self.views,
            out: self.out,
            earlier: Some((&self.config.output, *self.days.start())),
            program: &intent.program,
            intent,
        };
        let day = publishing.day();
        if !self.days.contains(&day) {
            return Ok(());
        }
        self.changes = publishing.append_changes(&self.changes)?;
        if intent.closes.is_some() {
            publishing.write()?;
            self.changes.clear();
            self.rebuilt.push(day);
        }
        Ok(())
    }
}
