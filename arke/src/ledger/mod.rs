//! The ledger: Arke's only system of record, one SQLite file. What is known of cases, who was told, and the outbox.
//!
//! ```text
//! enqueue ─► messages ─► send::run ─► events (append-only, without personal data)
//!               ▲
//!               └── bounce: reports, complaints, answers
//! ```
//!
//! Every change of a message's state is one transaction with a row of `events`, on disk when the call returns (WAL,
//! `synchronous=FULL`). One process at a time works with it, by a lock on a file beside it; pausing and backing up need
//! no lock. What was being sent when a process ended is uncertain from the next start on.

pub mod cases;
pub mod error;
pub mod happen;
mod incoming;
pub mod keep;
pub mod outbox;
pub mod settings;
pub mod state;
pub mod subject;
pub mod suppressions;
mod told;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use panopticon_model::time::Epoch;
use ring::hmac;
use rusqlite::{Connection, OptionalExtension, params};

pub use self::cases::{LedgerCase, Mark, Run};
pub use self::error::LedgerError;
pub use self::happen::Resolution;
pub use self::keep::{backup, restore};
pub use self::outbox::{Due, Enqueued, Letter, NewMessage, NewNotice, OutboxLine, Transition};
pub use self::settings::{pause, resume};
pub use self::state::{CancelReason, Happening, State};
pub use self::told::Recipient;
use crate::contact::Address;
use crate::verp::VerpKey;

/// The name of the file in the state folder.
pub const FILE: &str = "ledger.sqlite";
const LOCK: &str = "ledger.lock";
/// `ArkE` in ASCII: tells a ledger from any other SQLite file.
const APPLICATION_ID: i64 = 0x4172_6b45;
/// The schema, one script for each version.
const MIGRATIONS: [&str; 2] = [include_str!("schema/0001.sql"), include_str!("schema/0002.sql")];
/// How long one waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(10);

/// The ledger of a state folder, opened by the one process that works with it.
pub struct Ledger {
    connection: Connection,
    key: hmac::Key,
    verp_key: VerpKey,
    /// Held until the ledger is dropped, or the process ends in any way.
    _lock: Lock,
}

/// The lock of a ledger. It is given back, not only closed: a child process that is just being started shares it for a
/// moment.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Ledger {
    /// Opens the ledger of a folder; makes both if there are none. A new ledger waits for review with everything. What
    /// was being sent when the last process ended becomes uncertain.
    ///
    /// # Errors
    /// [`LedgerError::InUse`] when another process has it open; others when the file is foreign, later or broken.
    pub fn open(folder: &Path, now: Epoch) -> Result<Ledger, LedgerError> {
        let file = |source| LedgerError::File { path: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(file)?;
        let lock = lock(&folder.join(LOCK))?;
        let path = folder.join(FILE);
        private_file(&path, OpenOptions::new().write(true).create(true))?;
        let mut connection = connect(&path)?;
        migrate(&mut connection, &path)?;
        settings::begin(&mut connection)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &settings::bytes(&connection, "hmac_key")?);
        let verp_key = VerpKey::new(&settings::bytes(&connection, "verp_key")?);
        let mut ledger = Ledger { connection, key, verp_key, _lock: lock };
        ledger.doubt_what_was_being_sent(now)?;
        Ok(ledger)
    }

    /// What stands for a recipient in this ledger: an HMAC of the address in lower case.
    #[must_use]
    pub fn recipient_key(&self, recipient: &Address) -> String {
        hex(hmac::sign(&self.key, recipient.key().as_bytes()).as_ref())
    }

    /// The key of the addresses that bounces come back to ([`crate::verp`]).
    #[must_use]
    pub fn verp_key(&self) -> &VerpKey {
        &self.verp_key
    }

    /// Notes something in the events. `detail` must hold no personal data.
    pub(crate) fn note_event(
        connection: &Connection,
        now: Epoch,
        what: &str,
        message_id: Option<&str>,
        case_id: Option<&str>,
        detail: Option<&str>,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO events (at, what, message_id, case_id, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
        connection.execute(sql, params![now.0, what, message_id, case_id, detail])?;
        Ok(())
    }
}

/// Takes the lock, or says that another has it.
fn lock(path: &Path) -> Result<Lock, LedgerError> {
    let file = private_file(path, OpenOptions::new().write(true).create(true))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse(path.with_file_name(FILE))),
        Err(TryLockError::Error(source)) => Err(LedgerError::File { path: path.to_owned(), source }),
    }
}

/// A file that only its owner reads. SQLite gives the files beside a database the same mode.
fn private_file(path: &Path, options: &mut OpenOptions) -> Result<File, LedgerError> {
    options.mode(0o600).open(path).map_err(|source| LedgerError::File { path: path.to_owned(), source })
}

/// A connection as every one has to be.
fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    let foreign = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => LedgerError::Foreign(path.to_owned()),
        _ => LedgerError::Sqlite(error),
    };
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(foreign)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is emptied is overwritten, and does not stay in free pages.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(connection)
}

/// Brings the schema to the version of this program, if it is one of a ledger.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = version(connection, path)?;
    if found > known {
        return Err(LedgerError::Later { path: path.to_owned(), found, known });
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for script in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// The version of the schema; 0 of an empty file.
fn version(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, tables) {
        (APPLICATION_ID, _) => Ok(version),
        (0, 0) => Ok(0),
        _ => Err(LedgerError::Foreign(path.to_owned())),
    }
}

/// Moves the log into the file and empties it, so that what was overwritten is not left there.
fn checkpoint(connection: &Connection) -> Result<(), LedgerError> {
    connection.pragma_update_and_check(None, "wal_checkpoint", "TRUNCATE", |_| Ok(()))?;
    Ok(())
}

/// A row, if there is one.
fn maybe<T>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, LedgerError> {
    Ok(connection.query_row(sql, values, read).optional()?)
}

/// All rows.
fn all<T>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, LedgerError> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(values, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
