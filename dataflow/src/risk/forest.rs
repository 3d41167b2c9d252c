//! The second stage: a few small trees over the hand-made features, as flat arrays of integers.

use super::features::FEATURES;

/// A question: is the feature at most the threshold?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which feature.
    pub feature: u8,
    /// The largest value that is answered with yes.
    pub threshold: i16,
    /// Where to go on if so, and if not: another node, or `!leaf`.
    pub next: [i16; 2],
}

/// One tree. The first node is its root; without nodes it is the first leaf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The questions; each leads only to later ones.
    pub nodes: Vec<Node>,
    /// What the answers come to, in thousandths.
    pub leaves: Vec<i16>,
}

impl Tree {
    /// Whether every way through the tree ends at a leaf.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |at: usize, next: i16| match usize::try_from(next) {
            Ok(node) => node > at && node < self.nodes.len(),
            Err(_) => self.leaves.len() > usize::from(!next as u16),
        };
        !self.leaves.is_empty()
            && self.nodes.iter().enumerate().all(|(at, node)| {
                usize::from(node.feature) < FEATURES && node.next.iter().all(|next| sound(at, *next))
            })
    }
}

/// All trees behind each other. Leaves are nodes that lead to themselves, so that a step needs no decision.
#[derive(Clone, Debug, Default)]
pub(super) struct Forest {
    trees: Vec<Tree>,
    steps: Vec<Step>,
    roots: Vec<Root>,
    bias: i32,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    /// The value of a leaf stands here as well.
    threshold: i16,
    feature: u16,
    next: [u16; 2],
}

#[derive(Clone, Copy, Debug)]
struct Root {
    at: u32,
    depth: u32,
}

/// Trees that are walked side by side: the processor waits for none of them.
const ABREAST: usize = 8;

impl Forest {
    pub(super) fn new(trees: Vec<Tree>, bias: i32) -> Forest {
        let mut forest = Forest { trees: Vec::new(), steps: Vec::new(), roots: Vec::new(), bias };
        for tree in &trees {
            let base = forest.steps.len();
            let leaves = base + tree.nodes.len();
            let place = |next: i16| match usize::try_from(next) {
                Ok(node) => base + node,
                Err(_) => leaves + usize::from(!next as u16),
            };
            let mut depths = vec![1_u32; tree.nodes.len() + 1];
            for node in &tree.nodes {
                let next = node.next.map(|next| place(next) as u16);
                forest.steps.push(Step { threshold: node.threshold, feature: u16::from(node.feature), next });
            }
            for (at, node) in tree.nodes.iter().enumerate().rev() {
                let below = |next: i16| usize::try_from(next).map_or(0, |n| depths.get(n).copied().unwrap_or(0));
                depths[at] = 1 + below(node.next[0]).max(below(node.next[1]));
            }
            for value in &tree.leaves {
                let itself = forest.steps.len() as u16;
                forest.steps.push(Step { threshold: *value, feature: 0, next: [itself; 2] });
            }
            let depth = if tree.nodes.is_empty() { 0 } else { depths[0] };
            forest.roots.push(Root { at: base as u32, depth });
        }
        // Deep trees with deep ones: a group takes as long as its deepest.
        forest.roots.sort_by_key(|root| root.depth);
        forest.trees = trees;
        forest
    }

    pub(super) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    pub(super) fn bias(&self) -> i32 {
        self.bias
    }

    /// The sum of the leaves that the features lead to, in thousandths.
    #[inline]
    pub(super) fn score(&self, features: &[i16; FEATURES]) -> i32 {
        let mut padded = [0_i16; 64];
        for (place, value) in padded.iter_mut().zip(features) {
            *place = *value;
        }
        let mut sum = self.bias;
        for group in self.roots.chunks(ABREAST) {
            let mut at = [0_u16; ABREAST];
            let depth = group.iter().map(|root| root.depth).max().unwrap_or_default();
            for (place, root) in at.iter_mut().zip(group) {
                *place = root.at as u16;
            }
            for _ in 0..depth {
                for place in &mut at {
                    let Some(step) = self.steps.get(usize::from(*place)) else { continue };
                    let no = padded[usize::from(step.feature) & 63] > step.threshold;
                    *place = step.next[usize::from(no)];
                }
            }
            let value =
                |place: &u16| self.steps.get(usize::from(*place)).map_or(0, |step| i32::from(step.threshold));
            sum = sum.saturating_add(at.iter().take(group.len()).map(value).sum());
        }
        sum
    }
}
