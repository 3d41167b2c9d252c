//! Sending: the outbox handed over to a mail server, each message at most once.
//!
//! ```text
//!   due ─► looked at once more ─► claimed (on disk) ─► handed over ─► outcome (on disk)
//! ```
//!
//! Between the server's answer and our writing it down there is a moment that no program can close. A message that was
//! claimed when the process ended is therefore uncertain, and never sent again by itself.

pub mod limits;
pub mod outcome;
pub mod run;
pub mod sendmail;
pub mod smtp;

use std::sync::Arc;

use self::outcome::{Note, Outcome};
use self::sendmail::Sendmail;
use self::smtp::{Session, Smtp};
use crate::ledger::outbox::Letter;

/// Where a run is, as its caller may be told: to show it, or to end the process there in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Messages are about to be claimed.
    Claiming,
    /// They are claimed, on disk.
    Claimed,
    /// The sender is about to be named.
    Mail,
    /// The recipient is about to be named.
    Rcpt,
    /// The message is about to be announced.
    Data,
    /// The message is about to be sent.
    Body,
    /// The answer to the message, or the lack of one, is known.
    Answered,
    /// Outcomes are about to be written.
    Recording,
    /// They are on disk.
    Recorded,
}

/// How messages are handed over.
#[derive(Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// To a command.
    Sendmail(Sendmail),
}

impl Transport {
    /// Greets the mail server and logs in, as before a run; a command is only looked for.
    ///
    /// # Errors
    /// What went wrong, and in which phase.
    pub async fn greet(&self) -> Result<(), Note> {
        self.ready().await.map(|_| ())
    }

    pub(crate) async fn ready(&self) -> Result<Option<Session>, Note> {
        match self {
            Transport::Smtp(smtp) => smtp.connect().await.map(Some),
            Transport::Sendmail(sendmail) if sendmail.program.is_file() => Ok(None),
            Transport::Sendmail(_) => Err(Note::of("sendmail: no such program")),
        }
    }

    pub(crate) async fn send(
        self: &Arc<Self>,
        session: Option<Session>,
        letter: Letter,
        step: &(dyn Fn(Step) + Send + Sync),
    ) -> (Outcome, Option<Session>) {
        match self.as_ref() {
            Transport::Smtp(smtp) => smtp.send(session, &letter, step).await,
            Transport::Sendmail(sendmail) => {
                let sendmail = sendmail.clone();
                step(Step::Body);
                let sent = tokio::task::spawn_blocking(move || sendmail.send(&letter)).await;
                step(Step::Answered);
                (sent.unwrap_or_else(|_| Outcome::Uncertain(Note::of("sendmail"))), None)
            }
        }
    }
}
