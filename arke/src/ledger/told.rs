//! What was told of a case, and to whom.

use std::collections::BTreeMap;

use panopticon_model::time::{Day, Epoch};
use rusqlite::params;

use super::{Ledger, LedgerError, Transition, all};
use crate::contact::Address;
use crate::plan::Told;

/// Somebody who was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// At which address.
    pub address: Address,
    /// For whom it was written.
    pub audience: String,
    /// As what they were reached.
    pub role: String,
    /// In which language.
    pub language: Option<String>,
}

impl Ledger {
    /// What was told in an episode of a case, or is about to be: not what was refused, suppressed or cancelled, unless a
    /// person cancelled it.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn told(&self, case_id: &str, episode: u32) -> Result<Vec<Told>, LedgerError> {
        let sql = "SELECT notices.transition, coalesce(messages.accepted_at, messages.sent_at)
            FROM notices JOIN messages USING (message_id) WHERE case_id = ?1 AND episode = ?2
            AND (state NOT IN ('bounced', 'suppressed', 'cancelled') OR (state = 'cancelled' AND reason = 'withdrawn'))";
        let rows = all(&self.connection, sql, params![case_id, episode], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<u64>>(1)?))
        })?;
        let told = |(word, at): (String, Option<u64>)| {
            let transition = Transition::from_word(&word).ok_or(LedgerError::Unknown("transition"))?;
            Ok(Told { transition, at: at.map(Epoch) })
        };
        rows.into_iter().map(told).collect()
    }

    /// What somebody is still to be told in an episode of a case, because its message was cancelled.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn owed(&self, case_id: &str, episode: u32) -> Result<Vec<Transition>, LedgerError> {
        let sql = "SELECT transition FROM owed WHERE case_id = ?1 AND episode = ?2 ORDER BY transition";
        let words = all(&self.connection, sql, params![case_id, episode], |row| row.get::<_, String>(0))?;
        let read = |word: String| Transition::from_word(&word).ok_or(LedgerError::Unknown("transition"));
        words.into_iter().map(read).collect()
    }

    /// Notes that nothing of this is owed any more: the letters are written.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn is_settled(&mut self, settled: &[(String, u32, Transition)]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        for (case_id, episode, transition) in settled {
            let sql = "DELETE FROM owed WHERE case_id = ?1 AND episode = ?2 AND transition = ?3";
            transaction.execute(sql, params![case_id, episode, transition.as_str()])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// How many cases somebody was told of for the first time, by TLD and day.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn told_by_day(&self) -> Result<Vec<(String, Day, u64)>, LedgerError> {
        let sql = "SELECT tld, day, count(*) FROM (
                SELECT tld, min(coalesce(messages.accepted_at, messages.sent_at)) / 86400000 AS day
                FROM notices JOIN messages USING (message_id) JOIN cases USING (case_id)
                WHERE transition = 'notice' AND state IN ('accepted', 'uncertain')
                GROUP BY notices.case_id, notices.episode)
            GROUP BY tld, day ORDER BY tld, day";
        all(&self.connection, sql, [], |row| Ok((row.get(0)?, Day(row.get(1)?), row.get(2)?)))
    }

    /// How often somebody may have been told the same thing twice: always 0, which a demo and tests ask.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn told_twice(&self) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM (
            SELECT 1 FROM notices JOIN messages USING (message_id) WHERE state IN ('accepted', 'uncertain')
            GROUP BY case_id, episode, transition, notices.recipient_key HAVING count(*) > 1)";
        Ok(all(&self.connection, sql, [], |row| row.get(0))?.first().copied().unwrap_or(0))
    }

    /// Whether every message to a domain's contacts in an episode of a case came back, or was refused.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn holders_unreachable(&self, case_id: &str, episode: u32) -> Result<bool, LedgerError> {
        let sql = "SELECT count(*), count(*) FILTER (WHERE state IN ('bounced', 'suppressed', 'cancelled'))
            FROM notices JOIN messages USING (message_id)
            WHERE case_id = ?1 AND episode = ?2 AND audience = 'holder'
            AND (state != 'cancelled' OR reason = 'undeliverable')";
        let rows = all(&self.connection, sql, params![case_id, episode], |row| {
            Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?))
        })?;
        Ok(rows.first().is_some_and(|(sent, failed)| *sent > 0 && sent == failed))
    }

    /// Those who were told in an episode of a case, and may have read it: each address and audience once.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn recipients(&self, case_id: &str, episode: u32) -> Result<Vec<Recipient>, LedgerError> {
        let sql =
            "SELECT DISTINCT recipient, audience, role, language FROM notices JOIN messages USING (message_id)
            WHERE case_id = ?1 AND episode = ?2 AND state IN ('accepted', 'uncertain') AND emptied_at IS NULL
            ORDER BY audience, recipient";
        let rows = all(&self.connection, sql, params![case_id, episode], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        let read = |(text, audience, role, language): (String, String, String, Option<String>)| {
            Some(Recipient { address: text.parse().ok()?, audience, role, language })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// What the messages tell that wait for their turn, by message. Those of a TLD begin with it and a hyphen.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn waiting_notices(&self) -> Result<BTreeMap<String, Vec<(String, Transition)>>, LedgerError> {
        let sql = "SELECT message_id, case_id, transition FROM notices JOIN messages USING (message_id)
            WHERE state IN ('queued', 'deferred')";
        let mut waiting: BTreeMap<String, Vec<(String, Transition)>> = BTreeMap::new();
        for (message, case, word) in all(&self.connection, sql, [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })? {
            let transition = Transition::from_word(&word).ok_or(LedgerError::Unknown("transition"))?;
            waiting.entry(message).or_default().push((case, transition));
        }
        Ok(waiting)
    }
}
