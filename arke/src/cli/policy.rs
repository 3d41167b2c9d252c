//! `policy`.

use arke::plan::{PolicyLine, table};
use clap::Subcommand;

use super::work::Desk;
use super::{Done, Shape};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Whom the policy tells what, as a table
    Show(Shape),
}

impl Command {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let Command::Show(shape) = self;
        let config = desk.config()?;
        for tld in &config.tlds {
            let rows = table(&tld.policy);
            let text = super::rows("arke.policy/v1", &PolicyLine::COLUMNS, &PolicyLine::COLUMNS, &rows, *shape)?;
            if config.tlds.len() > 1 {
                desk.print(&format!("{}\n\n", tld.name.as_deref().unwrap_or("the TLD of the records")))?;
            }
            desk.print(&text)?;
        }
        Ok(Done::Well)
    }
}
