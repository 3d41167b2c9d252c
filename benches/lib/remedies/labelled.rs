//! Names with what they really are, as far as a list can say; and what the model says of them.

use std::sync::Arc;

use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::indicator::Indicator;
use panopticon_model::judgement::{Dossier, Policy, RemedyKind, Seen, Signal, judge};
use panopticon_model::observable::ObservableKind;
use panopticon_model::observation::{
    Facts, Measured, Observation, ObservationKey, Outcome, ProbeKind, RdapFacts, Schedule, observe,
};
use panopticon_model::sighting::{AbuseClass, FeedId, case_id, indicator_id};
use panopticon_model::time::Day;

use super::known::Known;
use super::listings::{Feed, Listed, Listings};

/// What a name is, by the list that labels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It lies below a suffix at which an operator gives names away; says the suffix list.
    Customer,
    /// It was registered for malware; says blackbook.
    Dedicated,
    /// It is popular, so whoever misuses it broke in or is its guest; says Tranco.
    Popular,
    /// A content management system was broken into; says the path in URLhaus.
    Cms,
}

impl Truth {
    /// All of them.
    pub const ALL: [Truth; 4] = [Truth::Dedicated, Truth::Popular, Truth::Cms, Truth::Customer];

    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Truth::Customer => "customer",
            Truth::Dedicated => "dedicated",
            Truth::Popular => "popular",
            Truth::Cms => "cms-path",
        }
    }
}

/// Which entries become indicators. Labels come from all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Those of both feeds. Blackbook lists names only, so the form of an entry tells its label.
    Both,
    /// Those of URLhaus; names that it does not list are left out.
    UrlhausOnly,
}

/// A labelled name with all that is known of it.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// What it is.
    pub truth: Truth,
    /// When it was registered, if that is known and before it was listed.
    pub registered: Option<Day>,
    /// Whether it was seen among new names only after it had been listed: that was another registration.
    pub is_registered_again: bool,
    /// Whether blackbook lists it.
    pub in_blackbook: bool,
    /// Whether Tranco does.
    pub is_popular: bool,
    case: Case,
    indicators: Vec<Arc<Indicator>>,
}

/// How many days a list of new names may lag behind.
const LAG: u32 = 2;

/// The labelled names among those that are listed, in their order.
#[must_use]
pub fn labelled(listings: &Listings, known: &Known, evidence: Evidence) -> Vec<Labelled> {
    listings.subjects().filter_map(|(subject, listed)| label(subject, &listed, known, evidence)).collect()
}

fn label(subject: &str, listed: &[&Listed], known: &Known, evidence: Evidence) -> Option<Labelled> {
    let place = &listed.first()?.observable.place;
    let name = place.registrable_domain()?;
    let fact = known.get(name);
    let in_blackbook = listed.iter().any(|entry| entry.feed == Feed::Blackbook);
    let truth = if place.platform().is_some() {
        Truth::Customer
    } else if in_blackbook {
        Truth::Dedicated
    } else if fact.is_popular {
        Truth::Popular
    } else if listed.iter().any(|entry| is_cms(entry)) {
        Truth::Cms
    } else {
        return None;
    };
    let counts = |entry: &&&Listed| evidence == Evidence::Both || entry.feed == Feed::Urlhaus;
    let mut indicators: Vec<Arc<Indicator>> =
        listed.iter().filter(counts).map(|entry| Arc::new(indicator(entry))).collect();
    indicators.sort_unstable();
    let first_seen = indicators.iter().map(|row| row.first_seen).min()?;
    let is_before = |day: &Day| day.back(LAG).start() <= first_seen;
    let case = Case {
        id: case_id(subject, AbuseClass::Malware),
        subject: subject.into(),
        registrable_domain: name.into(),
        platform: place.platform().map(Into::into),
        abuse_class: AbuseClass::Malware,
        status: CaseStatus::Active,
        first_seen,
        ended_at: None,
        evidence_count: u32::try_from(indicators.len()).unwrap_or(u32::MAX),
        feed_ids: indicators.iter().flat_map(|row| row.feed_ids.iter().cloned()).collect(),
        delegated: None,
        rank: fact.rank(),
    };
    Some(Labelled {
        truth,
        registered: fact.registered.filter(is_before),
        is_registered_again: fact.registered.is_some_and(|day| !is_before(&day)),
        in_blackbook,
        is_popular: fact.is_popular,
        case,
        indicators,
    })
}

/// Parts of paths that only a content management system has.
const CMS: [&str; 5] =
    ["/wp-content/", "/wp-includes/", "/wp-admin/", "/components/com_", "/sites/default/files/"];

fn is_cms(entry: &Listed) -> bool {
    let path = entry.observable.canonical.to_ascii_lowercase();
    CMS.iter().any(|part| path.contains(part))
}

fn indicator(entry: &Listed) -> Indicator {
    // The filter list has no schemes; the canonical form took `http`.
    debug_assert!(matches!(entry.observable.kind, ObservableKind::Url | ObservableKind::Host));
    Indicator {
        id: indicator_id(entry.observable.id, AbuseClass::Malware),
        observable: Arc::clone(&entry.observable),
        abuse_class: AbuseClass::Malware,
        feed_ids: Arc::from([FeedId::from(entry.feed.as_str())]),
        first_seen: entry.day.start(),
        last_seen: None,
        ended_at: None,
        seconded_at: None,
    }
}

/// What the model says of a labelled name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What it is.
    pub truth: Truth,
    /// What the model holds it for.
    pub kind: RemedyKind,
    /// Whether nobody is to call it malicious without a human decision.
    pub is_guarded: bool,
    /// The signals that it shows.
    pub signals: Vec<Signal>,
}

impl Labelled {
    /// Judges it by what could have been known when it was listed first. None only if the model has no remedy for it.
    #[must_use]
    pub fn judge(&self, policy: &Policy) -> Option<Judged> {
        let rdap = self.rdap();
        let mut dossier = Dossier {
            indicators: self.indicators.iter().collect(),
            cases: vec![&self.case],
            seen: rdap.iter().map(|(key, seen)| Seen { key, seen, confirms: false }).collect(),
            seconded: Vec::new(),
            rank: self.case.rank,
            is_protected: false,
        };
        dossier.sort();
        let is_guarded = dossier.guard(policy.guarded_rank).is_some();
        let remedy = judge(&dossier, policy).1.pop()?;
        let signals = remedy.reasons.iter().map(|reason| reason.signal).collect();
        Some(Judged { truth: self.truth, kind: remedy.kind, is_guarded, signals })
    }

    /// What RDAP would have said of its age.
    fn rdap(&self) -> Option<(ObservationKey, Observation)> {
        let created_at = Some(self.registered?.start());
        let place = self.indicators.first()?.observable.place.clone();
        let key = ObservationKey {
            target: self.case.registrable_domain.clone(),
            kind: ProbeKind::Rdap,
            vantage: Default::default(),
        };
        let facts = Facts::Rdap(Box::new(RdapFacts { created_at, ..RdapFacts::default() }));
        let measured = Measured { facts, ..Measured::bare(Outcome::Found) };
        let seen = observe(ProbeKind::Rdap, place, None, measured, self.case.first_seen, &Schedule::default());
        Some((key, seen))
    }
}
