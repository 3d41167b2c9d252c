//! Versions: of a thing that a snapshot tells of in several versions, the newest counts, whole.
//!
//! Memory grows with what is kept, not with what is read: a version of which nothing is kept is known only of a thing of
//! which something was kept before. So an older version that comes behind such a newer one counts. It should not come there:
//! collections of TAXII 2.1 are sorted by when an object was added to them.

use std::collections::HashMap;

use compact_str::CompactString;
use panopticon_model::time::Epoch;

/// The version of a thing that rows tell of. A thing may have many rows, and more in one version than in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// The id of the thing.
    pub of: &'a str,
    /// When this version was made.
    pub at: Epoch,
}

/// The versions of a snapshot so far.
#[derive(Default)]
pub(super) struct Versions {
    things: HashMap<CompactString, usize>,
    newest: Vec<Epoch>,
    /// The claims that are of a version, by their places in ascending order: its thing, and when it was made.
    claims: Vec<(usize, usize, Epoch)>,
}

impl Versions {
    /// A row of a version; `place` is that of its claim, if it is kept.
    pub(super) fn told(&mut self, version: Version<'_>, place: Option<usize>) {
        let thing = match self.things.get(version.of) {
            Some(thing) => *thing,
            None if place.is_none() => return,
            None => {
                let thing = self.newest.len();
                self.newest.push(version.at);
                self.things.insert(version.of.into(), thing);
                thing
            }
        };
        if let Some(newest) = self.newest.get_mut(thing) {
            *newest = version.at.max(*newest);
        }
        self.claims.extend(place.map(|place| (place, thing, version.at)));
    }

    /// Leaves the claims of the newest versions, and those that are of none.
    pub(super) fn retain_newest<T>(self, claims: &mut Vec<T>) {
        let mut versioned = self.claims.into_iter().peekable();
        let mut place = 0;
        claims.retain(|_| {
            let version = versioned.next_if(|(of, ..)| *of == place);
            place += 1;
            version.is_none_or(|(_, thing, at)| self.newest.get(thing) == Some(&at))
        });
    }
}
