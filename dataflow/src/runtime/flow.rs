//! The dataflow itself: how the collections meet.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use compact_str::CompactString;
use differential_dataflow::input::{Input, InputSession};
use differential_dataflow::operators::arrange::{Arranged, TraceAgent};
use differential_dataflow::trace::implementations::{ValBuilder, ValSpine};
use differential_dataflow::{Data, VecCollection};
use panopticon_model::campaign::{Campaign, CampaignKey};
use panopticon_model::lookalike::{CutOff, SurveyKey, Surveyed};
use panopticon_model::observation::{Request, targets};
use panopticon_model::time::Epoch;
use timely::worker::Worker;

use super::worker::Rows;
use super::{Options, lookalikes, sink};
use crate::facts::{Fact, Marked, NameFact, Observed, Sighted};
use crate::lexical::ProtectedName;
use crate::temporal::temporal;
use crate::views::feed_lists::FeedLists;
use crate::views::requests::{Aging, TargetFact, Wanting, requests};
use crate::views::risk::{Entered, Risk};
use crate::views::subject::{Circumstances, Row, judge};
use crate::views::verdict::{Counting, Known, Seconding, Verdict, verdicts};

/// The rows of subjects, by subject.
type SubjectRows<'s> = Arranged<'s, TraceAgent<ValSpine<CompactString, Row, u64, isize>>>;

/// What is known of names and servers, by name.
pub(super) type Names<'s> = Arranged<'s, TraceAgent<ValSpine<CompactString, NameFact, u64, isize>>>;

/// The inputs of one worker. They advance together: an input that lags holds back everything.
pub(super) struct Inputs {
    sightings: InputSession<u64, Sighted, isize>,
    marks: InputSession<u64, Marked, isize>,
    names: InputSession<u64, (CompactString, NameFact), isize>,
    observations: InputSession<u64, Observed, isize>,
    targets: InputSession<u64, ProtectedName, isize>,
    entered: InputSession<u64, Entered, isize>,
    surveyed: InputSession<u64, (SurveyKey, Surveyed), isize>,
    cut_offs: InputSession<u64, (CompactString, CutOff), isize>,
    campaigns: InputSession<u64, (CampaignKey, Arc<Campaign>), isize>,
}

impl Inputs {
    /// Rows at an epoch that has not passed.
    pub(super) fn feed(&mut self, at: Epoch, rows: Rows) {
        self.advance(at);
        rows.sightings.into_iter().for_each(|(row, diff)| self.sightings.update(row, diff));
        rows.marks.into_iter().for_each(|(row, diff)| self.marks.update(row, diff));
        rows.names.into_iter().for_each(|(row, diff)| self.names.update(row, diff));
        rows.observations.into_iter().for_each(|(row, diff)| self.observations.update(row, diff));
        rows.targets.into_iter().for_each(|(row, diff)| self.targets.update(row, diff));
        rows.entered.into_iter().for_each(|(row, diff)| self.entered.update(row, diff));
        rows.surveyed.into_iter().for_each(|(row, diff)| self.surveyed.update(row, diff));
        rows.cut_offs.into_iter().for_each(|(row, diff)| self.cut_offs.update(row, diff));
        rows.campaigns.into_iter().for_each(|(row, diff)| self.campaigns.update(row, diff));
    }

    /// Everything before `at` is known.
    pub(super) fn advance(&mut self, at: Epoch) {
        advance(&mut self.sightings, at);
        advance(&mut self.marks, at);
        advance(&mut self.names, at);
        advance(&mut self.observations, at);
        advance(&mut self.targets, at);
        advance(&mut self.entered, at);
        advance(&mut self.surveyed, at);
        advance(&mut self.cut_offs, at);
        advance(&mut self.campaigns, at);
    }
}

fn advance<R: Data>(input: &mut InputSession<u64, R, isize>, Epoch(at): Epoch) {
    input.advance_to(at);
    input.flush();
}

/// Builds the dataflow on a worker.
pub(super) fn build(worker: &mut Worker, options: &Arc<Options>, output: Sender<sink::Output>) -> Inputs {
    let options = Arc::clone(options);
    worker.dataflow::<u64, _, _>(|scope| {
        let (sightings, sighted) = scope.new_collection::<Sighted, isize>();
        let (marks, marked) = scope.new_collection::<Marked, isize>();
        let (names, named) = scope.new_collection::<(CompactString, NameFact), isize>();
        let (observations, observed) = scope.new_collection::<Observed, isize>();
        let (targets, targeted) = scope.new_collection::<ProtectedName, isize>();
        let (entered, came) = scope.new_collection::<Entered, isize>();
        let (surveyed, counted) = scope.new_collection::<(SurveyKey, Surveyed), isize>();
        let (cut_offs, cut) = scope.new_collection::<(CompactString, CutOff), isize>();
        let (campaigns, together) = scope.new_collection::<(CampaignKey, Arc<Campaign>), isize>();

        // The one index of the zone: whoever wants to know something of a name asks it here.
        let by_name =
            named.clone().concat(observed.clone().flat_map(|row| row.absence())).arrange_by_key_named("names");

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
            .join_core(by_name.clone(), |domain, subject, fact| {
                let subject = subject.as_ref().unwrap_or(domain);
                fact.fact().map(|fact| (subject.clone(), fact))
            });

        let asked_for = requested(sighted.clone(), observed.clone(), &options);
        let counting = observed.clone();
        let about_judged = about_names.clone();
        let policies = Arc::clone(&options);
        let in_time = temporal(sighted.clone(), "sightings in time").concat(temporal(marked, "marks in time"));
        let looks = lookalikes::Inputs {
            named,
            by_name: by_name.clone(),
            sighted,
            in_time: in_time.clone(),
            targets: targeted,
            entered: came,
            surveyed: counted,
            cut_offs: cut,
            campaigns: together,
        };
        let looked_at = options.lookalikes.as_ref().map(|rules| lookalikes::said(looks, rules, &options));
        let facts = in_time
            .concat(temporal(observed, "observations in time"))
            .concat(about_names)
            .arrange_by_key_named("facts by subject");

        let mut feed_lists = FeedLists::default();
        let rows = facts.reduce_abelian::<_, ValBuilder<_, _, _, _>, ValSpine<CompactString, Row, _, _>, _, _>(
            "judge",
            move |subject: &CompactString, facts: &[(&Fact, isize)], rows| {
                let mut said = Vec::new();
                let circumstances = Circumstances {
                    zone_is_read: &|tld| options.zone_tlds.contains(tld),
                    vantages: &options.plan.vantages,
                };
                judge(subject, facts, &circumstances, &mut feed_lists, &mut said);
                rows.extend(said.into_iter().map(|row| (row, 1)));
            },
            |rows, subject, updates| {
                rows.clear();
                rows.extend(updates.drain(..).map(|(row, time, diff)| ((subject.clone(), row), time, diff)));
            },
        );
        let looks = looked_at.clone().into_iter();
        let looks = looks.map(|risks| {
            risks.flat_map(|(name, risk)| match risk {
                Risk::Listed(row) => Some((name, Known::Looks(row))),
                _ => None,
            })
        });
        let about_judged = about_judged
            .flat_map(|(subject, fact)| Known::of(&fact).map(|known| (subject, known)))
            .concatenate(looks);
        let judged = judged(rows.clone(), counting, about_judged, by_name, &policies);
        let rows = rows.as_collection(|_subject, row| sink::Said::Row(row.clone()));
        let risks = looked_at.map(|risks| risks.map(|(_, risk)| sink::Said::Risk(risk)));
        let told = rows.concat(asked_for).concat(judged).concatenate(risks);
        sink::collect(told, output);
        Inputs { sightings, marks, names, observations, targets, entered, surveyed, cut_offs, campaigns }
    })
}

/// What is confirmed and what cases are, of the subjects of which something is known beside what one feed says.
fn judged<'s>(
    rows: SubjectRows<'s>,
    observed: VecCollection<'s, u64, Observed>,
    about: VecCollection<'s, u64, (CompactString, Known)>,
    by_name: Names<'s>,
    options: &Arc<Options>,
) -> VecCollection<'s, u64, sink::Said> {
    let policies = Arc::clone(options);
    let counting = observed.map(move |row| Counting::new(row, &policies.policies));
    let seconding = rows.clone().flat_map_ref(Seconding::of);
    let known = temporal(counting, "observations that count").concat(temporal(seconding, "seconded in time"));
    // Reputations stand in the one index of names, since a server is looked up as a name is. They are joined and not
    // handed to every worker, so that a row that changes reaches the subjects that rest on it and no others, in order
    // with everything else: incremental stays equal to from-scratch without a word about workers.
    let repute = known
        .clone()
        .flat_map(|(subject, known)| known.servers().into_iter().map(move |server| (server, subject.clone())))
        .arrange_by_key_named("servers of subjects")
        .join_core(by_name, |server, subject, fact| match fact {
            NameFact::Repute(repute) => Some((subject.clone(), Known::Repute(server.clone(), Arc::clone(repute)))),
            _ => None,
        });
    let subjects = known.clone().map(|(subject, _)| subject).distinct();
    let said = rows.join_core(subjects.clone().arrange_by_self_named("judged subjects"), |subject, row, ()| {
        Some((subject.clone(), Known::Row(row.clone())))
    });
    let about = about.semijoin(subjects);
    let policies = Arc::clone(options);
    let mut feed_lists = FeedLists::default();
    known
        .concat(said)
        .concat(about)
        .concat(repute)
        .arrange_by_key_named("known of subjects")
        .reduce_abelian::<_, ValBuilder<_, _, _, _>, ValSpine<CompactString, Verdict, _, _>, _, _>(
            "verdicts",
            move |subject: &CompactString, known: &[(&Known, isize)], rows| {
                let mut out = Vec::new();
                verdicts(subject, known, &policies.policies, &mut feed_lists, &mut out);
                rows.extend(out.into_iter().map(|row| (row, 1)));
            },
            |rows, subject, updates| {
                rows.clear();
                rows.extend(updates.drain(..).map(|(row, time, diff)| ((subject.clone(), row), time, diff)));
            },
        )
        .as_collection(|_subject, row| sink::Said::Verdict(row.clone()))
}

/// What is to be measured: the targets of sightings, less what is known of them.
fn requested<'s>(
    sighted: VecCollection<'s, u64, Sighted>,
    observed: VecCollection<'s, u64, Observed>,
    options: &Arc<Options>,
) -> VecCollection<'s, u64, sink::Said> {
    let measures = !options.plan.is_empty();
    let wanting = sighted.filter(move |_| measures).map(Wanting::from);
    let wanted = temporal(wanting, "targets in time").flat_map(|sighting| {
        let targets = targets(&sighting.row().observable).into_iter();
        targets.map(|(target, wanted)| (target, TargetFact::Wanted(wanted)))
    });
    let aging = observed.filter(move |_| measures).map(Aging);
    let plan = options.plan.clone();
    wanted
        .concat(temporal(aging, "observations by age"))
        .arrange_by_key_named("facts by target")
        .reduce_abelian::<_, ValBuilder<_, _, _, _>, ValSpine<CompactString, Arc<Request>, _, _>, _, _>(
            "requests",
            move |target: &CompactString, facts: &[(&TargetFact, isize)], rows| {
                let mut asked = Vec::new();
                requests(&plan, target, facts, &mut asked);
                rows.extend(asked.into_iter().map(|request| (Arc::new(request), 1)));
            },
            |rows, target, updates| {
                rows.clear();
                rows.extend(updates.drain(..).map(|(row, time, diff)| ((target.clone(), row), time, diff)));
            },
        )
        .as_collection(|_target, request| sink::Said::Request(Arc::clone(request)))
}
