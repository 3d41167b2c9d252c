//! What came back, in the ledger.

use panopticon_model::time::Epoch;

use super::{Action, Incoming, Says};
use crate::ledger::state::{Happening, State};
use crate::ledger::{Ledger, LedgerError};
use crate::send::outcome::Note;

/// What a mail that came back did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A message bounced; `hard` when its recipient gets no mail any more.
    Bounced {
        /// The message.
        message_id: String,
        /// Whether the address itself is at fault.
        hard: bool,
    },
    /// An uncertain message was delivered.
    Delivered {
        /// The message.
        message_id: String,
    },
    /// A recipient complained and gets no mail any more.
    Complained {
        /// The message.
        message_id: String,
    },
    /// A person answered.
    Answered {
        /// The cases that the message was about.
        case_ids: Vec<String>,
        /// What they say.
        says: Says,
    },
    /// Nothing changed: it was known, is no news, or came from a machine.
    Nothing,
    /// A person has to look at it.
    ForTheDesk,
}

impl Ledger {
    /// Writes down what a mail says; the same mail twice does no harm.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn take_in(&mut self, now: Epoch, incoming: &Incoming) -> Result<Taken, LedgerError> {
        match incoming {
            Incoming::Report { about, action, .. } => {
                let Some(message_id) = self.message_of(about)? else { return Ok(Taken::ForTheDesk) };
                self.take_report(now, message_id, *action)
            }
            Incoming::Complaint { about } => {
                let Some(message_id) = self.message_of(about)? else { return Ok(Taken::ForTheDesk) };
                self.suppress_for_complaint(now, &message_id)?;
                Ok(Taken::Complained { message_id })
            }
            Incoming::Answer { about, says } => {
                for about in about {
                    let case_ids = self.cases_of(about)?;
                    if !case_ids.is_empty() {
                        self.note_answer(now, &case_ids, *says)?;
                        return Ok(Taken::Answered { case_ids, says: *says });
                    }
                }
                Ok(Taken::ForTheDesk)
            }
            Incoming::Automatic => Ok(Taken::Nothing),
            Incoming::Other => Ok(Taken::ForTheDesk),
        }
    }

    fn take_report(&mut self, now: Epoch, message_id: String, action: Action) -> Result<Taken, LedgerError> {
        let state = self.state(&message_id)?;
        let note = Note::of("report");
        match (action, state) {
            (Action::Failed { hard }, Some(State::Accepted | State::Uncertain)) => {
                self.commit(now, &[(message_id.clone(), Happening::Bounce { hard, note })])?;
                Ok(Taken::Bounced { message_id, hard })
            }
            (Action::Delivered | Action::Delayed, Some(State::Uncertain)) => {
                self.commit(now, &[(message_id.clone(), Happening::Accept(note))])?;
                Ok(Taken::Delivered { message_id })
            }
            _ => Ok(Taken::Nothing),
        }
    }
}
