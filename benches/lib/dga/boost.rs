//! Training of the second stage: trees that each correct the sum of those before (Friedman, 2001), grown leaf by leaf
//! over values in at most 255 steps. Sums run in a fixed order, so the same rows give the same trees.

use panopticon_dataflow::risk::{FEATURES, Node, Tree};

use super::plain::sigmoid;

/// How trees are grown.
#[derive(Clone, Debug)]
pub struct Growth {
    /// How many.
    pub trees: usize,
    /// Leaves of each.
    pub leaves: usize,
    /// How much of its correction a tree makes.
    pub rate: f64,
    /// Holds back leaves of few rows.
    pub lambda: f64,
    /// A leaf has at least so much of all weight that is undecided.
    pub least: f64,
    /// And at least so many rows.
    pub rows: f64,
    /// Which features may be asked.
    pub features: Vec<usize>,
}

/// A row: features, whether it is generated, its weight.
pub type Row = ([i16; FEATURES], bool, f64);

/// Trees, in thousandths.
#[derive(Clone, Debug, Default)]
pub struct Boosted {
    /// The trees.
    pub trees: Vec<Tree>,
    /// What is added to them.
    pub bias: i32,
}

const BINS: usize = 256;

struct Binned {
    /// By row and feature.
    values: Vec<u8>,
    /// By feature: the largest value of each bin but the last.
    edges: Vec<Vec<i16>>,
}

impl Binned {
    fn new(rows: &[Row]) -> Binned {
        let edges: Vec<Vec<i16>> = (0..FEATURES)
            .map(|feature| {
                let mut all: Vec<i16> = rows.iter().map(|(values, ..)| values[feature]).collect();
                all.sort_unstable();
                let step = |n: usize| all.get(n * all.len() / (BINS - 1)).copied();
                let mut edges: Vec<i16> = (1..BINS - 1).filter_map(step).collect();
                edges.dedup();
                edges
            })
            .collect();
        let bin = |(feature, value): (usize, &i16)| edges[feature].partition_point(|edge| edge < value) as u8;
        let values = rows.iter().flat_map(|(values, ..)| values.iter().enumerate().map(bin)).collect();
        Binned { values, edges }
    }

    fn row(&self, row: u32) -> &[u8] {
        let at = row as usize * FEATURES;
        self.values.get(at..at + FEATURES).unwrap_or_default()
    }
}

/// Slope, curve and number of rows by feature and bin.
type Sums = Vec<[f64; 3]>;

struct Split {
    gain: f64,
    feature: usize,
    bin: usize,
}

struct Leaf {
    rows: Vec<u32>,
    sums: Sums,
    total: [f64; 3],
    split: Option<Split>,
    /// The node above and which way it leads here.
    above: Option<(usize, usize)>,
}

impl Growth {
    /// Grows trees over rows.
    #[must_use]
    pub fn grow(&self, rows: &[Row]) -> Boosted {
        let binned = Binned::new(rows);
        let weight = |wanted: bool| rows.iter().filter(|row| row.1 == wanted).map(|row| row.2).sum::<f64>();
        let bias = super::plain::ln((weight(true) + 1e-9) / (weight(false) + 1e-9));
        let mut margins = vec![bias; rows.len()];
        let mut slopes = vec![[0.0; 2]; rows.len()];
        let mut boosted = Boosted { trees: Vec::new(), bias: milli(bias) };
        for _ in 0..self.trees {
            for ((slope, margin), (_, wanted, weight)) in slopes.iter_mut().zip(&margins).zip(rows) {
                let p = sigmoid(*margin);
                *slope = [(p - f64::from(u8::from(*wanted))) * weight, (p * (1.0 - p)).max(1e-16) * weight];
            }
            let (tree, leaves) = self.tree(&binned, &slopes);
            for (leaf, value) in leaves.iter().zip(&tree.leaves) {
                leaf.rows.iter().for_each(|row| margins[*row as usize] += f64::from(*value) / 1000.0);
            }
            boosted.trees.push(tree);
        }
        boosted
    }

    fn tree(&self, binned: &Binned, slopes: &[[f64; 2]]) -> (Tree, Vec<Leaf>) {
        let rows: Vec<u32> = (0..slopes.len() as u32).collect();
        let of_all = sums(binned, slopes, &rows);
        let mut leaves = vec![self.leaf(rows, of_all, None)];
        let mut nodes: Vec<Node> = Vec::new();
        while leaves.len() < self.leaves {
            let gain = |leaf: &Leaf| leaf.split.as_ref().map_or(0.0, |split| split.gain);
            let best = (0..leaves.len())
                .fold(0, |best, at| if gain(&leaves[at]) > gain(&leaves[best]) { at } else { best });
            let Some(split) = leaves[best].split.take() else { break };
            let node = nodes.len();
            let leaf = leaves.swap_remove(best);
            let threshold = binned.edges[split.feature].get(split.bin).copied().unwrap_or(i16::MAX);
            nodes.push(Node { feature: split.feature as u8, threshold, next: [0; 2] });
            if let Some((above, way)) = leaf.above {
                nodes[above].next[way] = node as i16;
            }
            let yes = |row: &u32| usize::from(binned.row(*row)[split.feature]) <= split.bin;
            let (low, high): (Vec<u32>, Vec<u32>) = leaf.rows.into_iter().partition(yes);
            // The sums of the larger side are what is left.
            let (few, many) = if low.len() <= high.len() { (&low, 1) } else { (&high, 0) };
            let of_few = sums(binned, slopes, few);
            let of_many = leaf.sums.iter().zip(&of_few).map(|(all, few)| less(*all, *few)).collect();
            let (of_low, of_high) = if many == 1 { (of_few, of_many) } else { (of_many, of_few) };
            leaves.push(self.leaf(low, of_low, Some((node, 0))));
            leaves.push(self.leaf(high, of_high, Some((node, 1))));
        }
        let mut values = Vec::new();
        for (at, leaf) in leaves.iter().enumerate() {
            values.push(milli(-self.rate * leaf.total[0] / (leaf.total[1] + self.lambda)));
            if let Some((above, way)) = leaf.above {
                nodes[above].next[way] = !(at as i16);
            }
        }
        let values = values.into_iter().map(|value| value.clamp(-32_000, 32_000) as i16).collect();
        (Tree { nodes, leaves: values }, leaves)
    }

    fn leaf(&self, rows: Vec<u32>, sums: Sums, above: Option<(usize, usize)>) -> Leaf {
        // All rows are in some bin of the first feature.
        let total = sums.iter().take(BINS).fold([0.0; 3], |all, one| plus(all, *one));
        let score = |sum: [f64; 3]| sum[0] * sum[0] / (sum[1] + self.lambda);
        let mut best: Option<Split> = None;
        for feature in &self.features {
            let mut low = [0.0; 3];
            for (bin, sum) in sums.iter().skip(feature * BINS).take(BINS - 1).enumerate() {
                low = plus(low, *sum);
                let high = less(total, low);
                if [low, high].iter().any(|side| side[1] < self.least || side[2] < self.rows) {
                    continue;
                }
                let gain = score(low) + score(high) - score(total);
                if gain > best.as_ref().map_or(1e-9, |split| split.gain) {
                    best = Some(Split { gain, feature: *feature, bin });
                }
            }
        }
        Leaf { rows, sums, total, split: best, above }
    }
}

fn sums(binned: &Binned, slopes: &[[f64; 2]], rows: &[u32]) -> Sums {
    let mut sums = vec![[0.0; 3]; FEATURES * BINS];
    for row in rows {
        let slope = slopes[*row as usize];
        for (bins, bin) in sums.chunks_exact_mut(BINS).zip(binned.row(*row)) {
            let sum = &mut bins[usize::from(*bin)];
            *sum = plus(*sum, [slope[0], slope[1], 1.0]);
        }
    }
    sums
}

fn plus(one: [f64; 3], other: [f64; 3]) -> [f64; 3] {
    [one[0] + other[0], one[1] + other[1], one[2] + other[2]]
}

fn less(all: [f64; 3], part: [f64; 3]) -> [f64; 3] {
    [all[0] - part[0], all[1] - part[1], all[2] - part[2]]
}

fn milli(value: f64) -> i32 {
    (value * 1000.0).round_ties_even() as i32
}
