//! A row: what one line of a feed says, still in the feed's own spelling.

use panopticon_model::name::PlaceError;
use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;
use panopticon_model::url::UrlError;

use super::versions::Version;

/// A line of a snapshot, as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number, from 1.
    pub number: u64,
    /// Its octets without the line end; of an over-long line only the start.
    pub bytes: &'a [u8],
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A URL.
    Url,
    /// A host name or a domain.
    Host,
    /// Any of a URL, a host name and an address: the spelling decides.
    Any,
}

/// Whether the publisher upholds an entry that is in its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It does.
    Present,
    /// It does until then, and no longer.
    Until(Epoch),
    /// It says that the target no longer answers.
    Offline,
    /// It takes the entry back: it was wrong.
    Withdrawn,
}

/// What a line says. Borrowed from the line and from the parser's scratch space: a row costs no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The feed's own id of the entry; none where it numbers nothing.
    pub entry: Option<&'a str>,
    /// The URL, host or address, in any spelling.
    pub value: &'a str,
    /// What the value is.
    pub kind: Kind,
    /// The class, where the row names one.
    pub abuse_class: Option<AbuseClass>,
    /// The feed's own words for it.
    pub label: &'a str,
    /// The feed's own confidence, 0 to 100.
    pub confidence: Option<u8>,
    /// The brand that is imitated.
    pub brand: Option<&'a str>,
    /// When the feed learned of the entry.
    pub reported_at: Option<Epoch>,
    /// When the feed last saw the target at work.
    pub last_seen: Option<Epoch>,
    /// The version that it is of: of a thing that is told in several, the newest counts. Of several rows of an entry that
    /// are of none, or of the same, the first counts.
    pub version: Option<Version<'a>>,
    /// Whether the feed upholds it.
    pub state: State,
}

impl<'a> Row<'a> {
    /// A row that says no more than that the value is listed.
    #[must_use]
    pub fn listed(kind: Kind, value: &'a str) -> Row<'a> {
        Row {
            entry: None,
            value,
            kind,
            abuse_class: None,
            label: "",
            confidence: None,
            brand: None,
            reported_at: None,
            last_seen: None,
            version: None,
            state: State::Present,
        }
    }
}

/// Why a line cannot be read, in words for people. It becomes a row of the `errors` view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Longer than a line may be.
    #[error("the line is longer than {0} octets: a row has one entry")]
    TooLong(usize),
    /// Another charset, mostly Latin-1. Such octets are not guessed at: the feed should percent-encode them.
    #[error("the line is not UTF-8: octets of another charset should be percent-encoded")]
    NotUtf8,
    /// A quote that is not closed in its line, or text after a closing quote.
    #[error("the quotes of the line do not match: each field is `\"…\"`, a quote inside is doubled")]
    Quotes,
    /// An object that is none, or has a field of another kind.
    #[error("the row is no JSON object of the expected fields")]
    Json,
    /// A pattern that lists no values, or is none.
    #[error("the pattern is not read: {0}")]
    Pattern(String),
    /// A row with the wrong number of fields.
    #[error("the row has {found} fields, expected {expected}")]
    Fields {
        /// How many there are.
        found: usize,
        /// How many there should be, in words.
        expected: &'static str,
    },
    /// A row without a value.
    #[error("the row has no {0}")]
    Missing(&'static str),
    /// A time that is none.
    #[error("`{0}` is no time: expected YYYY-MM-DD HH:MM:SS in UTC")]
    Time(String),
    /// A word that the format does not have.
    #[error("the {field} is `{found}`, expected {expected}")]
    Word {
        /// Which field.
        field: &'static str,
        /// What it says.
        found: String,
        /// What it may say.
        expected: &'static str,
    },
    /// An id that is too long to be one.
    #[error("the id has {0} octets, more than 128")]
    Id(usize),
    /// White space in the middle: two columns, or a sentence.
    #[error("the row has white space inside: expected one URL, host name or address")]
    Space,
    /// A network where an address is expected.
    #[error("the row is a network: list each address by itself")]
    Network,
    /// An address that means the reader's own machine.
    #[error("the address means the reader's own machine: it is nobody's abuse")]
    OwnMachine,
    /// The URL cannot be read.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The host name has no place under the suffix rules.
    #[error(transparent)]
    Place(#[from] PlaceError),
}
