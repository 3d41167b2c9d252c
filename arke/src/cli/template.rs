//! `template` and `send-test`.

use anyhow::Context;
use arke::config::Tld;
use arke::contact::Address;
use arke::notice::{Audience, DEFAULT, Kind, NoticeData, SAMPLES, Templates, sample};
use arke::round::{House, send_one};
use clap::{Args, Subcommand};

use super::Done;
use super::work::{Desk, runtime};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say what must be mended before any mail
    Check,
    /// Print a text with made-up facts
    Preview {
        #[command(flatten)]
        which: Which,
        /// The page instead of the text
        #[arg(long)]
        html: bool,
    },
    /// Print the file that is shipped, to begin with
    Default,
}

/// Which text.
#[derive(Args)]
pub(crate) struct Which {
    /// The language
    #[arg(long, default_value = "en")]
    lang: String,
    /// What it is for: notice, reminder, all-clear, correction, digest, desk
    #[arg(long, default_value = "notice", value_parser = kind)]
    kind: Kind,
    /// Whom it speaks to: registrant, registrar, hoster, desk
    #[arg(long, default_value = "registrant", value_parser = audience)]
    audience: Audience,
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| format!("expected one of {}", Kind::ALL.map(Kind::as_str).join(", ")))
}

fn audience(word: &str) -> Result<Audience, String> {
    Audience::ALL
        .into_iter()
        .find(|audience| audience.as_str() == word)
        .ok_or_else(|| format!("expected one of {}", Audience::ALL.map(Audience::as_str).join(", ")))
}

impl Which {
    fn data(&self) -> NoticeData {
        let name = SAMPLES.first().copied().unwrap_or_default();
        let mut data = sample(name, self.kind, self.audience);
        data.contact.language = Some(self.lang.clone());
        data
    }
}

/// The texts of a TLD.
fn templates(tld: &Tld) -> anyhow::Result<Templates> {
    Ok(match &tld.template {
        Some(path) => Templates::read_file(path)?,
        None => Templates::read(DEFAULT)?,
    })
}

impl Command {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        match self {
            Command::Default => desk.print(DEFAULT)?,
            Command::Check => {
                let mut found = 0;
                for tld in &desk.config()?.tlds {
                    for complaint in templates(tld)?.check() {
                        found += 1;
                        desk.print(&format!("{complaint}\n"))?;
                    }
                }
                anyhow::ensure!(found == 0, "{found} texts must be mended before any mail");
                desk.say("the texts are good")?;
            }
            Command::Preview { which, html } => {
                let config = desk.config()?;
                let tld = config.tlds.first().context("no TLD is configured")?;
                let rendered = templates(tld)?.render(&which.data())?;
                let text =
                    if *html { rendered.html } else { format!("{}\n\n{}", rendered.subject, rendered.plain) };
                desk.print(&text)?;
            }
        }
        Ok(Done::Well)
    }
}

/// Send one notice with made-up facts to yourself
#[derive(Args)]
#[command(after_long_help = "Example:\n  arke send-test --to me@registry.example --lang fr")]
pub(crate) struct SendTest {
    /// The address
    #[arg(long, value_parser = address)]
    to: Address,
    #[command(flatten)]
    which: Which,
}

fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|_| "expected name@domain".to_owned())
}

impl SendTest {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let config = desk.config()?;
        let tld = config.tlds.first().context("no TLD is configured")?;
        let house = House::open(&config, tld)?;
        let mail = config.mail.as_ref().context("`smtp` is missing: nothing can be sent")?;
        let runtime = runtime()?;
        let mut ledger = desk.ledger(&config)?;
        send_one(&house, &mut ledger, mail, &self.to, &self.which.data(), runtime.handle(), desk.now())?;
        desk.say("sent; look at it as its reader would, and at its headers: SPF, DKIM and DMARC should pass")?;
        Ok(Done::Well)
    }
}
