//! What kind of page answers: parking and error pages confirm nothing, and deny nothing either.
//!
//! No body is kept, so the title and the place where a page leads to are all there is to tell by. The words are those
//! of parking services, of servers as they are installed, and of hosters that have suspended a customer.

use crate::observation::HttpFacts;

/// What a page is, as far as its title and its place tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum PageKind {
    /// Nothing else is known of it.
    Ordinary,
    /// It offers the name itself, or was never anything but what a server shows after its installation.
    Parked,
    /// It says with a good status that there is nothing.
    ErrorPage,
}

/// Words in the titles of parked names and of servers that nobody has set up, in lower case.
const PARKED: [&str; 22] = [
    "domain is parked",
    "parked domain",
    "domain parking",
    "parked free",
    "parking page",
    "is for sale",
    "domain for sale",
    "buy this domain",
    "domain name for sale",
    "this domain is available",
    "domain has been registered",
    "domain default page",
    "default web site page",
    "default page",
    "welcome to nginx",
    "it works",
    "iis windows server",
    "test page for",
    "coming soon",
    "under construction",
    "website is under construction",
    "hugedomains",
];

/// Words in the titles of error pages that come with a status of success, in lower case.
const ERROR: [&str; 14] = [
    "404",
    "not found",
    "page introuvable",
    "no encontrada",
    "nicht gefunden",
    "error 403",
    "forbidden",
    "access denied",
    "account suspended",
    "account has been suspended",
    "site suspended",
    "suspected phishing",
    "deceptive site",
    "service unavailable",
];

/// Domains of services that park names; where a page leads to one of them, it is parked.
const PARKING_HOSTS: [&str; 12] = [
    "above.com",
    "afternic.com",
    "bodis.com",
    "cashparking.com",
    "dan.com",
    "domainmarket.com",
    "hugedomains.com",
    "parkingcrew.net",
    "parklogic.com",
    "sedo.com",
    "sedoparking.com",
    "skenzo.com",
];

/// What a page is, from what is kept of it.
pub(super) fn page_kind(facts: &HttpFacts) -> PageKind {
    let title = facts.title.as_deref().unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| title.contains(word));
    let leads_away = [facts.final_url.as_deref(), facts.refresh.as_deref()];
    if leads_away.into_iter().flatten().filter_map(host).any(is_parking) || says(&PARKED) {
        return PageKind::Parked;
    }
    if says(&ERROR) { PageKind::ErrorPage } else { PageKind::Ordinary }
}

fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', '?', '#', ':']).next()
}

fn is_parking(host: &str) -> bool {
    let is_under =
        |domain: &&str| host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PARKING_HOSTS.iter().any(is_under)
}
