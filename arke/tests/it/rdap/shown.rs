//! A registration as a text with all that it holds: the people of the fixtures are made up.

use std::fmt::Write as _;

use arke::contact::{Address, Personal};
use arke::rdap::answer::{Contact, Email, Organisation, Registration, Role};

fn addresses(addresses: &[Address]) -> String {
    addresses.iter().map(Address::reveal).collect::<Vec<_>>().join(", ")
}

fn roles(roles: impl IntoIterator<Item = Role>, between: &str) -> String {
    roles.into_iter().map(Role::as_str).collect::<Vec<_>>().join(between)
}

pub(super) fn email(email: &Email) -> String {
    match email {
        Email::Present(present) => addresses(present),
        Email::FormOnly(uri) => format!("only by {uri}"),
        Email::Redacted { how } => format!("redacted: {how:?}"),
        Email::Absent => "absent".to_owned(),
    }
}

fn company(text: &mut String, what: &str, company: Option<&Organisation>) {
    let Some(Organisation { name, url, abuse, iana_id }) = company else { return };
    writeln!(text, "{what}: {name:?} {url:?} {iana_id:?} abuse: {}", addresses(abuse)).unwrap();
}

fn contact(text: &mut String, contact: &Contact) {
    let personal = |it: &Option<Personal>| it.as_ref().map(|it| it.reveal().to_owned());
    let Contact { path, roles: all, proxy, name, organisation, email: mail, phone, language, country } = contact;
    writeln!(text, "{}", roles(path.iter().copied(), " > ")).unwrap();
    writeln!(text, "    roles: {}{}", roles(all.iter().copied(), ", "), if *proxy { " (proxy)" } else { "" })
        .unwrap();
    writeln!(text, "    email: {}", email(mail)).unwrap();
    let rest = [
        ("name", personal(name)),
        ("organisation", personal(organisation)),
        ("phone", personal(phone)),
        ("language", language.clone()),
        ("country", country.clone()),
    ];
    for (what, value) in rest {
        if let Some(value) = value {
            writeln!(text, "    {what}: {value}").unwrap();
        }
    }
}

/// All of it, a line each.
pub(super) fn registration(it: &Registration) -> String {
    let mut text = format!("{} ({})\n", it.name, it.unicode_name);
    writeln!(text, "statuses: {} not delegated: {:?}", it.statuses.join(", "), it.not_delegated()).unwrap();
    let instants = [
        ("created", it.created),
        ("reregistered", it.reregistered),
        ("changed", it.changed),
        ("expires", it.expires),
        ("transferred", it.transferred),
    ];
    for (what, at) in instants {
        if let Some(at) = at {
            writeln!(text, "{what}: {at}").unwrap();
        }
    }
    writeln!(text, "conformance: {}", it.conformance.join(", ")).unwrap();
    company(&mut text, "registrar", it.registrar.as_ref());
    company(&mut text, "reseller", it.reseller.as_ref());
    it.contacts.iter().for_each(|one| contact(&mut text, one));
    text
}
