//! The states of a message, and what may lead from one to another. Pure.
//!
//! ```text
//!          release           claim            accept
//!   held ─────────► queued ─────────► sending ───────► accepted ──┐
//!     ▲  hold         ▲  ▲   claim     │ │ │ │                    │ report of a bounce
//!     └───────────────┘  └──deferred ◄─┘ │ │ └─ bounce ─► bounced ◄┘
//!                          put back ─────┘ │                 ▲
//!                       (our own fault)    └─ lose ─► uncertain ─► accepted, queued: a person, a copy, a report
//!
//!   held, queued, deferred ─► suppressed, cancelled        sending ─► cancelled: cannot be delivered from here
//! ```
//!
//! Nothing leads from `sending` or `uncertain` to `queued` but the certainty that the recipient was not reached, and
//! the word of a person.

use std::str::FromStr;

use panopticon_model::time::Epoch;

use crate::send::outcome::Note;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Waits for a person.
    Held,
    /// Waits for its turn.
    Queued,
    /// Is being handed over. Found at the start of a process, it is uncertain.
    Sending,
    /// The mail server took it.
    Accepted,
    /// The mail server asked to come again.
    Deferred,
    /// It was refused for good.
    Bounced,
    /// It was handed over, or not: nobody knows. Never sent again by itself.
    Uncertain,
    /// Its recipient gets no mail.
    Suppressed,
    /// It is not to be sent any more.
    Cancelled,
}

/// What happens to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A person lets it go.
    Release,
    /// It has to wait for a person.
    Hold(&'static str),
    /// It may not go before an instant; its state stays.
    Postpone(Epoch),
    /// It is about to be handed over.
    Claim,
    /// The mail server took it, or it is known by other ways that it was sent.
    Accept(Note),
    /// To be tried again at an instant.
    Defer(Epoch, Note),
    /// Refused for good; `hard` when the address itself is at fault.
    Bounce {
        /// Whether its recipient gets no mail any more.
        hard: bool,
        /// What was heard.
        note: Note,
    },
    /// The connection, or the process, ended while it could have been taken.
    Lose(Note),
    /// It was not handed over, and that is not the recipient's doing.
    PutBack(Note),
    /// It is not to be sent.
    Cancel(CancelReason),
    /// Its recipient gets no mail.
    Suppress,
    /// A person wants an uncertain one sent once more.
    Resend,
}

/// Why a message is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// The confirmation is too old.
    Stale,
    /// The case is over.
    Closed,
    /// A person marked the case.
    Marked,
    /// Its recipient holds the name no more.
    NewHolder,
    /// The mail server cannot take this address or this content.
    Undeliverable,
    /// The recipient's data were erased.
    Erased,
    /// A person withdrew it.
    Withdrawn,
}

impl CancelReason {
    /// As it is written in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CancelReason::Stale => "stale",
            CancelReason::Closed => "closed",
            CancelReason::Marked => "marked",
            CancelReason::NewHolder => "new-holder",
            CancelReason::Undeliverable => "undeliverable",
            CancelReason::Erased => "erased",
            CancelReason::Withdrawn => "withdrawn",
        }
    }
}

impl State {
    /// All of them.
    pub const ALL: [State; 9] = [
        State::Held,
        State::Queued,
        State::Sending,
        State::Accepted,
        State::Deferred,
        State::Bounced,
        State::Uncertain,
        State::Suppressed,
        State::Cancelled,
    ];

    /// As it is written in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Held => "held",
            State::Queued => "queued",
            State::Sending => "sending",
            State::Accepted => "accepted",
            State::Deferred => "deferred",
            State::Bounced => "bounced",
            State::Uncertain => "uncertain",
            State::Suppressed => "suppressed",
            State::Cancelled => "cancelled",
        }
    }

    /// Whether nothing is handed over from here without a further step of somebody.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, State::Accepted | State::Bounced | State::Suppressed | State::Cancelled)
    }

    /// The state after something happened; none if that cannot happen here.
    #[must_use]
    pub fn after(self, happening: &Happening) -> Option<State> {
        use Happening as H;
        use State as S;
        Some(match (self, happening) {
            (S::Held, H::Release) | (S::Uncertain, H::Resend) => S::Queued,
            (S::Queued | S::Deferred, H::Hold(_)) => S::Held,
            (S::Queued | S::Deferred, H::Postpone(_)) => self,
            (S::Queued | S::Deferred, H::Claim) => S::Sending,
            (S::Sending | S::Uncertain, H::Accept(_)) => S::Accepted,
            (S::Sending, H::Defer(..)) => S::Deferred,
            (S::Sending | S::Uncertain | S::Accepted, H::Bounce { .. }) => S::Bounced,
            (S::Sending, H::Lose(_)) => S::Uncertain,
            (S::Sending, H::PutBack(_)) => S::Queued,
            (S::Held | S::Queued | S::Deferred, H::Suppress) => S::Suppressed,
            (S::Held | S::Queued | S::Deferred, H::Cancel(_))
            | (S::Sending, H::Cancel(CancelReason::Undeliverable)) => S::Cancelled,
            _ => return None,
        })
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<State, ()> {
        State::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

impl Happening {
    /// As it is written in the events.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Happening::Release => "release",
            Happening::Hold(_) => "hold",
            Happening::Postpone(_) => "postpone",
            Happening::Claim => "claim",
            Happening::Accept(_) => "accept",
            Happening::Defer(..) => "defer",
            Happening::Bounce { .. } => "bounce",
            Happening::Lose(_) => "lose",
            Happening::PutBack(_) => "put-back",
            Happening::Cancel(_) => "cancel",
            Happening::Suppress => "suppress",
            Happening::Resend => "resend",
        }
    }

    /// What was heard, if this tells of it.
    #[must_use]
    pub fn note(&self) -> Option<&Note> {
        match self {
            Happening::Accept(note)
            | Happening::Defer(_, note)
            | Happening::Bounce { note, .. }
            | Happening::Lose(note)
            | Happening::PutBack(note) => Some(note),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use panopticon_model::time::Epoch;
    use proptest::prelude::*;

    use super::{CancelReason, Happening, State};
    use crate::send::outcome::Note;

    fn any_happening() -> impl Strategy<Value = Happening> {
        let note = || Note::of("body");
        prop::sample::select(vec![
            Happening::Release,
            Happening::Hold("review"),
            Happening::Postpone(Epoch(1)),
            Happening::Claim,
            Happening::Accept(note()),
            Happening::Defer(Epoch(1), note()),
            Happening::Bounce { hard: true, note: note() },
            Happening::Lose(note()),
            Happening::PutBack(note()),
            Happening::Cancel(CancelReason::Stale),
            Happening::Cancel(CancelReason::Undeliverable),
            Happening::Suppress,
            Happening::Resend,
        ])
    }

    proptest! {
        /// However a message fares, it is claimed once more only if the recipient was not reached or a person said so.
        #[test]
        fn what_could_have_arrived_is_not_sent_again(story in prop::collection::vec(any_happening(), 0..60)) {
            let (mut state, mut may_have_arrived) = (State::Queued, false);
            for happening in &story {
                let Some(next) = state.after(happening) else { continue };
                if matches!(happening, Happening::Claim) {
                    prop_assert!(!may_have_arrived, "{story:?}");
                }
                match happening {
                    Happening::Accept(_) | Happening::Lose(_) => may_have_arrived = true,
                    Happening::Resend => may_have_arrived = false,
                    _ => {}
                }
                state = next;
            }
        }

        /// Nothing but a report of a bounce changes what is over.
        #[test]
        fn the_end_is_the_end(happening in any_happening()) {
            for state in State::ALL.into_iter().filter(|state| state.is_final()) {
                let next = state.after(&happening);
                let is_report = state == State::Accepted && matches!(happening, Happening::Bounce { .. });
                prop_assert_eq!(next, is_report.then_some(State::Bounced));
            }
        }
    }

    #[test]
    fn every_state_reads_back() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("sent".parse::<State>(), Err(()));
    }
}
