//! What a text can name, made of the facts: cleaned, defanged, and no more than its audience may read. Here masked types
//! are revealed, into the one message to the person that they speak of.

use std::collections::BTreeSet;

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::data::{Case, Change, Desk, Domain, Indicator, NoticeData, Organisation};
use super::filters::defang;
use super::template::{Audience, Kind, Language};
use crate::contact::{Address, Personal, clean};

/// The longest URL that is written out, in characters; the rest is in the attachments.
const MAX_URL: usize = 500;

#[derive(Serialize)]
struct Context<'a> {
    lang: &'a str,
    registry: RegistryView,
    notice: NoticeView<'a>,
    contact: ContactView,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<DomainView>,
    #[serde(skip_serializing_if = "is_missing")]
    registrar: Missing<Option<OrganisationView>>,
    #[serde(skip_serializing_if = "is_missing")]
    reseller: Missing<Option<OrganisationView>>,
    #[serde(skip_serializing_if = "is_missing")]
    hoster: Missing<Option<OrganisationView>>,
    domains: Vec<DomainView>,
    cases: Vec<CaseView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desk: Option<DeskView>,
}

/// None is a placeholder that a text must not name; none within is one that says nothing today.
type Missing<T> = Option<T>;

fn is_missing<T>(value: &Missing<T>) -> bool {
    value.is_none()
}

#[derive(Serialize)]
struct RegistryView {
    name: String,
    tld: String,
    url: Option<String>,
    verify_url: Option<String>,
    phone: Option<String>,
}

#[derive(Serialize)]
struct NoticeView<'a> {
    reference: String,
    kind: &'a str,
    round: u32,
    deadline: Option<String>,
    date: String,
}

#[derive(Serialize)]
struct ContactView {
    name: Option<String>,
    role: String,
    language: Option<String>,
}

#[derive(Clone, Serialize)]
struct OrganisationView {
    name: String,
    url: Option<String>,
    abuse_email: Option<String>,
}

#[derive(Clone, Serialize)]
struct DomainView {
    ascii: String,
    unicode: String,
    created: Option<String>,
    registrar: Option<OrganisationView>,
    reseller: Option<OrganisationView>,
}

#[derive(Serialize)]
struct CaseView<'a> {
    domain: DomainView,
    abuse_class: &'a str,
    name: &'a str,
    what: &'a str,
    steps: &'a [String],
    change: &'a str,
    first_seen: String,
    ended_at: Option<String>,
    break_in: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    hoster: Option<OrganisationView>,
    indicators: Vec<IndicatorView<'a>>,
}

#[derive(Serialize)]
struct IndicatorView<'a> {
    url: String,
    host: String,
    kind: String,
    first_seen: String,
    last_seen: String,
    sources: Vec<String>,
    confirmed_by: Vec<&'a str>,
    confirmed_at: Option<String>,
}

#[derive(Serialize)]
struct DeskView {
    day: String,
    problems: Vec<String>,
    accepted: u64,
    held: u64,
    deferred: u64,
    uncertain: u64,
    bounced: u64,
    cancelled: u64,
    report: Vec<String>,
    waiting: Vec<String>,
    high_risk: Vec<String>,
}

/// The context of a message in a language.
pub(super) fn context(data: &NoticeData, language: &Language) -> Value {
    let to_desk = data.audience == Audience::Desk;
    let first = (!to_desk).then(|| data.cases.first()).flatten();
    let mut seen = BTreeSet::new();
    let once = data.cases.iter().filter(|case| seen.insert(case.domain.ascii.as_str()));
    let domains: Vec<DomainView> = once.map(|case| domain(&case.domain)).collect();
    Value::from(Serde(Context {
        lang: &language.lang,
        registry: RegistryView {
            name: line(&data.registry.name),
            tld: line(&data.registry.tld),
            url: data.registry.url.as_deref().map(clean),
            verify_url: data.registry.verify_url.as_deref().map(clean),
            // Blanks that do not break keep the number on one line.
            phone: data.registry.phone.as_deref().map(|it| line(it).replace(' ', "\u{a0}")),
        },
        notice: NoticeView {
            reference: line(&data.reference),
            kind: data.kind.as_str(),
            round: data.round,
            deadline: data.deadline.map(|at| at.to_string()),
            date: data.date.to_string(),
        },
        contact: ContactView {
            name: data.contact.name.as_ref().map(Personal::reveal).map(line),
            role: line(&data.contact.role),
            language: data.contact.language.as_deref().map(line),
        },
        domain: first.map(|case| domain(&case.domain)),
        registrar: first.map(|case| case.domain.registrar.as_ref().map(organisation)),
        reseller: first.map(|case| case.domain.reseller.as_ref().map(organisation)),
        hoster: first.map(|case| case.hoster.as_ref().map(organisation)),
        domains,
        cases: data.cases.iter().map(|it| case(it, data, language)).collect(),
        desk: data.desk.as_ref().filter(|_| to_desk).map(desk),
    }))
}

fn domain(domain: &Domain) -> DomainView {
    DomainView {
        ascii: line(&domain.ascii),
        unicode: line(&domain.unicode),
        created: domain.created.map(|at| at.to_string()),
        registrar: domain.registrar.as_ref().map(organisation),
        reseller: domain.reseller.as_ref().map(organisation),
    }
}

fn organisation(it: &Organisation) -> OrganisationView {
    OrganisationView {
        name: line(&it.name),
        url: it.url.as_deref().map(clean),
        abuse_email: it.abuse_email.as_ref().map(Address::reveal),
    }
}

fn case<'a>(case: &'a Case, data: &NoticeData, language: &'a Language) -> CaseView<'a> {
    let words = language.abuse(case.abuse_class);
    let judged = matches!(data.audience, Audience::Registrar | Audience::Desk);
    CaseView {
        domain: domain(&case.domain),
        abuse_class: case.abuse_class.as_str(),
        name: words.map_or("", |it| it.name.as_str()),
        what: words.map_or("", |it| it.what.as_str()),
        steps: words.map_or(&[], |it| it.steps.as_slice()),
        change: case.change.as_str(),
        first_seen: case.first_seen.to_string(),
        ended_at: case.ended_at.map(|at| at.to_string()),
        break_in: case.remedy == "compromised",
        remedy: judged.then(|| line(&case.remedy)),
        hoster: case.hoster.as_ref().map(organisation),
        indicators: case.indicators.iter().map(|it| indicator(it, language)).collect(),
    }
}

fn indicator<'a>(it: &Indicator, language: &'a Language) -> IndicatorView<'a> {
    let mut by = it.confirmed_by.clone();
    by.sort_unstable();
    by.dedup();
    IndicatorView {
        url: defang(&url(&it.observable)),
        host: defang(&line(&it.host)),
        kind: line(&it.kind),
        first_seen: it.first_seen.to_string(),
        last_seen: it.last_seen.to_string(),
        sources: it.sources.iter().map(|source| line(source)).collect(),
        confirmed_by: by.into_iter().filter_map(|by| language.confirmation(by)).collect(),
        confirmed_at: it.confirmed_at.map(|at| at.to_string()),
    }
}

/// One line, cleaned. A name that has a URL in it opens nothing either.
fn line(text: &str) -> String {
    let text = clean(text);
    if text.contains("://") { defang(&text) } else { text }
}

/// A URL is not shortened as names are; what is no part of one is escaped, what is too long ends in `…`.
pub(super) fn url(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == MAX_URL {
            out.push('…');
            break;
        }
        if c.is_ascii_graphic() {
            out.push(c);
        } else {
            let mut octets = [0; 4];
            for octet in c.encode_utf8(&mut octets).bytes() {
                out.push_str(&format!("%{octet:02X}"));
            }
        }
    }
    out
}

fn desk(desk: &Desk) -> DeskView {
    let lines = |of: &[String]| of.iter().map(|it| line(it)).collect();
    DeskView {
        day: desk.day.start().to_string(),
        problems: lines(&desk.problems),
        accepted: desk.accepted,
        held: desk.held,
        deferred: desk.deferred,
        uncertain: desk.uncertain,
        bounced: desk.bounced,
        cancelled: desk.cancelled,
        report: lines(&desk.report),
        waiting: lines(&desk.waiting),
        high_risk: lines(&desk.high_risk),
    }
}

/// The kind of a message about several cases: the most urgent of what became of them.
impl Kind {
    /// None for no case.
    #[must_use]
    pub fn of(changes: impl IntoIterator<Item = Change>) -> Option<Kind> {
        let kind = |change| match change {
            Change::New => Kind::Notice,
            Change::Open => Kind::Reminder,
            Change::Withdrawn => Kind::Correction,
            Change::Over => Kind::AllClear,
        };
        let rank = |kind: &Kind| match kind {
            Kind::Notice => 0,
            Kind::Reminder => 1,
            Kind::Correction => 2,
            _ => 3,
        };
        changes.into_iter().map(kind).min_by_key(rank)
    }
}
