//! Signals: what speaks for a name that was registered for abuse, and what for one that was broken into.
//!
//! The weights are set by hand and published; a sum is all there is to the model, so that anybody can follow it. They
//! follow what is known of phishing domains (Maroofi et al., COMAR, EuroS&P 2020; Bayer et al., EU study on DNS abuse,
//! 2022): four in five that were registered for it are younger than a year, more than half of those that were broken
//! into are older than six.

use compact_str::{CompactString, ToCompactString, format_compact};
use serde::{Deserialize, Serialize};

use super::dossier::{Dossier, Seen};
use super::page::{PageKind, page_kind};
use super::policy::Policy;
use super::repute;
use crate::case::Case;
use crate::indicator::Indicator;
use crate::lookalike::HighRiskName;
use crate::name::HostRole;
use crate::observable::ObservableKind;
use crate::observation::{Facts, HttpFacts, Look, Outcome, ProbeKind, own_targets};
use crate::time::DAY_MS;

/// Something that is known of a case and speaks for or against its being registered for abuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// The name was less than a week old when it was first seen.
    AgeUnderWeek,
    /// Less than thirty days.
    AgeUnderMonth,
    /// Less than ninety days.
    AgeUnderQuarter,
    /// Less than a year.
    AgeUnderYear,
    /// More than three years.
    AgeOverThreeYears,
    /// More than six years.
    AgeOverSixYears,
    /// The name is among the most popular ones of the world.
    Ranked,
    /// What is listed is the name or its root, nothing below.
    RootListed,
    /// What is listed lies in the folders of a content management system.
    CmsPath,
    /// What is listed lies in the folder of one user of a server.
    UserPath,
    /// What is listed lies three or more folders deep.
    DeepPath,
    /// What is listed is at hosts below the name only.
    SubordinateHost,
    /// The name has a word in it that lures people.
    LureWord,
    /// The root of the host shows a page of its own, which is not the one that is listed.
    OrdinaryRoot,
    /// The root of the host shows nothing although what is listed answers.
    EmptyRoot,
    /// Two places are shown different things.
    Cloaking,
    /// A blocklist says that the name was broken into.
    ListedAsCompromised,
    /// A blocklist says that the name serves abuse.
    ListedAsDedicated,
    /// A feed says that the name was broken into.
    FeedSaysCompromised,
    /// A feed says that the name was registered for abuse.
    FeedSaysDedicated,
    /// Many names on one of its name servers were registered for abuse.
    BadNameServer,
    /// Many names on one of its addresses were registered for abuse.
    BadAddress,
    /// Hardly any of the many names on one of its name servers was registered for abuse.
    CleanNameServer,
    /// The name imitates a protected name, and nothing holds that back.
    LookAlike,
    /// The name looks as if a machine had made it.
    Algorithmic,
}

/// All signals with their weights: above zero speaks for a registration for abuse, below for a break-in.
pub const SIGNALS: [(Signal, i32, &str); 25] = [
    (Signal::AgeUnderWeek, 35, "registered less than 7 days before it was first seen"),
    (Signal::AgeUnderMonth, 30, "registered less than 30 days before it was first seen"),
    (Signal::AgeUnderQuarter, 20, "registered less than 90 days before it was first seen"),
    (Signal::AgeUnderYear, 10, "registered less than a year before it was first seen"),
    (Signal::AgeOverThreeYears, -15, "registered more than 3 years before it was first seen"),
    (Signal::AgeOverSixYears, -30, "registered more than 6 years before it was first seen"),
    (Signal::Ranked, -25, "among the most popular names"),
    (Signal::RootListed, 15, "the name or its root is listed, nothing below"),
    (Signal::CmsPath, -35, "listed in the folders of a content management system"),
    (Signal::UserPath, -20, "listed in the folder of one user of a server"),
    (Signal::DeepPath, -10, "listed three or more folders deep"),
    (Signal::SubordinateHost, -5, "listed at hosts below the name only"),
    (Signal::LureWord, 20, "a word in the name lures people"),
    (Signal::OrdinaryRoot, -20, "the root of the host shows another page of its own"),
    (Signal::EmptyRoot, 10, "the root of the host shows nothing"),
    (Signal::Cloaking, 10, "two places are shown different things"),
    (Signal::ListedAsCompromised, -40, "a blocklist holds it for broken into"),
    (Signal::ListedAsDedicated, 15, "a blocklist holds it for abuse"),
    (Signal::FeedSaysCompromised, -30, "a feed says that it was broken into"),
    (Signal::FeedSaysDedicated, 20, "a feed says that it was registered for abuse"),
    // Both together stay below the band: where a name rests never decides alone.
    (
        Signal::BadNameServer,
        15,
        "half of the other names on a name server were registered for abuse, three at least",
    ),
    (Signal::BadAddress, 10, "half of the other names on an address were registered for abuse, three at least"),
    (
        Signal::CleanNameServer,
        -5,
        "of the many names on a name server less than one in a hundred was registered for abuse",
    ),
    (Signal::LookAlike, 20, "the name imitates a protected name"),
    (Signal::Algorithmic, 10, "the name looks as if a machine had made it"),
];

impl Signal {
    /// Its weight.
    #[must_use]
    pub fn weight(self) -> i32 {
        SIGNALS.iter().find(|(signal, _, _)| *signal == self).map_or(0, |(_, weight, _)| *weight)
    }

    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Signal::AgeUnderWeek => "age-under-week",
            Signal::AgeUnderMonth => "age-under-month",
            Signal::AgeUnderQuarter => "age-under-quarter",
            Signal::AgeUnderYear => "age-under-year",
            Signal::AgeOverThreeYears => "age-over-three-years",
            Signal::AgeOverSixYears => "age-over-six-years",
            Signal::Ranked => "ranked",
            Signal::RootListed => "root-listed",
            Signal::CmsPath => "cms-path",
            Signal::UserPath => "user-path",
            Signal::DeepPath => "deep-path",
            Signal::SubordinateHost => "subordinate-host",
            Signal::LureWord => "lure-word",
            Signal::OrdinaryRoot => "ordinary-root",
            Signal::EmptyRoot => "empty-root",
            Signal::Cloaking => "cloaking",
            Signal::ListedAsCompromised => "listed-as-compromised",
            Signal::ListedAsDedicated => "listed-as-dedicated",
            Signal::FeedSaysCompromised => "feed-says-compromised",
            Signal::FeedSaysDedicated => "feed-says-dedicated",
            Signal::BadNameServer => "bad-name-server",
            Signal::BadAddress => "bad-address",
            Signal::CleanNameServer => "clean-name-server",
            Signal::LookAlike => "look-alike",
            Signal::Algorithmic => "algorithmic",
        }
    }

    /// Whether it speaks of the company that a name keeps, and not of itself.
    #[must_use]
    pub fn is_of_company(self) -> bool {
        matches!(self, Signal::BadNameServer | Signal::BadAddress | Signal::CleanNameServer)
    }

    /// What it says, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        SIGNALS.iter().find(|(signal, _, _)| *signal == self).map_or("", |(_, _, meaning)| meaning)
    }
}

/// A signal that a case shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// Which.
    pub signal: Signal,
    /// What exactly: `registered 2025-02-27`, `login`; empty where the signal says it all.
    pub detail: CompactString,
}

/// Words that lure, in the labels of names that were registered to imitate a log-in or a payment.
const LURES: [&str; 20] = [
    "account", "alert", "auth", "bank", "billing", "confirm", "invoice", "login", "mail-", "parcel", "password",
    "pay", "recover", "secure", "signin", "support", "unlock", "update", "verif", "wallet",
];

/// Beginnings of paths, or parts of them, that belong to content management systems and to what hosts install.
const CMS: [&str; 12] = [
    "/wp-content/",
    "/wp-includes/",
    "/wp-admin/",
    "/wp-json/",
    "/components/com_",
    "/administrator/",
    "/sites/default/files/",
    "/sites/all/",
    "/skin/frontend/",
    "/typo3",
    "/.well-known/",
    "/cgi-bin/",
];

/// The signals that a case shows, in the order of [`SIGNALS`]. `own` are its indicators; of the policy only the origins
/// count that feeds are configured to have.
#[must_use]
pub fn signals(case: &Case, own: &[&Indicator], dossier: &Dossier<'_>, policy: &Policy) -> Vec<Reason> {
    let bare = |signal| Reason { signal, detail: CompactString::default() };
    let mut reasons: Vec<Reason> = age(case, dossier).into_iter().collect();
    if let Some(rank) = dossier.rank.filter(|_| case.platform.is_none()) {
        reasons.push(Reason { signal: Signal::Ranked, detail: format_compact!("rank {rank}") });
    }
    reasons.extend(paths(own));
    let is_below = |row: &&Indicator| row.observable.place.role() == HostRole::Subordinate;
    if !own.is_empty() && own.iter().all(is_below) {
        reasons.push(bare(Signal::SubordinateHost));
    }
    let label = case.registrable_domain.split('.').next().unwrap_or_default();
    if let Some(lure) = LURES.iter().find(|lure| label.contains(**lure)) {
        reasons.push(Reason { signal: Signal::LureWord, detail: lure.trim_end_matches('-').into() });
    }
    reasons.extend(root(own, dossier));
    if is_cloaked(own, dossier) {
        reasons.push(bare(Signal::Cloaking));
    }
    reasons.extend(blocklists(dossier));
    reasons.extend(repute::feeds(own, policy));
    reasons.extend(repute::servers(case, dossier));
    reasons.extend(dossier.looks.iter().flat_map(|looks| letters(looks)));
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

/// What the letters of the name say.
fn letters(looks: &HighRiskName) -> Vec<Reason> {
    let imitates = looks.target.as_ref().map(|target| {
        let techniques: Vec<&str> = looks.techniques.iter().map(|technique| technique.as_str()).collect();
        let detail = format_compact!("{target} by {}", techniques.join(" and "));
        Reason { signal: Signal::LookAlike, detail }
    });
    let made = looks.algorithmic.map(|_| Reason { signal: Signal::Algorithmic, detail: CompactString::default() });
    imitates.into_iter().chain(made).collect()
}

fn age(case: &Case, dossier: &Dossier<'_>) -> Option<Reason> {
    let created = dossier.rdap()?.created_at?;
    // It was registered again since: how old it was then is not known. A day, because feeds give days.
    if created > case.first_seen.plus(DAY_MS) {
        return None;
    }
    let days = case.first_seen.0.saturating_sub(created.0) / DAY_MS;
    let signal = match days {
        0..7 => Signal::AgeUnderWeek,
        7..30 => Signal::AgeUnderMonth,
        30..90 => Signal::AgeUnderQuarter,
        90..365 => Signal::AgeUnderYear,
        365..1096 => return None,
        1096..2192 => Signal::AgeOverThreeYears,
        _ => Signal::AgeOverSixYears,
    };
    Some(Reason { signal, detail: format_compact!("registered {}", created.day()) })
}

/// The path of a URL, without its query; none of what is no URL.
fn path(indicator: &Indicator) -> Option<&str> {
    if indicator.observable.kind != ObservableKind::Url {
        return None;
    }
    let (_, rest) = indicator.observable.canonical.split_once("://")?;
    let path = rest.find('/').map_or("/", |at| rest.get(at..).unwrap_or("/"));
    path.split(['?', '#']).next()
}

/// Whether an indicator is a name, or the root of one.
fn is_root(indicator: &Indicator) -> bool {
    path(indicator).is_none_or(|path| path == "/")
}

fn paths(own: &[&Indicator]) -> Option<Reason> {
    let paths: Vec<&str> = own.iter().filter_map(|row| path(row)).collect();
    let of = |signal, path: &str| Some(Reason { signal, detail: path.to_compact_string() });
    let lower = |path: &&&str| path.to_ascii_lowercase();
    if let Some(path) = paths.iter().find(|path| CMS.iter().any(|part| lower(path).contains(part))) {
        return of(Signal::CmsPath, path);
    }
    if let Some(path) = paths.iter().find(|path| path.starts_with("/~")) {
        return of(Signal::UserPath, path);
    }
    if !own.is_empty() && own.iter().all(|row| is_root(row)) {
        return of(Signal::RootListed, "");
    }
    let depth = |path: &&&str| path.split('/').filter(|part| !part.is_empty()).count();
    let deep = paths.iter().find(|path| depth(path) > 3)?;
    of(Signal::DeepPath, deep)
}

/// The page at a URL, as any place sees it.
fn page<'d>(dossier: &Dossier<'d>, url: &str) -> Option<(Outcome, &'d HttpFacts)> {
    let mut fetched = dossier.seen.iter().filter(|of| of.key.kind.is_fetch() && of.key.target == url);
    fetched.find_map(|of| match &of.seen.facts {
        Facts::Http(facts) => Some((of.seen.outcome, facts.as_ref())),
        _ => None,
    })
}

/// What the root of the host shows beside what is listed below it.
fn root(own: &[&Indicator], dossier: &Dossier<'_>) -> Option<Reason> {
    if own.iter().any(|row| is_root(row)) {
        return None;
    }
    own.iter().find_map(|row| {
        let listed = path(row).filter(|path| *path != "/").and(Some(row.observable.canonical.as_ref()))?;
        let (outcome, listed) = page(dossier, listed)?;
        let roots = ["https", "http"].map(|scheme| format_compact!("{scheme}://{}/", row.observable.place.host()));
        let roots: Vec<_> = roots.iter().filter_map(|root| page(dossier, root)).collect();
        let is_own = |(outcome, root): &&(Outcome, &HttpFacts)| {
            let has_title = root.title.as_deref().is_some_and(|title| !title.trim().is_empty());
            *outcome == Outcome::Content
                && has_title
                && root.title != listed.title
                && page_kind(root) == PageKind::Ordinary
        };
        if let Some((_, root)) = roots.iter().find(is_own) {
            let detail = root.title.clone().unwrap_or_default();
            return Some(Reason { signal: Signal::OrdinaryRoot, detail });
        }
        let is_empty = |(outcome, _): &(Outcome, &HttpFacts)| *outcome == Outcome::NotFound;
        let shows_nothing = outcome == Outcome::Content && !roots.is_empty() && roots.iter().all(is_empty);
        shows_nothing.then(|| Reason { signal: Signal::EmptyRoot, detail: CompactString::default() })
    })
}

fn is_cloaked(own: &[&Indicator], dossier: &Dossier<'_>) -> bool {
    own.iter().flat_map(|row| own_targets(&row.observable)).any(|target| {
        let looks: Vec<Look> = dossier
            .seen
            .iter()
            .filter(|of| of.key.target == target && of.key.kind.is_fetch())
            .filter_map(|of| Look::of(of.key.kind, of.seen))
            .collect();
        looks.iter().enumerate().any(|(n, one)| looks.iter().skip(n + 1).any(|other| one.differs_from(other)))
    })
}

/// What blocklists with codes of their own say. Those of Spamhaus end in 102 to 106 for what was broken into.
fn blocklists(dossier: &Dossier<'_>) -> Vec<Reason> {
    let is_listed = |of: &&Seen<'_>| of.key.kind == ProbeKind::Blocklist && of.seen.outcome == Outcome::Listed;
    let reason = |of: &Seen<'_>| {
        let Facts::Blocklist(facts) = &of.seen.facts else { return None };
        let is_compromised = facts.codes.iter().any(|code| matches!(code.octets(), [127, 0, 1, 102..=106]));
        let signal = if is_compromised { Signal::ListedAsCompromised } else { Signal::ListedAsDedicated };
        Some(Reason { signal, detail: of.key.vantage.clone() })
    };
    dossier.seen.iter().filter(is_listed).filter_map(reason).collect()
}
