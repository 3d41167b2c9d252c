//! Sends what the outbox holds, each message looked at once more right before it goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use panopticon_model::id::Id;
use panopticon_model::time::Epoch;
use tokio::runtime::Handle;

use super::look::by_id;
use super::{House, HouseError, RoundError};
use crate::config::{self, Mail, MailBy, read_secret};
use crate::docket::{Entry, Standing};
use crate::ledger::{CancelReason, Due, Ledger, Transition};
use crate::plan::is_fresh;
use crate::records::Records;
use crate::send::Transport;
use crate::send::limits::Limits;
use crate::send::run::{Report, Run};
use crate::send::sendmail::Sendmail;
use crate::send::smtp::{Login, Smtp, SmtpConfig, Tls};

/// What a run of sending did.
pub type Sent = Report;

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
    let notices = ledger.waiting_notices()?;
    let entries = by_id(records);
    let still_due = |due: &Due| cancel(house, &entries, notices.get(&due.message_id)?, now);
    let limits = &house.config.limits;
    // A replay keeps its own time; a real run goes by the clock.
    let started = clock();
    let at = move || now.plus(clock().0.saturating_sub(started.0));
    let run = Run {
        runtime,
        transport: Arc::new(transport(mail)?),
        limits: Limits { per_host_minute: limits.per_host_per_minute, per_run: Some(most) },
        now: &at,
        still_due: &still_due,
        step: Arc::new(|_| {}),
    };
    Ok(run.send(ledger)?)
}

fn clock() -> Epoch {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Epoch(u64::try_from(since).unwrap_or(u64::MAX))
}

/// Why a message is not sent any more: when of nothing that it tells is it still true.
fn cancel(
    house: &House<'_>,
    entries: &BTreeMap<Id, &Entry>,
    notices: &[(String, Transition)],
    now: Epoch,
) -> Option<CancelReason> {
    let mut reason = None;
    for (case_id, transition) in notices {
        let entry = case_id.parse().ok().and_then(|id: Id| entries.get(&id));
        let is_due = match (transition, entry.map(|entry| entry.standing)) {
            (Transition::AllClear, Some(standing)) => standing == Standing::Remediated,
            (Transition::Correction, _) => true,
            (_, Some(Standing::Open)) => entry
                .is_some_and(|entry| entry.confirmed.iter().any(|row| is_fresh(row, &house.config.limits, now))),
            (_, _) => false,
        };
        if !is_due {
            let is_open = entry.is_some_and(|entry| entry.standing == Standing::Open);
            reason = Some(if is_open { CancelReason::Stale } else { CancelReason::Closed });
        }
    }
    reason
}

/// The way that mail takes.
///
/// # Errors
/// [`HouseError`] when a file that the configuration names cannot be used.
pub(super) fn transport(mail: &Mail) -> Result<Transport, HouseError> {
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
