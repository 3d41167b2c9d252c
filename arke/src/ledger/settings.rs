//! Settings of a ledger: its keys, whether sending is paused, whether everything waits for review.

use std::path::Path;

use panopticon_model::time::Epoch;
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, params};

use super::{FILE, Ledger, LedgerError, connect, maybe, version};

/// What a ledger begins with.
pub(super) fn begin(connection: &mut Connection) -> Result<(), LedgerError> {
    if maybe(connection, "SELECT 1 FROM settings WHERE name = 'hmac_key'", [], |_| Ok(()))?.is_some() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    let random = SystemRandom::new();
    for name in ["hmac_key", "verp_key"] {
        let mut key = [0_u8; 32];
        random.fill(&mut key).map_err(|_| LedgerError::Random)?;
        transaction.execute("INSERT INTO settings (name, value) VALUES (?1, ?2)", params![name, key])?;
    }
    set(&transaction, "review_all", "1")?;
    transaction.commit()?;
    Ok(())
}

pub(super) fn bytes(connection: &Connection, name: &str) -> Result<Vec<u8>, LedgerError> {
    let sql = "SELECT value FROM settings WHERE name = ?1";
    maybe(connection, sql, [name], |row| row.get(0))?.ok_or(LedgerError::Unknown("setting"))
}

fn text(connection: &Connection, name: &str) -> Result<Option<String>, LedgerError> {
    maybe(connection, "SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0))
}

pub(super) fn set(connection: &Connection, name: &str, value: &str) -> Result<(), LedgerError> {
    let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
    connection.execute(sql, params![name, value])?;
    Ok(())
}

/// Stops sending in the ledger of a folder until [`resume`], also while another process sends: it looks before each
/// mail. `reason` is shown to people.
///
/// # Errors
/// [`LedgerError`] when there is no ledger, or it cannot be written.
pub fn pause(folder: &Path, now: Epoch, reason: &str) -> Result<(), LedgerError> {
    let connection = unlocked(folder)?;
    pause_with(&connection, now, reason)
}

/// Lets sending go on. What the circuit breaker counted begins anew.
///
/// # Errors
/// [`LedgerError`] when there is no ledger, or it cannot be written.
pub fn resume(folder: &Path, now: Epoch) -> Result<(), LedgerError> {
    let mut connection = unlocked(folder)?;
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM settings WHERE name = 'paused'", [])?;
    let last: i64 = transaction.query_row("SELECT ifnull(max(event_id), 0) FROM events", [], |row| row.get(0))?;
    set(&transaction, "breaker_since", &last.to_string())?;
    Ledger::note_event(&transaction, now, "resume", None, None, None)?;
    transaction.commit()?;
    Ok(())
}

fn pause_with(connection: &Connection, now: Epoch, reason: &str) -> Result<(), LedgerError> {
    let transaction = connection.unchecked_transaction()?;
    set(&transaction, "paused", reason)?;
    Ledger::note_event(&transaction, now, "pause", None, None, Some(reason))?;
    transaction.commit()?;
    Ok(())
}

/// The ledger of a folder, without its lock.
pub(super) fn unlocked(folder: &Path) -> Result<Connection, LedgerError> {
    let path = folder.join(FILE);
    std::fs::metadata(&path).map_err(|source| LedgerError::File { path: path.clone(), source })?;
    let connection = connect(&path)?;
    match version(&connection, &path)? {
        0 => Err(LedgerError::Foreign(path)),
        _ => Ok(connection),
    }
}

impl Ledger {
    /// Why sending is paused; none when it is not.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub fn paused(&self) -> Result<Option<String>, LedgerError> {
        text(&self.connection, "paused")
    }

    /// As [`pause`], by the process that has the ledger open.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be written.
    pub fn pause(&mut self, now: Epoch, reason: &str) -> Result<(), LedgerError> {
        pause_with(&self.connection, now, reason)
    }

    /// Whether everything waits for a person: so it is in a new ledger, and after a restore.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub fn reviews_all(&self) -> Result<bool, LedgerError> {
        Ok(text(&self.connection, "review_all")?.as_deref() == Some("1"))
    }

    /// Lets what is planned from now on go by the mode of the configuration: a person looked at what there is.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be written.
    pub fn end_review_of_all(&mut self, now: Epoch) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        set(&transaction, "review_all", "0")?;
        Ledger::note_event(&transaction, now, "review-ended", None, None, None)?;
        transaction.commit()?;
        Ok(())
    }

    /// The answers of mail servers that the circuit breaker looks at, the latest first: at most `count`, none from
    /// before the last [`resume`]. Each is `accept`, `defer` or `bounce`.
    pub(crate) fn last_answers(&self, count: usize) -> Result<Vec<String>, LedgerError> {
        let since = text(&self.connection, "breaker_since")?.and_then(|id| id.parse().ok()).unwrap_or(0_i64);
        let sql = "SELECT what FROM events WHERE what IN ('accept', 'defer', 'bounce') AND event_id > ?1
            AND before = 'sending' ORDER BY event_id DESC LIMIT ?2";
        super::all(&self.connection, sql, params![since, i64::try_from(count).unwrap_or(i64::MAX)], |row| {
            row.get(0)
        })
    }
}
