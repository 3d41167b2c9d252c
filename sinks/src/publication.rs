//! A publication: every file of a day, from the views as they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::campaign::{Campaign, CampaignKey};
use panopticon_model::derived::{FeedScore, Scored, feed_scores, remediation_times};
use panopticon_model::diff::DiffRow;
use panopticon_model::judgement::{Remedy, Validated};
use panopticon_model::lookalike::{HighRiskName, Target, TargetKey};
use panopticon_model::observable::{NO_TLD, top_level};
use panopticon_model::observation::{Observation, ObservationKey};
use panopticon_model::records::DIFF_DAYS;
use panopticon_model::sighting::{FeedId, Sighting, SightingKey};
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{ErrorKey, FeedState, LineError, Mark, MarkTarget};
use panopticon_model::view::{Standing, View};

use crate::columns::campaigns::{self, CampaignRow};
use crate::columns::{algorithmic_names, high_risk_names, typosquats, typosquats::TyposquatRow};
use crate::columns::{cases, daily_diffs, errors, evidence, feeds, indicators, observations, probe_requests};
use crate::columns::{daily_diffs::DatedDiff, errors::ErrorRow, evidence::EvidenceRow, feeds::FeedRow};
use crate::columns::{feed_scores::FeedScoreRow, indicators::IndicatorRow, observations::ObservationRow};
use crate::columns::{remedies, validated_indicators};
use crate::manifest::{self, About};
use crate::measured::Measurements;
use crate::minisign::SigningKey;
use crate::parquet::{read, write::write_view};
use crate::records_sql::{self, Records};
use crate::{SinkError, Written, changes, views_sql};

/// What is published, and where.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// The folder of everything published.
    pub out: &'a Path,
    /// Where the days before one were published, if not there: records.sql repeats what the last days changed.
    pub earlier: Option<(&'a Path, Day)>,
    /// The day whose partitions are written.
    pub day: Day,
    /// The last instant that is included.
    pub as_of: Epoch,
    /// Whether the day is over. Until then its partitions are provisional and replaced by the next publication.
    pub closed: bool,
    /// The program and its version.
    pub program: &'a str,
    /// The TLDs of this installation. Rows of others are not published.
    pub tlds: &'a [String],
    /// What signs the manifests; without it they are not signed.
    pub key: Option<&'a SigningKey>,
}

/// The content of a publication.
pub struct Views<'a> {
    /// `indicators` and `cases`.
    pub standing: &'a Standing,
    /// The sightings behind `evidence`.
    pub sightings: &'a BTreeMap<SightingKey, Arc<Sighting>>,
    /// `errors`, in any order.
    pub errors: Box<dyn Iterator<Item = (&'a ErrorKey, &'a LineError)> + 'a>,
    /// `feeds`, in any order.
    pub feeds: Box<dyn Iterator<Item = (&'a FeedId, &'a FeedState)> + 'a>,
    /// `daily_diffs` of the day, net.
    pub daily: &'a [DiffRow],
    /// What was measured.
    pub measurements: Measurements<'a>,
    /// Who is not to be imitated, and what is held for harmless.
    pub lists: Lists<'a>,
}

/// The lists of an installation: the first two go into records.sql.
#[derive(Clone, Copy, Debug)]
pub struct Lists<'a> {
    /// Names that are not to be imitated.
    pub targets: &'a BTreeMap<TargetKey, Arc<Target>>,
    /// Marks of names and URLs that are harmless.
    pub marks: &'a BTreeMap<MarkTarget, Mark>,
    /// Campaigns of the last days.
    pub campaigns: &'a BTreeMap<CampaignKey, Arc<Campaign>>,
}

/// The rows of `validated_indicators` and of `remedies`.
type JudgedRows<'a> = (Vec<&'a Arc<Validated>>, Vec<&'a Arc<Remedy>>);

impl Publication<'_> {
    /// Writes all views of the day, records.sql and its manifest of every TLD, and views.sql. Written twice, the bytes are the same.
    ///
    /// # Errors
    /// [`SinkError`]: a file could not be written; each file is the old one or the new one.
    pub fn write(&self, views: Views<'_>) -> Result<Vec<Written>, SinkError> {
        let mut written = Vec::new();
        let mut tlds: Vec<&str> = self.tlds.iter().map(String::as_str).chain([NO_TLD]).collect();
        tlds.sort_unstable();
        tlds.dedup();
        self.write_evidence(views.sightings, &tlds, &mut written)?;
        let scores = feed_scores(&Scored {
            standing: views.standing,
            sightings: views.sightings,
            observations: views.measurements.observations,
            vantages: views.measurements.vantages,
        });
        for tld in tlds {
            if tld == NO_TLD {
                self.write_indicators(tld, views.standing, &views.measurements, &mut written)?;
            } else {
                self.write_tld(tld, &views, &mut written)?;
                self.write_derived(tld, views.standing, &views.measurements, &scores, &mut written)?;
            }
        }
        let mut rows: Vec<ErrorRow<'_>> = views.errors.collect();
        errors::sort(&mut rows);
        written.push(write_view(
            self,
            View::Errors,
            NO_TLD,
            &errors::columns(),
            &rows,
            &["feed_id", "line_number"],
        )?);
        let mut rows: Vec<FeedRow<'_>> = views.feeds.collect();
        rows.sort_unstable_by_key(|(feed, _)| *feed);
        written.push(write_view(self, View::Feeds, NO_TLD, &feeds::columns(), &rows, &["feed_id"])?);
        written.push(views_sql::write(self.out)?);
        Ok(written)
    }

    /// Appends what changed since the last publication to the change file of a TLD and of this day, which holds
    /// `sealed` bytes that count. Gives its new length, to be sealed.
    ///
    /// # Errors
    /// [`SinkError`]: the file could not be written, or was cut by somebody.
    pub fn append_changes(&self, tld: &str, sealed: u64, since_last: &[DiffRow]) -> Result<u64, SinkError> {
        let path = changes::path(self.out, tld, self.day);
        changes::append(&path, sealed, self.as_of, since_last.iter().filter(|row| row.tld == tld))
    }

    /// The file of a view in this publication.
    #[must_use]
    pub fn partition(&self, view: View, tld: &str) -> PathBuf {
        crate::parquet::partition(self.out, view, tld, self.day).join(crate::parquet::FILE)
    }

    fn write_tld(&self, tld: &str, views: &Views<'_>, written: &mut Vec<Written>) -> Result<(), SinkError> {
        let Views { standing, daily, measurements, lists, .. } = views;
        let indicators = self.write_indicators(tld, standing, measurements, written)?;
        self.write_measured(tld, standing, measurements, written)?;
        let (validated, remedies) = self.write_judged(tld, standing, written)?;
        let high_risk = self.write_risks(tld, standing, written)?;
        written.push(self.write_campaigns(tld, *lists)?);
        let mut rows: Vec<_> = standing.cases.values().filter(|case| case.tld() == tld).collect();
        cases::sort(&mut rows);
        written.push(write_view(self, View::Cases, tld, &cases::columns(), &rows, &["subject", "abuse_class"])?);

        let mut rows: Vec<_> = daily.iter().filter(|row| row.tld == tld).collect();
        daily_diffs::sort(&mut rows);
        let today: Vec<DatedDiff> =
            rows.iter().map(|row| DatedDiff { day: self.day, row: (*row).clone() }).collect();
        let sorted = ["subject", "subject_id"];
        written.push(write_view(self, View::DailyDiffs, tld, &daily_diffs::columns(), &rows, &sorted)?);

        let (first, last) = (self.day.back(DIFF_DAYS - 1), self.day.back(1));
        let mut diffs = Vec::new();
        if let Some((folder, until)) = self.earlier {
            diffs.extend(read::read_daily_diffs(folder, tld, first, until.back(1).min(last))?);
        }
        diffs.extend(read::read_daily_diffs(self.out, tld, first, last)?);
        diffs.retain(|diff| diff.day < self.day);
        diffs.extend(today);
        let records = Records {
            tld,
            day: self.day,
            as_of: self.as_of,
            closed: self.closed,
            program: self.program,
            indicators,
            cases: standing.cases.values().filter(|case| case.tld() == tld).collect(),
            validated,
            remedies,
            observations: self.counting(tld, standing, measurements),
            diffs,
            high_risk,
            targets: lists.targets,
            marks: lists
                .marks
                .iter()
                .filter(|(target, _)| matches!(target, MarkTarget::Name { .. }))
                .filter(|(target, mark)| top_level(target.subject()) == tld && mark.is_live(self.as_of))
                .collect(),
        };
        let (scripts, sums) = records_sql::write(self.out, &records)?;
        written.extend(scripts);
        let about = About { tld, day: self.day, as_of: self.as_of, closed: self.closed, program: self.program };
        written.extend(manifest::write(self.out, about, &sums, self.key)?);
        Ok(())
    }

    fn write_indicators<'a>(
        &self,
        tld: &str,
        standing: &'a Standing,
        measurements: &Measurements<'a>,
        written: &mut Vec<Written>,
    ) -> Result<Vec<IndicatorRow<'a>>, SinkError> {
        let ours = standing.indicators.values().filter(|row| row.observable.place.tld() == tld);
        let row = |indicator| IndicatorRow { indicator, measured: measurements.of(indicator, self.as_of) };
        let mut rows: Vec<_> = ours.map(row).collect();
        indicators::sort(&mut rows);
        let sorted = ["registrable_domain"];
        written.push(write_view(self, View::Indicators, tld, &indicators::columns(), &rows, &sorted)?);
        Ok(rows)
    }

    fn write_measured(
        &self,
        tld: &str,
        standing: &Standing,
        measurements: &Measurements<'_>,
        written: &mut Vec<Written>,
    ) -> Result<(), SinkError> {
        let ours = |key: &ObservationKey| top_level(key.host()) == tld;
        let all = measurements.observations.iter().filter(|(key, _)| ours(key));
        let mut rows: Vec<_> = all.map(|(key, seen)| ObservationRow { key, seen }).collect();
        observations::sort(&mut rows);
        let columns = observations::columns();
        written.push(write_view(self, View::Observations, tld, &columns, &rows, &["target", "kind"])?);
        let mut rows: Vec<_> = standing.requests.values().filter(|request| ours(&request.key)).collect();
        probe_requests::sort(&mut rows);
        let columns = probe_requests::columns();
        written.push(write_view(self, View::ProbeRequests, tld, &columns, &rows, &["priority"])?);
        Ok(())
    }

    /// What counts now of the subjects with an open case.
    fn counting<'a>(
        &self,
        tld: &str,
        standing: &Standing,
        measurements: &Measurements<'a>,
    ) -> Vec<ObservationRow<'a>> {
        let open = standing.cases.values().filter(|case| case.tld() == tld && case.status.is_open());
        let subjects: BTreeSet<&str> = open.map(|case| case.subject.as_str()).collect();
        let counts = |seen: &Observation| {
            self.as_of < seen.valid_until && seen.place.subject().is_some_and(|subject| subjects.contains(subject))
        };
        let all = measurements.observations.iter().map(|(key, seen)| ObservationRow { key, seen });
        all.filter(|row| counts(row.seen)).collect()
    }

    fn write_judged<'a>(
        &self,
        tld: &str,
        standing: &'a Standing,
        written: &mut Vec<Written>,
    ) -> Result<JudgedRows<'a>, SinkError> {
        let ours = |row: &&Arc<Validated>| row.indicator.observable.place.tld() == tld;
        let mut validated: Vec<_> = standing.validated.values().filter(ours).collect();
        validated_indicators::sort(&mut validated);
        let columns = validated_indicators::columns();
        let sorted = ["registrable_domain"];
        written.push(write_view(self, View::ValidatedIndicators, tld, &columns, &validated, &sorted)?);
        let ours = |row: &&Arc<Remedy>| top_level(&row.registrable_domain) == tld;
        let mut remedies: Vec<_> = standing.remedies.values().filter(ours).collect();
        remedies::sort(&mut remedies);
        let sorted = ["subject", "abuse_class"];
        written.push(write_view(self, View::Remedies, tld, &remedies::columns(), &remedies, &sorted)?);
        Ok((validated, remedies))
    }

    /// What looks dangerous, and no feed has.
    fn write_risks<'a>(
        &self,
        tld: &str,
        standing: &'a Standing,
        written: &mut Vec<Written>,
    ) -> Result<Vec<&'a Arc<HighRiskName>>, SinkError> {
        // The maps are in the order of the files.
        let pairs = standing.typosquats.values().filter(|row| top_level(&row.name) == tld);
        let rows: Vec<TyposquatRow<'_>> = pairs.flat_map(|pair| TyposquatRow::of(pair)).collect();
        let sorted = ["name", "target", "technique"];
        written.push(write_view(self, View::Typosquats, tld, &typosquats::columns(), &rows, &sorted)?);
        let rows: Vec<_> = standing.algorithmic.values().filter(|row| top_level(&row.name) == tld).collect();
        let columns = algorithmic_names::columns();
        written.push(write_view(self, View::AlgorithmicNames, tld, &columns, &rows, &["name"])?);
        let rows: Vec<_> = standing.high_risk.values().filter(|row| top_level(&row.name) == tld).collect();
        let columns = high_risk_names::columns();
        written.push(write_view(self, View::HighRiskNames, tld, &columns, &rows, &["name"])?);
        Ok(rows)
    }

    fn write_campaigns(&self, tld: &str, lists: Lists<'_>) -> Result<Written, SinkError> {
        let ours = lists.campaigns.iter().filter(|(key, _)| key.tld == tld);
        let mut rows: Vec<CampaignRow<'_>> = ours
            .flat_map(|(key, campaign)| campaign.names.iter().map(move |name| CampaignRow { name, key, campaign }))
            .collect();
        campaigns::sort(&mut rows);
        write_view(self, View::Campaigns, tld, &campaigns::columns(), &rows, &["name", "day", "shared"])
    }

    fn write_derived(
        &self,
        tld: &str,
        standing: &Standing,
        measurements: &Measurements<'_>,
        scores: &BTreeMap<(CompactString, FeedId), FeedScore>,
        written: &mut Vec<Written>,
    ) -> Result<(), SinkError> {
        let ours = standing.cases.values().filter(|case| case.tld() == tld);
        let times = remediation_times(ours, measurements.observations, measurements.verdicts);
        let mut rows: Vec<_> = times.iter().collect();
        crate::columns::remediation_times::sort(&mut rows);
        let columns = crate::columns::remediation_times::columns();
        let sorted = ["subject", "abuse_class"];
        written.push(write_view(self, View::RemediationTimes, tld, &columns, &rows, &sorted)?);
        let ours = scores.iter().filter(|((of, _), _)| of == tld);
        let rows: Vec<FeedScoreRow<'_>> = ours.map(|((_, feed), score)| (feed, score)).collect();
        let columns = crate::columns::feed_scores::columns();
        written.push(write_view(self, View::FeedScores, tld, &columns, &rows, &["feed_id"])?);
        Ok(())
    }

    fn write_evidence<'a>(
        &self,
        sightings: &'a BTreeMap<SightingKey, Arc<Sighting>>,
        tlds: &[&str],
        written: &mut Vec<Written>,
    ) -> Result<(), SinkError> {
        let mut by_tld: Vec<Vec<EvidenceRow<'a>>> = tlds.iter().map(|_| Vec::new()).collect();
        for (key, sighting) in sightings {
            let place = tlds.binary_search(&sighting.observable.place.tld());
            if let Some(rows) = place.ok().and_then(|at| by_tld.get_mut(at)) {
                rows.extend(EvidenceRow::of(key, sighting));
            }
        }
        for (tld, mut rows) in tlds.iter().zip(by_tld) {
            evidence::sort(&mut rows);
            let sorted = ["indicator_id", "feed_id"];
            written.push(write_view(self, View::Evidence, tld, &evidence::columns(), &rows, &sorted)?);
        }
        Ok(())
    }
}
