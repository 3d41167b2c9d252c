//! The outbox: messages with their exact bytes, rendered once, and what became of them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use panopticon_model::time::Epoch;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::state::State;
use super::suppressions::{SuppressionReason, suppression};
use super::{Ledger, LedgerError, all, maybe};
use crate::contact::Address;

/// What a notice tells of its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transition {
    /// The name is used for abuse.
    Notice,
    /// It still is.
    Reminder,
    /// Those who were told did nothing.
    Escalation,
    /// It is over.
    AllClear,
    /// It was wrong.
    Correction,
}

impl Transition {
    const ALL: [Transition; 5] = [
        Transition::Notice,
        Transition::Reminder,
        Transition::Escalation,
        Transition::AllClear,
        Transition::Correction,
    ];

    /// What a word of the ledger means.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Transition> {
        Transition::ALL.into_iter().find(|transition| transition.as_str() == word)
    }

    /// As it is written in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Transition::Notice => "notice",
            Transition::Reminder => "reminder",
            Transition::Escalation => "escalation",
            Transition::AllClear => "all-clear",
            Transition::Correction => "correction",
        }
    }
}

/// One thing that a message tells its recipient. Told once for each case, episode, transition and recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// Its id.
    pub notice_id: String,
    /// The case, which the ledger must know.
    pub case_id: String,
    /// The episode of the case.
    pub episode: u32,
    /// What it tells.
    pub transition: Transition,
}

/// A message to be put into the outbox.
pub struct NewMessage {
    /// Its id: letters, digits and hyphens, at most 40, as it stands in the address that bounces come back to.
    pub message_id: String,
    /// Its Message-ID, without the angle brackets.
    pub header_id: String,
    /// To whom.
    pub recipient: Address,
    /// The host that takes the recipient's mail: the name of the MX if it was looked up, else the domain.
    pub host: String,
    /// The role of the recipient, as `registrant`.
    pub role: String,
    /// The language that it is written in.
    pub language: Option<String>,
    /// Whom it is written for: as `holder`, `registrar`, `desk`.
    pub audience: String,
    /// What it is, as `notice`.
    pub kind: String,
    /// The message as it is sent, with CRLF.
    pub bytes: Vec<u8>,
    /// Where bounces come back to.
    pub envelope_from: Address,
    /// Whether it counts for the rule that a recipient gets one message of an audience a day.
    pub daily: bool,
    /// Why it waits for a person; none: it goes when it is due.
    pub hold: Option<String>,
    /// When it is due.
    pub next_at: Epoch,
    /// What it tells.
    pub notices: Vec<NewNotice>,
}

/// What became of a message that was to be put into the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is in the outbox, in this state: `Queued`, `Held` or `Suppressed`.
    As(State),
    /// Its recipient has a message of this audience of this day: it was not written.
    DayIsTaken,
    /// Its recipient was told one of its notices: it was not written.
    AlreadyTold,
}

/// A message of the outbox that may be handed over.
#[derive(Clone)]
pub struct Letter {
    /// Its id.
    pub message_id: String,
    /// To whom.
    pub recipient: Address,
    /// Where bounces come back to.
    pub envelope_from: Address,
    /// What is sent.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// A message whose turn it is, before it is looked at once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub message_id: String,
    /// Whom it is to, by the key of the ledger.
    pub recipient_key: String,
    /// The host that takes the recipient's mail.
    pub host: String,
    /// Whom it is written for.
    pub audience: String,
    /// What it is.
    pub kind: String,
    /// Whether it counts for one message a day.
    pub daily: bool,
    /// How often it was tried.
    pub attempts: u32,
}

/// A line of the outbox, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxLine {
    /// Its id.
    pub message_id: String,
    /// Whom it is written for.
    pub audience: String,
    /// What it is.
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// Why it is there.
    pub reason: Option<String>,
    /// When it was put into the outbox.
    pub queued_at: Epoch,
    /// How often it was tried.
    pub attempts: u32,
}

impl Ledger {
    /// Puts a message and its notices into the outbox. Written when it returns.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger does not know a case, has the id, or cannot be written.
    pub fn enqueue(&mut self, now: Epoch, message: &NewMessage) -> Result<Enqueued, LedgerError> {
        let enqueued = self.enqueue_all(now, std::slice::from_ref(message))?;
        Ok(enqueued.first().copied().unwrap_or(Enqueued::AlreadyTold))
    }

    /// Puts messages into the outbox in one transaction, so that the disk is waited for once: what became of each, in
    /// their order. Every one sees those before it. Written when it returns; after an error none is.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger does not know a case, has an id, or cannot be written.
    pub fn enqueue_all(&mut self, now: Epoch, messages: &[NewMessage]) -> Result<Vec<Enqueued>, LedgerError> {
        let keys: Vec<String> = messages.iter().map(|message| self.recipient_key(&message.recipient)).collect();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let enqueued = messages.iter().zip(&keys).map(|(message, key)| enqueue(&transaction, now, message, key));
        let enqueued = enqueued.collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(enqueued)
    }

    /// Whether a recipient was told something, or is about to be. The notices of a cancelled message are free again,
    /// unless it cannot be delivered, was erased, or a person cancelled it.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn was_told(
        &self,
        case_id: &str,
        episode: u32,
        transition: Transition,
        recipient: &Address,
    ) -> Result<bool, LedgerError> {
        was_told(&self.connection, case_id, episode, transition, &self.recipient_key(recipient))
    }

    /// The messages whose turn it is, the longest waiting first; of one audience, and of one TLD, with which
    /// their ids begin, if those are named.
    pub(crate) fn due(
        &self,
        now: Epoch,
        count: usize,
        only: Option<&str>,
        tld: Option<&str>,
    ) -> Result<Vec<Due>, LedgerError> {
        let sql = "SELECT message_id, recipient_key, host, audience, kind, daily, attempts FROM messages
            WHERE state IN ('queued', 'deferred') AND next_at <= ?1 AND (?3 IS NULL OR audience = ?3)
            AND (?4 IS NULL OR message_id LIKE ?4 || '-%')
            ORDER BY next_at, rowid LIMIT ?2";
        all(&self.connection, sql, params![now.0, i64::try_from(count).unwrap_or(i64::MAX), only, tld], |row| {
            Ok(Due {
                message_id: row.get(0)?,
                recipient_key: row.get(1)?,
                host: row.get(2)?,
                audience: row.get(3)?,
                kind: row.get(4)?,
                daily: row.get(5)?,
                attempts: row.get(6)?,
            })
        })
    }

    /// When the next message is due that waits for its turn.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn next_due(&self) -> Result<Option<Epoch>, LedgerError> {
        let sql = "SELECT min(next_at) FROM messages WHERE state IN ('queued', 'deferred')";
        Ok(maybe(&self.connection, sql, [], |row| row.get::<_, Option<u64>>(0))?.flatten().map(Epoch))
    }

    /// What is to be sent of a message; none if that cannot be an envelope, or its bytes were emptied.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn letter(&self, message_id: &str) -> Result<Option<Letter>, LedgerError> {
        let sql =
            "SELECT recipient, envelope_from, bytes FROM messages WHERE message_id = ?1 AND emptied_at IS NULL";
        let found = maybe(&self.connection, sql, [message_id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
        })?;
        Ok(found.and_then(|(recipient, from, bytes)| {
            let (recipient, envelope_from) = (recipient.parse().ok()?, from.parse().ok()?);
            Some(Letter { message_id: message_id.to_owned(), recipient, envelope_from, bytes })
        }))
    }

    /// Whether a recipient got, or may have got, a message of an audience on a day.
    pub(crate) fn was_written_to(&self, due: &Due, now: Epoch) -> Result<bool, LedgerError> {
        let sql =
            "SELECT 1 FROM messages WHERE recipient_key = ?1 AND audience = ?2 AND daily = 1 AND sent_day = ?3
            AND state IN ('sending', 'accepted', 'uncertain') AND message_id != ?4";
        let values = params![due.recipient_key, due.audience, now.day().0, due.message_id];
        Ok(maybe(&self.connection, sql, values, |_| Ok(()))?.is_some())
    }

    /// Whether a recipient gets no mail, by their key.
    pub(crate) fn suppression_of(&self, key: &str, now: Epoch) -> Result<Option<SuppressionReason>, LedgerError> {
        suppression(&self.connection, key, now)
    }

    /// The hosts that mail was handed over for since an instant, the earliest first.
    pub(crate) fn sent_since(&self, since: Epoch) -> Result<Vec<(String, Epoch)>, LedgerError> {
        let sql = "SELECT host, sent_at FROM messages WHERE sent_at > ?1 ORDER BY sent_at";
        all(&self.connection, sql, params![since.0], |row| Ok((row.get(0)?, Epoch(row.get(1)?))))
    }

    /// Where a message stands.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn state(&self, message_id: &str) -> Result<Option<State>, LedgerError> {
        state(&self.connection, message_id)
    }

    /// How many messages stand where; every state is there.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn counts(&self) -> Result<BTreeMap<State, u64>, LedgerError> {
        let mut counts: BTreeMap<State, u64> = State::ALL.into_iter().map(|state| (state, 0)).collect();
        let sql = "SELECT state, count(*) FROM messages GROUP BY state";
        for (text, count) in all(&self.connection, sql, [], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
            counts.insert(State::from_str(&text).map_err(|()| LedgerError::Unknown("state"))?, count);
        }
        Ok(counts)
    }

    /// The messages in a state, the oldest first, at most `count`.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn in_state(&self, state: State, count: u32) -> Result<Vec<OutboxLine>, LedgerError> {
        let sql = "SELECT message_id, audience, kind, reason, queued_at, attempts FROM messages WHERE state = ?1
            ORDER BY queued_at, rowid LIMIT ?2";
        all(&self.connection, sql, params![state.as_str(), count], |row| {
            Ok(OutboxLine {
                message_id: row.get(0)?,
                audience: row.get(1)?,
                kind: row.get(2)?,
                state,
                reason: row.get(3)?,
                queued_at: Epoch(row.get(4)?),
                attempts: row.get(5)?,
            })
        })
    }
}

fn was_told(
    connection: &Connection,
    case_id: &str,
    episode: u32,
    transition: Transition,
    key: &str,
) -> Result<bool, LedgerError> {
    let sql =
        "SELECT 1 FROM notices WHERE case_id = ?1 AND episode = ?2 AND transition = ?3 AND recipient_key = ?4";
    let values = params![case_id, episode, transition.as_str(), key];
    Ok(maybe(connection, sql, values, |_| Ok(()))?.is_some())
}

pub(super) fn state(connection: &Connection, message_id: &str) -> Result<Option<State>, LedgerError> {
    let sql = "SELECT state FROM messages WHERE message_id = ?1";
    let found: Option<String> = maybe(connection, sql, [message_id], |row| row.get(0))?;
    found.map(|text| State::from_str(&text).map_err(|()| LedgerError::Unknown("state"))).transpose()
}

fn enqueue(
    transaction: &Transaction<'_>,
    now: Epoch,
    message: &NewMessage,
    key: &str,
) -> Result<Enqueued, LedgerError> {
    let day = now.day().0;
    if message.daily {
        let sql = "SELECT 1 FROM messages WHERE recipient_key = ?1 AND audience = ?2 AND day = ?3 AND daily = 1
            AND state NOT IN ('cancelled', 'suppressed')";
        if maybe(transaction, sql, params![key, message.audience, day], |_| Ok(()))?.is_some() {
            return Ok(Enqueued::DayIsTaken);
        }
    }
    for notice in &message.notices {
        if was_told(transaction, &notice.case_id, notice.episode, notice.transition, key)? {
            return Ok(Enqueued::AlreadyTold);
        }
    }
    let (state, reason) = match (suppression(transaction, key, now)?, &message.hold) {
        (Some(reason), _) => (State::Suppressed, Some(reason.as_str())),
        (None, Some(reason)) => (State::Held, Some(reason.as_str())),
        (None, None) => (State::Queued, None),
    };
    transaction.execute(
        "INSERT INTO messages (message_id, header_id, recipient, recipient_key, host, role, audience, kind, bytes,
            envelope_from, daily, day, state, reason, queued_at, next_at, language)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            message.message_id,
            message.header_id,
            message.recipient.reveal(),
            key,
            message.host.to_lowercase(),
            message.role,
            message.audience,
            message.kind,
            message.bytes,
            message.envelope_from.reveal(),
            message.daily,
            day,
            state.as_str(),
            reason,
            now.0,
            message.next_at.0,
            message.language,
        ],
    )?;
    for notice in &message.notices {
        transaction.execute(
            "INSERT INTO notices (notice_id, case_id, episode, transition, round, recipient_key, message_id)
            VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)",
            params![
                notice.notice_id,
                notice.case_id,
                notice.episode,
                notice.transition.as_str(),
                key,
                message.message_id
            ],
        )?;
    }
    let detail = Some(state.as_str());
    Ledger::note_event(transaction, now, "enqueue", Some(&message.message_id), None, detail)?;
    Ok(Enqueued::As(state))
}
