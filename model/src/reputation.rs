//! Reputation: how many of the names that rest on a name server or an address were registered for abuse.
//!
//! Names that were broken into do not count: they say nothing of those beside them, and fill every large hoster.
//!
//! It is counted once a day, at the close, from what is known then, and enters the log as any other input does. So a
//! view that reads it depends on what was said yesterday at most, never on its own answer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, Epoch};

/// So many names, the one that is judged aside, must be confirmed before a server is held for bad.
const BAD_NAMES: usize = 3;
/// So many per cent of the names that are known on it, too.
const BAD_PERCENT: usize = 50;
/// So many names must be known on a name server of good repute; less than one in a hundred of them is confirmed.
const CLEAN_NAMES: usize = 100;
/// How long it is remembered that a name was confirmed, in milliseconds: as long as evidence.
const REMEMBER_MS: u64 = 400 * DAY_MS;
/// How old the last confirmation may be before it is noted anew: a row would change every day otherwise.
const NOTE_EVERY_MS: u64 = 30 * DAY_MS;

/// What is counted of a name server or an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reputation {
    /// Registrable domains that were confirmed, as registered for abuse, while they rested on it, and when that was
    /// noted last.
    pub confirmed: BTreeMap<CompactString, Epoch>,
    /// How many others are known to rest on it; no more than could matter.
    pub others: u32,
}

impl Reputation {
    /// The row at the close of a day that ends at `now`. `before` is the row of the day before, `confirmed` are the
    /// names on the server that are confirmed now, `cleared` those of which that was taken back, `known` answers how many are known on it beside those of the row;
    /// `server` is a host name or an address. None if there is nothing to remember and nothing of note.
    #[must_use]
    pub fn close(
        server: &str,
        before: Option<&Reputation>,
        confirmed: impl IntoIterator<Item = CompactString>,
        cleared: &BTreeSet<CompactString>,
        known: impl FnOnce(&BTreeMap<CompactString, Epoch>) -> usize,
        now: Epoch,
    ) -> Option<Reputation> {
        let mut row =
            Reputation { confirmed: before.map(|row| row.confirmed.clone()).unwrap_or_default(), others: 0 };
        for domain in confirmed {
            let noted = row.confirmed.entry(domain).or_insert(now);
            if noted.plus(NOTE_EVERY_MS) <= now {
                *noted = now;
            }
        }
        row.confirmed.retain(|domain, noted| now < noted.plus(REMEMBER_MS) && !cleared.contains(domain));
        // Beyond this it is clean whatever comes: a large hoster's row does not change with every name.
        let enough = CLEAN_NAMES * row.confirmed.len().max(1) + 1;
        row.others = u32::try_from(known(&row.confirmed).min(enough)).unwrap_or(u32::MAX);
        (!row.confirmed.is_empty() || row.repute(server).is_some()).then_some(row)
    }

    /// What the row makes of a server; none if nothing speaks for or against it. Addresses are shared by few, and are
    /// never held for clean.
    #[must_use]
    pub fn repute(&self, server: &str) -> Option<Repute> {
        let confirmed = self.confirmed.len();
        let known = confirmed + self.others as usize;
        if is_bad(confirmed, known) {
            return Some(Repute::Bad { confirmed: self.confirmed.keys().cloned().collect(), others: self.others });
        }
        // One less: the name that is judged is among them.
        let is_clean = known > CLEAN_NAMES && confirmed * 100 < known - 1;
        (is_clean && !is_address(server)).then_some(Repute::Clean)
    }
}

/// What a judgement knows of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Repute {
    /// Many of the names on it were confirmed.
    Bad {
        /// Those names, sorted.
        confirmed: Vec<CompactString>,
        /// How many others are known on it.
        others: u32,
    },
    /// A name server of many names of which hardly one was confirmed.
    Clean,
}

impl Repute {
    /// How many names were confirmed and how many are known, `domain` itself aside, if that speaks against it.
    #[must_use]
    pub fn against(&self, domain: &str) -> Option<(usize, usize)> {
        let Repute::Bad { confirmed, others } = self else { return None };
        let own = confirmed.binary_search_by(|known| known.as_str().cmp(domain)).is_ok();
        let confirmed = confirmed.len() - usize::from(own);
        let known = confirmed + *others as usize;
        is_bad(confirmed, known).then_some((confirmed, known))
    }
}

fn is_bad(confirmed: usize, known: usize) -> bool {
    confirmed >= BAD_NAMES && confirmed * 100 >= BAD_PERCENT * known
}

/// Whether a server is named by its address.
#[must_use]
pub fn is_address(server: &str) -> bool {
    server.parse::<IpAddr>().is_ok()
}
