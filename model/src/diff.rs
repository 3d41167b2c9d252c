//! Diffs: what a window of time changed in `cases` and `high_risk_names`, net, and why.
//!
//! A [`Net`] absorbs the passage of every row at every instant of its window and answers with one row for each
//! whose compared fields differ at the end. What went and came back in between is in no row.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::case::{Case, CaseStatus};
use crate::id::{Id, IdKind};
use crate::judgement::{Remedy, RemedyKind};
use crate::lookalike::{HighRiskName, Tier};
use crate::observable::top_level;
use crate::sighting::{AbuseClass, FeedId};
use crate::update::Cause;
use crate::view::{CaseRow, EpochDiffs, Standing, View};

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
    /// What the case is; none while it is not judged, and once it is closed.
    #[serde(default)]
    pub remedy: Option<RemedyKind>,
    /// Whether one of its indicators is validated.
    #[serde(default)]
    pub validated: bool,
}

impl Compared {
    /// The compared fields of a case, and of its remedy if it has one.
    #[must_use]
    pub fn of(case: &Case, remedy: Option<&Remedy>) -> Compared {
        Compared {
            status: if case.status == CaseStatus::New { CaseStatus::Active } else { case.status },
            abuse_class: case.abuse_class,
            feed_ids: Arc::clone(&case.feed_ids),
            remedy: remedy.map(|remedy| remedy.kind),
            validated: remedy.is_some_and(|remedy| remedy.validated),
        }
    }
}

/// The fields of a row of `high_risk_names` whose change is news.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ComparedName {
    /// How urgent it is.
    pub tier: Tier,
    /// The protected name that it imitates most.
    pub target: Option<CompactString>,
    /// Whether it looks as if a machine had made it.
    pub algorithmic: bool,
}

impl ComparedName {
    /// The compared fields of a name.
    #[must_use]
    pub fn of(row: &HighRiskName) -> ComparedName {
        ComparedName { tier: row.tier, target: row.target.clone(), algorithmic: row.algorithmic.is_some() }
    }
}

/// The compared fields of a row of one of the views that are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ComparedRow {
    /// Of `cases`.
    Case(Compared),
    /// Of `high_risk_names`.
    Name(ComparedName),
}

/// What happened to a row, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It was not there, and is open.
    Added,
    /// It stays, with other feeds or another judgement; or an expired or withdrawn one is open again.
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

    /// The word for the passage of a row; none when its compared fields are the same.
    #[must_use]
    pub fn between_rows(before: Option<&ComparedRow>, after: Option<&ComparedRow>) -> Option<ChangeKind> {
        let case = |row: Option<&'_ ComparedRow>| match row {
            Some(ComparedRow::Case(case)) => Some(case.clone()),
            _ => None,
        };
        match (before, after) {
            (before, after) if before == after => None,
            (None, Some(ComparedRow::Name(_))) => Some(ChangeKind::Added),
            (Some(_), Some(ComparedRow::Name(_))) => Some(ChangeKind::Changed),
            (before, after) => {
                ChangeKind::between(case(before).as_ref(), case(after).as_ref()).or(Some(ChangeKind::Withdrawn))
            }
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
    /// The TLD of the name.
    pub tld: CompactString,
    /// The id of the case, or of the name.
    pub subject_id: Id,
    /// The name that the row is about.
    pub subject: CompactString,
    /// What happened, in one word.
    pub change: ChangeKind,
    /// Why.
    pub cause: Cause,
    /// The compared fields before; none when the row was not there.
    pub before: Option<ComparedRow>,
    /// The compared fields after; none when the row is gone.
    pub after: Option<ComparedRow>,
}

impl DiffRow {
    /// The view that changed.
    #[must_use]
    pub fn changed_view(&self) -> View {
        match self.after.as_ref().or(self.before.as_ref()) {
            Some(ComparedRow::Name(_)) => View::HighRiskNames,
            Some(ComparedRow::Case(_)) | None => View::Cases,
        }
    }
}

/// The net change of `cases` and `high_risk_names` over a window of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    passages: BTreeMap<Id, Passage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Passage {
    tld: CompactString,
    subject: CompactString,
    before: Option<ComparedRow>,
    after: Option<ComparedRow>,
    cause: Cause,
}

/// A case and its remedy, as far as there are any.
pub type Judged<'a> = (Option<&'a Case>, Option<&'a Remedy>);

/// What an instant did to a case: what stood before and after, where that changed.
#[derive(Default)]
struct Move<'a> {
    case: Option<(Option<&'a Case>, Option<&'a Case>)>,
    remedy: Option<(Option<&'a Remedy>, Option<&'a Remedy>)>,
    joined: bool,
}

impl Net {
    /// Absorbs what one instant changed; `standing` are the views after it, and `cause` is the cause of its epoch, or
    /// [`Cause::Age`] when time alone made the change. A case of class `other` that gives way to a specific one, or
    /// takes over from it, has the cause [`Cause::Reclassified`] whatever the epoch says.
    pub fn absorb(&mut self, diffs: &EpochDiffs, standing: &Standing, cause: Cause) {
        let mut moves: BTreeMap<Id, Move<'_>> = BTreeMap::new();
        for (row, diff) in &diffs.cases {
            match row {
                CaseRow::Standing(case) => {
                    let case_move = moves.entry(case.id).or_default().case.get_or_insert_default();
                    if *diff < 0 { case_move.0 = Some(case) } else { case_move.1 = Some(case) }
                }
                CaseRow::Joined(id) => moves.entry(*id).or_default().joined = true,
            }
        }
        for (row, diff) in &diffs.remedies {
            let remedy_move = moves.entry(row.case_id).or_default().remedy.get_or_insert_default();
            if *diff < 0 { remedy_move.0 = Some(row) } else { remedy_move.1 = Some(row) }
        }
        for (id, Move { case, remedy, joined }) in moves {
            let stands = standing.cases.get(&id).map(Arc::as_ref);
            let judged = standing.remedies.get(&id).map(Arc::as_ref);
            let (case, remedy) = (case.unwrap_or((stands, stands)), remedy.unwrap_or((judged, judged)));
            let cause = if joined { Cause::Reclassified } else { cause };
            self.absorb_case((case.0, remedy.0), (case.1, remedy.1), cause);
        }
    }

    /// Absorbs the passage of one case, with its remedy before and after. If compared fields changed for several causes
    /// in the window, `evidence` prevails, else the last one stands.
    pub fn absorb_case(&mut self, before: Judged<'_>, after: Judged<'_>, cause: Cause) {
        let Some(case) = after.0.or(before.0) else { return };
        let compared = |(case, remedy): Judged<'_>| case.map(|case| ComparedRow::Case(Compared::of(case, remedy)));
        self.pass(case.id, case.tld(), &case.subject, (compared(before), compared(after)), cause);
    }

    /// Absorbs what an instant changed of `high_risk_names`. What the first reading of a zone finds is where the days
    /// begin, and is not told.
    pub fn absorb_names(&mut self, diffs: &EpochDiffs, cause: Cause) {
        let mut moves: BTreeMap<&str, (Option<&HighRiskName>, Option<&HighRiskName>)> = BTreeMap::new();
        for (row, diff) in &diffs.high_risk {
            let moved = moves.entry(row.name.as_str()).or_default();
            if *diff < 0 { moved.0 = Some(row) } else { moved.1 = Some(row) }
        }
        for (name, (before, after)) in moves {
            let compared = |row: Option<&HighRiskName>| row.map(|row| ComparedRow::Name(ComparedName::of(row)));
            let id = Id::derive(IdKind::Name, &[name.as_bytes()]);
            self.pass(id, top_level(name), name, (compared(before), compared(after)), cause);
        }
    }

    fn pass(
        &mut self,
        id: Id,
        tld: &str,
        subject: &str,
        (then, now): (Option<ComparedRow>, Option<ComparedRow>),
        cause: Cause,
    ) {
        if then == now {
            return;
        }
        let passage = self.passages.entry(id).or_insert_with(|| Passage {
            tld: tld.into(),
            subject: subject.into(),
            before: then,
            after: None,
            cause,
        });
        passage.after = now;
        if passage.cause != Cause::Evidence {
            passage.cause = cause;
        }
        if passage.before == passage.after {
            self.passages.remove(&id);
        }
    }

    /// The rows, sorted by TLD, subject and id.
    #[must_use]
    pub fn rows(&self) -> Vec<DiffRow> {
        let mut rows: Vec<DiffRow> = self
            .passages
            .iter()
            .filter_map(|(id, passage)| {
                let change = ChangeKind::between_rows(passage.before.as_ref(), passage.after.as_ref())?;
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
