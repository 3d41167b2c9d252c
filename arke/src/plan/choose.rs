//! From the parties that are to be told to addresses: whom RDAP shows, by which of them a party can be reached, and what
//! is left for the desk because a machine must not guess.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_model::name::HostName;

use super::whom::Party;
use crate::config::Audience;
use crate::contact::{Address, Personal};
use crate::docket::Entry;
use crate::lists::{Form, Platforms, Registrars};
use crate::rdap::{Email, Registration, Role};

/// Somebody who is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// For whom it is written.
    pub audience: Audience,
    /// The address.
    pub address: Address,
    /// The name of who reads it.
    pub name: Option<Personal>,
    /// As what they are reached: `registrant`, `registrar`.
    pub role: String,
    /// The language that they prefer.
    pub language: Option<String>,
    /// The form of a digest.
    pub form: Form,
    /// The hour, UTC, before which it is not sent.
    pub hour: Option<u64>,
}

/// What the desk has to do by hand. It holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByHand {
    /// The name.
    pub subject: String,
    /// What stands in the way, and what can be done.
    pub says: String,
}

/// What is at hand to find addresses.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What RDAP says of the domain; none of a platform's customer, which is no registration.
    pub registration: Option<&'a Registration>,
    /// What registrars wish.
    pub registrars: &'a Registrars,
    /// Who runs platforms.
    pub platforms: &'a Platforms,
}

/// Whom to write to, each address once; and what is left for the desk.
#[must_use]
pub fn choose(entry: &Entry, parties: &[Party], known: &Known<'_>) -> (Vec<Target>, BTreeSet<ByHand>) {
    let mut chosen = Chosen { entry, known, targets: BTreeMap::new(), by_hand: BTreeSet::new() };
    for party in parties {
        match party.audience {
            Audience::Holder => chosen.holder(&party.roles),
            Audience::Registrar => chosen.registrar(),
            Audience::Reseller => chosen.reseller(),
            Audience::Platform => chosen.platform(),
            Audience::Desk => chosen.say("still there, though it was told; decide what is next".to_owned()),
        }
    }
    (chosen.targets.into_values().collect(), chosen.by_hand)
}

struct Chosen<'a> {
    entry: &'a Entry,
    known: &'a Known<'a>,
    targets: BTreeMap<(Audience, String), Target>,
    by_hand: BTreeSet<ByHand>,
}

impl Chosen<'_> {
    fn plain(&mut self, audience: Audience, address: Address, role: &str) {
        let (role, form) = (role.to_owned(), Form::default());
        self.add(Target { audience, address, name: None, role, language: None, form, hour: None });
    }

    /// The first role under which an address is met is kept.
    fn add(&mut self, target: Target) {
        self.targets.entry((target.audience, target.address.key())).or_insert(target);
    }

    fn say(&mut self, says: String) {
        self.by_hand.insert(ByHand { subject: self.entry.case.subject.to_string(), says });
    }

    /// The contacts of the domain itself with one of the roles; not those of its registrar.
    fn holder(&mut self, roles: &BTreeSet<Role>) {
        let Some(registration) = self.known.registration else { return };
        let mut reached: Vec<Address> = Vec::new();
        for contact in registration.contacts.iter().filter(|contact| contact.path.len() == 1) {
            let Some(role) = contact.roles.intersection(roles).next() else { continue };
            let what = format!("{} contact", role.as_str());
            match &contact.email {
                _ if contact.proxy => {
                    self.say(format!("{what}: a privacy service stands in for the holder; ask the registrar"));
                }
                Email::Present(addresses) => {
                    let Some(address) = addresses.first() else { continue };
                    reached.push(address.clone());
                    self.add(Target {
                        audience: Audience::Holder,
                        address: address.clone(),
                        name: contact.name.clone().or_else(|| contact.organisation.clone()),
                        role: role.as_str().to_owned(),
                        language: contact.language.clone(),
                        form: Form::default(),
                        hour: None,
                    });
                }
                Email::FormOnly(page) => self.say(format!("{what}: only a form, {page}")),
                Email::Redacted { .. } => {
                    self.say(format!("{what}: RDAP withholds the address; ask the registrar"));
                }
                Email::Absent => self.say(format!("{what}: no address; ask the registrar")),
            }
        }
        if reached.is_empty() {
            self.say("nobody of the domain can be written to".to_owned());
            self.registrar();
        } else if reached.iter().all(|address| is_under(address, &registration.name)) {
            // Whoever holds the server may hold the mailbox.
            self.say("all addresses are under the name itself; the registrar is told as well".to_owned());
            self.registrar();
        }
    }

    fn registrar(&mut self) {
        let registrar = self.known.registration.and_then(|registration| registration.registrar.as_ref());
        let iana_id = registrar.and_then(|registrar| registrar.iana_id);
        let name =
            registrar.and_then(|registrar| registrar.name.as_deref()).or(self.entry.remedy.registrar.as_deref());
        let role = "registrar".to_owned();
        if let Some(wish) = self.known.registrars.of(iana_id, name) {
            let (address, form, hour) = (wish.address.clone(), wish.form, wish.hour);
            self.add(Target {
                audience: Audience::Registrar,
                address,
                name: None,
                role,
                language: None,
                form,
                hour,
            });
        } else if let Some(address) = registrar.and_then(|registrar| registrar.abuse.first()) {
            self.plain(Audience::Registrar, address.clone(), &role);
        } else {
            let name = name.unwrap_or("its name is not known either");
            self.say(format!("registrar: no abuse address ({name}); add it to `registrars`"));
        }
    }

    fn reseller(&mut self) {
        let reseller = self.known.registration.and_then(|registration| registration.reseller.as_ref());
        if let Some(address) = reseller.and_then(|reseller| reseller.abuse.first()) {
            self.plain(Audience::Reseller, address.clone(), "reseller");
        }
    }

    fn platform(&mut self) {
        let suffix = self.entry.case.platform.as_deref().unwrap_or(&self.entry.case.registrable_domain);
        match self.known.platforms.of(suffix) {
            Some(platform) => match (&platform.address, &platform.form) {
                (Some(address), _) => self.plain(Audience::Platform, address.clone(), "platform"),
                (None, Some(form)) => self.say(format!("{}: only a form, {form}", platform.operator)),
                (None, None) => self.say(format!("{}: no address is known", platform.operator)),
            },
            None => self.say(format!("nobody knows who runs `{suffix}`; add it to `platforms`")),
        }
    }
}

/// Whether mail to an address is taken by the name itself or a host below it.
fn is_under(address: &Address, name: &HostName) -> bool {
    HostName::parse(address.domain()).is_ok_and(|domain| domain.is_at_or_below(name))
}
