//! Who would be told about what. Nothing here looks up a contact or sends a mail.
//!
//! In the plan are the open cases that evidence changed within the last day. A change of the suffix rules, of the
//! configuration, of the program, or mere age never leads to a notice. Where a platform or a popular name is
//! concerned, a human decides.

use panopticon_model::time::DAY_MS;
use serde::Serialize;

use crate::cases::{CaseLine, cases, changed_by_evidence};
use crate::records::{Records, RecordsError};

/// A name within the first so many of the ranking is not written to without a human.
pub const TOP_RANK: i64 = 100_000;

/// A notice that would be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The case.
    pub case_id: String,
    /// The name that it is about.
    pub subject: String,
    /// What the name is said to be used for.
    pub abuse_class: String,
    /// Since when.
    pub first_seen: String,
    /// Who says so.
    pub feed_ids: Vec<String>,
    /// Who would be told.
    pub party: String,
    /// How they are reached; none while contacts are not looked up.
    pub contact: Option<String>,
    /// Why a human has to decide first.
    pub review: Option<String>,
}

impl Notice {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 8] =
        ["case_id", "subject", "abuse_class", "first_seen", "feed_ids", "party", "contact", "review"];

    fn of(case: CaseLine) -> Notice {
        let party = case.platform.as_ref().map_or_else(
            || format!("registrant of {}", case.registrable_domain),
            |platform| format!("operator of {platform}"),
        );
        let review = match (&case.platform, case.rank) {
            (Some(_), _) => Some("customer of a platform".to_owned()),
            (None, Some(rank)) if rank <= TOP_RANK => Some(format!("rank {rank}")),
            _ => None,
        };
        Notice {
            case_id: case.case_id,
            subject: case.subject,
            abuse_class: case.abuse_class,
            first_seen: case.first_seen,
            feed_ids: case.feed_ids,
            party,
            contact: None,
            review,
        }
    }
}

/// The notices that the records give rise to, sorted by subject and class.
///
/// # Errors
/// [`RecordsError`] when a table is not as this version needs it.
pub fn plan(records: &Records) -> Result<Vec<Notice>, RecordsError> {
    // At the close of a day `as_of` is the midnight after it: the instant before belongs to the day.
    let mut changed = changed_by_evidence(records, records.as_of.minus(DAY_MS))?;
    changed.sort_unstable();
    let due = |case: &CaseLine| case.is_open() && changed.binary_search(&case.case_id).is_ok();
    Ok(cases(records)?.into_iter().filter(due).map(Notice::of).collect())
}
