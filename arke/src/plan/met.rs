//! What the ledger remembers of a case, after it was met in the records once more.
//!
//! A case begins anew, in another *episode*, when it comes back after it was over, or when the name has another holder:
//! RDAP shows that it was registered after the case was first seen. Who was told in one episode is told again in the
//! next, once.

use panopticon_model::time::Epoch;

use crate::docket::{Entry, Standing};
use crate::ledger::LedgerCase;

/// The case as it is to be remembered; `as_of` is that of the records, `tld` theirs.
#[must_use]
pub fn met(entry: &Entry, known: Option<&LedgerCase>, tld: &str, as_of: Epoch) -> LedgerCase {
    let case = &entry.case;
    let is_open = entry.standing == Standing::Open;
    let begins_anew = known.is_some_and(|known| {
        let was_over = known.closed_at.is_some() && known.status != "expired";
        is_open && (was_over || (entry.recurred && known.status != "recurred"))
    });
    let (episode, opened_at) = match known {
        None => (1, as_of),
        Some(known) if begins_anew => (known.episode.saturating_add(1), as_of),
        Some(known) => (known.episode, known.opened_at),
    };
    LedgerCase {
        case_id: case.case_id.to_string(),
        tld: tld.to_owned(),
        subject: case.subject.to_string(),
        abuse_class: case.abuse_class.to_string(),
        first_seen: case.first_seen,
        status: case.status.to_string(),
        // Of what is over the records say no more what it was.
        remedy: if is_open {
            Some(entry.remedy.remedy.to_string())
        } else {
            known.and_then(|known| known.remedy.clone())
        },
        episode,
        opened_at,
        closed_at: if is_open { None } else { known.and_then(|known| known.closed_at).or(Some(as_of)) },
        mark: known.and_then(|known| known.mark.clone()),
        created_at_seen: known.and_then(|known| known.created_at_seen),
        last_records_as_of: as_of,
    }
}

/// The same once RDAP said when the name was registered. Another day than before, and after the case was first seen: the
/// name has another holder, who was told nothing yet.
#[must_use]
pub fn registered(mut case: LedgerCase, created: Option<Epoch>, now: Epoch) -> LedgerCase {
    let is_new_holder = match (case.created_at_seen, created) {
        (Some(before), Some(created)) => created > before && created > case.first_seen,
        _ => false,
    };
    if is_new_holder {
        case.episode = case.episode.saturating_add(1);
        case.opened_at = now;
    }
    case.created_at_seen = created.or(case.created_at_seen);
    case
}
