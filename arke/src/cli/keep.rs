//! What is kept: pauses, copies of the ledger, data of a person.

use std::io::Write;
use std::path::PathBuf;

use arke::contact::Address;
use arke::ledger;
use clap::{Args, Subcommand};
use panopticon_model::time::Epoch;

use super::Done;
use super::work::{Desk, private_file};

/// Stop all sending until `resume`
#[derive(Args)]
pub(crate) struct Pause {
    /// Why, for whoever finds it paused
    #[arg(long, default_value = "by an operator")]
    reason: String,
}

impl Pause {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        ledger::pause(&desk.config()?.state, desk.now(), &self.reason)?;
        desk.say("paused; a run that is sending stops before its next message")?;
        Ok(Done::Well)
    }
}

pub(crate) fn resume(desk: &mut Desk<'_>) -> anyhow::Result<Done> {
    ledger::resume(&desk.config()?.state, desk.now())?;
    Ok(Done::Well)
}

/// Copy the ledger while it is in use
#[derive(Args)]
pub(crate) struct Backup {
    /// The new file; it holds personal data
    file: PathBuf,
}

impl Backup {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        ledger::backup(&desk.config()?.state, &self.file)?;
        Ok(Done::Well)
    }
}

/// Put a copy of the ledger back; everything waits for review then
#[derive(Args)]
pub(crate) struct Restore {
    /// The copy
    file: PathBuf,
}

impl Restore {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        ledger::restore(&desk.config()?.state, &self.file, desk.now())?;
        desk.say(
            "restored; what was not sent is held: `arke outbox list held`, then `arke outbox release --all`",
        )?;
        Ok(Done::Well)
    }
}

#[derive(Subcommand)]
pub(crate) enum Subject {
    /// Write what is kept of a person to a new file
    Export {
        /// The person's address
        #[arg(value_parser = address)]
        address: Address,
        /// The new file, JSON
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Erase what is kept of a person: nothing is sent to the address any more
    Erase {
        /// The person's address
        #[arg(value_parser = address)]
        address: Address,
    },
    /// Send nothing to an address any more; only a hash of it is kept
    Silence {
        /// The person's address
        #[arg(value_parser = address)]
        address: Address,
        /// Who wishes it: `opt-out`, the person; `operator`, the registry
        #[arg(long, default_value = "opt-out", value_parser = ["opt-out", "operator"])]
        reason: String,
        /// Until when; without it, for good
        #[arg(long, value_name = "INSTANT")]
        until: Option<Epoch>,
    },
    /// Let an address get mail again, after `silence`, `erase`, a complaint or a bounce
    Unsilence {
        /// The person's address
        #[arg(value_parser = address)]
        address: Address,
    },
}

fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|_| "expected name@domain".to_owned())
}

impl Subject {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let config = desk.config()?;
        let (mut ledger, now) = (desk.ledger(&config)?, desk.now());
        match self {
            Subject::Export { address, output } => {
                let export = ledger.subject_export(address, now)?;
                let mut file = private_file(output)?;
                file.write_all((serde_json::to_string_pretty(&export)? + "\n").as_bytes())?;
            }
            Subject::Erase { address } => {
                let erased = ledger.subject_erase(address, now)?;
                desk.say(&format!("{erased} messages emptied; nothing is sent to the address any more"))?;
            }
            Subject::Silence { address, reason, until } => {
                let reason = reason.parse().map_err(|()| anyhow::anyhow!("`{reason}` is no reason"))?;
                ledger.suppress(address, reason, now, *until)?;
                desk.say("nothing is sent to the address any more; what is queued to it is not sent either")?;
            }
            Subject::Unsilence { address } => {
                ledger.lift_suppression(address, now)?;
                desk.say("the address gets mail again")?;
            }
        }
        Ok(Done::Well)
    }
}
