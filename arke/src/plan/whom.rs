//! Whom to tell: the table of the policy.
//!
//! ```text
//! remedy        notice, reminder                              still there          over, or wrong
//! compromised   registrant, technical contact                 registrar, desk      who was told
//! malicious     all domain contacts, neutrally; registrar     registrar, desk      who was told
//! unclear       as malicious                                  registrar, desk      who was told
//! platform      the platform's abuse contact                  desk                 who was told
//! ```

use std::collections::BTreeSet;

use serde::Serialize;

use crate::config::{Audience, Policy};
use crate::ledger::Transition;
use crate::rdap::Role;

/// A party that is told, and by which of its contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Who.
    pub audience: Audience,
    /// The roles of the contacts, of a holder.
    pub roles: BTreeSet<Role>,
}

/// The parties that are told of something.
#[must_use]
pub fn parties(policy: &Policy, remedy: &str, transition: Transition) -> Vec<Party> {
    let plain = |audience| Party { audience, roles: BTreeSet::new() };
    match (remedy, transition) {
        (_, Transition::AllClear | Transition::Correction) => Vec::new(),
        ("platform", Transition::Notice | Transition::Reminder) => vec![plain(Audience::Platform)],
        ("platform", Transition::Escalation) => vec![plain(Audience::Desk)],
        (_, Transition::Escalation) => vec![plain(Audience::Registrar), plain(Audience::Desk)],
        (remedy, Transition::Notice | Transition::Reminder) => {
            let mut parties = Vec::new();
            if policy.direct_contact {
                let mut roles = BTreeSet::from([Role::Registrant, Role::Technical]);
                if remedy != "compromised" {
                    roles.insert(Role::Administrative);
                }
                parties.push(Party { audience: Audience::Holder, roles });
            }
            // A registrar reads of reminders in its digest of the day on which it is told anyway; of a hacked site when
            // its holder did nothing.
            let at_once = transition == Transition::Notice && remedy != "compromised";
            if at_once || !policy.direct_contact {
                parties.push(plain(Audience::Registrar));
                if policy.mail_resellers {
                    parties.push(plain(Audience::Reseller));
                }
            }
            parties
        }
    }
}

/// A row of the table, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyLine {
    /// What the case is.
    pub remedy: &'static str,
    /// What is told.
    pub transition: &'static str,
    /// When.
    pub when: String,
    /// Whom.
    pub told: String,
}

impl PolicyLine {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 4] = ["remedy", "transition", "when", "told"];
}

/// The policy as a table.
#[must_use]
pub fn table(policy: &Policy) -> Vec<PolicyLine> {
    let mut lines = Vec::new();
    for remedy in ["compromised", "malicious", "unclear", "platform"] {
        for transition in [Transition::Notice, Transition::Reminder, Transition::Escalation] {
            let when = match transition {
                Transition::Reminder => format!("still there {} days later", policy.reminder_days),
                Transition::Escalation => format!("still there {} days later", policy.escalate_days),
                _ => "confirmed within 24 hours".to_owned(),
            };
            let told: Vec<String> = parties(policy, remedy, transition).iter().map(words).collect();
            let told = if told.is_empty() { "nobody".to_owned() } else { told.join("; ") };
            lines.push(PolicyLine { remedy, transition: transition.as_str(), when, told });
        }
    }
    let to = |does: bool| if does { "who was told" } else { "nobody" }.to_owned();
    let over = [
        (Transition::AllClear, "measured clean", policy.all_clear),
        (Transition::Correction, "withdrawn, or marked as wrong", true),
    ];
    for (transition, when, does) in over {
        let (transition, when, told) = (transition.as_str(), when.to_owned(), to(does));
        lines.push(PolicyLine { remedy: "any", transition, when, told });
    }
    let (when, told) =
        ("ranked, protected or marked".to_owned(), "desk, daily, until a person decides".to_owned());
    lines.push(PolicyLine { remedy: "any", transition: "notice", when, told });
    lines
}

fn words(party: &Party) -> String {
    match party.audience {
        Audience::Holder => {
            party.roles.iter().map(|role| format!("{} contact", role.as_str())).collect::<Vec<_>>().join(", ")
        }
        Audience::Registrar => "registrar (daily digest)".to_owned(),
        Audience::Reseller => "reseller (daily digest)".to_owned(),
        Audience::Platform => "abuse contact of the platform".to_owned(),
        Audience::Desk => "abuse desk of the registry".to_owned(),
    }
}
