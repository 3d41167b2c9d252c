//! The way out: rows are gathered on one worker, and told instant by instant once the frontier has passed.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;

use differential_dataflow::VecCollection;
use differential_dataflow::consolidation::consolidate;
use panopticon_model::time::Epoch;
use panopticon_model::view::EpochDiffs;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator;

use crate::views::subject::Row;

/// What the engine tells its owner.
pub(super) enum Output {
    /// What an instant changed.
    Diffs(EpochDiffs),
    /// Everything before this epoch has been told.
    Settled(Epoch),
}

/// Sends the rows of a collection to `output`, sorted within an instant, instants in order. Only the first
/// worker tells: it alone sees all rows.
pub(super) fn collect(rows: VecCollection<'_, u64, Row>, output: Sender<Output>) {
    let gather = Exchange::new(|_: &(Row, u64, isize)| 0);
    let tells = rows.inner.scope().index() == 0;
    rows.inner.unary_frontier::<CapacityContainerBuilder<Vec<()>>, _, _, _>(
        gather,
        "sink",
        move |_capability, _info| {
            let mut waiting: BTreeMap<u64, Vec<(Row, isize)>> = BTreeMap::new();
            let mut told = 0;
            move |(input, frontier), _output| {
                input.for_each(|_capability, batch: &mut Vec<(Row, u64, isize)>| {
                    for (row, time, diff) in batch.drain(..) {
                        waiting.entry(time).or_default().push((row, diff));
                    }
                });
                while let Some(entry) = waiting.first_entry() {
                    if frontier.less_equal(entry.key()) {
                        break;
                    }
                    let (time, mut rows) = entry.remove_entry();
                    consolidate(&mut rows);
                    let diffs = epoch_diffs(Epoch(time), rows);
                    if !diffs.is_empty() {
                        // The owner may be gone already: then nobody listens.
                        let _ = output.send(Output::Diffs(diffs));
                    }
                }
                let upto = frontier.frontier().first().copied().unwrap_or(u64::MAX);
                if tells && upto > told {
                    told = upto;
                    let _ = output.send(Output::Settled(Epoch(upto)));
                }
            }
        },
    );
}

fn epoch_diffs(at: Epoch, rows: Vec<(Row, isize)>) -> EpochDiffs {
    let mut diffs = EpochDiffs { at, ..EpochDiffs::default() };
    for (row, diff) in rows {
        let diff = diff as i64;
        match row {
            Row::Indicator(indicator) => diffs.indicators.push((indicator, diff)),
            Row::Case(case) => diffs.cases.push((case, diff)),
        }
    }
    diffs
}
