//! `init TLD`: a configuration to start from, and a key that signs.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use panopticon_model::name::Label;
use panopticon_sinks::minisign::SigningKey;

use super::{Global, Printer, create_new, create_private};
use crate::config::{signing, template};

/// Write a commented configuration for a TLD, with feeds that need no key, and a key that signs what is published
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
        let folder = global.config.parent().unwrap_or(Path::new(""));
        let (secret, public) = (folder.join("signing.key"), folder.join("signing.pub"));
        let key = settle_key(&secret)?;
        if !public.exists() {
            create_new(&public, &key.public_text())?;
        }
        printer.remark(&format!(
            "`{}` signs what is published: keep it private; give `{}` to those who read it",
            secret.display(),
            public.display()
        ));
        printer.remark(&format!(
            "wrote `{}`\nnext: look through its feeds, then `panopticon run --once`",
            global.config.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// The key that is there, or a new one.
fn settle_key(path: &Path) -> anyhow::Result<SigningKey> {
    if let Some(key) = signing::read(path.exists().then_some(path))? {
        return Ok(key);
    }
    let key = SigningKey::generate()?;
    create_private(path, &key.secret_text())?;
    Ok(key)
}
