//! What the commands work with: output, configuration, clock.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use arke::config::{self, Config, RecordsFrom, Tld};
use arke::ledger::Ledger;
use arke::records::{Records, fetch, read_file, read_signed};
use panopticon_model::time::Epoch;
use tokio::runtime::{Builder, Runtime};

/// Where the configuration is looked for.
const PLACES: [&str; 2] = ["arke.json", "/etc/arke/arke.json"];

/// What the commands work with.
pub(crate) struct Desk<'a> {
    pub(crate) config: Option<PathBuf>,
    pub(crate) now: Option<Epoch>,
    pub(crate) out: &'a mut dyn Write,
    pub(crate) err: &'a mut dyn Write,
}

impl Desk<'_> {
    /// The time that it is.
    pub(crate) fn now(&self) -> Epoch {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        self.now.unwrap_or(Epoch(u64::try_from(clock).unwrap_or(u64::MAX)))
    }

    /// The path of the configuration.
    pub(crate) fn path(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = &self.config {
            return Ok(path.clone());
        }
        let found = PLACES.iter().map(Path::new).find(|path| path.exists());
        found
            .map(Path::to_owned)
            .context("there is no arke.json here; `arke init` writes one, `--config` names one")
    }

    /// The configuration.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        Ok(config::read(&self.path()?)?)
    }

    /// The ledger of a configuration.
    pub(crate) fn ledger(&self, config: &Config) -> anyhow::Result<Ledger> {
        let about = || format!("the ledger in `{}`", config.state.display());
        Ledger::open(&config.state, self.now()).with_context(about)
    }

    /// Prints text for the user.
    pub(crate) fn print(&mut self, text: &str) -> anyhow::Result<()> {
        self.out.write_all(text.as_bytes()).context("cannot write the output")
    }

    /// Says something about the work, beside the output.
    pub(crate) fn say(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.err, "{text}").context("cannot write to stderr")
    }
}

/// A runtime for sockets.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().context("no runtime for sockets")
}

/// The records of a TLD, from where its configuration says; not older than they may be.
pub(crate) fn records(config: &Config, tld: &Tld, runtime: &Runtime, now: Epoch) -> anyhow::Result<Records> {
    let records = match &tld.records {
        RecordsFrom::Path(path) => {
            let file = if path.is_dir() { path.join("records.sql") } else { path.clone() };
            match &tld.key {
                Some(key) => read_signed(&file, key)?,
                None => read_file(&file)?,
            }
        }
        RecordsFrom::Url(url) => {
            let folder = config.state.join("incoming");
            let file = runtime.block_on(fetch(url, &folder, tld.key.is_some()))?;
            match &tld.key {
                Some(key) => read_signed(&file, key)?,
                None => read_file(&file)?,
            }
        }
    };
    records.check_age(now, config.limits.max_records_age_h)?;
    if let Some(name) = tld.name.as_ref().filter(|name| **name != records.head.tld) {
        bail!("the records are of `{}`, and `tld` says `{name}`", records.head.tld);
    }
    Ok(records)
}

/// Writes a file of personal data, which only its owner reads.
pub(crate) fn private_file(path: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).with_context(|| format!("`{}` cannot be made, or is there already", path.display()))
}
