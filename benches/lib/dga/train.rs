//! From a sample of names to a model: the same octets every time.

use anyhow::Context;
use panopticon_dataflow::risk::{FEATURES, Histogram, Language, Model, Parts, Tree};

use super::boost::{Boosted, Growth, Row};
use super::counts::language;
use super::generators::{Kind, generated};
use super::linear::{self, Linear};
use super::plain::sigmoid;
use super::sample::{Sample, key};

/// How a model is trained.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Where generated names come from.
    pub kind: Kind,
    /// The trees.
    pub growth: Growth,
    /// Rounds of the first stage.
    pub rounds: usize,
    /// Which share of the registered names the first stage may pass on.
    pub passed_on: f64,
    /// Generated names for each registered one.
    pub generated: f64,
}

/// Parts of the sample, each scored by a model of the others.
const FOLDS: u64 = 4;

impl Recipe {
    /// The recipe of the model that is shipped.
    #[must_use]
    pub fn shipped() -> Recipe {
        let growth = Growth {
            trees: 100,
            leaves: 31,
            rate: 0.2,
            lambda: 5.0,
            least: 10.0,
            rows: 20.0,
            features: (0..FEATURES).collect(),
        };
        Recipe { kind: Kind::Rich, growth, rounds: 5, passed_on: 0.06, generated: 1.0 }
    }

    /// The peer: a plain forest over the eighteen features that are usual, for all names, from the plain generators.
    #[must_use]
    pub fn baseline() -> Recipe {
        let growth = Growth {
            trees: 120,
            leaves: 31,
            rate: 0.1,
            lambda: 1.0,
            least: 5.0,
            rows: 20.0,
            features: (0..18).collect(),
        };
        Recipe { kind: Kind::Plain, growth, rounds: 5, passed_on: 1.0, generated: 1.0 }
    }

    /// Trains a model.
    ///
    /// # Errors
    /// When the parts do not make a model, or a thread panics.
    pub fn train(&self, sample: &Sample) -> anyhow::Result<Model> {
        let names = rows(sample);
        let fresh = generated(self.kind, self.generated_for(sample), 2);
        let whole = self.first(&names, |_| true)?;
        // What the trees learn from is seen by first stages that do not know it.
        let mut rows: Vec<(Row, Origin, u64)> = Vec::new();
        let folds = std::thread::scope(|scope| {
            let names = &names;
            let tasks: Vec<_> =
                (0..FOLDS).map(|fold| scope.spawn(move || self.first(names, |at| at != fold))).collect();
            tasks
                .into_iter()
                .map(|task| task.join().map_err(|_| anyhow::anyhow!("a thread has panicked"))?)
                .collect::<anyhow::Result<Vec<Model>>>()
        })?;
        for name in names.iter().filter(|name| name.origin != Origin::Generated) {
            let model = folds.get(name.fold as usize).context("each fold has a model")?;
            rows.push(((model.features(name.label), false, name.weight), name.origin, name.fold));
        }
        for (at, label) in fresh.iter().enumerate() {
            let fold = at as u64 % FOLDS;
            let model = folds.get(fold as usize).context("each fold has a model")?;
            rows.push(((model.features(label), true, 1.0), Origin::Generated, fold));
        }
        self.second(&whole, &rows)
    }

    fn generated_for(&self, sample: &Sample) -> usize {
        let registered = sample.cctld.len() + sample.hard.len() + sample.popular.len();
        (registered as f64 * self.generated) as usize
    }

    /// The first stage and the costs, from names of some folds.
    fn first(&self, names: &[Name<'_>], known: impl Fn(u64) -> bool) -> anyhow::Result<Model> {
        let made = generated(self.kind, (names.len() as f64 * self.generated) as usize, 1);
        let registered = names.iter().filter(|name| known(name.fold));
        let language =
            language(registered.clone().filter(|name| name.origin != Origin::Hard).map(|name| name.label));
        let rows: Vec<linear::Row<'_>> = registered
            .map(|name| (name.label, false, name.weight))
            .chain(made.iter().map(|label| (label.as_str(), true, 1.0)))
            .collect();
        let Linear { grams, lengths } = linear::linear(&rows, self.rounds, 3);
        model(language, grams, lengths)
    }

    fn second(&self, first: &Model, rows: &[(Row, Origin, u64)]) -> anyhow::Result<Model> {
        let mut linear: Vec<i32> =
            rows.iter().filter(|row| row.1 == Origin::Cctld).map(|row| of_linear(&row.0)).collect();
        linear.sort_unstable();
        let at = (linear.len() as f64 * (1.0 - self.passed_on)) as usize;
        let loose = if self.passed_on >= 1.0 { i32::MIN } else { linear.get(at).copied().unwrap_or(i32::MIN) };
        // The trees learn from what the first stage passes on, which is all that they are asked.
        let grow = |fold: Option<u64>| {
            let known = rows.iter().filter(|(row, _, at)| fold != Some(*at) && of_linear(row) >= loose);
            self.growth.grow(&known.map(|(row, ..)| *row).collect::<Vec<Row>>())
        };
        let (boosted, folds) = std::thread::scope(|scope| {
            let tasks: Vec<_> = (0..FOLDS)
                .map(|fold| {
                    let grow = &grow;
                    scope.spawn(move || grow(Some(fold)))
                })
                .collect();
            let folds: Result<Vec<Boosted>, _> =
                tasks.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
            (grow(None), folds)
        });
        let folds = folds.map_err(|_| anyhow::anyhow!("a thread has panicked"))?;
        let folds: Vec<Model> =
            folds.into_iter().map(|boosted| with(first, boosted)).collect::<anyhow::Result<_>>()?;
        // Scores of names that the trees do not know, for calibration and background.
        let mut scored = Vec::with_capacity(rows.len());
        for (row, origin, fold) in rows {
            let model = folds.get(*fold as usize).context("each fold has trees")?;
            scored.push((model.of_features(&row.0), row.1, row.2, *origin, of_linear(row)));
        }
        let (slope, shift) =
            calibration(&scored.iter().filter(|row| row.4 >= loose).map(|row| (row.0, row.1, row.2)));
        let boosted = Boosted {
            trees: boosted.trees.into_iter().map(|tree| scaled(tree, slope)).collect(),
            bias: (f64::from(boosted.bias) * slope + shift).round_ties_even() as i32,
        };
        let model = with(first, boosted)?;
        let mut counts = vec![0_u64; panopticon_dataflow::risk::BUCKETS];
        for (milli, _, _, _, linear) in scored.iter().filter(|row| row.3 == Origin::Cctld) {
            let milli = if *linear < loose { *linear } else { (f64::from(*milli) * slope + shift) as i32 };
            counts[Histogram::bucket(milli)] += 1;
        }
        let limits = (0..FEATURES).map(|feature| {
            let mut all: Vec<i16> =
                rows.iter().filter(|row| row.1 == Origin::Cctld).map(|row| row.0.0[feature]).collect();
            all.sort_unstable();
            let at = |share: f64| all.get((all.len() as f64 * share) as usize).copied().unwrap_or_default();
            [at(0.001), at(0.999)]
        });
        let limits = limits.collect();
        Ok(Model::new(Parts { loose, limits, background: Histogram::of_counts(counts), ..model.parts() })?)
    }
}

/// The registered names of a sample.
fn rows<'a>(sample: &'a Sample) -> Vec<Name<'a>> {
    let parts = [
        (&sample.cctld, Origin::Cctld, 1.0),
        (&sample.hard, Origin::Hard, UNFAIR),
        (&sample.popular, Origin::Popular, UNFAIR),
    ];
    let of = |(labels, origin, weight): (&'a Vec<String>, Origin, f64)| {
        labels.iter().map(move |label| Name { label, origin, weight, fold: key(label) % FOLDS })
    };
    parts.into_iter().flat_map(of).collect()
}

/// What a hard name, and a popular one, counts: they are no fair part of what is registered.
const UNFAIR: f64 = 0.5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Cctld,
    Hard,
    Popular,
    Generated,
}

struct Name<'a> {
    label: &'a str,
    origin: Origin,
    weight: f64,
    fold: u64,
}

fn of_linear(row: &Row) -> i32 {
    i32::from(row.0[panopticon_dataflow::risk::Feature::Linear as usize]) * 10
}

fn model(language: Language, grams: Vec<i16>, lengths: Vec<i16>) -> anyhow::Result<Model> {
    let limits = vec![[i16::MIN, i16::MAX]; FEATURES];
    let background = Histogram::default();
    Ok(Model::new(Parts {
        grams,
        lengths,
        language,
        loose: i32::MIN,
        trees: Vec::new(),
        bias: 0,
        limits,
        background,
    })?)
}

fn with(first: &Model, boosted: Boosted) -> anyhow::Result<Model> {
    Ok(Model::new(Parts { trees: boosted.trees, bias: boosted.bias, ..first.parts() })?)
}

fn scaled(tree: Tree, slope: f64) -> Tree {
    let scale = |value: i16| (f64::from(value) * slope).round_ties_even().clamp(-32_000.0, 32_000.0) as i16;
    Tree { nodes: tree.nodes, leaves: tree.leaves.into_iter().map(scale).collect() }
}

/// Slope and shift, in thousandths, that make margins the log-odds they pretend to be (Platt, 1999), by Newton's method;
/// both sides weigh the same.
fn calibration(rows: &(impl Iterator<Item = (i32, bool, f64)> + Clone)) -> (f64, f64) {
    let (mut slope, mut shift) = (1.0, 0.0);
    for _ in 0..12 {
        let (mut g, mut h) = ([0.0; 2], [1e-6, 0.0, 1e-6]);
        for (milli, wanted, weight) in rows.clone() {
            let x = f64::from(milli) / 1000.0;
            let p = sigmoid(slope * x + shift);
            let error = (p - f64::from(u8::from(wanted))) * weight;
            let curve = p * (1.0 - p) * weight;
            g = [g[0] + error * x, g[1] + error];
            h = [h[0] + curve * x * x, h[1] + curve * x, h[2] + curve];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        if determinant <= 1e-9 {
            break;
        }
        slope -= (h[2] * g[0] - h[1] * g[1]) / determinant;
        shift -= (h[0] * g[1] - h[1] * g[0]) / determinant;
    }
    // Margins that tell nothing stay as they are.
    if slope > 0.1 && slope < 10.0 { (slope, shift * 1000.0) } else { (1.0, 0.0) }
}
