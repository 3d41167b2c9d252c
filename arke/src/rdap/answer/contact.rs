//! Entities of an answer (RFC 9083, 5.1): contacts along their path, and the companies among them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::card::{self, Card};
use super::country;
use super::email::{Email, Method, Redaction, Signs, page};
use super::json::{list, member, text, word, words};
use super::redacted::Redacted;
use super::{AnswerError, MAX_DEPTH, MAX_ENTITIES, Role, proxy};
use crate::contact::{Address, Personal, clean};

/// Statuses of an object of which not everything is shown (RFC 9083, 10.2.2).
const HIDING: [&str; 3] = ["obscured", "private", "removed"];

/// Somebody who has to do with the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The entities around it and itself, each by the first of its roles: `registrar`, `abuse` is the abuse desk of the
    /// registrar, `abuse` alone that of the domain.
    pub path: Vec<Role>,
    /// All its roles.
    pub roles: BTreeSet<Role>,
    /// Whether it is a service that stands in the place of the holder.
    pub proxy: bool,
    /// The full name.
    pub name: Option<Personal>,
    /// The organisation.
    pub organisation: Option<Personal>,
    /// How it can be written to.
    pub email: Email,
    /// The preferred telephone that is no fax.
    pub phone: Option<Personal>,
    /// The language that it prefers, a tag of RFC 5646 in lower case.
    pub language: Option<String>,
    /// The country of its address, else that of its telephone; two letters (ISO 3166-1) in capitals.
    pub country: Option<String>,
}

/// A company that sells domains. The name of one that is a person is not here, but with its contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// Its name, cleaned.
    pub name: Option<String>,
    /// Its page, http or https.
    pub url: Option<String>,
    /// The addresses of its abuse desk, the preferred one first.
    pub abuse: Vec<Address>,
    /// Its number among IANA's registrar ids.
    pub iana_id: Option<u32>,
}

/// What holds for all contacts of an answer.
pub(super) struct Whole {
    pub(super) redacted: Redacted,
    /// A remark on the domain or a notice says that something is withheld.
    pub(super) remark: bool,
    /// A status of the domain says it.
    pub(super) status: bool,
    /// A status of the domain says that the registrant is a proxy.
    pub(super) proxy: bool,
}

/// What the entities of an answer come to.
#[derive(Default)]
pub(super) struct Found {
    pub(super) contacts: Vec<Contact>,
    pub(super) registrar: Option<Organisation>,
    pub(super) reseller: Option<Organisation>,
    entities: usize,
}

impl Found {
    /// Reads the entities of the domain, and adds the contacts of which only `redacted` speaks.
    pub(super) fn of(entities: Option<&Value>, whole: &Whole) -> Result<Found, AnswerError> {
        let mut found = Found::default();
        found.walk(entities, &[], whole, 1)?;
        for (role, method) in &whole.redacted {
            if !found.contacts.iter().any(|contact| contact.roles.contains(role)) {
                found.contacts.push(Contact::withheld(*role, *method));
            }
        }
        Ok(found)
    }

    /// Reads the entities of one level, `depth` levels down, around which are those of `path`.
    fn walk(
        &mut self,
        entities: Option<&Value>,
        path: &[Role],
        whole: &Whole,
        depth: usize,
    ) -> Result<(), AnswerError> {
        let entities = list(entities, "entities")?;
        if depth > MAX_DEPTH && !entities.is_empty() {
            return Err(AnswerError::TooMany("levels of entities"));
        }
        for entity in entities.iter().filter(|entity| entity.is_object()) {
            self.entities += 1;
            if self.entities > MAX_ENTITIES {
                return Err(AnswerError::TooMany("entities"));
            }
            let roles: BTreeSet<Role> = words(entity, "roles")?.iter().filter_map(|role| Role::of(role)).collect();
            let path: Vec<Role> = path.iter().copied().chain(roles.first().copied()).collect();
            let at = self.contacts.len();
            let card = Card::of(entity)?;
            if !roles.is_empty() {
                self.contacts.push(Contact::of(entity, &card, path.clone(), roles.clone(), whole)?);
            }
            self.walk(entity.get("entities"), &path, whole, depth + 1)?;
            // Only the domain itself has a registrar and a reseller; others are those of a contact.
            if depth == 1 {
                let below = self.contacts.get(at..).unwrap_or_default();
                for (role, place) in [(Role::Registrar, &mut self.registrar), (Role::Reseller, &mut self.reseller)]
                {
                    if roles.contains(&role) && place.is_none() {
                        *place = Some(Organisation::of(entity, &card, below)?);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Contact {
    fn of(
        entity: &Value,
        card: &Card,
        path: Vec<Role>,
        roles: BTreeSet<Role>,
        whole: &Whole,
    ) -> Result<Contact, AnswerError> {
        let statuses = words(entity, "status")?;
        let signs = Signs {
            member: roles.iter().find_map(|role| whole.redacted.get(role).copied()),
            remark: whole.remark || speaks_of_redaction(entity)?,
            status: whole.status || statuses.iter().any(|status| HIDING.contains(&status.as_str())),
        };
        let is_service = card.names.iter().chain(&card.organisations).any(|name| proxy::is_service(name));
        let phone = card::phone(card);
        Ok(Contact {
            proxy: is_service
                || roles.contains(&Role::Proxy)
                || statuses.iter().any(|status| status == "proxy")
                || (whole.proxy && roles.contains(&Role::Registrant)),
            name: card::said(&card.names).and_then(Personal::new),
            organisation: card::said(&card.organisations).and_then(Personal::new),
            email: Email::of(card, signs),
            language: card::language(card),
            country: country::of_codes(&card.countries)
                .or_else(|| country::of_phone(phone.as_ref()?.reveal()).map(str::to_owned)),
            phone,
            path,
            roles,
        })
    }

    /// A contact that is not in the answer, which says that it is withheld.
    fn withheld(role: Role, method: Method) -> Contact {
        Contact {
            path: vec![role],
            roles: BTreeSet::from([role]),
            proxy: false,
            name: None,
            organisation: None,
            email: Email::Redacted { how: Redaction::Member(method) },
            phone: None,
            language: None,
            country: None,
        }
    }
}

impl Organisation {
    /// The company of an entity; `contacts` are its own and those below it.
    fn of(entity: &Value, card: &Card, contacts: &[Contact]) -> Result<Organisation, AnswerError> {
        // On a card without an organisation the name is that of the company, unless the card is a person's.
        let name = card::said(&card.organisations)
            .or_else(|| card::said(&card.names).filter(|_| !card.is_individual))
            .map(clean)
            .filter(|name| !name.is_empty());
        let mut abuse: Vec<Address> = Vec::new();
        // The desk of somebody further down is not its own.
        let own = contacts.iter().filter(|contact| contact.path.len() <= 2);
        for contact in own.filter(|contact| contact.roles.contains(&Role::Abuse)) {
            if let Email::Present(addresses) = &contact.email {
                let new = addresses.iter().filter(|it| abuse.iter().all(|known| known.key() != it.key()));
                abuse.extend(new.cloned().collect::<Vec<_>>());
            }
        }
        Ok(Organisation { name, url: url(entity, card)?, abuse, iana_id: iana_id(entity)? })
    }
}

/// The page on the card, else a link of the entity that is about it.
fn url(entity: &Value, card: &Card) -> Result<Option<String>, AnswerError> {
    let links = list(entity.get("links"), "links")?.iter();
    let about = links.filter(|link| link.get("rel").is_some_and(|rel| word(rel) == "about"));
    let pages = card.pages.iter().cloned().chain(about.filter_map(|link| member(link, "href")));
    Ok(pages.into_iter().find_map(|uri| page(&uri)))
}

/// RFC 9083, 4.8; RFC 7483 profiles of ICANN name the type so.
fn iana_id(entity: &Value) -> Result<Option<u32>, AnswerError> {
    let ids = list(entity.get("publicIds"), "publicIds")?.iter();
    let mut ids = ids.filter(|id| id.get("type").is_some_and(|kind| word(kind) == "iana registrar id"));
    Ok(ids.find_map(|id| text(id.get("identifier")?)?.trim().parse().ok()))
}

/// Whether a remark says by its title, type or text that something is withheld.
pub(super) fn speaks_of_redaction(object: &Value) -> Result<bool, AnswerError> {
    for remark in list(object.get("remarks"), "remarks")? {
        let lines = list(remark.get("description"), "description")?.iter();
        let texts = ["title", "type"].iter().filter_map(|name| remark.get(*name)).chain(lines);
        if texts.filter_map(text).any(|text| card::speaks_of_redaction(&text)) {
            return Ok(true);
        }
    }
    Ok(false)
}
