//! What the ledger remembers of cases and of runs.

use panopticon_model::time::Epoch;
use rusqlite::{Row, params};

use super::{Ledger, LedgerError, all, maybe};

/// A case, as of the last records that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerCase {
    /// Its id, as in the records.
    pub case_id: String,
    /// The TLD.
    pub tld: String,
    /// The name that it is about.
    pub subject: String,
    /// What the name is said to be used for.
    pub abuse_class: String,
    /// Since when, by the records.
    pub first_seen: Epoch,
    /// Where it stands, by the records.
    pub status: String,
    /// Who can mend it, by the records: as `compromised`.
    pub remedy: Option<String>,
    /// How often it has begun, from 1; counted here.
    pub episode: u32,
    /// When this episode was opened here.
    pub opened_at: Epoch,
    /// When it was over.
    pub closed_at: Option<Epoch>,
    /// What a person said of it.
    pub mark: Option<Mark>,
    /// The creation date that RDAP showed last.
    pub created_at_seen: Option<Epoch>,
    /// As of when the records are that it was seen in last.
    pub last_records_as_of: Epoch,
}

/// What a person said of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// As `false-positive`.
    pub mark: String,
    /// Why.
    pub reason: String,
    /// Until when it holds; none: for good.
    pub until: Option<Epoch>,
}

/// A run, as it was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub started: Epoch,
    /// As of when its records were; none if there were none.
    pub records_as_of: Option<Epoch>,
    /// Its counts, as JSON without personal data.
    pub counts: String,
}

const COLUMNS: &str =
    "case_id, tld, subject, abuse_class, first_seen, status, remedy, episode, opened_at, closed_at,
    mark, mark_reason, mark_until, created_at_seen, last_records_as_of";

impl LedgerCase {
    fn of(row: &Row<'_>) -> rusqlite::Result<LedgerCase> {
        let epoch = |index| row.get::<_, u64>(index).map(Epoch);
        let maybe_epoch = |index| row.get::<_, Option<u64>>(index).map(|found| found.map(Epoch));
        let mark = match row.get::<_, Option<String>>(10)? {
            Some(mark) => Some(Mark {
                mark,
                reason: row.get::<_, Option<String>>(11)?.unwrap_or_default(),
                until: maybe_epoch(12)?,
            }),
            None => None,
        };
        Ok(LedgerCase {
            case_id: row.get(0)?,
            tld: row.get(1)?,
            subject: row.get(2)?,
            abuse_class: row.get(3)?,
            first_seen: epoch(4)?,
            status: row.get(5)?,
            remedy: row.get(6)?,
            episode: row.get(7)?,
            opened_at: epoch(8)?,
            closed_at: maybe_epoch(9)?,
            mark,
            created_at_seen: maybe_epoch(13)?,
            last_records_as_of: epoch(14)?,
        })
    }
}

impl Ledger {
    /// A case by its id.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn case(&self, case_id: &str) -> Result<Option<LedgerCase>, LedgerError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE case_id = ?1");
        maybe(&self.connection, &sql, [case_id], LedgerCase::of)
    }

    /// The cases of a TLD that are not over, sorted by subject.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn open_cases(&self, tld: &str) -> Result<Vec<LedgerCase>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cases WHERE tld = ?1 AND closed_at IS NULL ORDER BY subject, abuse_class"
        );
        all(&self.connection, &sql, [tld], LedgerCase::of)
    }

    /// The names that a person marked, with their marks, sorted.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn marked(&self) -> Result<Vec<(String, Mark)>, LedgerError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE mark IS NOT NULL ORDER BY subject, abuse_class");
        let cases = all(&self.connection, &sql, [], LedgerCase::of)?;
        Ok(cases.into_iter().filter_map(|case| Some((case.subject, case.mark?))).collect())
    }

    /// Writes cases as they are now, all or none of them.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn put_cases(&mut self, cases: &[LedgerCase]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        let sql = format!(
            "INSERT OR REPLACE INTO cases ({COLUMNS})
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
        );
        let mut statement = transaction.prepare(&sql)?;
        for case in cases {
            let number = |epoch: Option<Epoch>| epoch.map(|epoch| epoch.0);
            let mark = case.mark.as_ref();
            statement.execute(params![
                case.case_id,
                case.tld,
                case.subject,
                case.abuse_class,
                case.first_seen.0,
                case.status,
                case.remedy,
                case.episode,
                case.opened_at.0,
                number(case.closed_at),
                mark.map(|mark| &mark.mark),
                mark.map(|mark| &mark.reason),
                number(mark.and_then(|mark| mark.until)),
                number(case.created_at_seen),
                case.last_records_as_of.0,
            ])?;
        }
        drop(statement);
        transaction.commit()?;
        Ok(())
    }

    /// Notes that a run took place.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn put_run(&mut self, run: &Run) -> Result<(), LedgerError> {
        let sql = "INSERT INTO runs (started, records_as_of, counts) VALUES (?1, ?2, ?3)";
        let as_of = run.records_as_of.map(|as_of| as_of.0);
        self.connection.execute(sql, params![run.started.0, as_of, run.counts])?;
        Ok(())
    }

    /// The last run that was noted.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn last_run(&self) -> Result<Option<Run>, LedgerError> {
        let sql = "SELECT started, records_as_of, counts FROM runs ORDER BY run_id DESC LIMIT 1";
        maybe(&self.connection, sql, [], |row| {
            let records_as_of = row.get::<_, Option<u64>>(1)?.map(Epoch);
            Ok(Run { started: Epoch(row.get(0)?), records_as_of, counts: row.get(2)? })
        })
    }
}
