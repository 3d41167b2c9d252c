//! Shared rows. The engine compares rows far more often than it reads them, and a row that lies elsewhere in
//! memory is slow to look at. So the bits by which rows mostly differ stand beside the pointer.

use std::cmp::Ordering;
use std::sync::Arc;

use panopticon_model::case::Case;
use panopticon_model::id::Id;
use panopticon_model::indicator::Indicator;
use panopticon_model::sighting::Sighting;
use serde::{Deserialize, Serialize};

/// A row with an id that tells most rows apart.
pub trait Identified {
    /// The id. Rows that are judged together come out in the order in which the facts go in: sightings and
    /// indicators stand in the order of their observables.
    fn id(&self) -> Id;
}

impl Identified for Sighting {
    fn id(&self) -> Id {
        self.observable.id
    }
}

impl Identified for Indicator {
    fn id(&self) -> Id {
        self.observable.id
    }
}

impl Identified for Case {
    fn id(&self) -> Id {
        self.id
    }
}

/// A shared row with the first bits of its id. It sorts by them, then as the row itself does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shared<T> {
    bits: u64,
    row: Arc<T>,
}

impl<T: Identified> From<Arc<T>> for Shared<T> {
    fn from(row: Arc<T>) -> Shared<T> {
        let [a, b, c, d, e, f, g, h, ..] = row.id().0;
        Shared { bits: u64::from_be_bytes([a, b, c, d, e, f, g, h]), row }
    }
}

impl<T> Shared<T> {
    /// The first bits of its id: rows of other bits have another id.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.bits
    }

    /// The row.
    #[must_use]
    pub fn row(&self) -> &Arc<T> {
        &self.row
    }
}

impl<T: Ord> Ord for Shared<T> {
    fn cmp(&self, other: &Shared<T>) -> Ordering {
        self.bits.cmp(&other.bits).then_with(|| {
            if Arc::ptr_eq(&self.row, &other.row) { Ordering::Equal } else { self.row.cmp(&other.row) }
        })
    }
}

impl<T: Ord> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Shared<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
