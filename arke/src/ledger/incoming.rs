//! Which messages and cases a mail that came back is about, and what follows for them.

use panopticon_model::time::Epoch;

use super::suppressions::{SuppressionReason, suppress};
use super::{Ledger, LedgerError, all, maybe};
use crate::bounce::{About, Says};

impl Ledger {
    /// The message that is named, if there is one.
    pub(crate) fn message_of(&self, about: &About) -> Result<Option<String>, LedgerError> {
        let (sql, name) = match about {
            About::Id(id) => ("SELECT message_id FROM messages WHERE message_id = ?1", id),
            About::HeaderId(id) => ("SELECT message_id FROM messages WHERE header_id = ?1", id),
            About::Reference(id) => (
                "SELECT message_id FROM messages WHERE message_id = lower(?1)
                UNION SELECT message_id FROM notices WHERE notice_id = ?1",
                id,
            ),
        };
        maybe(&self.connection, sql, [name], |row| row.get(0))
    }

    /// The cases that a message is about: all of them, or the one that a reference names.
    pub(crate) fn cases_of(&self, about: &About) -> Result<Vec<String>, LedgerError> {
        let sql = match about {
            About::Id(_) => "SELECT DISTINCT case_id FROM notices WHERE message_id = ?1 ORDER BY case_id",
            About::HeaderId(_) => {
                "SELECT DISTINCT case_id FROM notices JOIN messages USING (message_id) WHERE header_id = ?1
                ORDER BY case_id"
            }
            About::Reference(_) => {
                "SELECT case_id FROM notices WHERE message_id = lower(?1)
                UNION SELECT case_id FROM notices WHERE notice_id = ?1 COLLATE NOCASE
                UNION SELECT case_id FROM cases WHERE case_id = ?1 COLLATE NOCASE ORDER BY case_id"
            }
        };
        let (About::Id(name) | About::HeaderId(name) | About::Reference(name)) = about;
        all(&self.connection, sql, [name], |row| row.get(0))
    }

    pub(crate) fn suppress_for_complaint(&mut self, now: Epoch, message_id: &str) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        let sql = "SELECT recipient_key FROM messages WHERE message_id = ?1";
        let key: String = transaction.query_row(sql, [message_id], |row| row.get(0))?;
        suppress(&transaction, &key, SuppressionReason::Complaint, now, None)?;
        transaction.commit()?;
        Ok(())
    }

    pub(crate) fn note_answer(&mut self, now: Epoch, case_ids: &[String], says: Says) -> Result<(), LedgerError> {
        let says = match says {
            Says::Fixed => "fixed",
            Says::NotOurs => "not-ours",
            Says::Else => "else",
        };
        let transaction = self.connection.transaction()?;
        for case_id in case_ids {
            Ledger::note_event(&transaction, now, "answer", None, Some(case_id), Some(says))?;
        }
        transaction.commit()?;
        Ok(())
    }
}
