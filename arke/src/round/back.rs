//! Takes in what came back: bounces, complaints and answers, and copies that prove that a message left.

use panopticon_model::time::Epoch;

use super::RoundError;
use crate::bounce::{Maildir, Says, Taken, Words, read};
use crate::config::Config;
use crate::ledger::Ledger;

/// Takes in what is new in the maildirs; gives a line for each thing that people want to know. No line holds an address.
///
/// # Errors
/// [`RoundError`]: a maildir that cannot be read, or the ledger.
pub fn take_in(config: &Config, ledger: &mut Ledger, now: Epoch) -> Result<Vec<String>, RoundError> {
    let mut lines = Vec::new();
    let Some(mail) = &config.mail else { return Ok(lines) };
    if let Some(folder) = &mail.maildir {
        let key = ledger.verp_key().clone();
        Maildir::new(folder).take(|bytes| {
            let taken = ledger.take_in(now, &read(bytes, &key, &Words::default()))?;
            lines.extend(line(&taken));
            Ok::<(), RoundError>(())
        })?;
    }
    if let Some(folder) = &mail.copies {
        let found = ledger.reconcile(now, &Maildir::new(folder).header_ids()?)?;
        if found > 0 {
            lines.push(format!("{found} uncertain messages were sent: their copies arrived"));
        }
    }
    Ok(lines)
}

fn line(taken: &Taken) -> Option<String> {
    match taken {
        Taken::Nothing => None,
        Taken::Bounced { message_id, hard: true } => Some(format!("{message_id} bounced: no such address")),
        Taken::Bounced { message_id, hard: false } => Some(format!("{message_id} bounced")),
        Taken::Delivered { message_id } => Some(format!("{message_id} was delivered")),
        Taken::Complained { message_id } => {
            Some(format!("{message_id}: its recipient complained, and gets no more"))
        }
        Taken::Answered { case_ids, says } => {
            let says = match says {
                Says::Fixed => "says that it is fixed",
                Says::NotOurs => "says that the name is not theirs",
                Says::Else => "wrote something that a person has to read",
            };
            Some(format!("an answer about {}: {says}", case_ids.join(", ")))
        }
        Taken::ForTheDesk => Some("a mail that a person has to read".to_owned()),
    }
}
