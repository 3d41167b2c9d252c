//! Time as an operator: rows whose meaning changes at known instants are said anew at each of them.
//!
//! A row that turns at `due` is held under a capability for `due` and released when the frontier has passed:
//! "now" is the frontier, no clock is read. Plain future retractions into an arrangement would be merged anew
//! at every step of the frontier and cost thirty times more.

use std::collections::BTreeMap;

use differential_dataflow::consolidation::consolidate;
use differential_dataflow::{AsCollection, Data, VecCollection};
use panopticon_model::time::Epoch;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::Capability;
use timely::dataflow::operators::generic::operator::Operator;

use crate::facts::Timed;

/// Rows of one worker that turn at an instant, with the capability to say so.
type Due<R> = (Capability<u64>, Vec<(R, isize)>);

/// What the rows say, at every instant.
pub(crate) fn temporal<'s, R>(rows: VecCollection<'s, u64, R>, name: &str) -> VecCollection<'s, u64, R::Says>
where
    R: Timed + Data,
    R::Says: Data,
{
    rows.inner
        .unary_frontier(Pipeline, name, |_capability, _info| {
            let mut held: BTreeMap<u64, Due<R>> = BTreeMap::new();
            move |(input, frontier), output| {
                input.for_each(|capability, batch: &mut Vec<(R, u64, isize)>| {
                    let Some(capability) = capability.retain_least(0) else { return };
                    let mut session = output.session(&capability);
                    for (row, time, diff) in batch.drain(..) {
                        if let Some(says) = row.at(Epoch(time)) {
                            session.give((says, time, diff));
                        }
                        let [first, second] = row.turns();
                        // A row that turns twice at one instant turns once.
                        let second = second.filter(|due| first != Some(*due));
                        for Epoch(due) in first.into_iter().chain(second).filter(|due| due.0 > time) {
                            let turning =
                                held.entry(due).or_insert_with(|| (capability.delayed(&due), Vec::new()));
                            turning.1.push((row.clone(), diff));
                        }
                    }
                });
                while let Some(entry) = held.first_entry() {
                    let due = *entry.key();
                    if frontier.less_equal(&due) {
                        break;
                    }
                    let (capability, mut turning) = entry.remove();
                    consolidate(&mut turning);
                    let mut session = output.session(&capability);
                    for (row, diff) in turning {
                        let (before, after) = (row.at(Epoch(due - 1)), row.at(Epoch(due)));
                        if before != after {
                            before.into_iter().for_each(|says| session.give((says, due, -diff)));
                            after.into_iter().for_each(|says| session.give((says, due, diff)));
                        }
                    }
                }
            }
        })
        .as_collection()
}
