//! Names with what they really are, as far as a list can say; and what the model says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::id::Id;
use panopticon_model::indicator::Indicator;
use panopticon_model::judgement::{Dossier, Policy, RemedyKind, Seen, Signal, judge};
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
    /// It was registered for malware; says blackbook, by a tracker of panels.
    Dedicated,
    /// The same, but blackbook has it from URLhaus.
    SecondHand,
    /// It is popular, so whoever misuses it broke in or is its guest; says Tranco.
    Popular,
    /// A content management system was broken into; says the path in URLhaus.
    Cms,
    /// It lies below a suffix at which an operator gives names away; says the suffix list.
    Customer,
}

impl Truth {
    /// All of them, in the order of tables.
    pub const ALL: [Truth; 5] = [Truth::Dedicated, Truth::SecondHand, Truth::Popular, Truth::Cms, Truth::Customer];

    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Truth::Dedicated => "dedicated",
            Truth::SecondHand => "second-hand",
            Truth::Popular => "popular",
            Truth::Cms => "cms-path",
            Truth::Customer => "customer",
        }
    }

    /// What the sum should decide; none where the suffix list decides.
    #[must_use]
    pub fn expected(self) -> Option<RemedyKind> {
        match self {
            Truth::Dedicated | Truth::SecondHand => Some(RemedyKind::Malicious),
            Truth::Popular | Truth::Cms => Some(RemedyKind::Compromised),
            Truth::Customer => None,
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
    let is_in = |feed| listed.iter().any(|entry| entry.feed == feed);
    let in_blackbook = is_in(Feed::Blackbook) || is_in(Feed::BlackbookOfUrlhaus);
    let truth = if place.platform().is_some() {
        Truth::Customer
    } else if is_in(Feed::Blackbook) {
        Truth::Dedicated
    } else if in_blackbook {
        Truth::SecondHand
    } else if fact.is_popular {
        Truth::Popular
    } else if listed.iter().any(|entry| is_cms(entry)) {
        Truth::Cms
    } else {
        return None;
    };
    let indicators = indicators(listed, evidence);
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
        feed_ids: feeds(indicators.iter().flat_map(|row| row.feed_ids.iter().cloned())),
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

/// One indicator for each observable, upheld by all feeds that list it.
fn indicators(listed: &[&Listed], evidence: Evidence) -> Vec<Arc<Indicator>> {
    let mut by_id: BTreeMap<Id, Indicator> = BTreeMap::new();
    for entry in listed.iter().filter(|entry| evidence == Evidence::Both || entry.feed == Feed::Urlhaus) {
        let feed = FeedId::from(entry.feed.as_str());
        let id = indicator_id(entry.observable.id, AbuseClass::Malware);
        let row = by_id.entry(id).or_insert_with(|| Indicator {
            id,
            observable: Arc::clone(&entry.observable),
            abuse_class: AbuseClass::Malware,
            feed_ids: Arc::from([]),
            first_seen: entry.day.start(),
            last_seen: None,
            ended_at: None,
            seconded_at: None,
            // What a feed says of an origin is what names are labelled by.
            labelled: Default::default(),
        });
        row.first_seen = row.first_seen.min(entry.day.start());
        row.feed_ids = feeds(row.feed_ids.iter().cloned().chain([feed]));
    }
    by_id.into_values().map(Arc::new).collect()
}

fn feeds(feeds: impl Iterator<Item = FeedId>) -> Arc<[FeedId]> {
    feeds.collect::<BTreeSet<FeedId>>().into_iter().collect()
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
            repute: BTreeMap::new(),
            looks: None,
        };
        dossier.sort();
        let is_guarded = dossier.guard(policy.guarded_rank).is_some();
        let remedy = judge(&dossier, policy).1.pop()?;
        let signals = remedy.reasons.iter().map(|reason| reason.signal).collect();
        Some(Judged { truth: self.truth, kind: remedy.kind, is_guarded, signals })
    }

    /// What RDAP would have said of its age.
    fn rdap(&self) -> Option<(ObservationKey, Observation)> {
        // Registered it was no later than it was listed, whatever the list says that lags behind.
        let created_at = Some(self.registered?.start().min(self.case.first_seen));
        let place = self.indicators.first()?.observable.place.clone();
        let key = ObservationKey {
            target: self.case.registrable_domain.clone(),
            kind: ProbeKind::Rdap,
            vantage: CompactString::default(),
        };
        let facts = Facts::Rdap(Box::new(RdapFacts { created_at, ..RdapFacts::default() }));
        let measured = Measured { facts, ..Measured::bare(Outcome::Found) };
        let seen = observe(ProbeKind::Rdap, place, None, measured, self.case.first_seen, &Schedule::default());
        Some((key, seen))
    }
}
