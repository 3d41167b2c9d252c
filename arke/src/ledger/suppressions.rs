//! Recipients who get no mail, by their key.

use std::str::FromStr;

use panopticon_model::time::Epoch;
use rusqlite::{Connection, params};

use super::{Ledger, LedgerError, maybe};
use crate::contact::Address;

/// Why a recipient gets no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressionReason {
    /// The address does not exist, or takes no mail for good.
    HardBounced,
    /// Its holder complained (RFC 5965).
    Complaint,
    /// Its holder asked for no mail.
    OptOut,
    /// The registry decided so.
    Operator,
}

impl SuppressionReason {
    const ALL: [SuppressionReason; 4] = [
        SuppressionReason::HardBounced,
        SuppressionReason::Complaint,
        SuppressionReason::OptOut,
        SuppressionReason::Operator,
    ];

    /// As it is written in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SuppressionReason::HardBounced => "hard-bounced",
            SuppressionReason::Complaint => "complaint",
            SuppressionReason::OptOut => "opt-out",
            SuppressionReason::Operator => "operator",
        }
    }
}

impl FromStr for SuppressionReason {
    type Err = ();

    fn from_str(text: &str) -> Result<SuppressionReason, ()> {
        SuppressionReason::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(())
    }
}

impl Ledger {
    /// Why a recipient gets no mail as of `now`; none if they do.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn suppression(&self, recipient: &Address, now: Epoch) -> Result<Option<SuppressionReason>, LedgerError> {
        suppression(&self.connection, &self.recipient_key(recipient), now)
    }

    /// Has a recipient get no mail, until an instant or for good.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn suppress(
        &mut self,
        recipient: &Address,
        reason: SuppressionReason,
        now: Epoch,
        until: Option<Epoch>,
    ) -> Result<(), LedgerError> {
        let key = self.recipient_key(recipient);
        let transaction = self.connection.transaction()?;
        suppress(&transaction, &key, reason, now, until)?;
        transaction.commit()?;
        Ok(())
    }

    /// Lets a recipient get mail again.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn lift_suppression(&mut self, recipient: &Address, now: Epoch) -> Result<(), LedgerError> {
        let key = self.recipient_key(recipient);
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM suppressions WHERE recipient_key = ?1", [&key])?;
        Ledger::note_event(&transaction, now, "suppression-lifted", None, None, None)?;
        transaction.commit()?;
        Ok(())
    }
}

pub(super) fn suppression(
    connection: &Connection,
    key: &str,
    now: Epoch,
) -> Result<Option<SuppressionReason>, LedgerError> {
    let sql = "SELECT reason FROM suppressions WHERE recipient_key = ?1 AND (until IS NULL OR until > ?2)";
    let found: Option<String> = maybe(connection, sql, params![key, now.0], |row| row.get(0))?;
    found.map(|text| text.parse().map_err(|()| LedgerError::Unknown("reason of a suppression"))).transpose()
}

/// A suppression for good is never replaced by one for a time.
pub(super) fn suppress(
    connection: &Connection,
    key: &str,
    reason: SuppressionReason,
    now: Epoch,
    until: Option<Epoch>,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO suppressions (recipient_key, reason, since, until) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (recipient_key) DO UPDATE SET reason = excluded.reason, until = excluded.until
        WHERE until IS NOT NULL";
    let values = params![key, reason.as_str(), now.0, until.map(|until| until.0)];
    if connection.execute(sql, values)? > 0 {
        Ledger::note_event(connection, now, "suppression", None, None, Some(reason.as_str()))?;
    }
    Ok(())
}
