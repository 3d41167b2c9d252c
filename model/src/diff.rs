//! Diffs: what a window of time changed in `cases`, net, and why.
//!
//! A [`Net`] absorbs the passage of every case at every instant of its window and answers with one row a case
//! whose compared fields differ at the end. What went and came back in between is in no row.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::case::{Case, CaseStatus};
use crate::id::Id;
use crate::sighting::{AbuseClass, FeedId};
use crate::update::Cause;
use crate::view::{CaseRow, EpochDiffs};

/// The fields of a case whose change is news. `new` counts as `active` here: the change `added` says it.
/// Counts, `last_seen`, rank and delegation are left out: they change without anybody having to act.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Compared {
    /// Where the case stands.
    pub status: CaseStatus,
    /// What the name is said to be used for.
    pub abuse_class: AbuseClass,
    /// Who says so.
    pub feed_ids: Arc<[FeedId]>,
}

impl Compared {
    /// The compared fields of a case.
    #[must_use]
    pub fn of(case: &Case) -> Compared {
        let status = if case.status == CaseStatus::New { CaseStatus::Active } else { case.status };
        Compared { status, abuse_class: case.abuse_class, feed_ids: Arc::clone(&case.feed_ids) }
    }
}

/// What happened to a case, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It was not there, and is open.
    Added,
    /// It stays, with other feeds; or an expired or withdrawn one is open again.
    Changed,
    /// Its targets were stated or measured gone.
    Resolved,
    /// It is open again after it was remediated.
    Recurred,
    /// Its evidence ended without a measurement.
    Expired,
    /// It was taken back, or its row is gone.
    Withdrawn,
}

impl ChangeKind {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Changed => "changed",
            ChangeKind::Resolved => "resolved",
            ChangeKind::Recurred => "recurred",
            ChangeKind::Expired => "expired",
            ChangeKind::Withdrawn => "withdrawn",
        }
    }

    /// The word for the passage of a case; none when its compared fields are the same.
    #[must_use]
    pub fn between(before: Option<&Compared>, after: Option<&Compared>) -> Option<ChangeKind> {
        if before == after {
            return None;
        }
        let Some(after) = after else { return Some(ChangeKind::Withdrawn) };
        let same_status = before.is_some_and(|before| before.status == after.status);
        Some(match after.status {
            _ if same_status => ChangeKind::Changed,
            CaseStatus::Remediated => ChangeKind::Resolved,
            CaseStatus::Expired => ChangeKind::Expired,
            CaseStatus::Withdrawn => ChangeKind::Withdrawn,
            CaseStatus::Recurred => ChangeKind::Recurred,
            CaseStatus::New | CaseStatus::Active if before.is_none() => ChangeKind::Added,
            CaseStatus::New | CaseStatus::Active => ChangeKind::Changed,
        })
    }
}

/// A row of the view `daily_diffs`, and a line of the change files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiffRow {
    /// The TLD of the case.
    pub tld: CompactString,
    /// The id of the case.
    pub subject_id: Id,
    /// The name that the case is about.
    pub subject: CompactString,
    /// What happened, in one word.
    pub change: ChangeKind,
    /// Why.
    pub cause: Cause,
    /// The compared fields before; none when the case was not there.
    pub before: Option<Compared>,
    /// The compared fields after; none when the case is gone.
    pub after: Option<Compared>,
}

/// The net change of `cases` over a window of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    passages: BTreeMap<Id, Passage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Passage {
    tld: CompactString,
    subject: CompactString,
    before: Option<Compared>,
    after: Option<Compared>,
    cause: Cause,
}

impl Net {
    /// Absorbs what one instant changed; `cause` is the cause of its epoch, or [`Cause::Age`] when time alone
    /// made the change. A case of class `other` that gives way to a specific one, or takes over from it, has
    /// the cause [`Cause::Reclassified`] whatever the epoch says.
    pub fn absorb(&mut self, diffs: &EpochDiffs, cause: Cause) {
        let mut moves: BTreeMap<Id, (Option<&Case>, Option<&Case>, Cause)> = BTreeMap::new();
        for (row, diff) in &diffs.cases {
            match row {
                CaseRow::Standing(case) => {
                    let passage = moves.entry(case.id).or_insert((None, None, cause));
                    if *diff < 0 { passage.0 = Some(case) } else { passage.1 = Some(case) }
                }
                CaseRow::Joined(id) => moves.entry(*id).or_insert((None, None, cause)).2 = Cause::Reclassified,
            }
        }
        for (before, after, cause) in moves.into_values() {
            self.absorb_case(before, after, cause);
        }
    }

    /// Absorbs the passage of one case. If compared fields changed for several causes in the window,
    /// `evidence` prevails, else the last one stands.
    pub fn absorb_case(&mut self, before: Option<&Case>, after: Option<&Case>, cause: Cause) {
        let Some(case) = after.or(before) else { return };
        let (then, now) = (before.map(Compared::of), after.map(Compared::of));
        if then == now {
            return;
        }
        let passage = self.passages.entry(case.id).or_insert_with(|| Passage {
            tld: case.tld().into(),
            subject: case.subject.clone(),
            before: then,
            after: None,
            cause,
        });
        passage.after = now;
        if passage.cause != Cause::Evidence {
            passage.cause = cause;
        }
        if passage.before == passage.after {
            self.passages.remove(&case.id);
        }
    }

    /// The rows, sorted by TLD, subject and id.
    #[must_use]
    pub fn rows(&self) -> Vec<DiffRow> {
        let mut rows: Vec<DiffRow> = self
            .passages
            .iter()
            .filter_map(|(id, passage)| {
                let change = ChangeKind::between(passage.before.as_ref(), passage.after.as_ref())?;
                Some(DiffRow {
                    tld: passage.tld.clone(),
                    subject_id: *id,
                    subject: passage.subject.clone(),
                    change,
                    cause: passage.cause,
                    before: passage.before.clone(),
                    after: passage.after.clone(),
                })
            })
            .collect();
        rows.sort_by(|a, b| (&a.tld, &a.subject, a.subject_id).cmp(&(&b.tld, &b.subject, b.subject_id)));
        rows
    }

    /// Starts a new window.
    pub fn clear(&mut self) {
        self.passages.clear();
    }
}
