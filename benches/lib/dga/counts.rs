//! The tables of costs, from counts of names: each context falls back on the shorter one (Witten and Bell, 1991).

use panopticon_dataflow::risk::{BIT, CLASSES, LETTERS, Language, SIZES, SYMBOLS, places, symbols};

use super::plain::ln;

/// The costs that names show.
#[must_use]
pub fn language<'a>(names: impl Iterator<Item = &'a str>) -> Language {
    let mut counts = SIZES.map(|size| vec![0_u32; size]);
    for name in names {
        places(&symbols(name), |_, places| {
            for (table, place) in counts.iter_mut().zip(places) {
                if let Some(count) = table.get_mut(place) {
                    *count += 1;
                }
            }
        });
    }
    let [one, two, three, four, class] = counts;
    let one_p = smoothed(&one, SYMBOLS, |_| 1.0 / SYMBOLS as f64);
    let two_p = smoothed(&two, SYMBOLS, |at| one_p[at % SYMBOLS]);
    let three_p = smoothed(&three, SYMBOLS, |at| two_p[at % two_p.len()]);
    let four_p = letters(&four);
    let class_p = classes(&class);
    Language {
        tables: [one_p, two_p, three_p, four_p, class_p].map(|table| table.into_iter().map(cost).collect()),
    }
}

/// The probability of each last symbol of a run, given those before it.
fn smoothed(counts: &[u32], width: usize, shorter: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut all = Vec::with_capacity(counts.len());
    for (index, row) in counts.chunks(width).enumerate() {
        let seen: f64 = row.iter().map(|count| f64::from(*count)).sum();
        let kinds = row.iter().filter(|count| **count > 0).count().max(1) as f64;
        let share = |(at, count): (usize, &u32)| {
            (f64::from(*count) + kinds * shorter(index * width + at)) / (seen + kinds)
        };
        all.extend(row.iter().enumerate().map(share));
    }
    all
}

/// Counts of shorter runs out of those of longer ones: the first character is forgotten.
fn shorter(counts: &[u32], width: usize) -> Vec<u32> {
    let size = counts.len() / width;
    let mut all = vec![0_u32; size];
    for (at, count) in counts.iter().enumerate() {
        all[at % size] += count;
    }
    all
}

fn letters(four: &[u32]) -> Vec<f64> {
    let three = shorter(four, LETTERS);
    let two = shorter(&three, LETTERS);
    let one = shorter(&two, LETTERS);
    let one = smoothed(&one, LETTERS, |_| 1.0 / LETTERS as f64);
    let two = smoothed(&two, LETTERS, |at| one[at % LETTERS]);
    let three = smoothed(&three, LETTERS, |at| two[at % two.len()]);
    smoothed(four, LETTERS, |at| three[at % three.len()])
}

fn classes(counts: &[u32]) -> Vec<f64> {
    let mut levels = vec![counts.to_vec()];
    while let Some(last) = levels.last()
        && last.len() > CLASSES
    {
        levels.push(shorter(last, CLASSES));
    }
    let mut below = vec![1.0 / CLASSES as f64; CLASSES];
    for level in levels.iter().rev() {
        below = smoothed(level, CLASSES, |at| below[at % below.len()]);
    }
    below
}

fn cost(probability: f64) -> u8 {
    let bits = -ln(probability) / std::f64::consts::LN_2;
    (bits * f64::from(BIT)).round_ties_even().clamp(0.0, 255.0) as u8
}
