//! The verdict on a name: what a filtering resolver said of it, and an unfiltered one beside it.
//!
//! | filter | unfiltered | verdict |
//! |---|---|---|
//! | a signal (below) | an answer, or none to be had | blocked |
//! | a signal | NXDOMAIN | blocked and nonexistent |
//! | NXDOMAIN, or no address but 0.0.0.0 | an answer | asked again later; if it is still so, blocked (inferred) |
//! | NXDOMAIN | NXDOMAIN | nonexistent |
//! | SERVFAIL | an answer | does not validate, unless the filter says that it is something else |
//! | an answer | | clear |
//! | anything else | | the failure; never clear |
//!
//! A signal is an extended error that says so (RFC 8914 4.16 to 4.18), whatever else is in the answer; or NXDOMAIN of a
//! server that says it has neither the zone nor recursion, without a SOA record: Quad9 answers like that. Codes of
//! extended errors beside those say nothing of filters. A resolver that fails or refuses does not block.

use compact_str::ToCompactString;
use panopticon_model::observation::{Facts, FilterFacts, Measured, Outcome, Signal};

use crate::dns::error::AskError;
use crate::dns::message::{ExtendedError, Rcode, Record, Reply};

/// The signals of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signals {
    /// The info codes of extended errors that say that a name is blocked.
    pub extended_errors: Vec<u16>,
    /// Whether it is one that recursion is not available.
    pub no_recursion: bool,
}

impl Default for Signals {
    /// Those of Quad9: 15 (blocked), 16 (censored), 17 (filtered), and no recursion.
    fn default() -> Signals {
        Signals { extended_errors: vec![15, 16, 17], no_recursion: true }
    }
}

impl Signals {
    /// How a reply shows that the name is blocked, if it does.
    #[must_use]
    pub fn find(&self, reply: &Reply) -> Option<Signal> {
        if !matches!(reply.rcode, Rcode::NOERROR | Rcode::NXDOMAIN) {
            return None;
        }
        let unavailable = reply.rcode == Rcode::NXDOMAIN && !reply.recursion_available && !reply.authoritative;
        if self.explained(reply).is_some() {
            Some(Signal::ExtendedError)
        } else if self.no_recursion && unavailable && reply.soa().is_none() {
            Some(Signal::NoRecursion)
        } else {
            None
        }
    }

    fn explained<'a>(&self, reply: &'a Reply) -> Option<&'a ExtendedError> {
        reply.extended_errors.iter().find(|error| self.extended_errors.contains(&error.code))
    }
}

/// What both were heard to say at about the same time.
#[derive(Clone, Debug)]
pub struct Round {
    /// The filter.
    pub filtered: Result<Reply, AskError>,
    /// The unfiltered resolver.
    pub unfiltered: Result<Reply, AskError>,
}

/// What a round says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Told(Outcome, Option<Signal>),
    /// Blocked by the looks of it: the filter denies what is there.
    Denied(Outcome),
}

/// Judges a first round; none if both are to be asked again after a while ([`judge_again`]).
#[must_use]
pub fn judge(server: &str, round: &Round, signals: &Signals) -> Option<Measured> {
    match word(round, signals) {
        Word::Told(outcome, signal) => Some(measured(server, round, signals, outcome, signal)),
        Word::Denied(_) => None,
    }
}

/// Judges a second round, where the first one did not tell.
#[must_use]
pub fn judge_again(server: &str, round: &Round, signals: &Signals) -> Measured {
    match word(round, signals) {
        Word::Told(outcome, signal) => measured(server, round, signals, outcome, signal),
        Word::Denied(outcome) => measured(server, round, signals, outcome, Some(Signal::Inferred)),
    }
}

pub(super) fn word(round: &Round, signals: &Signals) -> Word {
    let filtered = match of_use(&round.filtered) {
        Ok(reply) => reply,
        Err(outcome) => return Word::Told(outcome, None),
    };
    let unfiltered = of_use(&round.unfiltered);
    let is_unknown = unfiltered.is_ok_and(|reply| reply.rcode == Rcode::NXDOMAIN);
    let blocked = if is_unknown { Outcome::BlockedAndNonexistent } else { Outcome::Blocked };
    if let Some(signal) = signals.find(filtered) {
        return Word::Told(blocked, Some(signal));
    }
    match filtered.rcode {
        Rcode::NOERROR if !is_nowhere(filtered) => Word::Told(Outcome::Clear, None),
        Rcode::NOERROR | Rcode::NXDOMAIN => match unfiltered {
            Err(outcome) => Word::Told(outcome, None),
            Ok(_) if is_unknown && filtered.rcode == Rcode::NXDOMAIN => Word::Told(Outcome::Nonexistent, None),
            Ok(reply) if is_nowhere(reply) && is_nowhere(filtered) => Word::Told(Outcome::Clear, None),
            Ok(reply) if is_unknown || reply.rcode == Rcode::NOERROR => Word::Denied(blocked),
            Ok(reply) => Word::Told(reply.rcode.outcome(), None),
        },
        Rcode::SERVFAIL
            if unfiltered.is_ok_and(|reply| reply.rcode == Rcode::NOERROR) && may_be_dnssec(filtered) =>
        {
            Word::Told(Outcome::DnssecFailure, None)
        }
        rcode => Word::Told(rcode.outcome(), None),
    }
}

/// A reply that is whole.
fn of_use(reply: &Result<Reply, AskError>) -> Result<&Reply, Outcome> {
    match reply {
        Ok(reply) if reply.truncated => Err(Outcome::Malformed),
        Ok(reply) => Ok(reply),
        Err(error) => Err(error.outcome()),
    }
}

/// Whether all addresses in an answer are 0.0.0.0 or ::, and there is one.
fn is_nowhere(reply: &Reply) -> bool {
    let mut addresses = reply.answers.iter().filter_map(Record::address).peekable();
    addresses.peek().is_some() && addresses.all(|address| address.is_unspecified())
}

/// Whether nothing else than a failed validation is given as a reason (RFC 8914 4.2, 4.3, 4.6 to 4.13, and codes that
/// were registered later).
fn may_be_dnssec(reply: &Reply) -> bool {
    let is_dnssec = |error: &ExtendedError| matches!(error.code, 1 | 2 | 5..=12 | 25 | 27);
    reply.extended_errors.is_empty() || reply.extended_errors.iter().any(is_dnssec)
}

fn measured(server: &str, round: &Round, signals: &Signals, outcome: Outcome, signal: Option<Signal>) -> Measured {
    let mut facts = FilterFacts { server: server.into(), signal, ..FilterFacts::default() };
    if let Ok(reply) = &round.filtered {
        facts.rcode = reply.rcode.to_compact_string();
        facts.recursion_available = reply.recursion_available;
        facts.authoritative = reply.authoritative;
        facts.authentic = reply.authentic;
        facts.authorities = u16::try_from(reply.authorities.len()).unwrap_or(u16::MAX);
        let error = signals.explained(reply).or(reply.extended_errors.first());
        facts.extended_error = error.map(|error| (error.code, error.text.clone()));
    }
    facts.unfiltered_rcode = round.unfiltered.as_ref().ok().map(|reply| reply.rcode.to_compact_string());
    Measured { facts: Facts::Filter(Box::new(facts)), ..Measured::bare(outcome) }
}
