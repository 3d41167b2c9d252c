//! The names of the zones that imitate somebody, or that a machine made: how their collections meet.
//!
//! ```text
//! delegations ─► domains ─┬─► pairs ◄─ protected names, brands of live phishing ─┐
//!                         └─► score ◄─ cut-offs                                  │ by name
//! names of interest ─► look up servers, rank, protection; counted, listed, marked, entered ─► risks
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use differential_dataflow::VecCollection;
use differential_dataflow::trace::implementations::{ValBuilder, ValSpine};
use panopticon_model::campaign::{Campaign, CampaignKey};
use panopticon_model::lookalike::{CutOff, SurveyKey, Surveyed, full_name};
use panopticon_model::name::Places;
use panopticon_model::observable::top_level;
use panopticon_model::sighting::AbuseClass;
use panopticon_model::update::{Delegation, MarkTarget};

use super::Options;
use super::flow::Names;
use crate::facts::{Fact, NameFact, Sighted};
use crate::lexical::{ProtectedName, Tables, Variants};
use crate::risk::{Cutoff, Histogram, Model};
use crate::temporal::temporal;
use crate::views::lookalikes::{Domain, Rules, pairs};
use crate::views::risk::{Clue, Entered, Risk, risks};

/// By what the names of the zones are looked at.
#[derive(Clone)]
pub struct Lookalikes {
    /// Keyboards, glyphs and words.
    pub tables: Arc<Tables>,
    /// Variants by TLD; none where one has none.
    pub variants: Arc<BTreeMap<CompactString, Arc<Variants>>>,
    /// Where names are registered.
    pub places: Arc<Places>,
    /// What tells names that a machine made.
    pub model: Arc<Model>,
}

/// The share of ordinary names that are looked at at all: no cut-off lies lower.
const LOOKED_AT: f64 = 0.02;

impl fmt::Debug for Lookalikes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookalikes").finish_non_exhaustive()
    }
}

impl Lookalikes {
    /// The score of a name as one that a machine made, if it could reach a cut-off.
    fn score(&self, label: &str, floor: i32) -> Option<i32> {
        let score = self.model.score(label);
        (score.passed_over().is_none() && score.milli() >= floor).then_some(score.milli())
    }

    /// A delegated name as a registered domain: its label, and the public suffix below which it stands. None for a name
    /// above or below one.
    pub(crate) fn domain(&self, owner: &str) -> Option<Domain> {
        let (label, suffix) = self.places.registrable(owner)?;
        Some(Domain { label: label.into(), suffix: suffix.into() })
    }
}

/// The collections that the views read.
pub(super) struct Inputs<'s> {
    pub(super) named: VecCollection<'s, u64, (CompactString, NameFact)>,
    pub(super) by_name: Names<'s>,
    pub(super) sighted: VecCollection<'s, u64, Sighted>,
    /// Sightings and marks in time, by subject.
    pub(super) in_time: VecCollection<'s, u64, (CompactString, Fact)>,
    /// Names that are looked for, with what people call them.
    pub(super) targets: VecCollection<'s, u64, ProtectedName>,
    pub(super) entered: VecCollection<'s, u64, Entered>,
    pub(super) surveyed: VecCollection<'s, u64, (SurveyKey, Surveyed)>,
    pub(super) cut_offs: VecCollection<'s, u64, (CompactString, CutOff)>,
    pub(super) campaigns: VecCollection<'s, u64, (CampaignKey, Arc<Campaign>)>,
}

/// The rows of the three views, by name.
pub(super) fn said<'s>(
    inputs: Inputs<'s>,
    rules: &Arc<Lookalikes>,
    options: &Arc<Options>,
) -> VecCollection<'s, u64, (CompactString, Risk)> {
    let Inputs { named, by_name, sighted, in_time, targets, entered, surveyed, cut_offs, campaigns } = inputs;
    let of = Arc::clone(rules);
    let domains = named.flat_map(move |(owner, fact)| match fact {
        NameFact::Delegation { .. } => of.domain(&owner),
        _ => None,
    });
    let full = targets.clone().map(|name| full_name(&name.label, &name.suffix)).distinct();
    let wanted = one_a_label(targets.concat(brands(in_time.clone())));
    let by = Rules { tables: Arc::clone(&rules.tables), variants: Arc::clone(&rules.variants) };
    let pairs = pairs(domains.clone(), wanted, by).map(|pair| (pair.domain.name(), Arc::new(pair)));
    let of = Arc::clone(rules);
    let floor = Cutoff::new(&Histogram::default(), of.model.background(), LOOKED_AT).milli().unwrap_or(i32::MAX);
    let scored = domains
        .flat_map(move |domain| {
            let score = of.score(&domain.label, floor)?;
            let name = domain.name();
            Some((CompactString::from(top_level(&name)), (name, score)))
        })
        .arrange_by_key_named("scored names by TLD")
        .join_core(cut_offs.arrange_by_key_named("cut-offs"), |_tld, (name, score), cut_off| {
            (*score >= cut_off.score).then(|| (name.clone(), Clue::Scored(*score, cut_off.score)))
        });

    let interesting = pairs.clone().map(|(name, _)| name).concat(scored.clone().map(|(name, _)| name)).distinct();
    let by_interest = interesting.clone().arrange_by_self_named("names of interest");
    let looked_up = by_interest.clone().join_core(by_name, |name, (), fact| {
        let clue = match fact {
            NameFact::Delegation { flags, .. } if flags & Delegation::NAME_ONLY != 0 => None,
            NameFact::Delegation { name_servers, .. } => Some(Clue::Servers(*name_servers)),
            NameFact::Rank(_) => Some(Clue::Popular),
            NameFact::Protected => Some(Clue::Protected),
            NameFact::Undelegated(_) | NameFact::Repute(_) => None,
        };
        clue.map(|clue| (name.clone(), clue))
    });
    let counted = surveyed.arrange_by_key_named("surveyed");
    let company = looked_up
        .clone()
        .flat_map(|(name, clue)| match clue {
            Clue::Servers(set) => Some((SurveyKey::Servers(top_level(&name).into(), set), name)),
            _ => None,
        })
        .arrange_by_key_named("servers of interest")
        .join_core(counted.clone(), |_, name, counted| Some((name.clone(), Clue::Company(*counted))));
    let target = pairs
        .clone()
        .map(|(name, pair)| {
            let target = full_name(&pair.target.label, &pair.target.suffix);
            (SurveyKey::Target(top_level(&name).into(), target), name)
        })
        .arrange_by_key_named("targets of interest")
        .join_core(counted, |key, name, counted| match key {
            SurveyKey::Target(_, target) => Some((name.clone(), Clue::Target(target.clone(), *counted))),
            SurveyKey::Servers(..) => None,
        });
    let listed = sighted.flat_map(|row| row.sighting.row().observable.place.registrable_domain().map(Into::into));
    let listed = listed.map(|name: CompactString| (name, Clue::Listed));
    let protected = full.map(|name| (name, Clue::Protected));
    let dismissed = in_time.flat_map(|(_, fact)| match fact {
        Fact::Mark(target) => match target.as_ref() {
            MarkTarget::Name { name, .. } => Some((CompactString::from(name.as_str()), Clue::Dismissed)),
            MarkTarget::Observable { .. } => None,
        },
        _ => None,
    });
    let together = campaigns.flat_map(|(key, campaign)| {
        let together = Clue::Together(Arc::new((key, campaign.names.len())));
        campaign.names.clone().into_iter().map(move |name| (name, together.clone()))
    });
    let elsewhere = listed.concat(protected).concat(dismissed).concat(together);
    let elsewhere = elsewhere.concat(temporal(entered, "age of names"));
    let elsewhere = elsewhere
        .arrange_by_key_named("said of names")
        .join_core(by_interest, |name, clue, ()| Some((name.clone(), clue.clone())));

    let (rules, options) = (Arc::clone(rules), Arc::clone(options));
    pairs
        .map(|(name, pair)| (name, Clue::Pair(pair)))
        .concat(scored)
        .concat(looked_up)
        .concat(company)
        .concat(target)
        .concat(elsewhere)
        .arrange_by_key_named("clues by name")
        .reduce_abelian::<_, ValBuilder<_, _, _, _>, ValSpine<CompactString, Risk, _, _>, _, _>(
            "risks",
            move |name: &CompactString, clues: &[(&Clue, isize)], rows| {
                let mut out = Vec::new();
                risks(name, clues, &rules.tables, &rules.model, &options.policies, &mut out);
                rows.extend(out.into_iter().map(|row| (row, 1)));
            },
            |rows, name, updates| {
                rows.clear();
                rows.extend(updates.drain(..).map(|(row, time, diff)| ((name.clone(), row), time, diff)));
            },
        )
        .as_collection(|name, row| (name.clone(), row.clone()))
}

/// Of names with one label the one that says most: under which suffix a name stands says little of what imitates it.
fn one_a_label(names: VecCollection<'_, u64, ProtectedName>) -> VecCollection<'_, u64, ProtectedName> {
    let by_label = names.map(|name| (name.label.clone(), name)).arrange_by_key_named("protected names by label");
    by_label
        .reduce_abelian::<_, ValBuilder<_, _, _, _>, ValSpine<CompactString, ProtectedName, _, _>, _, _>(
            "one protected name a label",
            |_label, names: &[(&ProtectedName, isize)], rows| {
                let said = names.iter().map(|(name, _)| *name);
                rows.extend(said.min_by_key(|name| preference(name)).map(|name| (name.clone(), 1)));
            },
            |rows, label, updates| {
                rows.clear();
                rows.extend(updates.drain(..).map(|(row, time, diff)| ((label.clone(), row), time, diff)));
            },
        )
        .as_collection(|_label, name| name.clone())
}

/// What is preferred comes first: a name with a suffix, of a known sector, with a short suffix.
fn preference(name: &ProtectedName) -> (bool, bool, usize, &ProtectedName) {
    (name.suffix.is_empty(), name.sector.is_none(), name.suffix.len(), name)
}

/// The brands that live phishing names: they come and go with it.
fn brands(facts: VecCollection<'_, u64, (CompactString, Fact)>) -> VecCollection<'_, u64, ProtectedName> {
    facts.flat_map(|(_, fact)| match fact {
        Fact::Sighting(sighting, _, phase) if phase.live => {
            let row = sighting.row();
            let brand = row.brand.as_deref().filter(|_| row.abuse_class == AbuseClass::Phishing)?;
            Some(ProtectedName::new(&brand_label(brand)?, ""))
        }
        _ => None,
    })
}

/// The label that a brand would have: `PayPal Inc.` is `paypal`. None for a brand without five letters, which would be
/// found everywhere.
pub(crate) fn brand_label(brand: &str) -> Option<CompactString> {
    const FORMS: [&str; 8] = ["inc", "ltd", "llc", "gmbh", "plc", "corp", "corporation", "company"];
    let words = brand.split(|c: char| !c.is_ascii_alphanumeric() && c != '&').map(str::to_ascii_lowercase);
    let words: Vec<String> = words.filter(|word| !word.is_empty() && !FORMS.contains(&word.as_str())).collect();
    let label: CompactString = words.concat().chars().filter(char::is_ascii_alphanumeric).collect();
    let is_name = brand.is_ascii() && label.len() >= 5 && label.bytes().any(|byte| byte.is_ascii_alphabetic());
    (is_name && !matches!(label.as_str(), "other" | "unknown" | "generic")).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::brand_label;

    #[test]
    fn brands_have_labels() {
        for (brand, label) in [
            ("PayPal", Some("paypal")),
            ("PayPal, Inc.", Some("paypal")),
            ("Bank of America Corporation", Some("bankofamerica")),
            ("AT&T", None),
            ("Other", None),
            ("Crédit Agricole", None),
            ("", None),
        ] {
            assert_eq!(brand_label(brand).as_deref(), label, "{brand}");
        }
    }
}
