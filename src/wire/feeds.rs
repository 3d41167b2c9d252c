//! Feeds: fetch, read, accept, log; and what an operator wants to know of them.

use std::fs::File;
use std::path::Path;

use panopticon_model::id::Id;
use panopticon_model::sighting::FeedId;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Update};
use panopticon_sources::capped;
use panopticon_sources::feeds::accept::{self, Current, FeedPolicy, Guard, Load, Outcome};
use panopticon_sources::feeds::snapshot::{Snapshot, read_snapshot};
use panopticon_sources::feeds::{FeedSpec, Format, Limits, SnapshotError};
use panopticon_sources::fetch::{self, Fetched, Known, Pages, Request, Secret};

use super::folder::{Refused, is_folder};
use super::{House, WireError};
use crate::config::secrets::Secrets;
use crate::config::{Absence, Feed, Location};

/// What became of a feed in a run.
#[derive(Clone, Debug)]
pub(crate) struct FeedReport {
    /// The feed.
    pub(crate) id: String,
    /// What happened, in words.
    pub(crate) outcome: String,
    /// Rows of the snapshot.
    pub(crate) rows: u64,
    /// Of these, rows under our TLDs.
    pub(crate) kept: u64,
    /// Lines that could not be read.
    pub(crate) errors: u64,
    /// Updates that were logged.
    pub(crate) updates: usize,
    /// Whether the feed could not be loaded.
    pub(crate) failed: bool,
}

impl FeedReport {
    /// Nothing happened yet.
    pub(super) fn new(id: &str) -> FeedReport {
        let (id, outcome) = (id.to_owned(), "unchanged".to_owned());
        FeedReport { id, outcome, rows: 0, kept: 0, errors: 0, updates: 0, failed: false }
    }
}

impl House {
    /// What stands, as far as a feed is concerned.
    pub(super) fn current<'a>(&'a self, feed: &'a FeedId) -> Current<'a> {
        let tables = self.tables();
        let state = tables.feeds.get(feed).map(AsRef::as_ref);
        Current { feed, state, sightings: &tables.sightings, errors: &tables.errors }
    }

    /// Fetches and reads feeds, given by their place in the configuration.
    pub(crate) fn read_feeds(
        &mut self,
        now: Epoch,
        which: &[usize],
        done: &mut dyn FnMut(&FeedReport),
    ) -> Result<Vec<FeedReport>, WireError> {
        let secrets = Secrets::read(self.config.secrets.as_deref())?;
        let feeds: Vec<Feed> = which.iter().filter_map(|index| self.config.feeds.get(*index).cloned()).collect();
        let requests = feeds.iter().map(|feed| self.feed_request(feed, now, &secrets)).collect();
        let answers = self.fetch_all(requests)?;
        let mut reports = Vec::new();
        for (feed, answer) in feeds.iter().zip(answers) {
            let report = self.read_feed(feed, now, answer)?;
            done(&report);
            reports.push(report);
        }
        Ok(reports)
    }

    fn feed_request(&self, feed: &Feed, now: Epoch, secrets: &Secrets) -> Request {
        let id = FeedId::from(feed.id.as_str());
        let state = self.tables().feeds.get(&id);
        let known = state.map_or_else(Known::default, |state| Known {
            etag: state.etag.clone(),
            last_modified: state.last_modified.clone(),
            digest: state.snapshots.last().map(|(_, digest)| *digest),
            handled: state
                .snapshots
                .iter()
                .copied()
                .chain(state.held.iter().map(|(at, _, digest)| (*at, *digest)))
                .collect(),
            not_before: state.as_of.map(|newest| newest.minus(accept::LATEST_MS)),
        });
        let secret = feed.secret.as_deref().and_then(|name| secrets.get(name));
        let last = known.digest.map(|digest| self.archive.path(digest));
        let mut request = self.request(&feed.location, known, now.0);
        (request.pages, request.last) = (pages(feed), last);
        match &feed.secret_header {
            // Without its secret it must not be sent: an empty one is refused.
            Some(header) => request.header = Some((header.clone(), secret.unwrap_or_else(|| Secret::new("")))),
            None => request.key = secret,
        }
        request
    }

    fn read_feed(
        &mut self,
        feed: &Feed,
        now: Epoch,
        answer: Result<fetch::Outcome, fetch::FetchError>,
    ) -> Result<FeedReport, WireError> {
        let id = FeedId::from(feed.id.as_str());
        let mut report = FeedReport::new(&feed.id);
        // Of a folder each file stands for itself: those that cannot be used do not stop the others.
        let (answer, unread) = match answer {
            Err(fetch::FetchError::Files { fetched, failed }) => (Ok(fetch::Outcome::Fetched(fetched)), failed),
            answer => (answer, Vec::new()),
        };
        let mut refused: Vec<Refused> =
            unread.iter().map(|(name, error)| (name.clone(), one_line(error))).collect();
        match answer {
            Err(fetch::FetchError::Offline { .. }) => report.outcome = "offline: last good state kept".to_owned(),
            Err(error) => self.feed_failed(&id, now, &one_line(&error), &mut report)?,
            // Asked twice at one instant, as after a crash, the same answer says nothing more.
            Ok(fetch::Outcome::NotModified { .. }) if self.was_read_at(&id, now) => {}
            Ok(fetch::Outcome::NotModified { .. }) => {
                let reread = &mut |digest| self.reread(feed, digest);
                match accept::not_modified(self.current(&id), policy(feed), now, reread) {
                    Ok(updates) => report.updates = self.commit_feed(&id, now, updates)?,
                    Err(error) => self.feed_failed(&id, now, &one_line(&error), &mut report)?,
                }
                self.refuse_files(&id, now, &[], &mut report)?;
            }
            Ok(fetch::Outcome::Fetched(snapshots)) => {
                for fetched in snapshots {
                    refused.extend(self.read_fetched(feed, &id, now, fetched, &mut report)?);
                }
                self.refuse_files(&id, now, &refused, &mut report)?;
            }
        }
        if let Some(state) = self.tables().feeds.get(&id) {
            (report.rows, report.kept, report.errors) = (state.rows, state.kept, state.errors);
        }
        Ok(report)
    }

    /// Reads what was fetched. Answers the file of a folder that cannot be used; any other failure is the feed's.
    fn read_fetched(
        &mut self,
        feed: &Feed,
        id: &FeedId,
        now: Epoch,
        fetched: Fetched,
        report: &mut FeedReport,
    ) -> Result<Option<Refused>, WireError> {
        let path = fetched.file.to_path_buf();
        let read =
            File::open(&path).and_then(|file| capped::open(file, self.caps(), None)).map_err(SnapshotError::from);
        let snapshot = match read
            .and_then(|mut bytes| read_snapshot(&spec(feed), &mut bytes, &self.places, &self.limits()))
            .and_then(Snapshot::refuse_without_row)
        {
            Ok(snapshot) => snapshot,
            Err(error) if is_folder(feed) => {
                let name = Path::new(&fetched.url_shown).file_name().unwrap_or_default();
                return Ok(Some((name.to_string_lossy().into_owned(), one_line(&error))));
            }
            Err(error) => {
                self.feed_failed(id, now, &one_line(&error), report)?;
                return Ok(None);
            }
        };
        // The raw bytes are safe before anything that is made of them.
        self.archive.keep(fetched.file, fetched.digest)?;
        let load = Load {
            as_of: accept::as_of(snapshot.stamp.or(fetched.stamp), now),
            snapshot: &snapshot,
            fetched_at: now,
            digest: fetched.digest,
            etag: fetched.etag,
            last_modified: fetched.last_modified,
            forced: false,
        };
        self.accept(feed, id, now, &load, report)?;
        Ok(None)
    }

    fn accept(
        &mut self,
        feed: &Feed,
        id: &FeedId,
        now: Epoch,
        load: &Load<'_>,
        report: &mut FeedReport,
    ) -> Result<(), WireError> {
        let mut policy = policy(feed);
        if load.snapshot.rows == 0 {
            // A file that was cut to nothing looks like this; a small list may shrink, but not vanish unseen.
            policy.guard.floor = 1;
        }
        let outcome = accept::accept(self.current(id), policy, load, &mut |digest| self.reread(feed, digest));
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return self.feed_failed(id, now, &one_line(&error), report),
        };
        // Not loaded is not loaded, whoever has to decide on it.
        report.failed |= matches!(outcome, Outcome::Held(_) | Outcome::TooLate(_));
        report.outcome = match &outcome {
            Outcome::Applied(_) => "loaded".to_owned(),
            Outcome::Held(_) => format!(
                "held back: {} rows are too few; `panopticon feeds accept {id}` if that is right",
                load.snapshot.rows
            ),
            Outcome::TooLate(_) => "too late: more than seven days older than what is known".to_owned(),
            Outcome::Unchanged(_) => "unchanged".to_owned(),
        };
        if !(matches!(outcome, Outcome::Unchanged(_)) && self.was_read_at(id, now)) {
            report.updates += self.commit_feed(id, now, outcome.into_updates())?;
        }
        Ok(())
    }

    fn was_read_at(&self, id: &FeedId, now: Epoch) -> bool {
        self.tables().feeds.get(id).is_some_and(|state| state.fetched_at == Some(now) && state.failure.is_none())
    }

    fn feed_failed(
        &mut self,
        id: &FeedId,
        now: Epoch,
        message: &str,
        report: &mut FeedReport,
    ) -> Result<(), WireError> {
        report.failed = true;
        report.outcome = format!("failed: {message}");
        let updates = accept::failed(self.current(id), message);
        report.updates += self.commit_feed(id, now, updates)?;
        Ok(())
    }

    fn commit_feed(&mut self, id: &FeedId, now: Epoch, updates: Vec<Update>) -> Result<usize, WireError> {
        self.commit(now, Cause::Evidence, &format!("feed:{id}"), updates)
    }

    /// Reads an archived snapshot again, under the rules of today.
    fn reread(&self, feed: &Feed, digest: Id) -> Result<Snapshot, SnapshotError> {
        let mut bytes =
            self.archive.read(digest).map_err(|error| SnapshotError::Io(std::io::Error::other(error)))?;
        read_snapshot(&spec(feed), &mut bytes, &self.places, &self.limits())
    }

    /// Reads the last snapshot of every feed again: rows of a TLD that is new here are in it.
    pub(super) fn reread_archive(&mut self, now: Epoch) -> Result<(), WireError> {
        for feed in self.config.feeds.clone() {
            let id = FeedId::from(feed.id.as_str());
            let Some(state) = self.tables().feeds.get(&id).filter(|state| !state.lapsed).cloned() else {
                continue;
            };
            let (Some(as_of), Some(&(_, digest))) = (state.as_of, state.snapshots.last()) else { continue };
            let Ok(snapshot) = self.reread(&feed, digest) else { continue };
            let absence = policy(&feed).absence;
            let sightings = &self.tables().sightings;
            let updates = panopticon_sources::feeds::advance::advance(
                &id,
                sightings,
                Some(as_of),
                &snapshot,
                as_of,
                absence,
            );
            self.commit(now, Cause::Policy, &format!("feed:{id}"), updates)?;
        }
        Ok(())
    }

    /// Lets the newest snapshot of a feed that was held back count.
    pub(crate) fn accept_held(&mut self, now: Epoch, name: &str) -> Result<FeedReport, WireError> {
        let no_feed = || WireError::NoFeed(name.to_owned());
        let feed = self.config.feeds.iter().find(|feed| feed.id == name).cloned().ok_or_else(no_feed)?;
        let id = FeedId::from(name);
        let state = self.tables().feeds.get(&id).cloned().unwrap_or_default();
        let &(as_of, _, digest) = state.held.last().ok_or_else(|| WireError::NothingHeld(name.to_owned()))?;
        let mut report = FeedReport::new(name);
        match self.reread(&feed, digest) {
            Ok(snapshot) => {
                let load = Load {
                    snapshot: &snapshot,
                    as_of,
                    fetched_at: now,
                    digest,
                    etag: None,
                    last_modified: None,
                    forced: true,
                };
                self.accept(&feed, &id, now, &load, &mut report)?;
                (report.rows, report.kept, report.errors) = (snapshot.rows, snapshot.kept(), snapshot.faulty);
            }
            Err(error) => self.feed_failed(&id, now, &one_line(&error), &mut report)?,
        }
        Ok(report)
    }

    fn limits(&self) -> Limits {
        let (max_line_bytes, max_rows) = (self.config.max_line_bytes, self.config.max_rows);
        Limits { max_line_bytes, max_rows, ..Limits::default() }
    }
}

/// How a feed is put together: by its format, and by what its URL ends with.
fn pages(feed: &Feed) -> Pages {
    match (feed.format.as_str(), &feed.location) {
        ("stix", Location::Url(url)) if is_collection(url) => Pages::Taxii,
        ("misp", Location::Url(url)) if url.ends_with("/manifest.json") => Pages::Misp,
        ("phishing-database", Location::Url(url)) if url.ends_with("-ACTIVE.txt") => Pages::States,
        _ => Pages::One,
    }
}

/// Whether a URL is that of the objects of a collection of TAXII, whatever it asks of them.
fn is_collection(url: &str) -> bool {
    url.split('?').next().is_some_and(|path| path.trim_end_matches('/').ends_with("/objects"))
}

fn spec(feed: &Feed) -> FeedSpec {
    // The configuration has been checked: the format is known.
    let format = Format::from_id(&feed.format).unwrap_or(&panopticon_sources::feeds::plain::FORMAT);
    let mut spec = FeedSpec::new(FeedId::from(feed.id.as_str()), format);
    spec.columns.clone_from(&feed.columns);
    if let Some(class) = feed.abuse_class {
        spec.abuse_class = class;
    }
    spec
}

fn policy(feed: &Feed) -> FeedPolicy {
    let absence: Absence = feed.absence.unwrap_or(spec(feed).format.absence);
    FeedPolicy { absence, guard: Guard { percent: feed.shrink_percent, ..Guard::default() } }
}

/// An error with its causes in one line.
pub(super) fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
