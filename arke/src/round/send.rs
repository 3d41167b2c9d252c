//! Sends what the outbox holds, each message looked at once more right before it goes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use panopticon_model::id::Id;
use panopticon_model::time::Epoch;
use tokio::runtime::Handle;

use super::look::by_id;
use super::write::{message_id, sender};
use super::{House, HouseError, RoundError};
use crate::config::{self, Mail, MailBy, read_secret};
use crate::contact::Address;
use crate::docket::{Entry, Standing};
use crate::ledger::{CancelReason, Due, Happening, Ledger, Mark, NewMessage, State, Transition};
use crate::notice::{Delivery, NoticeData, compose};
use crate::plan::is_fresh;
use crate::records::Records;
use crate::send::Transport;
use crate::send::limits::Limits;
use crate::send::run::{Report, Run};
use crate::send::sendmail::Sendmail;
use crate::send::smtp::{Login, Smtp, SmtpConfig, Tls};

/// The audience of test messages.
const TEST: &str = "test";

/// What a run of sending did.
pub type Sent = Report;

/// Cancels what waits and is no longer due, so that what is still due of it is written anew. Gives how many messages.
///
/// # Errors
/// [`RoundError`]: the ledger.
pub fn review(house: &House<'_>, ledger: &mut Ledger, records: &Records, now: Epoch) -> Result<usize, RoundError> {
    let judge = Judge::new(house, ledger, records, now)?;
    let ours = format!("{}-", records.head.tld);
    let waiting = judge.notices.keys().filter(|message_id| message_id.starts_with(&ours));
    let cancelled = waiting
        .filter_map(|message_id| Some((message_id.clone(), Happening::Cancel(judge.cancels(message_id)?))))
        .collect::<Vec<_>>();
    ledger.commit(now, &cancelled)?;
    Ok(cancelled.len())
}

/// Sends what is due. Notices and reminders whose case is over, or whose confirmation is too old by now, are cancelled.
///
/// # Errors
/// [`RoundError`]: the ledger, or a mail server that cannot be used as configured.
pub fn send(
    house: &House<'_>,
    ledger: &mut Ledger,
    records: &Records,
    mail: &Mail,
    runtime: &Handle,
    now: Epoch,
    most: usize,
) -> Result<Sent, RoundError> {
    let judge = Judge::new(house, ledger, records, now)?;
    let still_due = |due: &Due| judge.cancels(&due.message_id);
    let limits = &house.config.limits;
    // A replay keeps its own time; a real run goes by the clock.
    let started = clock();
    let at = move || now.plus(clock().0.saturating_sub(started.0));
    let run = Run {
        runtime,
        transport: Arc::new(transport(mail)?),
        limits: Limits { per_host_minute: limits.per_host_per_minute, per_run: Some(most) },
        now: &at,
        only: None,
        // What another TLD's records say is judged in its own round.
        tld: Some(&records.head.tld),
        still_due: &still_due,
        step: Arc::new(|_| {}),
    };
    Ok(run.send(ledger)?)
}

/// Sends one message that tells of no case, to look at it.
///
/// # Errors
/// [`RoundError`]: a text, the mail server; [`RoundError::NotSent`] when the server did not take it.
pub fn send_one(
    house: &House<'_>,
    ledger: &mut Ledger,
    mail: &Mail,
    to: &Address,
    data: &NoticeData,
    runtime: &Handle,
    now: Epoch,
) -> Result<(), RoundError> {
    let tld = house.tld.name.as_deref().unwrap_or("test");
    let rendered = house.templates.render(data)?;
    let hash = blake3::hash(format!("test {tld} {now} {}", ledger.recipient_key(to)).as_bytes());
    let message_id = message_id(tld, &hash);
    let delivery = Delivery { id: message_id.clone(), to: to.clone(), to_name: None, date: now };
    let made = compose(&rendered, &delivery, &sender(house, tld), &[], ledger.verp_key(), &house.signers)?;
    let message = NewMessage {
        header_id: made.message_id.trim_matches(['<', '>']).to_owned(),
        message_id: message_id.clone(),
        recipient: to.clone(),
        host: to.domain().to_owned(),
        role: "test".to_owned(),
        language: Some(rendered.lang),
        audience: TEST.to_owned(),
        kind: TEST.to_owned(),
        bytes: made.bytes,
        envelope_from: made.envelope_from,
        daily: false,
        hold: None,
        next_at: now,
        notices: Vec::new(),
    };
    ledger.enqueue(now, &message)?;
    let run = Run {
        runtime,
        transport: Arc::new(transport(mail)?),
        limits: Limits { per_host_minute: u32::MAX, per_run: Some(1) },
        now: &|| now,
        only: Some(TEST),
        tld: None,
        still_due: &|_| None,
        step: Arc::new(|_| {}),
    };
    let report = run.send(ledger)?;
    match ledger.state(&message_id)? {
        Some(State::Accepted) => Ok(()),
        state => {
            let why = report.stop.map(|stop| stop.to_string());
            let state = state.map_or("gone", State::as_str);
            Err(RoundError::NotSent(why.unwrap_or_else(|| format!("the message is {state}"))))
        }
    }
}

fn clock() -> Epoch {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Epoch(u64::try_from(since).unwrap_or(u64::MAX))
}

/// Judges messages that wait by what the records say now.
struct Judge<'a> {
    house: &'a House<'a>,
    entries: BTreeMap<Id, &'a Entry>,
    marked: BTreeSet<String>,
    /// What the messages tell.
    notices: BTreeMap<String, Vec<(String, Transition)>>,
    now: Epoch,
}

impl<'a> Judge<'a> {
    fn new(
        house: &'a House<'a>,
        ledger: &Ledger,
        records: &'a Records,
        now: Epoch,
    ) -> Result<Judge<'a>, RoundError> {
        let holds = |mark: &Mark| mark.mark == "false-positive" && mark.until.is_none_or(|until| now < until);
        let marked = ledger.marked()?.into_iter().filter(|(_, mark)| holds(mark));
        let marked = marked.map(|(subject, _)| subject).collect();
        Ok(Judge { house, entries: by_id(records), marked, notices: ledger.waiting_notices()?, now })
    }

    /// Why a message is not sent any more: when of anything that it tells it is no longer true.
    fn cancels(&self, message_id: &str) -> Option<CancelReason> {
        let mut reason = None;
        for (case_id, transition) in self.notices.get(message_id)? {
            let entry = case_id.parse().ok().and_then(|id: Id| self.entries.get(&id));
            if entry.is_some_and(|entry| self.marked.contains(entry.case.subject.as_str()))
                && *transition != Transition::Correction
            {
                return Some(CancelReason::Marked);
            }
            let is_due = match (transition, entry.map(|entry| entry.standing)) {
                (Transition::AllClear, Some(standing)) => standing == Standing::Remediated,
                (Transition::Correction, _) => true,
                (_, Some(Standing::Open)) => entry.is_some_and(|entry| {
                    entry.confirmed.iter().any(|row| is_fresh(row, &self.house.config.limits, self.now))
                }),
                (_, _) => false,
            };
            if !is_due {
                let is_open = entry.is_some_and(|entry| entry.standing == Standing::Open);
                reason = Some(if is_open { CancelReason::Stale } else { CancelReason::Closed });
            }
        }
        reason
    }
}

/// The way that mail takes.
///
/// # Errors
/// [`HouseError`] when a file that the configuration names cannot be used.
pub(crate) fn transport(mail: &Mail) -> Result<Transport, HouseError> {
    match &mail.by {
        MailBy::Sendmail(program) => {
            Ok(Transport::Sendmail(Sendmail { program: program.clone(), copy_to: mail.copy_to.clone() }))
        }
        MailBy::Smtp { host, port, tls, login, ca } => {
            let login = match login {
                Some((user, file)) => Some(Login { user: user.clone(), password: read_secret(file)? }),
                None => None,
            };
            let extra_ca = ca.as_deref().map(config::read_text).transpose()?.map(String::into_bytes);
            let config = SmtpConfig {
                host: host.clone(),
                port: *port,
                tls: match tls {
                    config::Tls::Required => Tls::Required,
                    config::Tls::Implicit => Tls::Implicit,
                    config::Tls::None => Tls::None,
                },
                extra_ca,
                login,
                hello: mail.bounce_domain.clone(),
                copy_to: mail.copy_to.clone(),
                patience: None,
            };
            Ok(Transport::Smtp(Box::new(Smtp::new(config)?)))
        }
    }
}
