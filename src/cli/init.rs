//! `init TLD`: a configuration to start from.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use panopticon_model::name::Label;

use super::{Global, Printer, create_new};
use crate::config::template;

/// Write a commented configuration for a TLD, with feeds that need no key
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  panopticon init xx\n  panopticon run --once")]
pub(crate) struct Init {
    /// The TLD, without a dot in front
    tld: String,
}

impl Init {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let tld = self.tld.trim_matches('.');
        let label = Label::parse(tld).with_context(|| format!("`{tld}` is not a TLD"))?;
        create_new(&global.config, &template::text(label.as_str()))?;
        printer.remark(&format!(
            "wrote `{}`\nnext: look through its feeds, then `panopticon run --once`",
            global.config.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}
