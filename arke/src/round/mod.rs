//! One round: records in, cases met, contacts asked for, letters written into the outbox, and sent.
//!
//! ```text
//! outbox, records ─ review ─► what is no longer due is cancelled      `arke notify --send`
//! records ─┐
//! ledger ──┼─ look ──► Plan { lines, waits, letters, by_hand }      `arke notify` prints it
//! RDAP ────┘                    └─ write ──► outbox ─ send ──► mail   `arke notify --send`
//! ```

mod back;
mod desk;
mod enrich;
mod high_risk;
mod house;
mod look;
mod send;
mod write;

pub use back::take_in;
pub use desk::{desk_is_told, desk_letter};
pub use enrich::{EnrichedLine, enrich};
pub use high_risk::{HighRisk, HighRiskError, HighRiskLine, high_risk, protected};
pub(crate) use house::rdap;
pub use house::{House, HouseError};
pub use look::{Plan, PlanLine, WaitLine, look};
pub(crate) use send::transport;
pub use send::{Sent, review, send, send_one};
pub use write::{Written, write};

use crate::bounce::MaildirError;
use crate::config::ConfigError;
use crate::ledger::LedgerError;
use crate::lists::ListError;
use crate::notice::{ComposeError, RenderError, TemplateError};
use crate::rdap::RdapError;
use crate::records::RecordsError;

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The records are refused.
    #[error("the records are refused")]
    Records(#[from] RecordsError),
    /// The records are of another TLD than the configuration says.
    #[error("the records are of `{found}`, and the configuration is of `{expected}`")]
    Tld {
        /// What the records say.
        found: String,
        /// What the configuration says.
        expected: String,
    },
    /// A part of the configuration cannot be used.
    #[error(transparent)]
    House(#[from] HouseError),
    /// RDAP turned us away: every further question would be turned away too.
    #[error("RDAP turned Arke away; nothing was sent")]
    Rdap(#[from] RdapError),
    /// The list of names that no feed has yet.
    #[error("no list of high-risk names can be made")]
    HighRisk(#[from] HighRiskError),
    /// The ledger.
    #[error("the ledger")]
    Ledger(#[from] LedgerError),
    /// What came back.
    #[error("the maildir of bounces and answers")]
    Maildir(#[from] MaildirError),
    /// A text fails.
    #[error("a notice cannot be written")]
    Render(#[from] RenderError),
    /// A report cannot be made: a fault of the program.
    #[error("a report cannot be made")]
    Report(#[from] serde_json::Error),
    /// The mail server did not take a test.
    #[error("the mail server did not take it: {0}")]
    NotSent(String),
    /// A message cannot be made.
    #[error("a message cannot be made")]
    Compose(#[from] ComposeError),
}

impl From<ConfigError> for RoundError {
    fn from(error: ConfigError) -> RoundError {
        RoundError::House(HouseError::Config(error))
    }
}

impl From<ListError> for RoundError {
    fn from(error: ListError) -> RoundError {
        RoundError::House(HouseError::List(error))
    }
}

impl From<TemplateError> for RoundError {
    fn from(error: TemplateError) -> RoundError {
        RoundError::House(HouseError::Template(error))
    }
}
