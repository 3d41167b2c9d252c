//! What a message says: the facts that a text can name. Personal data is in masked types until it is rendered.

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::{Day, Epoch};
use thiserror::Error;

use super::template::{Audience, Kind};
use crate::contact::{Address, Personal};

/// Everything that one message can say.
#[derive(Clone, Debug)]
pub struct NoticeData {
    /// Who writes.
    pub registry: Registry,
    /// What is typed on the page that verifies the message, and found again in an answer.
    pub reference: String,
    /// What it is for. If a message has several cases, the most urgent.
    pub kind: Kind,
    /// Whom it speaks to.
    pub audience: Audience,
    /// 1 for the first message about a case, 2 for the first reminder.
    pub round: u32,
    /// When the registrar is told, or the next reminder goes out.
    pub deadline: Option<Epoch>,
    /// The day on which it is written; also the date of the mail.
    pub date: Epoch,
    /// Who reads it.
    pub contact: Recipient,
    /// What it is about; only a message to the desk may be about nothing.
    pub cases: Vec<Case>,
    /// The day's work, for the desk.
    pub desk: Option<Desk>,
}

/// The registry.
#[derive(Clone, Debug)]
pub struct Registry {
    /// Its name.
    pub name: String,
    /// Its zone, without a dot in front.
    pub tld: String,
    /// Its page.
    pub url: Option<String>,
    /// The page on which a reference can be typed.
    pub verify_url: Option<String>,
    /// A telephone number at which a message can be verified.
    pub phone: Option<String>,
}

/// Who reads a message.
#[derive(Clone, Debug, Default)]
pub struct Recipient {
    /// The name of a person or an organisation.
    pub name: Option<Personal>,
    /// As what they are a contact: `registrant`, `administrative`, `technical`, `abuse`.
    pub role: String,
    /// The language they want (BCP 47).
    pub language: Option<String>,
}

/// A registrar, a reseller or who runs a server.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
    /// Where it takes reports.
    pub abuse_email: Option<Address>,
}

/// A registered name.
#[derive(Clone, Debug)]
pub struct Domain {
    /// In A-labels.
    pub ascii: String,
    /// As people write it.
    pub unicode: String,
    /// When it was registered.
    pub created: Option<Epoch>,
    /// Its registrar.
    pub registrar: Option<Organisation>,
    /// Who sold it to the holder.
    pub reseller: Option<Organisation>,
}

/// What became of a case since its recipient heard of it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new to them.
    New,
    /// It goes on.
    Open,
    /// It is over.
    Over,
    /// It was a mistake.
    Withdrawn,
}

impl Change {
    /// The word in templates and in CSV.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Open => "open",
            Change::Over => "over",
            Change::Withdrawn => "withdrawn",
        }
    }
}

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id in Panopticon.
    pub case_id: String,
    /// The name.
    pub domain: Domain,
    /// What it is said to be used for.
    pub abuse_class: AbuseClass,
    /// What became of it.
    pub change: Change,
    /// When it was first seen.
    pub first_seen: Epoch,
    /// When it was over.
    pub ended_at: Option<Epoch>,
    /// What is judged of it: `malicious`, `compromised`, `platform`, `unclear`. No registrant's text can name it.
    pub remedy: String,
    /// Who runs the server.
    pub hoster: Option<Organisation>,
    /// What was seen.
    pub indicators: Vec<Indicator>,
}

/// Something that was seen.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Its id in Panopticon.
    pub indicator_id: String,
    /// The URL as it was published, or the host where no URL is known.
    pub observable: String,
    /// The host.
    pub host: String,
    /// `url`, `host` and so on, as in `indicators`.
    pub kind: String,
    /// When it was first seen.
    pub first_seen: Epoch,
    /// When it was last seen.
    pub last_seen: Epoch,
    /// The feeds that say so.
    pub sources: Vec<String>,
    /// What confirms it.
    pub confirmed_by: Vec<Confirmation>,
    /// When it was confirmed last.
    pub confirmed_at: Option<Epoch>,
}

/// What confirms an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confirmation {
    /// A look at the page.
    Visit,
    /// A filtering resolver that blocks it.
    Filter,
    /// Google Web Risk.
    WebRisk,
    /// A second feed that says the same.
    SecondFeed,
}

impl Confirmation {
    /// All of them.
    pub const ALL: [Confirmation; 4] =
        [Confirmation::Visit, Confirmation::Filter, Confirmation::WebRisk, Confirmation::SecondFeed];

    /// The word in the file of templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Confirmation::Visit => "visit",
            Confirmation::Filter => "filter",
            Confirmation::WebRisk => "web-risk",
            Confirmation::SecondFeed => "second-feed",
        }
    }

    /// From an entry of `validated_indicators.confirmed_by`: the kind of probe, then its vantage.
    #[must_use]
    pub fn of_entry(entry: &str) -> Option<Confirmation> {
        match entry.split(' ').next().unwrap_or_default() {
            "http" | "https" => Some(Confirmation::Visit),
            "filter" | "blocklist" => Some(Confirmation::Filter),
            "web-risk" => Some(Confirmation::WebRisk),
            "second-feed" => Some(Confirmation::SecondFeed),
            _ => None,
        }
    }
}

/// What the desk hears once a day. Lines of text hold no personal data but names of domains.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// The day.
    pub day: Day,
    /// What a person must mend, `no file came since …` among it.
    pub problems: Vec<String>,
    /// Messages by state.
    pub accepted: u64,
    /// Wait for a person.
    pub held: u64,
    /// Will be tried again.
    pub deferred: u64,
    /// May have been sent: a person must say.
    pub uncertain: u64,
    /// Were refused.
    pub bounced: u64,
    /// Were not sent, for a reason that the ledger holds.
    pub cancelled: u64,
    /// What the records say of the day, one line each.
    pub report: Vec<String>,
    /// What waits for a person, one line each.
    pub waiting: Vec<String>,
    /// Names that no feed has yet, one line each.
    pub high_risk: Vec<String>,
}

/// What keeps a message from being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DataError {
    /// Nobody could check that the message is genuine.
    #[error(
        "neither `verify_url` nor the registry's telephone number is set: a recipient could not check the message"
    )]
    NoWayToVerify,
    /// It would be about nothing.
    #[error("a message without a case")]
    NoCase,
    /// A message to the desk without the day's work.
    #[error("a message to the desk without its figures")]
    NoDesk,
}

impl NoticeData {
    /// Whether it can be written.
    ///
    /// # Errors
    /// [`DataError`], which says what is missing.
    pub fn check(&self) -> Result<(), DataError> {
        if self.audience == Audience::Desk {
            return self.desk.as_ref().map(|_| ()).ok_or(DataError::NoDesk);
        }
        if self.registry.verify_url.is_none() && self.registry.phone.is_none() {
            return Err(DataError::NoWayToVerify);
        }
        if self.cases.is_empty() { Err(DataError::NoCase) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Confirmation;

    #[test]
    fn entries_of_the_records_are_confirmations() {
        let rows = [
            ("http ch", Some(Confirmation::Visit)),
            ("https nz+browser", Some(Confirmation::Visit)),
            ("filter quad9", Some(Confirmation::Filter)),
            ("blocklist zen", Some(Confirmation::Filter)),
            ("web-risk", Some(Confirmation::WebRisk)),
            ("second-feed", Some(Confirmation::SecondFeed)),
            ("oracle", None),
            ("", None),
        ];
        for (entry, confirmation) in rows {
            assert_eq!(Confirmation::of_entry(entry), confirmation, "{entry}");
        }
    }
}
