//! Backups, and what is not kept for ever.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;

use panopticon_model::time::Epoch;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, params};

use super::settings::{set, unlocked};
use super::{FILE, LOCK, Ledger, LedgerError, checkpoint, connect, lock, migrate, private_file, version};

/// Pages that are copied without a pause, in which others may write.
const PAGES: i32 = 1000;

/// Copies the ledger of a folder to a new file, also while another process works with it. The copy holds personal data
/// and keys: only its owner can read it.
///
/// # Errors
/// [`LedgerError`] when there is no ledger, or the file exists or cannot be written.
pub fn backup(folder: &Path, to: &Path) -> Result<(), LedgerError> {
    let from = unlocked(folder)?;
    private_file(to, OpenOptions::new().write(true).create_new(true))?;
    let mut copy = Connection::open(to)?;
    Backup::new(&from, &mut copy)?.run_to_completion(PAGES, Duration::from_millis(1), None)?;
    // One file, that needs none beside it.
    copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    Ok(())
}

/// Makes the ledger of a folder from a backup. What had not been sent when the backup was made may have been sent since:
/// it is held, and everything that is planned waits for review.
///
/// # Errors
/// [`LedgerError::Exists`] when there is a ledger, [`LedgerError::Foreign`] when the backup is none.
pub fn restore(folder: &Path, from: &Path, now: Epoch) -> Result<(), LedgerError> {
    let path = folder.join(FILE);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| LedgerError::File { path: folder.to_owned(), source })?;
    let _lock = lock(&folder.join(LOCK))?;
    if path.exists() {
        return Err(LedgerError::Exists(path));
    }
    std::fs::metadata(from).map_err(|source| LedgerError::File { path: from.to_owned(), source })?;
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let is_ledger = matches!(version(&source, from), Ok(1..));
    let checked = source.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    if !is_ledger || !checked.is_ok_and(|found| found == "ok") {
        return Err(LedgerError::Foreign(from.to_owned()));
    }
    // Written aside: a restore that is cut off leaves no ledger.
    let aside = folder.join("ledger.restoring");
    let _ = std::fs::remove_file(&aside);
    private_file(&aside, OpenOptions::new().write(true).create_new(true))?;
    let mut copy = Connection::open(&aside)?;
    Backup::new(&source, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    hold_what_was_not_sent(&mut copy, &aside, now)?;
    copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    copy.close().map_err(|(_, error)| error)?;
    std::fs::rename(&aside, &path).map_err(|source| LedgerError::File { path: path.clone(), source })?;
    connect(&path)?;
    Ok(())
}

fn hold_what_was_not_sent(copy: &mut Connection, path: &Path, now: Epoch) -> Result<(), LedgerError> {
    migrate(copy, path)?;
    let transaction = copy.transaction()?;
    let values = params![now.0];
    transaction.execute(
        "INSERT INTO events (at, what, message_id, before, after, detail)
        SELECT ?1, 'hold', message_id, state, 'held', 'restored' FROM messages WHERE state IN ('queued', 'deferred')",
        values,
    )?;
    let sql = "UPDATE messages SET state = 'held', reason = 'restored' WHERE state IN ('queued', 'deferred')";
    transaction.execute(sql, [])?;
    set(&transaction, "review_all", "1")?;
    Ledger::note_event(&transaction, now, "restore", None, None, None)?;
    transaction.commit()?;
    Ok(())
}

impl Ledger {
    /// Empties the bodies, addresses and answers of the messages whose cases were all over before an instant; those
    /// without a case count from when they were put into the outbox. What is still to be sent stays. Keys stay, so that
    /// nobody is told twice. Gives how many were emptied.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn purge(&mut self, now: Epoch, before: Epoch) -> Result<usize, LedgerError> {
        let transaction = self.connection.transaction()?;
        let emptied = transaction.execute(
            "UPDATE messages SET recipient = '', host = '', bytes = x'', envelope_from = '', last_reply = NULL,
                emptied_at = ?1
            WHERE emptied_at IS NULL AND state NOT IN ('held', 'queued', 'deferred', 'sending') AND queued_at < ?2
            AND NOT EXISTS (SELECT 1 FROM notices JOIN cases USING (case_id)
                WHERE notices.message_id = messages.message_id AND (closed_at IS NULL OR closed_at >= ?2))",
            params![now.0, before.0],
        )?;
        if emptied > 0 {
            let detail = emptied.to_string();
            Ledger::note_event(&transaction, now, "purge", None, None, Some(&detail))?;
        }
        transaction.commit()?;
        checkpoint(&self.connection)?;
        Ok(emptied)
    }
}
