//! Lists of feeds: millions of rows name the same few, so each list is kept once.

use std::collections::BTreeSet;
use std::sync::Arc;

use panopticon_model::sighting::FeedId;

/// The lists that rows have named so far.
#[derive(Debug, Default)]
pub struct FeedLists {
    known: BTreeSet<Arc<[FeedId]>>,
    /// Room for the next list.
    next: Vec<FeedId>,
}

impl FeedLists {
    /// The list of these feeds, sorted, each once.
    pub fn of<'a>(&mut self, feeds: impl Iterator<Item = &'a FeedId>) -> Arc<[FeedId]> {
        self.next.clear();
        for feed in feeds {
            if let Err(at) = self.next.binary_search(feed) {
                self.next.insert(at, feed.clone());
            }
        }
        if let Some(known) = self.known.get(self.next.as_slice()) {
            return Arc::clone(known);
        }
        let list: Arc<[FeedId]> = self.next.as_slice().into();
        self.known.insert(Arc::clone(&list));
        list
    }
}
