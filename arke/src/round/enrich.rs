//! Open cases with what RDAP says of them: the enriched data set.

use std::collections::BTreeSet;

use serde::Serialize;
use tokio::runtime::Handle;

use super::look::{Answers, ask, facts};
use super::{House, RoundError};
use crate::docket::Standing;
use crate::rdap::{Email, Registration};
use crate::records::Records;

/// An open case with its contacts. It holds personal data, in the clear: it is made for the registry's people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnrichedLine {
    /// The name.
    pub subject: String,
    /// The name that the registry registered.
    pub registrable_domain: String,
    /// What it is used for.
    pub abuse_class: String,
    /// Where the case stands.
    pub status: String,
    /// What it is.
    pub remedy: String,
    /// When it was first seen.
    pub first_seen: String,
    /// When the name was registered.
    pub created: Option<String>,
    /// Statuses, as EPP spells them.
    pub epp_statuses: Vec<String>,
    /// The registrar.
    pub registrar: Option<String>,
    /// The address of its abuse desk.
    pub registrar_abuse: Option<String>,
    /// Who sold it.
    pub reseller: Option<String>,
    /// Role and address, or why there is none.
    pub contacts: Vec<String>,
    /// What RDAP could not say.
    pub fault: Option<String>,
}

impl EnrichedLine {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 13] = [
        "subject",
        "registrable_domain",
        "abuse_class",
        "status",
        "remedy",
        "first_seen",
        "created",
        "epp_statuses",
        "registrar",
        "registrar_abuse",
        "reseller",
        "contacts",
        "fault",
    ];
}

/// The open cases of records, with what RDAP says of each.
///
/// # Errors
/// [`RoundError::Rdap`]: it turned us away.
pub fn enrich(house: &House<'_>, records: &Records, runtime: &Handle) -> Result<Vec<EnrichedLine>, RoundError> {
    let open = || records.entries.iter().filter(|entry| entry.standing == Standing::Open);
    let domains: BTreeSet<&str> = open().map(|entry| entry.case.registrable_domain.as_str()).collect();
    let answers: Answers = ask(house, runtime, domains)?;
    let line = |entry: &crate::docket::Entry| {
        let case = &entry.case;
        let (registration, fault) = match answers.get(case.registrable_domain.as_str()) {
            Some(Ok(Some(registration))) => (Some(registration.as_ref()), None),
            Some(Ok(None)) => (None, Some("not registered".to_owned())),
            Some(Err(error)) => (None, Some(error.clone())),
            None => (None, None),
        };
        let facts = facts(house, entry, registration);
        let (registrar, registrar_abuse) =
            facts.registrar.map_or((None, None), |(name, _, abuse)| (Some(name), abuse.map(|it| it.reveal())));
        EnrichedLine {
            subject: case.subject.to_string(),
            registrable_domain: case.registrable_domain.to_string(),
            abuse_class: case.abuse_class.to_string(),
            status: case.status.to_string(),
            remedy: entry.remedy.remedy.to_string(),
            first_seen: case.first_seen.to_string(),
            created: facts.created.map(|created| created.to_string()),
            epp_statuses: registration
                .map(|found| found.statuses.iter().map(|status| (*status).to_owned()).collect())
                .unwrap_or_default(),
            registrar,
            registrar_abuse,
            reseller: facts.reseller.map(|(name, _)| name),
            contacts: registration.map(contacts).unwrap_or_default(),
            fault,
        }
    };
    Ok(open().map(line).collect())
}

/// Role and address of each contact of the domain itself.
fn contacts(registration: &Registration) -> Vec<String> {
    let own = registration.contacts.iter().filter(|contact| contact.path.len() == 1);
    own.map(|contact| {
        let roles: Vec<&str> = contact.roles.iter().map(|role| role.as_str()).collect();
        let says = match &contact.email {
            Email::Present(addresses) => {
                addresses.iter().map(crate::contact::Address::reveal).collect::<Vec<_>>().join(" ")
            }
            Email::FormOnly(page) => page.clone(),
            Email::Redacted { .. } => "withheld".to_owned(),
            Email::Absent => "none".to_owned(),
        };
        format!("{}: {says}", roles.join("+"))
    })
    .collect()
}
