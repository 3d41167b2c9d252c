//! How much a likeness says: named points that are added, a tier, and the reason why it says nothing after all.
//!
//! Points and gates are stated where they stand, so that a desk can defend each row. A pair that a gate holds back
//! keeps its score: what is held back is never lost, and comes again when the reason goes. Nobody is written to on
//! likeness alone.

use std::collections::BTreeSet;
use std::fmt;

pub use panopticon_model::lookalike::{Suppression, Tier};

use super::tables::Tables;
use super::target::{ProtectedName, Shown};
use super::technique::{Edit, Place, Technique};
use super::typing::Finding;

/// Names shorter than this, in characters, have too many neighbours for a slip to mean anything.
const SHORTEST: usize = 5;

/// What is known of a label beside its letters, each as of the day's close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// An operator looked at this pair and said that it is none.
    pub dismissed: bool,
    /// The label is itself a protected name.
    pub protected: bool,
    /// The name is one of the popular ones.
    pub popular: bool,
    /// The label is a word or family name of the languages of the TLD.
    pub word: bool,
    /// The holder of the protected name holds it: same registrar account or name servers.
    pub defensive: bool,
    /// It was registered before the protected name was there.
    pub older: bool,
    /// The protected name has more than 20 neighbours in this zone.
    pub crowded: bool,
    /// A large part of the names on its name servers are look-alikes.
    pub squatting_servers: bool,
    /// Its name servers hold look-alikes of three protected names or more.
    pub many_targets: bool,
    /// Days since it was registered.
    pub age_days: Option<u32>,
    /// It can receive mail.
    pub mail: bool,
    /// One of its name servers, mail servers or addresses is listed.
    pub listed_neighbour: bool,
}

/// What gives or takes points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// The technique that says most.
    Technique(Technique),
    /// The protected name is long: 8 characters, or 10.
    Long,
    /// A keyword beside the name: of its sector, or any.
    Keyword,
    /// The protected name is a common word, which takes seven tenths of what stands above.
    CommonWord,
    /// [`Context::squatting_servers`].
    SquattingServers,
    /// [`Context::many_targets`].
    ManyTargets,
    /// Registered within 7 days, or 30.
    Young,
    /// [`Context::mail`].
    Mail,
    /// [`Context::listed_neighbour`].
    ListedNeighbour,
}

/// What a pair comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Terms with their points, in order; none has 0.
    pub terms: Vec<(Term, i32)>,
    /// Their sum, kept within 0 and 100.
    pub score: i32,
    /// What the score comes to, held back or not.
    pub tier: Tier,
    /// Why it is held back; `None` if it counts.
    pub suppressed_by: Option<Suppression>,
}

/// Judges what [`super::Index::find`] found.
///
/// `label` is the A-label that imitates `name`; `findings` are those of the pair.
#[must_use]
pub fn judge(
    tables: &Tables,
    label: &str,
    name: &ProtectedName,
    findings: &[Finding],
    context: &Context,
) -> Judgement {
    let length = Shown::new(&name.label).chars.len();
    let mut terms = Vec::new();
    let best = findings.iter().map(|(technique, edit)| (points(*technique, edit), *technique));
    // Of equal ones the first in the alphabet speaks.
    if let Some((points, technique)) =
        best.max_by_key(|(points, technique)| (*points, std::cmp::Reverse(*technique)))
    {
        terms.push((Term::Technique(technique), points));
    }
    // The end of a long name is as short as any word.
    let is_end = findings.iter().all(|(technique, _)| *technique == Technique::Subdomain);
    terms.push((
        Term::Long,
        match length {
            _ if is_end => 0,
            10.. => 15,
            8.. => 10,
            _ => 0,
        },
    ));
    terms.push((Term::Keyword, keyword_points(tables, name, findings)));
    if name.common_word {
        let lexical: i32 = terms.iter().map(|(_, points)| points).sum();
        terms.push((Term::CommonWord, -(lexical * 7 / 10)));
    }
    let given = |there: bool, points: i32| if there { points } else { 0 };
    terms.push((Term::SquattingServers, given(context.squatting_servers, 15)));
    terms.push((Term::ManyTargets, given(context.many_targets, 15)));
    terms.push((
        Term::Young,
        context.age_days.map_or(0, |days| match days {
            0..=7 => 15,
            8..=30 => 8,
            _ => 0,
        }),
    ));
    terms.push((Term::Mail, given(context.mail, 10)));
    terms.push((Term::ListedNeighbour, given(context.listed_neighbour, 20)));
    terms.retain(|(_, points)| *points != 0);
    let score = terms.iter().map(|(_, points)| points).sum::<i32>().clamp(0, 100);
    let hyphens = findings.iter().all(|(technique, _)| *technique == Technique::Hyphenation);
    let tier = match score {
        _ if hyphens => Tier::Info,
        ..30 => Tier::Info,
        30..60 => Tier::Review,
        _ => Tier::High,
    };
    Judgement { suppressed_by: suppression(label, length, findings, context), terms, score, tier }
}

/// The points of a technique.
fn points(technique: Technique, edit: &Edit) -> i32 {
    match technique {
        Technique::Cyrillic => 45,
        Technique::Homoglyph => {
            if beyond_ascii(edit) {
                45
            } else {
                35
            }
        }
        Technique::Repetition | Technique::Transposition | Technique::Insertion => 35,
        Technique::Plural | Technique::Addition | Technique::TldSwap => 25,
        Technique::Replacement
        | Technique::Omission
        | Technique::VowelSwap
        | Technique::Hyphenation
        | Technique::Various
        | Technique::DistanceTwo => 18,
        Technique::Bitsquatting | Technique::Subdomain => 8,
        Technique::Combosquatting => match edit {
            Edit::Around { place: Place::Token, .. } => 15,
            Edit::Around { place: Place::Inner, .. } => 0,
            _ => 8,
        },
    }
}

/// Whether no ASCII character is written for another.
fn beyond_ascii(edit: &Edit) -> bool {
    match edit {
        Edit::Looks(glyphs) => glyphs.iter().all(|glyph| !glyph.written.is_ascii()),
        other => *other == Edit::Variant,
    }
}

fn keyword_points(tables: &Tables, name: &ProtectedName, findings: &[Finding]) -> i32 {
    let keywords = findings.iter().flat_map(|(_, edit)| match edit {
        Edit::Around { keywords, .. } => keywords.as_slice(),
        _ => &[],
    });
    let keywords = keywords.filter_map(|word| tables.sectors(word));
    let of_sector =
        |sectors: &BTreeSet<String>| name.sector.as_ref().is_some_and(|sector| sectors.contains(sector.as_str()));
    keywords.map(|sectors| if of_sector(sectors) { 15 } else { 10 }).max().unwrap_or(0)
}

fn suppression(label: &str, length: usize, findings: &[Finding], context: &Context) -> Option<Suppression> {
    let shown = Shown::new(label);
    let all = |says: &dyn Fn(&Finding) -> bool| findings.iter().all(says);
    let digit = shown.chars.last().is_some_and(char::is_ascii_digit);
    let last = |at: usize| digit && at == shown.chars.len();
    let at = |edit: &Edit| match edit {
        Edit::Inserted { at, .. } | Edit::Omitted { at, .. } | Edit::Replaced { at, .. } => Some(*at),
        // The end of the name from its second character is the name without its first.
        Edit::Tail { at } => Some(at.saturating_sub(1)),
        _ => None,
    };
    let stands = |(technique, edit): &Finding| match technique {
        Technique::Homoglyph => beyond_ascii(edit),
        technique => {
            matches!(technique, Technique::Cyrillic | Technique::TldSwap | Technique::Combosquatting)
        }
    };
    let second = context.squatting_servers
        || context.many_targets
        || context.mail
        || context.listed_neighbour
        || context.age_days.is_some_and(|days| days <= 30);
    let gates = [
        (context.dismissed, Suppression::Dismissed),
        (context.protected, Suppression::Protected),
        (context.popular, Suppression::Popular),
        (context.word, Suppression::Word),
        (context.defensive, Suppression::Defensive),
        (context.older, Suppression::Older),
        (length < SHORTEST && !findings.iter().any(stands), Suppression::ShortName),
        (all(&|(_, edit)| at(edit) == Some(1)), Suppression::FirstCharacter),
        (all(&|(_, edit)| at(edit).is_some_and(last)), Suppression::TrailingDigit),
        (context.crowded && !second, Suppression::Crowded),
    ];
    gates.into_iter().find(|(closed, _)| *closed).map(|(_, reason)| reason)
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Term::Technique(technique) => technique.as_str(),
            Term::Long => "long-name",
            Term::Keyword => "keyword",
            Term::CommonWord => "common-word",
            Term::SquattingServers => "squatting-servers",
            Term::ManyTargets => "many-targets",
            Term::Young => "young",
            Term::Mail => "mail",
            Term::ListedNeighbour => "listed-neighbour",
        })
    }
}
