//! Looks at every case of the records: what is due, whom it is told, what waits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use panopticon_model::id::Id;
use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::{House, RoundError};
use crate::config::Audience;
use crate::contact::Address;
use crate::docket::Entry;
use crate::ledger::{Ledger, LedgerCase, Transition};
use crate::plan::{
    ByHand, Decision, History, Known, Letter, Target, Telling, Wait, choose, due, letters, met, parties,
    registered,
};
use crate::rdap::{RdapError, Registration};
use crate::records::Records;

/// Who is told what, and what waits.
#[derive(Default)]
pub struct Plan {
    /// The cases as they are to be remembered.
    pub cases: Vec<LedgerCase>,
    /// What is to be written.
    pub letters: Vec<Letter>,
    /// What the letters tell, line by line.
    pub lines: Vec<PlanLine>,
    /// What waits.
    pub waits: Vec<WaitLine>,
    /// What the desk has to do by hand.
    pub by_hand: BTreeSet<ByHand>,
    /// What is told by these letters, to everybody who is to be told it.
    pub settled: Vec<(String, u32, Transition)>,
    /// What RDAP said of the domains that letters are about. It is not kept.
    pub registrations: BTreeMap<String, Facts>,
}

/// What a letter says of a registration. No contact is in it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// When the name was registered.
    pub created: Option<Epoch>,
    /// The registrar: name, page, address of its abuse desk.
    pub registrar: Option<(String, Option<String>, Option<Address>)>,
    /// The reseller: name, page.
    pub reseller: Option<(String, Option<String>)>,
}

/// A line of the plan, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanLine {
    /// The name.
    pub subject: String,
    /// What it is used for.
    pub abuse_class: String,
    /// What the case is.
    pub remedy: String,
    /// What is told.
    pub transition: &'static str,
    /// For whom it is written.
    pub audience: &'static str,
    /// As what they are reached.
    pub role: String,
    /// The address.
    pub recipient: String,
    /// Why.
    pub why: String,
}

impl PlanLine {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 8] =
        ["subject", "abuse_class", "remedy", "transition", "audience", "role", "recipient", "why"];
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitLine {
    /// The name.
    pub subject: String,
    /// What it is used for.
    pub abuse_class: String,
    /// For what.
    pub wait: &'static str,
    /// What that means.
    pub says: String,
}

impl WaitLine {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 4] = ["subject", "abuse_class", "wait", "says"];

    fn of(entry: &Entry, wait: &'static str, says: String) -> WaitLine {
        let (subject, abuse_class) = (entry.case.subject.to_string(), entry.case.abuse_class.to_string());
        WaitLine { subject, abuse_class, wait, says }
    }
}

/// Looks at every case. With `backlog`, what was old when it was met first goes out as well.
///
/// # Errors
/// [`RoundError`]: RDAP turned us away, or the ledger cannot be read.
pub fn look(
    house: &House<'_>,
    ledger: &Ledger,
    records: &Records,
    runtime: &Handle,
    now: Epoch,
    backlog: bool,
) -> Result<Plan, RoundError> {
    let mut looking = Looking { house, now, backlog, plan: Plan::default(), tellings: Vec::new() };
    let mut to_ask: Vec<(usize, LedgerCase, Transition)> = Vec::new();
    for (at, entry) in records.entries.iter().enumerate() {
        let known = ledger.case(&entry.case.case_id.to_string())?;
        let case = met(entry, known.as_ref(), &records.head.tld, records.head.as_of);
        let history = looking.history(ledger, &case, known.is_some())?;
        match looking.due(entry, &history) {
            Decision::Nothing => looking.plan.cases.push(case),
            Decision::Wait(wait) => {
                // What is not confirmed waits for nothing that a person could do.
                if wait != Wait::NotConfirmed {
                    looking.plan.waits.push(WaitLine::of(entry, wait.as_str(), wait.says().to_owned()));
                }
                looking.plan.cases.push(case);
            }
            Decision::Tell(transition @ (Transition::AllClear | Transition::Correction)) => {
                looking.tell_again(ledger, entry, &case, transition)?;
                looking.plan.cases.push(case);
            }
            Decision::Tell(transition) => to_ask.push((at, case, transition)),
        }
    }
    let entries = to_ask.iter().filter_map(|(at, ..)| records.entries.get(*at));
    let domains = entries
        .filter(|entry| entry.remedy.remedy != "platform")
        .map(|entry| entry.case.registrable_domain.as_str());
    let answers = ask(house, runtime, domains.collect())?;
    for (at, case, transition) in to_ask {
        if let Some(entry) = records.entries.get(at) {
            looking.tell(ledger, entry, case, transition, &answers)?;
        }
    }
    looking.plan.letters = letters(looking.tellings);
    Ok(looking.plan)
}

struct Looking<'a> {
    house: &'a House<'a>,
    now: Epoch,
    backlog: bool,
    plan: Plan,
    tellings: Vec<Telling>,
}

pub(super) type Answers = BTreeMap<String, Result<Option<Arc<Registration>>, String>>;

impl Looking<'_> {
    fn history(&self, ledger: &Ledger, case: &LedgerCase, is_known: bool) -> Result<History, RoundError> {
        let mark = case.mark.as_ref().filter(|mark| mark.until.is_none_or(|until| self.now < until));
        Ok(History {
            met: is_known.then_some(case.opened_at),
            marked: mark.is_some_and(|mark| mark.mark == "false-positive"),
            let_go: mark.is_some_and(|mark| mark.mark == "release"),
            unreachable: ledger.holders_unreachable(&case.case_id, case.episode)?,
            told: ledger.told(&case.case_id, case.episode)?,
            owed: ledger.owed(&case.case_id, case.episode)?,
        })
    }

    fn due(&self, entry: &Entry, history: &History) -> Decision {
        let (policy, limits) = (&self.house.tld.policy, &self.house.config.limits);
        match due(entry, history, policy, limits, self.now) {
            Decision::Wait(Wait::Backlog) if self.backlog => Decision::Tell(Transition::Notice),
            decision => decision,
        }
    }

    /// A notice, a reminder or an escalation: whom, as RDAP says today.
    fn tell(
        &mut self,
        ledger: &Ledger,
        entry: &Entry,
        case: LedgerCase,
        transition: Transition,
        answers: &Answers,
    ) -> Result<(), RoundError> {
        let domain = entry.case.registrable_domain.as_str();
        let registration = match answers.get(domain) {
            Some(Ok(Some(registration))) => Some(Arc::clone(registration)),
            Some(Ok(None)) => {
                let says = "RDAP knows no such registration any more".to_owned();
                self.plan.waits.push(WaitLine::of(entry, "not-registered", says));
                self.plan.cases.push(case);
                return Ok(());
            }
            Some(Err(error)) => {
                let says = format!("RDAP gave no answer ({error}); it is asked again in the next run");
                self.plan.waits.push(WaitLine::of(entry, "no-answer", says));
                self.plan.cases.push(case);
                return Ok(());
            }
            None => None,
        };
        if let Some(status) = registration.as_ref().and_then(|found| found.not_delegated()) {
            let says = format!("the registration is `{status}`: nobody has to clean anything up");
            self.plan.waits.push(WaitLine::of(entry, "not-delegated", says));
            self.plan.cases.push(case);
            return Ok(());
        }
        let before = case.episode;
        let case = registered(case, registration.as_ref().and_then(|found| found.created), self.now);
        // A new holder was told nothing: what is due is a notice.
        let transition = if case.episode > before { Transition::Notice } else { transition };
        let known = Known {
            registration: registration.as_deref(),
            registrars: &self.house.registrars,
            platforms: &self.house.platforms,
        };
        let parties = parties(&self.house.tld.policy, &entry.remedy.remedy, transition);
        let (targets, by_hand) = choose(entry, &parties, &known);
        self.plan.by_hand.extend(by_hand);
        let facts = facts(self.house, entry, registration.as_deref());
        self.plan.registrations.insert(domain.to_owned(), facts);
        for target in targets {
            self.add(ledger, entry, &case, transition, target)?;
        }
        self.plan.settled.push((case.case_id.clone(), case.episode, transition));
        self.plan.cases.push(case);
        Ok(())
    }

    /// An all-clear or a correction: to those who were told, at the address at which they were.
    fn tell_again(
        &mut self,
        ledger: &Ledger,
        entry: &Entry,
        case: &LedgerCase,
        transition: Transition,
    ) -> Result<(), RoundError> {
        for recipient in ledger.recipients(&case.case_id, case.episode)? {
            let audience = Audience::from_word(&recipient.audience);
            let Some(audience) = audience.filter(|audience| *audience != Audience::Desk) else { continue };
            let target = Target {
                audience,
                address: recipient.address,
                name: None,
                role: recipient.role,
                language: recipient.language,
                form: crate::lists::Form::default(),
                hour: None,
            };
            self.add(ledger, entry, case, transition, target)?;
        }
        self.plan.settled.push((case.case_id.clone(), case.episode, transition));
        let domain = entry.case.registrable_domain.to_string();
        let facts = facts(self.house, entry, None);
        self.plan.registrations.entry(domain).or_insert(facts);
        Ok(())
    }

    /// Tells a target, unless it was told that.
    fn add(
        &mut self,
        ledger: &Ledger,
        entry: &Entry,
        case: &LedgerCase,
        transition: Transition,
        target: Target,
    ) -> Result<(), RoundError> {
        if ledger.was_told(&case.case_id, case.episode, transition, &target.address)? {
            return Ok(());
        }
        self.plan.lines.push(PlanLine {
            subject: entry.case.subject.to_string(),
            abuse_class: entry.case.abuse_class.to_string(),
            remedy: case.remedy.clone().unwrap_or_default(),
            transition: transition.as_str(),
            audience: target.audience.as_str(),
            role: target.role.clone(),
            recipient: target.address.reveal(),
            why: why(entry, transition),
        });
        self.tellings.push(Telling { case_id: entry.case.case_id, episode: case.episode, transition, target });
        Ok(())
    }
}

fn why(entry: &Entry, transition: Transition) -> String {
    match transition {
        Transition::AllClear => "measured clean".to_owned(),
        Transition::Correction => "withdrawn, or marked as wrong".to_owned(),
        Transition::Notice | Transition::Reminder | Transition::Escalation => {
            let last = entry.confirmed.iter().max_by_key(|row| row.confirmed_at);
            last.map_or_else(String::new, |row| {
                let by = row.confirmed_by.join(", ");
                format!("confirmed {} by {by}; reported by {}", row.confirmed_at, row.feed_ids.join(", "))
            })
        }
    }
}

/// Asks RDAP for domains.
///
/// # Errors
/// [`RoundError::Rdap`] when it turns us away: then nobody else is asked for.
pub(super) fn ask(house: &House<'_>, runtime: &Handle, domains: BTreeSet<&str>) -> Result<Answers, RoundError> {
    runtime.block_on(async {
        let mut answers = Answers::new();
        let mut asking = JoinSet::new();
        for domain in domains {
            let Ok(name) = HostName::parse(domain) else {
                answers.insert(domain.to_owned(), Err("it is no host name".to_owned()));
                continue;
            };
            let rdap = Arc::clone(&house.rdap);
            asking.spawn(async move {
                let answer = rdap.domain(&name).await;
                (name, answer)
            });
        }
        while let Some(done) = asking.join_next().await {
            let Ok((name, answer)) = done else { continue };
            let answer = match answer {
                Ok(registration) => Ok(Some(Arc::new(registration))),
                Err(RdapError::NotFound) => Ok(None),
                Err(error) if error.stops_the_run() => return Err(error.into()),
                Err(error) => Err(error.to_string()),
            };
            answers.insert(name.as_str().to_owned(), answer);
        }
        Ok(answers)
    })
}

/// What a letter says of the registration; the reseller from the registry's own list where RDAP has none.
pub(super) fn facts(house: &House<'_>, entry: &Entry, registration: Option<&Registration>) -> Facts {
    let found = registration.and_then(|found| found.registrar.as_ref());
    let named = || entry.remedy.registrar.as_ref().map(ToString::to_string);
    let name = found.and_then(|found| found.name.clone()).or_else(named);
    let abuse = found.and_then(|found| found.abuse.first()).cloned();
    let reseller = registration.and_then(|found| found.reseller.as_ref());
    let reseller = reseller.and_then(|found| Some((found.name.clone()?, found.url.clone())));
    let listed = || {
        let listed = house.resellers.of(&entry.case.registrable_domain, name.as_deref())?;
        Some((listed.name.clone(), listed.url.clone()))
    };
    Facts {
        created: registration.and_then(|found| found.created),
        reseller: reseller.or_else(listed),
        registrar: name.map(|name| (name, found.and_then(|found| found.url.clone()), abuse)),
    }
}

/// The entries by the ids of their cases.
pub(super) fn by_id(records: &Records) -> BTreeMap<Id, &Entry> {
    records.entries.iter().map(|entry| (entry.case.case_id, entry)).collect()
}
