//! `typosquats`: which names of the zones imitate a protected name, kept up to date from both sides.
//!
//! A join by keys would hold every name once for each of its keys. Here each worker holds its share of the names once, and
//! all protected names as a small index: a name that comes or goes is looked up in the index, and a protected name that
//! comes or goes is held against the names. So a pair is told when its second half comes, and taken back when the first of
//! them goes:
//!
//! ```text
//! d(names ⋈ protected) = d names ⋈ protected before + names after ⋈ d protected
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use differential_dataflow::consolidation::consolidate;
use differential_dataflow::{AsCollection, VecCollection};
use panopticon_model::observable::top_level;
use serde::{Deserialize, Serialize};
use timely::dataflow::channels::pact::{Exchange, Pipeline};
use timely::dataflow::operators::Capability;
use timely::dataflow::operators::generic::operator::Operator;
use timely::dataflow::operators::vec::Broadcast;

use super::labels::Labels;
use crate::lexical::{Edit, Index, LONG, ProtectedName, Scratch, Sought, Tables, Technique, Variants, candidates};

/// So many protected names that come or go at once are looked for by what could imitate them; of more, every label is
/// held against them.
const FEW: usize = 64;

/// A registered domain: its label, and the public suffix under which it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Domain {
    pub(crate) suffix: CompactString,
    pub(crate) label: CompactString,
}

/// A name that imitates a protected name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub(crate) domain: Domain,
    pub(crate) target: Arc<ProtectedName>,
    /// How, and what was done.
    pub(crate) findings: Vec<(Technique, Edit)>,
}

/// By what names are compared.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) tables: Arc<Tables>,
    /// Variants by TLD; none where one has none.
    pub(crate) variants: Arc<BTreeMap<CompactString, Arc<Variants>>>,
}

/// What came at an instant, with the capability to answer it.
struct Batch {
    capability: Capability<u64>,
    names: Vec<(Domain, isize)>,
    protected: Vec<(ProtectedName, isize)>,
}

/// What a worker holds.
struct Held {
    rules: Rules,
    /// The names of each suffix.
    names: HashMap<CompactString, Labels>,
    /// How often each protected name is said.
    protected: BTreeMap<ProtectedName, isize>,
    /// The protected names as each suffix sees them.
    indexes: HashMap<CompactString, Index>,
    scratch: Scratch,
}

/// The pairs of names and protected names. How often either is said does not matter.
pub(crate) fn pairs<'s>(
    names: VecCollection<'s, u64, Domain>,
    protected: VecCollection<'s, u64, ProtectedName>,
    rules: Rules,
) -> VecCollection<'s, u64, Pair> {
    let by_name = Exchange::new(|(domain, _, _): &(Domain, u64, isize)| hash(&domain.label));
    names
        .inner
        .binary_frontier(
            protected.inner.broadcast(),
            by_name,
            Pipeline,
            "look-alikes",
            move |_capability, _info| {
                let mut held = Held::new(rules);
                let mut waiting: BTreeMap<u64, Batch> = BTreeMap::new();
                move |(names, names_frontier), (protected, protected_frontier), output| {
                    names.for_each(|capability, batch: &mut Vec<(Domain, u64, isize)>| {
                        let Some(capability) = capability.retain_least(0) else { return };
                        for (domain, time, diff) in batch.drain(..) {
                            Batch::at(&mut waiting, &capability, time).names.push((domain, diff));
                        }
                    });
                    protected.for_each(|capability, batch: &mut Vec<(ProtectedName, u64, isize)>| {
                        let Some(capability) = capability.retain_least(0) else { return };
                        for (name, time, diff) in batch.drain(..) {
                            Batch::at(&mut waiting, &capability, time).protected.push((name, diff));
                        }
                    });
                    while let Some(entry) = waiting.first_entry() {
                        let time = *entry.key();
                        if names_frontier.less_equal(&time) || protected_frontier.less_equal(&time) {
                            break;
                        }
                        let batch = entry.remove();
                        let mut session = output.session(&batch.capability);
                        let mut said = held.change(batch.names, batch.protected);
                        consolidate(&mut said);
                        said.into_iter().for_each(|(pair, diff)| session.give((pair, time, diff)));
                    }
                }
            },
        )
        .as_collection()
}

/// Where a label is held: the same on every machine.
fn hash(label: &str) -> u64 {
    label.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Batch {
    fn at<'w>(waiting: &'w mut BTreeMap<u64, Batch>, capability: &Capability<u64>, time: u64) -> &'w mut Batch {
        waiting.entry(time).or_insert_with(|| Batch {
            capability: capability.delayed(&time),
            names: Vec::new(),
            protected: Vec::new(),
        })
    }
}

impl Held {
    fn new(rules: Rules) -> Held {
        let (names, protected, indexes, scratch) = Default::default();
        Held { rules, names, protected, indexes, scratch }
    }

    /// Takes what an instant changes; gives the pairs that come and go.
    fn change(
        &mut self,
        mut names: Vec<(Domain, isize)>,
        mut protected: Vec<(ProtectedName, isize)>,
    ) -> Vec<(Pair, isize)> {
        let mut said = Vec::new();
        consolidate(&mut names);
        for (domain, diff) in names {
            if let Some(diff) =
                self.names.entry(domain.suffix.clone()).or_default().count(&self.rules.tables, &domain.label, diff)
            {
                let mut scratch = std::mem::take(&mut self.scratch);
                let index = self.index(&domain.suffix);
                let pairs = index.find(&domain.label, &mut scratch);
                said.extend(told(index, &domain, pairs, diff));
                self.scratch = scratch;
            }
        }
        consolidate(&mut protected);
        let (mut come, mut gone) = (Vec::new(), Vec::new());
        for (name, diff) in protected {
            let count = self.protected.entry(name.clone()).or_default();
            let before = *count > 0;
            *count += diff;
            let after = *count > 0;
            if !after {
                self.protected.remove(&name);
            }
            match (before, after) {
                (false, true) => come.push(name),
                (true, false) => gone.push(name),
                _ => {}
            }
        }
        if come.is_empty() && gone.is_empty() {
            return said;
        }
        self.indexes.clear();
        for (changed, diff) in [(come, 1), (gone, -1)] {
            let suffixes: Vec<CompactString> = self.names.keys().cloned().collect();
            for suffix in suffixes {
                let index = self.index_of(&suffix, changed.iter().cloned());
                let Some(labels) = self.names.get(&suffix) else { continue };
                // Candidates know nothing of variants, nor of slips in a name beyond ASCII.
                let is_short_way = changed.len() <= FEW
                    && !self.rules.variants.contains_key(top_level(&suffix))
                    && changed.iter().all(|name| !name.label.starts_with("xn--"));
                let scratch = &mut self.scratch;
                let mut hold = |label: &str| {
                    let pairs = index.find(label, scratch);
                    if !pairs.is_empty() {
                        let domain = Domain { suffix: suffix.clone(), label: label.into() };
                        said.extend(told(&index, &domain, pairs, diff));
                    }
                };
                if is_short_way {
                    likely(&self.rules.tables, labels, &changed).iter().for_each(|label| hold(label));
                } else {
                    labels.all().for_each(&mut hold);
                }
            }
        }
        said
    }

    /// All protected names, as a suffix sees them.
    fn index(&mut self, suffix: &CompactString) -> &Index {
        if !self.indexes.contains_key(suffix) {
            let index = self.index_of(suffix, self.protected.keys().cloned());
            self.indexes.insert(suffix.clone(), index);
        }
        &self.indexes[suffix]
    }

    fn index_of(&self, suffix: &str, names: impl IntoIterator<Item = ProtectedName>) -> Index {
        let variants = self.rules.variants.get(top_level(suffix)).cloned().unwrap_or_default();
        Index::new(Arc::clone(&self.rules.tables), variants, suffix, names)
    }
}

/// The labels that could imitate one of a few names: see [`candidates`].
fn likely(tables: &Tables, labels: &Labels, names: &[ProtectedName]) -> BTreeSet<CompactString> {
    let mut likely: BTreeSet<CompactString> = BTreeSet::new();
    for name in names {
        let sought = Sought::new(tables, name);
        likely.extend(labels.encoded(&sought).cloned());
        // What is looked for in U-labels stands in the zone as A-labels: those were asked for.
        likely.extend(
            candidates(tables, name).iter().filter(|label| labels.has(label)).map(|label| label.as_str().into()),
        );
        labels.holding(&name.label, &mut |label| {
            likely.insert(label.into());
        });
        if let (true, Some(first)) = (name.label.len() >= LONG, name.label.bytes().next()) {
            let length = name.label.len();
            labels.near(&sought, first, length - 1..=length + 1, &mut |label| {
                likely.insert(label.into());
            });
        }
    }
    likely
}

/// Pairs as rows.
fn told<'a>(
    index: &'a Index,
    domain: &'a Domain,
    pairs: Vec<crate::lexical::Typosquat>,
    diff: isize,
) -> impl Iterator<Item = (Pair, isize)> + 'a {
    pairs.into_iter().filter_map(move |pair| {
        let target = Arc::new(index.name(pair.target)?.clone());
        Some((Pair { domain: domain.clone(), target, findings: pair.findings }, diff))
    })
}

impl Domain {
    /// The name in full.
    pub(crate) fn name(&self) -> CompactString {
        format_compact!("{}.{}", self.label, self.suffix)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use differential_dataflow::input::Input;
    use proptest::prelude::*;
    use timely::dataflow::operators::probe::Probe;

    use super::*;

    fn rules() -> Rules {
        let variants = Variants::new([(vec!['b'], vec!['d'])]);
        let variants = BTreeMap::from([("yy".into(), Arc::new(variants))]);
        Rules { tables: Arc::new(Tables::shipped()), variants: Arc::new(variants) }
    }

    /// What is said and taken back in a step.
    #[derive(Clone, Debug)]
    enum Change {
        Name(usize, isize),
        Protected(usize, isize),
    }

    const LABELS: [&str; 14] = [
        "paypal",
        "paypai",
        "paypall",
        "paypal-login",
        "xn--pypal-4ve",
        "bank",
        "bamk",
        "dank",
        "greenbank",
        "greenbamk",
        "green-bank-shop",
        "garden",
        "mybankonline",
        "paypalcom",
    ];
    const PROTECTED: [(&str, &str); 5] =
        [("paypal", "com"), ("bank", "xx"), ("greenbank", "yy"), ("garden", "example"), ("paypal", "xx")];

    fn domain(number: usize) -> Domain {
        let suffix = if number.is_multiple_of(2) { "xx" } else { "yy" };
        Domain { suffix: suffix.into(), label: LABELS[number / 2 % LABELS.len()].into() }
    }

    fn protected(number: usize) -> ProtectedName {
        let (label, suffix) = PROTECTED[number % PROTECTED.len()];
        ProtectedName::new(label, suffix)
    }

    /// Every name held against every protected name, without an index.
    fn from_scratch(
        rules: &Rules,
        names: &BTreeSet<Domain>,
        protected: &BTreeSet<ProtectedName>,
    ) -> BTreeSet<Pair> {
        let mut pairs = BTreeSet::new();
        for domain in names {
            let variants = rules.variants.get(&domain.suffix).cloned().unwrap_or_default();
            let index = Index::new(Arc::clone(&rules.tables), variants, &domain.suffix, protected.iter().cloned());
            let found = index.find_by_comparing(&domain.label);
            pairs.extend(told(&index, domain, found, 1).map(|(pair, _)| pair));
        }
        pairs
    }

    /// The diffs that the operator gives, by instant.
    fn incremental(steps: &[Vec<Change>], workers: usize) -> BTreeMap<u64, Vec<(Pair, isize)>> {
        let said = Arc::new(Mutex::new(BTreeMap::<u64, Vec<(Pair, isize)>>::new()));
        let (steps, gathered) = (steps.to_vec(), Arc::clone(&said));
        let config = if workers == 1 { timely::Config::thread() } else { timely::Config::process(workers) };
        timely::execute(config, move |worker| {
            let gathered = Arc::clone(&gathered);
            let (index, peers) = (worker.index(), worker.peers());
            let (mut names, mut targets, probe) = worker.dataflow::<u64, _, _>(|scope| {
                let (names, named) = scope.new_collection::<Domain, isize>();
                let (targets, targeted) = scope.new_collection::<ProtectedName, isize>();
                let found = pairs(named, targeted, rules());
                let (probe, _) = found
                    .inspect(move |(pair, time, diff)| {
                        gathered.lock().unwrap().entry(*time).or_default().push((pair.clone(), *diff));
                    })
                    .inner
                    .probe();
                (names, targets, probe)
            });
            for (time, changes) in (1_u64..).zip(&steps) {
                names.advance_to(time);
                targets.advance_to(time);
                // Whoever says it: the workers take turns.
                for (_, change) in changes.iter().enumerate().filter(|(number, _)| number % peers == index) {
                    match *change {
                        Change::Name(number, diff) => names.update(domain(number), diff),
                        Change::Protected(number, diff) => targets.update(protected(number), diff),
                    }
                }
                names.advance_to(time + 1);
                targets.advance_to(time + 1);
                names.flush();
                targets.flush();
                if time % 3 == 0 {
                    worker.step_while(|| probe.less_than(&(time + 1)));
                }
            }
        })
        .unwrap();
        Arc::into_inner(said).unwrap().into_inner().unwrap()
    }

    /// Steps in which nothing is taken back that is not there.
    fn steps() -> impl Strategy<Value = Vec<Vec<Change>>> {
        let change = prop_oneof![
            (0..28_usize, any::<bool>()).prop_map(|(number, comes)| (true, number, comes)),
            (0..5_usize, any::<bool>()).prop_map(|(number, comes)| (false, number, comes)),
        ];
        proptest::collection::vec(proptest::collection::vec(change, 0..6), 1..12).prop_map(|steps| {
            let mut counts: BTreeMap<(bool, usize), isize> = BTreeMap::new();
            let real = |(is_name, number, comes): (bool, usize, bool),
                        counts: &mut BTreeMap<(bool, usize), isize>| {
                let count = counts.entry((is_name, number)).or_default();
                let diff = if comes || *count == 0 { 1 } else { -1 };
                *count += diff;
                if is_name { Change::Name(number, diff) } else { Change::Protected(number, diff) }
            };
            steps
                .into_iter()
                .map(|step| step.into_iter().map(|change| real(change, &mut counts)).collect())
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// At every instant, whatever came in which order and by whom: the pairs are those from scratch, each once.
        #[test]
        fn incremental_equals_from_scratch(steps in steps(), workers in 1..3_usize) {
            let said = incremental(&steps, workers);
            let rules = rules();
            let mut standing: BTreeMap<Pair, isize> = BTreeMap::new();
            let (mut names, mut targets): (BTreeMap<Domain, isize>, BTreeMap<ProtectedName, isize>) = Default::default();
            for (time, changes) in (1_u64..).zip(&steps) {
                for change in changes {
                    match *change {
                        Change::Name(number, diff) => *names.entry(domain(number)).or_default() += diff,
                        Change::Protected(number, diff) => *targets.entry(protected(number)).or_default() += diff,
                    }
                }
                for (pair, diff) in said.get(&time).into_iter().flatten() {
                    *standing.entry(pair.clone()).or_default() += diff;
                }
                standing.retain(|_, count| *count != 0);
                let there = names.iter().filter(|(_, count)| **count > 0).map(|(name, _)| name.clone()).collect();
                let wanted = targets.iter().filter(|(_, count)| **count > 0).map(|(name, _)| name.clone()).collect();
                let expected = from_scratch(&rules, &there, &wanted);
                prop_assert!(standing.values().all(|count| *count == 1), "at {time}: {standing:?}");
                prop_assert_eq!(standing.keys().cloned().collect::<BTreeSet<_>>(), expected, "at {}", time);
            }
        }
    }
}
