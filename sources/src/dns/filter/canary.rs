//! Canaries: questions whose answers are known, so that a resolver is not taken for the filter that it is not.
//!
//! Somebody on the way may answer in the filter's place: then nothing is blocked, or everything is there, or the server
//! is another one by its own word.

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::Outcome;

use super::verdict::{Round, Signals, Word, word};
use crate::dns::error::AskError;
use crate::dns::message::{Data, Rcode, Reply};

/// What a filter must pass before it is believed. What is none is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Canaries {
    /// A name that it must block. Of Quad9: `isitblocked.org`.
    pub blocked: Option<HostName>,
    /// A zone in which a random name must not exist.
    pub nonexistent_in: Option<HostName>,
    /// What its answer for the TXT record of `id.server` in class CH (RFC 4892) must end in. Of Quad9:
    /// `rrdns.pch.net`.
    pub identity: Option<CompactString>,
}

/// Whether what both said of a name shows that the filter blocks it.
#[must_use]
pub fn is_blocked(round: &Round, signals: &Signals) -> bool {
    matches!(
        word(round, signals),
        Word::Told(Outcome::Blocked | Outcome::BlockedAndNonexistent, _) | Word::Denied(_)
    )
}

/// Whether what both said of a name shows that it does not exist.
#[must_use]
pub fn is_nonexistent(round: &Round, signals: &Signals) -> bool {
    word(round, signals) == Word::Told(Outcome::Nonexistent, None)
}

/// Whether a server calls itself by a name with this ending.
#[must_use]
pub fn is_called(reply: &Result<Reply, AskError>, ending: &str) -> bool {
    let says = |reply: &Reply| {
        reply.rcode == Rcode::NOERROR
            && reply.answers.iter().any(|record| match &record.data {
                Data::Txt(text) => record.owner == "id.server" && text.trim_end_matches('.').ends_with(ending),
                _ => false,
            })
    };
    reply.as_ref().is_ok_and(says)
}
