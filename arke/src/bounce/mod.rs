//! What comes back: reports of bounces, complaints, answers of recipients, and copies of what was sent. Read from a
//! maildir, which the registry's mail server fills.
//!
//! ```text
//! new/ ─► read: Incoming ─► ledger.take_in ─► cur/
//! ```
//!
//! Only a mail that names one of our messages in a way that nobody else can make, by the address that it came to
//! ([`read_verp`]) or by its Message-ID, changes anything. Nothing of a mail is kept.

mod answer;
mod apply;
mod dsn;
mod maildir;

pub use self::answer::{Says, Words};
pub use self::apply::Taken;
pub use self::maildir::{Maildir, MaildirError};

use mailparse::{MailHeaderMap, ParsedMail, parse_mail};

use crate::send::outcome::Status;
use crate::verp::{VerpKey, read_verp};

/// What a mail turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A mail server reports on a message (RFC 3464).
    Report {
        /// The message.
        about: About,
        /// What became of it.
        action: Action,
        /// The status code.
        status: Option<Status>,
    },
    /// A recipient called a message unwanted (RFC 5965).
    Complaint {
        /// The message.
        about: About,
    },
    /// A person answered.
    Answer {
        /// The message, by what the answer refers to.
        about: Vec<About>,
        /// What it says.
        says: Says,
    },
    /// A machine answered, as one does for people on holiday.
    Automatic,
    /// Something else; a person has to look.
    Other,
}

/// How a mail names one of our messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// By its id, from the address that the mail came to.
    Id(String),
    /// By its Message-ID.
    HeaderId(String),
    /// By the reference in the subject: what stands in its last brackets.
    Reference(String),
}

/// What became of a message (RFC 3464, 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was not delivered.
    Failed {
        /// Whether the address itself is at fault.
        hard: bool,
    },
    /// It was not delivered yet.
    Delayed,
    /// It was delivered, or went on to where no reports come from.
    Delivered,
}

/// What a mail is. `key` is the key of the addresses that bounces come back to.
#[must_use]
pub fn read(bytes: &[u8], key: &VerpKey, words: &Words) -> Incoming {
    let Ok(mail) = parse_mail(bytes) else { return Incoming::Other };
    let id = came_to(&mail).find_map(|address| read_verp(&address, key));
    if let Some(incoming) = dsn::read(&mail, id.as_deref(), key) {
        return incoming;
    }
    let header = |name: &str| mail.headers.get_first_value(name).unwrap_or_default();
    let is_automatic = !matches!(header("Auto-Submitted").trim().to_ascii_lowercase().as_str(), "" | "no")
        || !header("X-Autoreply").is_empty()
        || header("Return-Path").trim() == "<>"
        || matches!(header("Precedence").to_ascii_lowercase().as_str(), "bulk" | "junk" | "auto_reply");
    // People write to the sender, machines to the address for bounces.
    if is_automatic || id.is_some() {
        return Incoming::Automatic;
    }
    answer::read(&mail, words)
}

/// The Message-ID of a mail, without its brackets, as of a blind copy of what was sent.
#[must_use]
pub fn header_id(bytes: &[u8]) -> Option<String> {
    let (headers, _) = mailparse::parse_headers(bytes).ok()?;
    let text = headers.get_first_value("Message-ID")?;
    bracketed(&text).next()
}

/// The addresses that a mail was delivered to, the surest first.
fn came_to<'a>(mail: &'a ParsedMail<'_>) -> impl Iterator<Item = String> + 'a {
    let names = ["Delivered-To", "X-Original-To", "Envelope-To", "To"];
    names.into_iter().flat_map(|name| mail.headers.get_all_values(name)).flat_map(|value| {
        let parts: Vec<String> = value.split([',', ' ', '\t', '<', '>', '"']).map(str::to_owned).collect();
        parts.into_iter().filter(|part| part.contains('@'))
    })
}

/// What stands in angle brackets.
fn bracketed(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(id, _)| id.trim().to_owned())
}
