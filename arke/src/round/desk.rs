//! The desk's mail: once a day, on a day with nothing and on a day without a file as well.

use std::collections::BTreeSet;

use panopticon_model::name::SuffixList;
use panopticon_model::time::Epoch;
use tokio::runtime::Handle;

use super::look::Plan;
use super::send::transport;
use super::write::{case, message_id, registry, sender};
use super::{House, RoundError};
use crate::config::Mail;
use crate::docket::{Entry, Standing};
use crate::ledger::{Enqueued, Ledger, NewMessage, State, Transition};
use crate::notice::{self, Audience, Delivery, Desk, Kind, NoticeData, Recipient, compose, defang};
use crate::records::Records;
use crate::send::limits::Limits;
use crate::send::run::Run;

/// Lines of one list that the mail has at most.
const MOST: usize = 50;

/// Whether the desk has its mail of the day: then nobody has to make one.
///
/// # Errors
/// [`RoundError`]: the ledger.
pub fn desk_is_told(house: &House<'_>, ledger: &Ledger, tld: &str, now: Epoch) -> Result<bool, RoundError> {
    Ok(ledger.state(&id_of_day(house, ledger, tld, now))?.is_some())
}

/// The id of the desk's mail of a day.
fn id_of_day(house: &House<'_>, ledger: &Ledger, tld: &str, now: Epoch) -> String {
    let key = ledger.recipient_key(&house.sender.desk);
    message_id(tld, &blake3::hash(format!("{tld} desk {} {key}", now.day()).as_bytes()))
}

/// Writes to the desk, unless it has a mail of today, and sends it. Gives whether it was written.
///
/// # Errors
/// [`RoundError`]: the ledger, a text, the mail server.
pub fn desk_letter(
    house: &House<'_>,
    ledger: &mut Ledger,
    round: Option<(&Records, &Plan, &[String])>,
    problems: &[String],
    mail: &Mail,
    runtime: &Handle,
    now: Epoch,
) -> Result<bool, RoundError> {
    let named = house.tld.name.as_deref();
    let tld = round.map(|(records, ..)| records.head.tld.as_str()).or(named).unwrap_or("tld");
    let desk = &house.sender.desk;
    let message_id = id_of_day(house, ledger, tld, now);
    if ledger.state(&message_id)?.is_some() {
        return Ok(false);
    }
    let data = NoticeData {
        registry: registry(house, tld),
        reference: message_id.to_uppercase(),
        kind: Kind::Desk,
        audience: Audience::Desk,
        round: 1,
        deadline: None,
        date: now,
        contact: Recipient {
            role: "desk".to_owned(),
            language: Some(house.sender.language.clone()),
            ..Recipient::default()
        },
        cases: round.map(|(records, plan, _)| evidence(records, plan)).unwrap_or_default(),
        desk: Some(facts(ledger, round, problems, now)?),
    };
    let rendered = house.templates.render(&data)?;
    let delivery = Delivery { id: message_id.clone(), to: desk.clone(), to_name: None, date: now };
    let made = compose(&rendered, &delivery, &sender(house, tld), &[], ledger.verp_key(), &house.signers)?;
    let message = NewMessage {
        header_id: made.message_id.trim_matches(['<', '>']).to_owned(),
        message_id,
        recipient: desk.clone(),
        host: desk.domain().to_owned(),
        role: "desk".to_owned(),
        language: Some(rendered.lang),
        audience: "desk".to_owned(),
        kind: "desk".to_owned(),
        bytes: made.bytes,
        envelope_from: made.envelope_from,
        daily: false,
        hold: None,
        next_at: now,
        notices: Vec::new(),
    };
    if ledger.enqueue(now, &message)? != Enqueued::As(State::Queued) {
        return Ok(false);
    }
    // Only what is the desk's: notices are judged before they go, and this is no time for that.
    let run = Run {
        runtime,
        transport: transport(mail)?.into(),
        limits: Limits { per_host_minute: u32::MAX, per_run: None },
        now: &|| now,
        only: Some("desk"),
        tld: None,
        still_due: &|_| None,
        step: std::sync::Arc::new(|_| {}),
    };
    run.send(ledger)?;
    Ok(true)
}

/// The cases that are told for the first time and whose names are, or may be, registered for abuse: the desk gets the
/// evidence as registrars do. Of the others there is the plan.
fn evidence(records: &Records, plan: &Plan) -> Vec<notice::Case> {
    let suffixes = SuffixList::built_in();
    let noticed = plan.settled.iter().filter(|(.., transition)| *transition == Transition::Notice);
    let noticed: BTreeSet<&str> = noticed.map(|(case_id, ..)| case_id.as_str()).collect();
    let is_told = |entry: &&Entry| {
        matches!(entry.remedy.remedy.as_str(), "malicious" | "unclear")
            && noticed.contains(entry.case.case_id.to_string().as_str())
    };
    let told = records.entries.iter().filter(is_told).take(MOST);
    told.map(|entry| {
        let facts = plan.registrations.get(entry.case.registrable_domain.as_str()).cloned().unwrap_or_default();
        case(entry, &facts, Transition::Notice, &suffixes)
    })
    .collect()
}

/// What the records say of the day, in numbers; the whole report is panopticon's.
fn report(records: &Records) -> Vec<String> {
    let of = |standing| records.entries.iter().filter(move |entry| entry.standing == standing);
    let day = records.head.day;
    let ended =
        |standing| of(standing).filter(|entry| entry.case.ended_at.is_some_and(|at| at.day() == day)).count();
    let open = of(Standing::Open).count();
    let confirmed = of(Standing::Open).filter(|entry| !entry.confirmed.is_empty()).count();
    let new = of(Standing::Open).filter(|entry| entry.case.first_seen.day() == day).count();
    let (gone, expired) = (ended(Standing::Remediated), ended(Standing::Expired));
    vec![
        format!("{open} open, {confirmed} of them confirmed"),
        format!("{new} new, {gone} measured gone, {expired} expired, {} withdrawn", ended(Standing::Withdrawn)),
    ]
}

fn facts(
    ledger: &Ledger,
    round: Option<(&Records, &Plan, &[String])>,
    problems: &[String],
    now: Epoch,
) -> Result<Desk, RoundError> {
    let counts = ledger.counts()?;
    let count = |state| counts.get(&state).copied().unwrap_or(0);
    let mut problems = problems.to_vec();
    problems.extend(ledger.paused()?.map(|reason| format!("sending is paused: {reason}")));
    let mut waiting: Vec<String> = Vec::new();
    if let Some((_, plan, _)) = round {
        waiting.extend(plan.waits.iter().map(|line| format!("{}: {}", defang(&line.subject), line.says)));
        waiting.extend(plan.by_hand.iter().map(|line| format!("{}: {}", defang(&line.subject), line.says)));
    }
    for (state, says) in [(State::Held, "is held"), (State::Uncertain, "may have been sent, or not")] {
        let most = u32::try_from(MOST).unwrap_or(u32::MAX);
        waiting.extend(
            ledger.in_state(state, most)?.iter().map(|line| format!("message {}: {says}", line.message_id)),
        );
    }
    let rest = waiting.len().saturating_sub(MOST);
    waiting.truncate(MOST);
    if rest > 0 {
        waiting.push(format!("and {rest} more: `arke notify`, `arke outbox list`"));
    }
    Ok(Desk {
        day: now.day(),
        problems,
        accepted: count(State::Accepted),
        held: count(State::Held),
        deferred: count(State::Deferred),
        uncertain: count(State::Uncertain),
        bounced: count(State::Bounced),
        cancelled: count(State::Cancelled),
        report: round.map(|(records, ..)| report(records)).unwrap_or_default(),
        waiting,
        high_risk: round.map(|(.., names)| names.to_vec()).unwrap_or_default(),
    })
}
