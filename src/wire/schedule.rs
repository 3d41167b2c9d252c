//! Which source is read when, in a process that keeps going.

use panopticon_model::time::Epoch;

use super::{FeedReport, House, WireError};

/// A source, by its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A feed.
    Feed(usize),
    /// The zones of a TLD, and one of them.
    Zone(usize, usize),
    /// The ranking.
    Ranks,
    /// A list of protected names, by its place in the configuration.
    Protected(usize),
}

/// When each source is due next.
pub(crate) struct Schedule(Vec<(Source, u64, Epoch)>);

impl Schedule {
    /// The sources that are due, and when they will be again.
    pub(crate) fn due(&mut self, now: Epoch) -> Vec<Source> {
        let mut due = Vec::new();
        for (source, every, at) in &mut self.0 {
            if *at <= now {
                due.push(*source);
                *at = now.plus(*every);
            }
        }
        due
    }

    /// A zone is due at once, whatever its clock says.
    pub(crate) fn hasten(&mut self, zone: (usize, usize)) {
        for (_, _, at) in self.0.iter_mut().filter(|(source, _, _)| *source == Source::Zone(zone.0, zone.1)) {
            *at = Epoch(0);
        }
    }

    /// When the next source is due.
    pub(crate) fn next(&self) -> Epoch {
        self.0.iter().map(|(_, _, at)| *at).min().unwrap_or(Epoch(u64::MAX))
    }
}

impl House {
    /// The clocks of all sources; everything is due at once.
    pub(crate) fn schedule(&self) -> Schedule {
        Schedule(self.all().into_iter().map(|(source, every)| (source, every, Epoch(0))).collect())
    }

    /// How many sources there are.
    pub(crate) fn sources(&self) -> usize {
        self.all().len()
    }

    /// Reads every source once.
    pub(crate) fn read_all(
        &mut self,
        now: Epoch,
        done: &mut dyn FnMut(&FeedReport),
    ) -> Result<Vec<FeedReport>, WireError> {
        let sources: Vec<Source> = self.all().into_iter().map(|(source, _)| source).collect();
        self.read(now, &sources, done)
    }

    /// Reads sources: zones and ranks first, so that the first cases already know them.
    pub(crate) fn read(
        &mut self,
        now: Epoch,
        sources: &[Source],
        done: &mut dyn FnMut(&FeedReport),
    ) -> Result<Vec<FeedReport>, WireError> {
        let (mut reports, mut feeds) = (Vec::new(), Vec::new());
        for source in sources {
            let report = match source {
                Source::Feed(index) => {
                    feeds.push(*index);
                    continue;
                }
                Source::Zone(tld, zone) => self.read_zone(now, *tld, *zone)?,
                Source::Ranks => self.read_ranks(now)?,
                Source::Protected(list) => self.read_protected(now, *list)?,
            };
            done(&report);
            reports.push(report);
        }
        reports.extend(self.read_feeds(now, &feeds, done)?);
        Ok(reports)
    }

    fn all(&self) -> Vec<(Source, u64)> {
        let zones = self.config.tlds.iter().enumerate().flat_map(|(tld, config)| {
            config.zones.iter().enumerate().map(move |(zone, config)| (Source::Zone(tld, zone), config.every_ms))
        });
        let ranks = self.config.ranks.iter().map(|ranks| (Source::Ranks, ranks.every_ms));
        let feeds = self.config.feeds.iter().enumerate().map(|(index, feed)| (Source::Feed(index), feed.every_ms));
        let protected = self.config.protected.iter().enumerate();
        let protected = protected.map(|(index, list)| (Source::Protected(index), list.every_ms));
        zones.chain(ranks).chain(protected).chain(feeds).collect()
    }
}
