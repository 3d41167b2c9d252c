//! Training of the first stage: logistic regression by AdaGrad (Duchi, Hazan, Singer, 2011) over runs of one, two and
//! three symbols, in a fixed order.

use panopticon_dataflow::risk::{GRAMS, LONGEST, SYMBOLS, place, share, symbols};

use super::plain::sigmoid;
use super::random::Random;

/// A name, whether it is generated, and how much it counts.
pub type Row<'a> = (&'a str, bool, f64);

/// Weights of the runs and of the lengths, in thousandths.
#[derive(Clone, Debug)]
pub struct Linear {
    /// By run of three, those of its last one and two added.
    pub grams: Vec<i16>,
    /// By length.
    pub lengths: Vec<i16>,
}

struct Table {
    weights: Vec<f64>,
    squares: Vec<f64>,
}

impl Table {
    fn new(size: usize) -> Table {
        Table { weights: vec![0.0; size], squares: vec![1e-3; size] }
    }

    fn step(&mut self, at: usize, gradient: f64, rate: f64) {
        if let (Some(weight), Some(square)) = (self.weights.get_mut(at), self.squares.get_mut(at)) {
            let gradient = gradient + 2e-6 * *weight;
            *square += gradient * gradient;
            *weight -= rate * gradient / square.sqrt();
        }
    }
}

/// Learns from rows, in several rounds.
#[must_use]
pub fn linear(rows: &[Row<'_>], rounds: usize, seed: u64) -> Linear {
    let spelled: Vec<Vec<u8>> = rows.iter().map(|(name, ..)| symbols(name)).collect();
    let mut tables = [SYMBOLS, SYMBOLS * SYMBOLS, GRAMS].map(Table::new);
    let mut lengths = Table::new(LONGEST + 1);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut random = Random::new(seed);
    for round in 0..rounds {
        random.shuffle(&mut order);
        let rate = 0.15 / (1.0 + round as f64);
        for at in &order {
            let (Some((_, generated, weight)), Some(name)) = (rows.get(*at), spelled.get(*at)) else { continue };
            let length = name.len() - 2;
            let value = share(length) as f64 / 65_536.0;
            let mut sum = 0.0;
            runs(name, |places| {
                sum += tables.iter().zip(places).map(|(table, at)| table.weights[at]).sum::<f64>();
            });
            let wanted = f64::from(u8::from(*generated));
            let error = (sigmoid(sum * value + lengths.weights[length]) - wanted) * weight;
            runs(name, |places| {
                for (table, at) in tables.iter_mut().zip(places) {
                    table.step(at, error * value, rate);
                }
            });
            lengths.step(length, error, rate);
        }
    }
    let [one, two, three] = tables;
    let milli = |value: f64| (value * 1000.0).round_ties_even().clamp(-32_000.0, 32_000.0) as i16;
    let folded = three
        .weights
        .iter()
        .enumerate()
        .map(|(at, weight)| milli(weight + two.weights[at % (SYMBOLS * SYMBOLS)] + one.weights[at % SYMBOLS]));
    Linear { grams: folded.collect(), lengths: lengths.weights.into_iter().map(milli).collect() }
}

/// Places of the one, two and three symbols that end at each.
fn runs(name: &[u8], mut take: impl FnMut([usize; 3])) {
    for run in name.windows(3) {
        if let [a, b, c] = run {
            let at = place([*a, *b, *c]);
            take([at % SYMBOLS, at % (SYMBOLS * SYMBOLS), at]);
        }
    }
}
