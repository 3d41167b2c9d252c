//! `mark`: an operator's word on a name or URL.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use panopticon_model::time::Epoch;
use panopticon_model::update::Mark as Decision;

use super::{Global, Printer, wall_clock};
use crate::config::parse_duration;
use crate::wire::House;

/// Decide on a name or URL by hand
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon mark shop.xx false-positive --reason \"the bank's own page\" --until 2025-06-01\n  panopticon mark 'hxxp://shop[.]xx/login' false-positive --reason test --until 30d\n  panopticon mark shop.xx none --reason \"mended\"\n\nA mark on a name covers the name and every host below it; one on a URL covers this URL."
)]
pub(crate) struct Mark {
    /// The name or URL
    value: String,
    /// The decision; `none` takes it back
    decision: Kind,
    /// Why, for those who come after
    #[arg(long)]
    reason: String,
    /// Until when: a day, an instant, or how long from now (30d)
    #[arg(long)]
    until: Option<String>,
    /// The instant of the decision, instead of the clock's
    #[arg(long, value_name = "INSTANT")]
    now: Option<Epoch>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    FalsePositive,
    None,
}

impl Mark {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let mut house = House::open(global.config()?, true)?;
        let now = house.start(self.now, wall_clock())?;
        let until = self.until.as_deref().map(|text| instant(text, now)).transpose()?;
        anyhow::ensure!(until.is_none_or(|until| until > now), "`--until` lies in the past");
        let mark = match self.decision {
            Kind::FalsePositive => Some(Decision { reason: self.reason.as_str().into(), since: now, until }),
            Kind::None => None,
        };
        let target = house.mark(now, &self.value, mark)?;
        house.publish_today(now)?;
        let what = target.marked();
        let until = until.map_or_else(|| "taken back".to_owned(), |until| until.to_string());
        match self.decision {
            Kind::FalsePositive => printer.remark(&format!("`{what}` is marked a false positive until {until}")),
            Kind::None => printer.remark(&format!("`{what}` is no longer marked")),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn instant(text: &str, now: Epoch) -> anyhow::Result<Epoch> {
    match parse_duration(text) {
        Some(ms) => Ok(now.plus(ms)),
        None => Ok(text.parse()?),
    }
}
