//! The dataflow itself: how the collections meet.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use compact_str::CompactString;
use differential_dataflow::input::{Input, InputSession};
use differential_dataflow::trace::implementations::{ValBuilder, ValSpine};
use panopticon_model::time::Epoch;
use timely::worker::Worker;

use super::sink;
use super::worker::Rows;
use crate::facts::{Fact, Marked, NameFact, Sighted};
use crate::temporal::temporal;
use crate::views::feed_lists::FeedLists;
use crate::views::subject::{Row, judge};

/// The inputs of one worker. They advance together: an input that lags holds back everything.
pub(super) struct Inputs {
    sightings: InputSession<u64, Sighted, isize>,
    marks: InputSession<u64, Marked, isize>,
    names: InputSession<u64, (CompactString, NameFact), isize>,
}

impl Inputs {
    /// Rows at an epoch that has not passed.
    pub(super) fn feed(&mut self, at: Epoch, rows: Rows) {
        self.advance(at);
        rows.sightings.into_iter().for_each(|(row, diff)| self.sightings.update(row, diff));
        rows.marks.into_iter().for_each(|(row, diff)| self.marks.update(row, diff));
        rows.names.into_iter().for_each(|(row, diff)| self.names.update(row, diff));
    }

    /// Everything before `at` is known.
    pub(super) fn advance(&mut self, Epoch(at): Epoch) {
        self.sightings.advance_to(at);
        self.sightings.flush();
        self.marks.advance_to(at);
        self.marks.flush();
        self.names.advance_to(at);
        self.names.flush();
    }
}

/// Builds the dataflow on a worker.
pub(super) fn build(
    worker: &mut Worker,
    zone_tlds: &Arc<BTreeSet<CompactString>>,
    output: Sender<sink::Output>,
) -> Inputs {
    let zone_tlds = Arc::clone(zone_tlds);
    worker.dataflow::<u64, _, _>(|scope| {
        let (sightings, sighted) = scope.new_collection::<Sighted, isize>();
        let (marks, marked) = scope.new_collection::<Marked, isize>();
        let (names, named) = scope.new_collection::<(CompactString, NameFact), isize>();

        // The one index of the zone: whoever wants to know something of a name asks it here.
        let by_name = named.arrange_by_key_named("names");

        // Only names that are judged are looked up. How often a fact is said does not matter, so the pairs
        // need not be distinct.
        let about_names = sighted
            .clone()
            .flat_map(|row| {
                let place = &row.sighting.row().observable.place;
                let domain = place.registrable_domain().map(CompactString::from)?;
                // None stands for the domain itself, which nearly always is the subject.
                let subject = place.subject().filter(|subject| *subject != domain).map(CompactString::from);
                Some((domain, subject))
            })
            .arrange_by_key_named("domains of subjects")
            .join_core(by_name, |domain, subject, fact| {
                let subject = subject.as_ref().unwrap_or(domain);
                fact.fact().map(|fact| (subject.clone(), fact))
            });

        let facts = temporal(sighted, "sightings in time")
            .concat(temporal(marked, "marks in time"))
            .concat(about_names)
            .arrange_by_key_named("facts by subject");

        let mut feed_lists = FeedLists::default();
        let rows = facts.reduce_abelian::<_, ValBuilder<_, _, _, _>, ValSpine<CompactString, Row, _, _>, _, _>(
            "judge",
            move |subject: &CompactString, facts: &[(&Fact, isize)], rows| {
                let mut said = Vec::new();
                judge(subject, facts, &|tld| zone_tlds.contains(tld), &mut feed_lists, &mut said);
                rows.extend(said.into_iter().map(|row| (row, 1)));
            },
            |rows, subject, updates| {
                rows.clear();
                rows.extend(updates.drain(..).map(|(row, time, diff)| ((subject.clone(), row), time, diff)));
            },
        );
        sink::collect(rows.as_collection(|_subject, row| row.clone()), output);
        Inputs { sightings, marks, names }
    })
}
