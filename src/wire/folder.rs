//! Files of a drop folder that cannot be used: each is a row of `errors`, and the next file is read all the same.

use compact_str::{CompactString, format_compact};
use panopticon_model::id::Id;
use panopticon_model::sighting::FeedId;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, ErrorKey, LineError, Update};
use panopticon_sources::feeds::snapshot::whole_feed;

use super::{FeedReport, House, WireError};
use crate::config::{Feed, Location};

/// A file of a folder that cannot be used: its name, and why not.
pub(super) type Refused = (String, String);

/// Whether the feed is a folder, into which snapshots are dropped.
pub(super) fn is_folder(feed: &Feed) -> bool {
    matches!(&feed.location, Location::Path(path) if path.is_dir())
}

impl House {
    /// Brings the errors about files of the feed's folder up to date: a file that was mended or removed has none.
    pub(super) fn refuse_files(
        &mut self,
        feed: &FeedId,
        now: Epoch,
        refused: &[Refused],
        report: &mut FeedReport,
    ) -> Result<(), WireError> {
        let first = ErrorKey { source: feed.clone(), line: Id([0; 16]) };
        let standing = self.tables().errors.range(first..).take_while(|(key, _)| key.source == *feed);
        let is_over = |(key, error): &(&ErrorKey, &LineError)| {
            let is_of_file = **key == file_key(feed, &error.sample);
            is_of_file && !refused.iter().any(|(name, _)| *name == *error.sample)
        };
        let gone = standing.filter(is_over).map(|(key, _)| Update::Error(key.clone(), None));
        let mut updates: Vec<Update> = gone.collect();
        for (name, why) in refused {
            let (message, sample) = (format_compact!("file `{name}`: {why}"), CompactString::from(name.as_str()));
            let error = LineError { line_number: 0, message, sample };
            updates.push(Update::Error(file_key(feed, name), Some(error)));
        }
        if let Some((name, why)) = refused.first() {
            report.failed = true;
            report.outcome = format!("failed: {} files cannot be used, `{name}`: {why}", refused.len());
        }
        report.updates += self.commit(now, Cause::Evidence, &format!("feed:{feed}"), updates)?;
        Ok(())
    }
}

fn file_key(feed: &FeedId, name: &str) -> ErrorKey {
    whole_feed(feed, &format!("file {name}"))
}
