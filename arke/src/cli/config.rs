//! `init` and `config`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use arke::check::{Finding, NoRecords, Verdict, check};
use arke::config::{ConfigError, EXAMPLE, SCHEMA, Setting, Tld, show};
use arke::notice::DEFAULT;
use arke::records::RecordsError;
use clap::{Args, Subcommand};

use super::work::{Desk, records, runtime};
use super::{Done, Shape};

/// Write a small configuration to begin with
#[derive(Args)]
#[command(after_long_help = "Example:\n  arke init /etc/arke")]
pub(crate) struct Init {
    /// The folder
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl Init {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let files = [("arke.json", EXAMPLE), ("arke.schema.json", SCHEMA), ("notices.xml", DEFAULT)];
        for (name, _) in files {
            let path = self.folder.join(name);
            anyhow::ensure!(!path.exists(), "`{}` is there already: nothing was written", path.display());
        }
        fs::create_dir_all(&self.folder).with_context(|| format!("`{}` cannot be made", self.folder.display()))?;
        for (name, text) in files {
            let path = self.folder.join(name);
            let write = || File::create_new(&path)?.write_all(text.as_bytes());
            write().with_context(|| format!("`{}` cannot be written", path.display()))?;
            desk.print(&format!("wrote {}\n", path.display()))?;
        }
        let config = self.folder.join("arke.json");
        desk.print(&next_steps(&config))?;
        Ok(Done::Well)
    }
}

fn next_steps(config: &Path) -> String {
    let config = config.display();
    format!(
        "
Next:
  1. In {config} write your own records, zone, RDAP service, sender and mail server.
  2. Put each password into its file, and let nobody else read it: chmod 600 rdap.password smtp.password
  3. arke --config {config} config check      says what is still to mend
  4. arke --config {config} notify            who would be told about what; nothing is sent
"
    )
}

/// Check or show the configuration
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Try every part and say what to mend; 1 if there is something
    Check(Shape),
    /// Print every value that counts, defaults included; no secret is shown
    Show(Shape),
    /// Print the JSON Schema of the configuration
    Schema,
}

impl Command {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        match self {
            Command::Schema => desk.print(SCHEMA)?,
            Command::Show(shape) => {
                let settings = show(&desk.config()?);
                let columns = &Setting::COLUMNS;
                desk.print(&super::rows("arke.config/v1", columns, columns, &settings, *shape)?)?;
            }
            Command::Check(shape) => try_all(desk, *shape)?,
        }
        Ok(Done::Well)
    }
}

fn try_all(desk: &mut Desk<'_>, shape: Shape) -> anyhow::Result<()> {
    let config = desk.config()?;
    let (runtime, now) = (runtime()?, desk.now());
    let read = |tld: &Tld| records(&config, tld, &runtime, now).map_err(|error| no_records(&error));
    let findings = check(&config, now, runtime.handle(), read);
    let columns = &Finding::COLUMNS;
    desk.print(&super::rows("arke.check/v1", columns, columns, &findings, shape)?)?;
    let to_mend = findings.iter().filter(|finding| finding.result == Verdict::Mend).count();
    anyhow::ensure!(to_mend == 0, "{to_mend} of {} parts must be mended", findings.len());
    desk.say("all is well; `arke send-test --to YOU` shows how a notice arrives")
}

/// Why there are no records, with all causes in one line.
fn no_records(error: &anyhow::Error) -> NoRecords {
    let says = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let hint = error.chain().find_map(|cause| {
        let records = cause.downcast_ref::<RecordsError>().map(|error| error.hint().to_owned());
        records.or_else(|| cause.downcast_ref::<ConfigError>().map(ConfigError::hint))
    });
    let hint = hint.unwrap_or_else(|| "correct `records`, `key` or `tld` in the configuration".to_owned());
    NoRecords { says, hint }
}
