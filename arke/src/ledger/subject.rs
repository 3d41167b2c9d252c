//! The rights of a person: what is held of an address, and its erasure.

use panopticon_model::time::Epoch;
use rusqlite::params;
use serde::Serialize;

use super::happen::happen;
use super::state::{CancelReason, Happening, State};
use super::suppressions::{SuppressionReason, suppress};
use super::{Ledger, LedgerError, all, checkpoint};
use crate::contact::Address;

/// All that the ledger holds of an address. Personal data: for that person only, therefore without `Debug`.
#[derive(Serialize)]
pub struct SubjectExport {
    /// The address, as it was asked for.
    pub address: String,
    /// The messages to it.
    pub messages: Vec<SubjectMessage>,
    /// Why it gets no mail, if it gets none.
    pub suppression: Option<&'static str>,
}

/// A message to a person.
#[derive(Serialize)]
pub struct SubjectMessage {
    /// Its id.
    pub message_id: String,
    /// The role that the person had.
    pub role: String,
    /// What it is.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// When it was put into the outbox.
    pub queued_at: String,
    /// When the mail server took it.
    pub accepted_at: Option<String>,
    /// The last answer of the mail server.
    pub last_reply: Option<String>,
    /// The message; empty if it is not kept any more.
    pub text: String,
    /// The names that it told about.
    pub subjects: Vec<String>,
}

impl Ledger {
    /// All that is held of an address.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn subject_export(&self, address: &Address, now: Epoch) -> Result<SubjectExport, LedgerError> {
        let sql = "SELECT message_id, role, kind, state, queued_at, accepted_at, last_reply, bytes FROM messages
            WHERE recipient_key = ?1 ORDER BY queued_at, rowid";
        let mut messages = all(&self.connection, sql, [self.recipient_key(address)], |row| {
            Ok(SubjectMessage {
                message_id: row.get(0)?,
                role: row.get(1)?,
                kind: row.get(2)?,
                state: row.get(3)?,
                queued_at: Epoch(row.get(4)?).to_string(),
                accepted_at: row.get::<_, Option<u64>>(5)?.map(|at| Epoch(at).to_string()),
                last_reply: row.get(6)?,
                text: String::from_utf8_lossy(&row.get::<_, Vec<u8>>(7)?).into_owned(),
                subjects: Vec::new(),
            })
        })?;
        let sql = "SELECT DISTINCT subject FROM notices JOIN cases USING (case_id) WHERE message_id = ?1
            ORDER BY subject";
        for message in &mut messages {
            message.subjects = all(&self.connection, sql, [&message.message_id], |row| row.get(0))?;
        }
        let suppression = self.suppression(address, now)?.map(SuppressionReason::as_str);
        Ok(SubjectExport { address: address.reveal(), messages, suppression })
    }

    /// Erases what is held of an address: what was not sent is cancelled, bodies, addresses and answers are emptied. The
    /// key stays, which is an HMAC: without it the person would be told again what they were told, and by it nothing is
    /// sent to them any more. Gives how many messages were emptied.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn subject_erase(&mut self, address: &Address, now: Epoch) -> Result<usize, LedgerError> {
        let key = self.recipient_key(address);
        let transaction = self.connection.transaction()?;
        let sql = "SELECT message_id FROM messages WHERE recipient_key = ?1 AND state IN (?2, ?3, ?4)";
        let states = params![key, State::Held.as_str(), State::Queued.as_str(), State::Deferred.as_str()];
        for message_id in all(&transaction, sql, states, |row| row.get::<_, String>(0))? {
            happen(&transaction, now, &message_id, &Happening::Cancel(CancelReason::Erased))?;
        }
        let erased = transaction.execute(
            "UPDATE messages SET recipient = '', host = '', bytes = x'', envelope_from = '', last_reply = NULL,
                emptied_at = ?2
            WHERE recipient_key = ?1 AND emptied_at IS NULL",
            params![key, now.0],
        )?;
        suppress(&transaction, &key, SuppressionReason::OptOut, now, None)?;
        Ledger::note_event(&transaction, now, "erase", None, None, Some(&erased.to_string()))?;
        transaction.commit()?;
        checkpoint(&self.connection)?;
        Ok(erased)
    }
}
