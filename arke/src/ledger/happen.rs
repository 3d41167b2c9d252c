//! What happens to messages: every change of a state, with what follows from it, and its event.

use panopticon_model::time::{DAY_MS, Epoch};
use rusqlite::{Transaction, TransactionBehavior, params};

use super::outbox::state;
use super::state::{CancelReason, Happening};
use super::suppressions::{SuppressionReason, suppress};
use super::{Ledger, LedgerError, all, maybe};
use crate::send::outcome::Note;

/// How an uncertain message is resolved by a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It was sent.
    Sent,
    /// It is to be sent once more, and may then arrive twice.
    Resend,
}

impl Ledger {
    /// Lets things happen to messages, in one transaction: all or none, on disk when it returns.
    ///
    /// # Errors
    /// [`LedgerError::Forbidden`] when one of them cannot happen; then none did.
    pub fn commit(&mut self, now: Epoch, happenings: &[(String, Happening)]) -> Result<(), LedgerError> {
        if happenings.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (message_id, happening) in happenings {
            happen(&transaction, now, message_id, happening)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Resolves an uncertain message by the word of a person.
    ///
    /// # Errors
    /// [`LedgerError::Forbidden`] when it is not uncertain, [`LedgerError::Emptied`] when its bytes are gone.
    pub fn resolve(&mut self, now: Epoch, message_id: &str, resolution: Resolution) -> Result<(), LedgerError> {
        if resolution == Resolution::Resend
            && self.letter(message_id)?.is_none()
            && self.state(message_id)?.is_some()
        {
            return Err(LedgerError::Emptied(message_id.to_owned()));
        }
        let happening = match resolution {
            Resolution::Sent => Happening::Accept(Note::of("person")),
            Resolution::Resend => Happening::Resend,
        };
        self.commit(now, &[(message_id.to_owned(), happening)])
    }

    /// The uncertain messages among those whose Message-IDs a copy was found of, as in a maildir of blind copies, were
    /// sent. Gives how many.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn reconcile(&mut self, now: Epoch, header_ids: &[String]) -> Result<usize, LedgerError> {
        let sql = "SELECT message_id FROM messages WHERE header_id = ?1 AND state = 'uncertain'";
        let mut sent = Vec::new();
        for header_id in header_ids {
            let found: Option<String> = maybe(&self.connection, sql, [header_id], |row| row.get(0))?;
            sent.extend(found.map(|id| (id, Happening::Accept(Note::of("copy")))));
        }
        sent.dedup_by(|a, b| a.0 == b.0);
        self.commit(now, &sent)?;
        Ok(sent.len())
    }

    /// What was being sent when a process ended is uncertain.
    pub(super) fn doubt_what_was_being_sent(&mut self, now: Epoch) -> Result<(), LedgerError> {
        let sql = "SELECT message_id FROM messages WHERE state = 'sending'";
        let found: Vec<String> = all(&self.connection, sql, [], |row| row.get(0))?;
        let lost: Vec<_> = found.into_iter().map(|id| (id, Happening::Lose(Note::of("process")))).collect();
        self.commit(now, &lost)
    }
}

/// One thing happens to one message: its row, what follows for its recipient and its notices, and the event.
pub(super) fn happen(
    transaction: &Transaction<'_>,
    now: Epoch,
    message_id: &str,
    happening: &Happening,
) -> Result<(), LedgerError> {
    let before = state(transaction, message_id)?.ok_or_else(|| LedgerError::NoMessage(message_id.to_owned()))?;
    let after = before.after(happening).ok_or_else(|| LedgerError::Forbidden {
        message_id: message_id.to_owned(),
        state: before,
        what: happening.as_str(),
    })?;
    let reason = match happening {
        Happening::Hold(reason) => Some(*reason),
        Happening::Cancel(reason) => Some(reason.as_str()),
        Happening::Suppress => Some("suppressed"),
        _ => happening.note().map(|note| note.phase),
    };
    let values = params![message_id, after.as_str(), reason];
    transaction.execute("UPDATE messages SET state = ?2, reason = ?3 WHERE message_id = ?1", values)?;
    let set = |sql: &str, at: Epoch| transaction.execute(sql, params![message_id, at.0]);
    match happening {
        Happening::Postpone(until) | Happening::Defer(until, _) => {
            set("UPDATE messages SET next_at = ?2 WHERE message_id = ?1", *until)?;
        }
        Happening::Claim => {
            let sql = format!(
                "UPDATE messages SET attempts = attempts + 1, sent_at = ?2, sent_day = ?2 / {DAY_MS}
                WHERE message_id = ?1"
            );
            set(&sql, now)?;
        }
        Happening::Accept(_) => {
            set("UPDATE messages SET accepted_at = ?2 WHERE message_id = ?1", now)?;
        }
        Happening::PutBack(_) => {
            let sql = "UPDATE messages SET attempts = attempts - 1, sent_at = NULL, sent_day = NULL
                WHERE message_id = ?1";
            transaction.execute(sql, [message_id])?;
        }
        Happening::Bounce { hard: true, .. } => {
            let sql = "SELECT recipient_key FROM messages WHERE message_id = ?1";
            let key: String = transaction.query_row(sql, [message_id], |row| row.get(0))?;
            suppress(transaction, &key, SuppressionReason::HardBounced, now, None)?;
        }
        _ => {}
    }
    if let Happening::Cancel(reason) = happening
        && !matches!(reason, CancelReason::Undeliverable | CancelReason::Erased | CancelReason::Withdrawn)
    {
        free_notices(transaction, now, message_id)?;
    }
    if let Some(note) = happening.note() {
        let sql = "UPDATE messages SET phase = ?2, last_reply = ?3 WHERE message_id = ?1";
        transaction.execute(sql, params![message_id, note.phase, note.text()])?;
    }
    let detail = match (happening.note(), reason) {
        (Some(note), _) => Some(note.summary()),
        (None, reason) => reason.map(str::to_owned),
    };
    let sql = "INSERT INTO events (at, what, message_id, before, after, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![now.0, happening.as_str(), message_id, before.as_str(), after.as_str(), detail];
    transaction.execute(sql, values)?;
    Ok(())
}

/// What a message was to tell is owed, and told by another if it is still due.
fn free_notices(transaction: &Transaction<'_>, now: Epoch, message_id: &str) -> Result<(), LedgerError> {
    let sql = "INSERT OR IGNORE INTO owed (case_id, episode, transition)
        SELECT case_id, episode, transition FROM notices WHERE message_id = ?1";
    transaction.execute(sql, [message_id])?;
    let sql = "DELETE FROM notices WHERE message_id = ?1 RETURNING notice_id, case_id";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    for (notice_id, case_id) in all(transaction, sql, [message_id], read)? {
        Ledger::note_event(transaction, now, "notice-freed", Some(message_id), Some(&case_id), Some(&notice_id))?;
    }
    Ok(())
}
