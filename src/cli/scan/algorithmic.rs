//! Names of a zone that a machine made, by their letters alone.

use compact_str::CompactString;
use panopticon_dataflow::risk::{Cutoff, Histogram, LIMIT, Model, Score};
use panopticon_datasets::reference;
use panopticon_sinks::lookalikes::AlgorithmicRow;

/// A look at a zone under way.
pub(super) struct Algorithmic {
    model: Model,
    share: f64,
    own: Histogram,
    /// Names with their scores; without `all`, only those that could reach a cut-off.
    scored: Vec<(CompactString, Score)>,
    floor: i32,
}

/// What was found.
pub(super) struct Generated {
    /// The rows, the highest score first.
    pub(super) rows: Vec<AlgorithmicRow>,
    /// How many of them count.
    pub(super) flagged: usize,
    /// From which score on.
    pub(super) cut_off: Cutoff,
}

impl Algorithmic {
    /// A look by a cut-off that this share of ordinary names reaches; with `all` every name is kept.
    pub(super) fn new(share: f64, all: bool) -> anyhow::Result<Algorithmic> {
        let model = Model::from_bytes(reference::DGA_MODEL)?;
        let widest = Cutoff::new(&Histogram::default(), model.background(), (share * 20.0).max(0.02));
        let floor = if all { i32::MIN } else { widest.milli().unwrap_or(i32::MIN) };
        Ok(Algorithmic { model, share, own: Histogram::default(), scored: Vec::new(), floor })
    }

    /// Looks at a registered domain.
    pub(super) fn look(&mut self, name: &str, label: &str) {
        let score = self.model.score(label);
        self.own.add(score);
        if score.milli() >= self.floor {
            self.scored.push((name.into(), score));
        }
    }

    /// Judges all names, now that the zone's own are known.
    pub(super) fn judge(self, all: bool) -> Generated {
        let cut_off = Cutoff::new(&self.own, self.model.background(), self.share);
        let mut rows = Vec::new();
        for (name, score) in self.scored {
            let flagged = cut_off.is_reached(score);
            if !flagged && !all {
                continue;
            }
            let reasons: Vec<String> = match score.passed_over() {
                Some(pattern) => vec![format!("passed over: {}", pattern.as_str())],
                None if flagged => {
                    let label = name.split('.').next().unwrap_or(&name);
                    self.model.reasons(label).iter().map(ToString::to_string).collect()
                }
                None => Vec::new(),
            };
            // What is passed over has the lowest score there is.
            let score = score.milli().max(-LIMIT);
            rows.push(AlgorithmicRow { name, score, flagged, reasons: reasons.join("; ") });
        }
        rows.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
        let flagged = rows.iter().filter(|row| row.flagged).count();
        Generated { rows, flagged, cut_off }
    }
}

/// What was found, in a line.
pub(super) fn summary(found: &Generated, names: u64, tld: &str) -> String {
    let Some(score) = found.cut_off.milli() else {
        return format!("{names} names of .{tld}: no score is so high that so few names have it");
    };
    let alarms = found.cut_off.expected_false_alarms(1000);
    format!(
        "{names} names of .{tld}: {} look as if a machine had made them, with a score of {score} or more; of 1000 ordinary new \
         names {alarms:.2} would",
        found.flagged
    )
}
