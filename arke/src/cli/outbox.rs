//! `outbox`: what a person does with messages.

use anyhow::{Context, bail};
use arke::ledger::{CancelReason, Happening, OutboxLine, Resolution, State};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::work::Desk;
use super::{Done, Shape};

/// Lines that `list` shows at most.
const MOST: u32 = 10_000;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Messages by state; without a state, those that wait for a person and those that wait for their turn
    List {
        /// Only those in this state
        state: Option<StateName>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Print a message, byte by byte as it leaves: personal data
    Show {
        /// The id of the message
        id: String,
    },
    /// Let held messages go
    #[command(after_long_help = "Examples:\n  arke outbox release xx-7k3f-9q2m-h4vd\n  arke outbox release --all")]
    Release {
        /// The ids of the messages
        #[arg(required_unless_present = "all")]
        ids: Vec<String>,
        /// All that are held; from then on a new or restored ledger goes by the mode of the configuration
        #[arg(long)]
        all: bool,
    },
    /// Withdraw messages that have not left
    Cancel {
        /// The ids of the messages
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Say what became of an uncertain message
    Resolve {
        /// The id of the message
        id: String,
        /// What became of it
        what: What,
    },
}

/// What became of an uncertain message.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum What {
    /// It was sent
    Sent,
    /// Send it once more; it may then arrive twice
    Resend,
}

/// A state.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum StateName {
    /// Waits for a person
    Held,
    /// Waits for its turn
    Queued,
    /// Is to be tried again
    Deferred,
    /// Sent, or not: nobody knows
    Uncertain,
    /// The mail server took it
    Accepted,
    /// Refused for good
    Bounced,
    /// Its recipient gets no mail
    Suppressed,
    /// Not to be sent any more
    Cancelled,
}

impl StateName {
    fn state(self) -> State {
        match self {
            StateName::Held => State::Held,
            StateName::Queued => State::Queued,
            StateName::Deferred => State::Deferred,
            StateName::Uncertain => State::Uncertain,
            StateName::Accepted => State::Accepted,
            StateName::Bounced => State::Bounced,
            StateName::Suppressed => State::Suppressed,
            StateName::Cancelled => State::Cancelled,
        }
    }
}

/// A message, without personal data.
#[derive(Serialize)]
struct Line {
    message_id: String,
    state: &'static str,
    audience: String,
    kind: String,
    queued_at: String,
    attempts: u32,
    reason: Option<String>,
}

const COLUMNS: [&str; 7] = ["message_id", "state", "audience", "kind", "queued_at", "attempts", "reason"];

impl From<OutboxLine> for Line {
    fn from(line: OutboxLine) -> Line {
        Line {
            message_id: line.message_id,
            state: line.state.as_str(),
            audience: line.audience,
            kind: line.kind,
            queued_at: line.queued_at.to_string(),
            attempts: line.attempts,
            reason: line.reason,
        }
    }
}

impl Command {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let config = desk.config()?;
        let now = desk.now();
        let mut ledger = desk.ledger(&config)?;
        match self {
            Command::List { state, shape } => {
                let states = match state {
                    Some(state) => vec![state.state()],
                    None => vec![State::Held, State::Uncertain, State::Deferred, State::Queued],
                };
                let mut lines = Vec::new();
                for state in states {
                    lines.extend(ledger.in_state(state, MOST)?.into_iter().map(Line::from));
                }
                let text = super::rows("arke.outbox/v1", &COLUMNS, &COLUMNS, &lines, *shape)?;
                desk.print(&text)?;
            }
            Command::Show { id } => {
                let letter = ledger.letter(id)?;
                let letter =
                    letter.with_context(|| format!("there is no message `{id}`, or its text was emptied"))?;
                let text = String::from_utf8_lossy(&letter.bytes).replace("\r\n", "\n");
                desk.print(&text)?;
            }
            Command::Release { ids, all } => {
                let ids = match all {
                    true => {
                        ledger.in_state(State::Held, u32::MAX)?.into_iter().map(|line| line.message_id).collect()
                    }
                    false => ids.clone(),
                };
                let happenings: Vec<_> = ids.into_iter().map(|id| (id, Happening::Release)).collect();
                ledger.commit(now, &happenings)?;
                if *all {
                    ledger.end_review_of_all(now)?;
                }
                desk.say(&format!("{} released; `arke notify --send` sends them", happenings.len()))?;
            }
            Command::Cancel { ids } => {
                let cancel = |id: &String| (id.clone(), Happening::Cancel(CancelReason::Withdrawn));
                ledger.commit(now, &ids.iter().map(cancel).collect::<Vec<_>>())?;
            }
            Command::Resolve { id, what } => {
                if ledger.state(id)? != Some(State::Uncertain) {
                    bail!("`{id}` is no uncertain message; `arke outbox list uncertain` shows them");
                }
                let resolution = match what {
                    What::Sent => Resolution::Sent,
                    What::Resend => Resolution::Resend,
                };
                ledger.resolve(now, id, resolution)?;
            }
        }
        Ok(Done::Well)
    }
}
