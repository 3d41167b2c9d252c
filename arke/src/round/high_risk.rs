//! Names that no feed has yet and that imitate a protected name: the list for the registry's people. Nobody is written to
//! because of it.
//!
//! ```text
//! zone files ─► registered domains ─► scan ─► pairs to review ─┐   records: those with an open case are left out,
//! records: names that Panopticon found ────────────────────────┤   and those that are marked as harmless
//! RDAP: since when, by whom ──────────────────────────────────┴─► judged once more, gates of the registrant ─► lines
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_dataflow::lexical::{
    Context, Found, ProtectedError, ProtectedList, Sources, TablesError, Tier, Variants,
};
use panopticon_datasets::reference;
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_sources::capped::{self, Caps};
use panopticon_sources::given::{GivenError, words};
use panopticon_sources::zone::{Domain, Name, Options, Registered, Settings, Snapshot, SnapshotError, from_zone};
use serde::Serialize;
use tokio::runtime::Handle;

use super::look::{Answers, ask};
use super::{House, RoundError};
use crate::config::Tld;
use crate::contact::Address;
use crate::docket::Standing;
use crate::rdap::{Email, Registration, Role};
use crate::records::{HighRiskRow, Lists, Records};

/// A name that has been registered for so many years is no new risk.
const LONG_YEARS: u64 = 5;
/// Whoever names a zone file means all of it; this is only against what never ends.
const CAPS: Caps = Caps { max_bytes: 1 << 40, max_decoded_bytes: 1 << 42 };

/// Why no list can be made.
#[derive(Debug, thiserror::Error)]
pub enum HighRiskError {
    /// No zone is named, and the records have no such names.
    #[error("`zone` is missing, and the records have no high-risk names: name the zone file in arke.json")]
    NoZone,
    /// The zone file cannot be opened.
    #[error("cannot read `{path}`")]
    Open {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The zone file cannot be read.
    #[error("the zone `{path}`")]
    Zone {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: SnapshotError,
    },
    /// A file of protected names that cannot be read.
    #[error(transparent)]
    Given(#[from] GivenError),
    /// A line that is no name; nobody is protected.
    #[error(transparent)]
    Protected(#[from] ProtectedError),
    /// A table of the program: its fault.
    #[error("a reference table")]
    Tables(#[from] TablesError),
}

/// A name to look at. It may name its holder: for the registry's people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HighRiskLine {
    /// The domain.
    pub name: String,
    /// What it imitates.
    pub target: String,
    /// How.
    pub techniques: Vec<String>,
    /// What was done, in words.
    pub edits: String,
    /// How much that says, 0 to 100; none if it is like nobody.
    pub score: Option<i64>,
    /// `review`, `high`.
    pub tier: String,
    /// What the score is made of.
    pub reasons: Vec<String>,
    /// When it was registered.
    pub created: Option<String>,
    /// Its registrar.
    pub registrar: Option<String>,
    /// The address of the registrar's abuse desk.
    pub registrar_abuse: Option<String>,
    /// Who sold it.
    pub reseller: Option<String>,
    /// The holder's name. Personal data.
    pub holder: Option<String>,
    /// The holder's address. Personal data.
    pub holder_email: Option<String>,
    /// Why it is held back: `same-holder`, `long-established`, or what the letters say against it.
    pub held_back: Option<&'static str>,
    /// What RDAP could not say.
    pub fault: Option<String>,
}

impl HighRiskLine {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 15] = [
        "name",
        "target",
        "techniques",
        "edits",
        "score",
        "tier",
        "reasons",
        "created",
        "registrar",
        "registrar_abuse",
        "reseller",
        "holder",
        "holder_email",
        "held_back",
        "fault",
    ];
}

/// The list, and what it was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HighRisk {
    /// The names, the highest score first.
    pub lines: Vec<HighRiskLine>,
    /// Domains that were looked at.
    pub domains: u64,
    /// Look-alikes that a feed has: they are cases.
    pub listed: usize,
    /// Look-alikes that are marked as harmless.
    pub allowed: usize,
    /// How many more there are than were asked for.
    pub left_out: usize,
}

/// The protected names of some files and words; without any, those of the TLD's file, else those of the records, else
/// the list that is shipped.
///
/// # Errors
/// [`HighRiskError`]: a file that cannot be read, a line that is no name.
pub fn protected(given: &[String], tld: &Tld, lists: &Lists) -> Result<ProtectedList, HighRiskError> {
    let file = tld.protected.iter().map(|path| path.display().to_string()).collect();
    let given: Vec<String> = if given.is_empty() { file } else { given.to_vec() };
    if given.is_empty() {
        let lines = lists.protected.iter().map(|line| (line.to_string(), None));
        return Ok(ProtectedList::read(lines, reference::IMITATED)?);
    }
    let words = words(&given)?.into_iter().map(|word| (word.text, word.from));
    Ok(ProtectedList::read(words, reference::IMITATED)?)
}

/// Makes the list: at most so many names, the highest scores first. Each is asked for in RDAP.
///
/// # Errors
/// [`RoundError`]: a zone that cannot be read; RDAP turned us away.
pub fn high_risk(
    house: &House<'_>,
    records: &Records,
    protected: &ProtectedList,
    most: usize,
    runtime: &Handle,
    now: Epoch,
) -> Result<HighRisk, RoundError> {
    if house.tld.zones.is_empty() && records.lists.high_risk.is_empty() {
        return Err(HighRiskError::NoZone.into());
    }
    let tables = Sources {
        keyboards: reference::KEYBOARDS,
        glyphs: reference::GLYPHS,
        readings: reference::READINGS,
        keywords: reference::KEYWORDS,
    };
    let tld = &records.head.tld;
    let mut scan = protected.scan(tables, tld, Variants::default()).map_err(HighRiskError::Tables)?;
    let mut risk = HighRisk::default();
    for file in &house.tld.zones {
        let look = &mut |domain: Domain<'_>| {
            scan.look(domain.name, domain.label, domain.name_servers);
        };
        risk.domains += each_domain(file, tld, look)?;
    }
    let open = records.entries.iter().filter(|entry| entry.standing == Standing::Open);
    let listed: BTreeSet<&str> = open.map(|entry| entry.case.registrable_domain.as_str()).collect();
    let by_letters = scan.judge(|_| Context::default());
    let worth = |found: &&Found| !found.is_held_back() && found.judgement.tier >= Tier::Review;
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut targets: BTreeSet<&str> = BTreeSet::new();
    let mut names: Vec<&str> = Vec::new();
    for found in by_letters.iter().filter(worth) {
        if !seen.insert(found.name.as_str()) {
            continue;
        }
        if records.lists.allowed.contains(&found.name) {
            risk.allowed += 1;
        } else if listed.contains(found.name.as_str()) {
            risk.listed += 1;
        } else if names.len() < most {
            names.push(&found.name);
            targets.extend(Some(found.target.as_str()).filter(|target| target.ends_with(&format!(".{tld}"))));
        } else {
            risk.left_out += 1;
        }
    }
    // What Panopticon found beyond that: it has brands of the day, and knows names that a machine made.
    let scanned = !house.tld.zones.is_empty();
    let theirs = records.lists.high_risk.iter().filter(|row| row.algorithmic || !scanned);
    let theirs: Vec<&HighRiskRow> = theirs.filter(|row| !seen.contains(row.name.as_str())).collect();
    let room = most.saturating_sub(names.len());
    risk.left_out += theirs.len().saturating_sub(room);
    let theirs = theirs.get(..room.min(theirs.len())).unwrap_or_default();
    let asked = names.iter().chain(&targets).copied().chain(theirs.iter().map(|row| row.name.as_str()));
    let answers = ask(house, runtime, asked.collect())?;
    let known = |name: &str| {
        let age = registration(&answers, name).and_then(|of| of.created).map(|created| days(created, now));
        Context { age_days: age, ..Context::default() }
    };
    let chosen: BTreeSet<&str> = names.into_iter().collect();
    let mut lines: BTreeMap<CompactString, HighRiskLine> = BTreeMap::new();
    for found in scan.judge(known).iter().filter(|found| chosen.contains(found.name.as_str())).filter(worth) {
        if matches!(answers.get(found.name.as_str()), Some(Ok(None))) {
            continue;
        }
        // The pair that says most speaks for the name.
        lines.entry(found.name.clone()).or_insert_with(|| line(house, &answers, &Likeness::of(found), now));
    }
    for row in theirs {
        if !matches!(answers.get(row.name.as_str()), Some(Ok(None))) {
            lines.entry(row.name.clone()).or_insert_with(|| line(house, &answers, &Likeness::read(row), now));
        }
    }
    risk.lines = lines.into_values().collect();
    risk.lines.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
    Ok(risk)
}

/// Shows the registered domains of a zone file; gives how many there are.
fn each_domain(file: &Path, tld: &str, visit: &mut dyn FnMut(Domain<'_>)) -> Result<u64, HighRiskError> {
    let path = || file.display().to_string();
    let zone = |source| HighRiskError::Zone { path: path(), source };
    let open = |source| HighRiskError::Open { path: path(), source };
    let folder = tempfile::tempdir().map_err(open)?;
    let out = folder.path().join("zone");
    let input = File::open(file).and_then(|file| capped::open(file, CAPS, None)).map_err(open)?;
    let mut settings = Settings::new(folder.path());
    settings.options = Options::of_file(file, Name::parse(format!("{tld}.").as_bytes(), None).ok());
    from_zone(input, &settings, &out).map_err(zone)?;
    let names = Registered::new(Snapshot::open(out).map_err(zone)?, None).map_err(zone)?;
    names.map_or(Ok(0), |names| Ok(names.each(visit).map_err(zone)?.domains))
}

fn registration<'a>(answers: &'a Answers, name: &str) -> Option<&'a Arc<Registration>> {
    answers.get(name)?.as_ref().ok()?.as_ref()
}

fn days(since: Epoch, now: Epoch) -> u32 {
    u32::try_from(now.0.saturating_sub(since.0) / DAY_MS).unwrap_or(u32::MAX)
}

/// What the letters of a name say, whoever found it.
struct Likeness<'a> {
    name: &'a str,
    target: &'a str,
    techniques: Vec<String>,
    edits: String,
    score: Option<i64>,
    tier: String,
    reasons: Vec<String>,
}

impl<'a> Likeness<'a> {
    /// As it was found in the zone.
    fn of(found: &'a Found) -> Likeness<'a> {
        let findings = &found.pair.findings;
        Likeness {
            name: &found.name,
            target: &found.target,
            techniques: findings.iter().map(|(technique, _)| technique.to_string()).collect(),
            edits: findings.iter().map(|(_, edit)| edit.to_string()).collect::<Vec<_>>().join("; "),
            score: Some(found.judgement.score.into()),
            tier: found.judgement.tier.as_str().to_owned(),
            reasons: found.judgement.terms.iter().map(|(term, points)| format!("{term} {points:+}")).collect(),
        }
    }

    /// As the records say it.
    fn read(row: &'a HighRiskRow) -> Likeness<'a> {
        let made = "looks as if a machine had made it";
        Likeness {
            name: &row.name,
            target: row.target.as_deref().unwrap_or_default(),
            techniques: row.techniques.iter().map(ToString::to_string).collect(),
            edits: if row.algorithmic { made.to_owned() } else { row.techniques.join(", ") },
            score: row.score,
            tier: row.tier.to_string(),
            reasons: Vec::new(),
        }
    }
}

fn line(house: &House<'_>, answers: &Answers, found: &Likeness<'_>, now: Epoch) -> HighRiskLine {
    let known = registration(answers, found.name);
    let fault = match answers.get(found.name) {
        Some(Err(error)) => Some(error.clone()),
        _ => None,
    };
    let created = known.and_then(|of| of.created);
    let is_old = created.is_some_and(|created| u64::from(days(created, now)) >= LONG_YEARS * 365);
    let is_same = known.zip(registration(answers, found.target)).is_some_and(|(a, b)| same_holder(a, b));
    let registrar = known.and_then(|of| of.registrar.as_ref());
    let registrar_name = registrar.and_then(|of| of.name.clone());
    let reseller = known.and_then(|of| of.reseller.as_ref()).and_then(|of| of.name.clone());
    let listed = || house.resellers.of(found.name, registrar_name.as_deref()).map(|of| of.name.clone());
    let holder = known.and_then(|of| holder(of));
    let email = holder.and_then(|holder| match &holder.email {
        Email::Present(addresses) => addresses.first().map(Address::reveal),
        _ => None,
    });
    HighRiskLine {
        name: found.name.to_owned(),
        target: found.target.to_owned(),
        techniques: found.techniques.clone(),
        edits: found.edits.clone(),
        score: found.score,
        tier: found.tier.clone(),
        reasons: found.reasons.clone(),
        created: created.map(|created| created.to_string()),
        registrar_abuse: registrar.and_then(|of| of.abuse.first()).map(Address::reveal),
        reseller: reseller.or_else(listed),
        registrar: registrar_name,
        holder: holder
            .and_then(|of| of.organisation.as_ref().or(of.name.as_ref()))
            .map(|name| name.reveal().to_owned()),
        holder_email: email,
        held_back: match (is_same, is_old) {
            (true, _) => Some("same-holder"),
            (_, true) => Some("long-established"),
            _ => None,
        },
        fault,
    }
}

/// The registrant.
fn holder(registration: &Registration) -> Option<&crate::rdap::Contact> {
    registration
        .contacts
        .iter()
        .find(|contact| contact.path.len() == 1 && contact.roles.contains(&Role::Registrant))
}

/// Whether two registrations have one holder: by an address that both have.
fn same_holder(a: &Registration, b: &Registration) -> bool {
    let addresses = |of: &Registration| -> BTreeSet<String> {
        match holder(of).map(|holder| (&holder.email, holder.proxy)) {
            Some((Email::Present(addresses), false)) => addresses.iter().map(Address::key).collect(),
            _ => BTreeSet::new(),
        }
    };
    !addresses(a).is_disjoint(&addresses(b))
}
