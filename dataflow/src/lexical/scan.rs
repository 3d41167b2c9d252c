//! A zone looked through once: every name is looked up in an index of protected names, and what is found is judged with
//! what the zone as a whole says.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;
use panopticon_model::lookalike::full_name;

use super::index::{Index, Scratch, Typosquat};
use super::judge::{Context, Judgement, judge};
use super::survey::{Survey, is_slip};

/// A scan under way.
#[derive(Debug)]
pub struct Scan {
    index: Index,
    /// All protected names in full; several may share a label, of which the index has one.
    protected: BTreeSet<CompactString>,
    /// The numbers of protected names by label.
    numbers: BTreeMap<CompactString, u32>,
    survey: Survey,
    lookalikes: Vec<Lookalike>,
    scratch: Scratch,
}

#[derive(Debug)]
struct Lookalike {
    name: CompactString,
    label: CompactString,
    servers: Option<u64>,
    pairs: Vec<Typosquat>,
}

/// A name that imitates a protected name, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The registered domain.
    pub name: CompactString,
    /// The protected name, in full.
    pub target: CompactString,
    /// How it imitates it.
    pub pair: Typosquat,
    /// What that comes to.
    pub judgement: Judgement,
}

impl Scan {
    /// A scan for the names of an index. `protected` are these and others in full, which are no look-alikes.
    #[must_use]
    pub fn new(index: Index, protected: BTreeSet<CompactString>) -> Scan {
        let numbers = index.names().zip(0..).map(|(name, number)| (name.label.clone(), number)).collect();
        let (survey, lookalikes, scratch) = Default::default();
        Scan { index, protected, numbers, survey, lookalikes, scratch }
    }

    /// Looks at a registered domain: its label before the public suffix, and the id of its set of name servers, where
    /// that is known.
    pub fn look(&mut self, name: &str, label: &str, servers: Option<u64>) {
        let pairs = self.index.find(label, &mut self.scratch);
        if let (Some(servers), true) = (servers, self.protected.contains(name))
            && let Some(number) = self.numbers.get(label)
        {
            self.survey.holds(*number, servers);
        }
        let slips = pairs.iter().map(|pair| (pair.target, is_slip(pair.findings.iter().map(|(how, _)| *how))));
        self.survey.note(servers, &slips.collect::<Vec<_>>());
        if !pairs.is_empty() {
            self.lookalikes.push(Lookalike { name: name.into(), label: label.into(), servers, pairs });
        }
    }

    /// Judges all that was found: the highest score first, then by name. `known` adds what else is known of a domain.
    #[must_use]
    pub fn judge(&self, known: impl Fn(&str) -> Context) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for lookalike in &self.lookalikes {
            let known = known(&lookalike.name);
            let pairs = lookalike.pairs.iter().filter_map(|pair| self.pair(lookalike, pair, known));
            found.extend(pairs);
        }
        found.sort_by(|a, b| {
            let by_score = b.judgement.score.cmp(&a.judgement.score);
            by_score.then_with(|| (&a.name, &a.target).cmp(&(&b.name, &b.target)))
        });
        found
    }

    fn pair(&self, lookalike: &Lookalike, pair: &Typosquat, known: Context) -> Option<Found> {
        let name = self.index.name(pair.target)?;
        let zone = self.survey.context(lookalike.servers, pair.target);
        let context = Context {
            protected: known.protected || self.protected.contains(&lookalike.name),
            crowded: zone.crowded,
            squatting_servers: zone.squatting_servers,
            many_targets: zone.many_targets,
            defensive: known.defensive || zone.defensive,
            ..known
        };
        let judgement = judge(self.index.tables(), &lookalike.label, name, &pair.findings, &context);
        Some(Found {
            name: lookalike.name.clone(),
            target: full_name(&name.label, &name.suffix),
            pair: pair.clone(),
            judgement,
        })
    }
}

impl Found {
    /// Whether a reason speaks against it.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        self.judgement.suppressed_by.is_some()
    }
}
