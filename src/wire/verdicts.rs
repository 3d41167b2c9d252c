//! Verdicts: what open cases are judged to be is noted before each publication, so that it is known when they are over.

use std::sync::Arc;

use panopticon_model::case::CaseStatus;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Update};
use panopticon_model::verdict::Verdict;

use super::{House, WireError};

impl House {
    /// Notes what changed of the verdicts, and forgets cases that are no more.
    pub(super) fn note_verdicts(&mut self, now: Epoch) -> Result<(), WireError> {
        let at = self.last_epoch();
        self.views.settle(at)?;
        let standing = self.standing();
        let known = &self.tables().verdicts;
        let mut updates: Vec<Update> = Vec::new();
        for (id, remedy) in &standing.remedies {
            let before = known.get(id).map(AsRef::as_ref);
            // What was gone and is back was noted under what it was before: its time begins with the new evidence.
            let began = standing.cases.get(id).filter(|case| case.status == CaseStatus::Recurred);
            let came_back = began.is_some_and(|case| {
                before.and_then(|before| before.validated_at).is_some_and(|validated| validated < case.first_seen)
            });
            updates.push(Update::Verdict(*id, Some(Arc::new(Verdict::of(remedy, before, came_back, at)))));
        }
        let gone = known.keys().filter(|id| !standing.cases.contains_key(*id));
        updates.extend(gone.map(|id| Update::Verdict(*id, None)));
        self.commit(now, Cause::Age, "verdict", updates)?;
        Ok(())
    }
}
