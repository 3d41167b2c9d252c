//! `arke.json`: what the registry says of itself. Four entries are needed, everything else has a default.
//!
//! ```text
//! bytes ──file──► FileV1 ──resolve──► Config { tlds: [Tld], smtp, sender, … }
//! ```
//!
//! An unknown key is an error that names the nearest known one. Secrets stand in files of their own, which others must not
//! be able to read.

mod error;
mod file;
mod policy;
mod resolve;
mod secret;
mod show;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use panopticon_model::time::Day;

pub use error::ConfigError;
pub use policy::{Audience, Policy, QuietHours};
pub use resolve::{parse, read};
pub use secret::{Secret, read_secret, read_text};
pub use show::{Setting, show};

use crate::contact::Address;

/// The JSON Schema of the file, as it is shipped.
pub const SCHEMA: &str = include_str!("../../assets/arke.schema.json");

/// A file to begin with; its names are to be replaced.
pub const EXAMPLE: &str = include_str!("../../assets/arke.json");

/// What `arke.json` says, with all defaults.
#[derive(Clone, Debug)]
pub struct Config {
    /// The TLDs, at least one.
    pub tlds: Vec<Tld>,
    /// The folder of the ledger.
    pub state: PathBuf,
    /// How mail leaves; none as long as nothing is to be sent.
    pub mail: Option<Mail>,
    /// How much is sent, and how old what it rests on may be.
    pub limits: Limits,
    /// Who decides that a mail goes out.
    pub mode: Mode,
    /// How long personal data is kept.
    pub retention: Retention,
    /// The DNS servers that a check asks; none for those of this machine.
    pub resolver: Option<Vec<SocketAddr>>,
}

/// What belongs to one TLD.
#[derive(Clone, Debug)]
pub struct Tld {
    /// Its name; none if the records say it.
    pub name: Option<String>,
    /// Where its records.sql comes from.
    pub records: RecordsFrom,
    /// The public key that signs the manifest beside it.
    pub key: Option<PathBuf>,
    /// Zone files.
    pub zones: Vec<PathBuf>,
    /// The RDAP server.
    pub rdap: Rdap,
    /// The file of notice templates; none for the one that is shipped.
    pub template: Option<PathBuf>,
    /// Who writes.
    pub sender: Option<Sender>,
    /// Whom to tell.
    pub policy: Policy,
    /// The file of resellers.
    pub resellers: Option<PathBuf>,
    /// The file of the registrars' wishes.
    pub registrars: Option<PathBuf>,
    /// The file of platforms, besides the one that is shipped.
    pub platforms: Option<PathBuf>,
    /// The file of protected names, for the list of high-risk names; none for the one that is shipped.
    pub protected: Option<PathBuf>,
}

/// Where records.sql comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordsFrom {
    /// A file, or a folder with `records.sql` and its manifest.
    Path(PathBuf),
    /// The same, served over https.
    Url(reqwest::Url),
}

/// An RDAP server and how to ask it.
#[derive(Clone, Debug)]
pub struct Rdap {
    /// Its base.
    pub url: reqwest::Url,
    /// Who we are to it.
    pub auth: Auth,
    /// Questions in a second.
    pub rate_per_s: u32,
    /// Questions at once.
    pub concurrency: usize,
    /// A certificate authority of its own.
    pub ca: Option<PathBuf>,
}

/// Who we are to an RDAP server.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Nobody.
    None,
    /// A user with a password (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// Where the password stands.
        password_file: PathBuf,
    },
    /// A token (RFC 6750).
    Bearer {
        /// Where it stands.
        token_file: PathBuf,
    },
    /// A client certificate.
    Certificate {
        /// The chain, PEM.
        cert_file: PathBuf,
        /// Its key, PEM.
        key_file: PathBuf,
    },
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct Mail {
    /// By which way.
    pub by: MailBy,
    /// The domain of envelope senders, whose mail comes back to us as bounces.
    pub bounce_domain: String,
    /// Where bounces and answers arrive.
    pub maildir: Option<PathBuf>,
    /// Where a copy of every mail goes, as a proof that it left.
    pub copy_to: Option<Address>,
    /// Where those copies arrive.
    pub copies: Option<PathBuf>,
    /// Signs what leaves; without it the mail server does.
    pub dkim: Option<Dkim>,
}

/// The way that mail takes.
#[derive(Clone, Debug)]
pub enum MailBy {
    /// An SMTP server.
    Smtp {
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
        /// What protects the way there.
        tls: Tls,
        /// Who we are to it, and where the password stands.
        login: Option<(String, PathBuf)>,
        /// A certificate authority of its own.
        ca: Option<PathBuf>,
    },
    /// A command that takes mail as sendmail does.
    Sendmail(PathBuf),
}

/// What protects the way to an SMTP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, or nothing is sent.
    Required,
    /// TLS from the first byte.
    Implicit,
    /// Nothing: to this machine only.
    None,
}

/// A key that signs mail (RFC 6376).
#[derive(Clone, Debug)]
pub struct Dkim {
    /// The domain that signs.
    pub domain: String,
    /// The selector.
    pub selector: String,
    /// The private key, PEM.
    pub key_file: PathBuf,
}

/// Who writes.
#[derive(Clone, Debug)]
pub struct Sender {
    /// What the registry is called.
    pub name: String,
    /// The address in `From`.
    pub address: Address,
    /// Where answers go.
    pub reply_to: Address,
    /// The registry's own abuse desk.
    pub desk: Address,
    /// The registry's page.
    pub url: Option<String>,
    /// The page at which a reference is typed to see whether a mail is genuine.
    pub verify_url: Option<String>,
    /// The number to call instead.
    pub phone: Option<String>,
    /// The language of who has none.
    pub language: String,
}

/// How much is sent, and how old what it rests on may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Mails in a run.
    pub mails_per_run: usize,
    /// Mails to one mail host in a minute.
    pub per_host_per_minute: u32,
    /// Hours that a confirmation may be old when the mail goes out.
    pub max_indicator_age_h: u64,
    /// Hours that records may be old.
    pub max_records_age_h: u64,
    /// Mails of the very first run.
    pub first_run: usize,
}

/// Who decides that a mail goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A person, mail by mail.
    Review,
    /// The policy.
    Auto,
}

/// How long personal data is kept, in days after the case is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Bodies and addresses of mails.
    pub messages_days: u32,
}

impl Retention {
    /// What was closed before this day is emptied.
    #[must_use]
    pub fn oldest(&self, today: Day) -> Day {
        today.back(self.messages_days)
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
