//! The way out: rows are gathered on one worker, and told instant by instant once the frontier has passed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use differential_dataflow::VecCollection;
use differential_dataflow::consolidation::consolidate;
use panopticon_model::observation::Request;
use panopticon_model::time::Epoch;
use panopticon_model::view::{CaseRow, EpochDiffs};
use serde::{Deserialize, Serialize};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator;

use crate::shared::Shared;
use crate::views::feed_lists::FeedLists;
use crate::views::risk::Risk;
use crate::views::subject::{Row, indicator_of};
use crate::views::verdict::Verdict;

/// What the engine tells its owner.
pub(super) enum Output {
    /// What an instant changed.
    Diffs(EpochDiffs),
    /// Everything before this epoch has been told.
    Settled(Epoch),
}

/// A row of one of the views.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Said {
    /// What a subject contributes to `indicators` and `cases`.
    Row(Row),
    /// A row of `probe_requests`.
    Request(Arc<Request>),
    /// A row of `validated_indicators` or `remedies`.
    Verdict(Verdict),
    /// A row of `typosquats`, `algorithmic_names` or `high_risk_names`.
    Risk(Risk),
}

/// Sends the rows of a collection to `output`, sorted within an instant, instants in order. Only the first
/// worker tells: it alone sees all rows.
pub(super) fn collect(rows: VecCollection<'_, u64, Said>, output: Sender<Output>) {
    let gather = Exchange::new(|_: &(Said, u64, isize)| 0);
    let tells = rows.inner.scope().index() == 0;
    rows.inner.unary_frontier::<CapacityContainerBuilder<Vec<()>>, _, _, _>(
        gather,
        "sink",
        move |_capability, _info| {
            let mut waiting: BTreeMap<u64, Vec<(Said, isize)>> = BTreeMap::new();
            let mut told = 0;
            let mut feed_lists = FeedLists::default();
            move |(input, frontier), _output| {
                input.for_each(|_capability, batch: &mut Vec<(Said, u64, isize)>| {
                    for (row, time, diff) in batch.drain(..) {
                        waiting.entry(time).or_default().push((row, diff));
                    }
                });
                while let Some(entry) = waiting.first_entry() {
                    if frontier.less_equal(entry.key()) {
                        break;
                    }
                    let (time, rows) = entry.remove_entry();
                    let diffs = epoch_diffs(Epoch(time), rows, &mut feed_lists);
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

fn epoch_diffs(at: Epoch, rows: Vec<(Said, isize)>, feed_lists: &mut FeedLists) -> EpochDiffs {
    let (mut indicators, mut cases, mut requests) = (Vec::new(), Vec::new(), Vec::new());
    let (mut validated, mut remedies) = (Vec::new(), Vec::new());
    let (mut typosquats, mut algorithmic, mut high_risk) = (Vec::new(), Vec::new(), Vec::new());
    for (row, diff) in rows {
        match row {
            // Sightings that differ may make up the same indicator: those meet when the rows are consolidated.
            Said::Row(Row::Listed(sighting, feed)) => {
                let indicator = indicator_of(&sighting, &feed, feed_lists);
                indicators.extend(indicator.map(|row| (Shared::from(Arc::new(row)), diff)));
            }
            Said::Row(Row::Indicator(indicator)) => indicators.push((indicator, diff)),
            Said::Row(Row::Case(case)) => cases.push((CaseRow::Standing(Arc::clone(case.row())), diff)),
            Said::Row(Row::Joined(id)) => cases.push((CaseRow::Joined(id), diff)),
            Said::Request(request) => requests.push((request, diff)),
            Said::Verdict(Verdict::Validated(row)) => validated.push((row, diff)),
            Said::Verdict(Verdict::Remedy(row)) => remedies.push((row, diff)),
            Said::Risk(Risk::Typosquat(row)) => typosquats.push((row, diff)),
            Said::Risk(Risk::Algorithmic(row)) => algorithmic.push((row, diff)),
            Said::Risk(Risk::High(row)) => high_risk.push((row, diff)),
            Said::Risk(Risk::Listed(_)) => {}
        }
    }
    consolidate(&mut indicators);
    consolidate(&mut cases);
    consolidate(&mut requests);
    consolidate(&mut validated);
    consolidate(&mut remedies);
    consolidate(&mut typosquats);
    consolidate(&mut algorithmic);
    consolidate(&mut high_risk);
    EpochDiffs {
        at,
        indicators: indicators.into_iter().map(|(row, diff)| (Arc::clone(row.row()), diff as i64)).collect(),
        cases: cases.into_iter().map(|(row, diff)| (row, diff as i64)).collect(),
        requests: requests.into_iter().map(|(row, diff)| (row, diff as i64)).collect(),
        validated: validated.into_iter().map(|(row, diff)| (row, diff as i64)).collect(),
        remedies: remedies.into_iter().map(|(row, diff)| (row, diff as i64)).collect(),
        typosquats: typosquats.into_iter().map(|(row, diff)| (row, diff as i64)).collect(),
        algorithmic: algorithmic.into_iter().map(|(row, diff)| (row, diff as i64)).collect(),
        high_risk: high_risk.into_iter().map(|(row, diff)| (row, diff as i64)).collect(),
    }
}
