//! What a report reads: chosen columns of the published views of one TLD and day. Rows are read one after the other,
//! so that views with many columns cost no more memory than what is shown of them.

use std::path::Path;

use panopticon_model::time::{Day, Epoch};
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{Query, ReadError, When, open};
use serde_json::Value;

use super::super::output::Row;
use super::words::{is_open, text};

/// The columns of names that no feed has.
const HIGH_RISK: [&str; 7] = ["name", "tier", "score", "target", "algorithmic", "baseline", "entered_at"];

/// The files of a TLD and day.
pub(super) struct Published<'a> {
    pub(super) out: &'a Path,
    pub(super) tld: &'a str,
    pub(super) day: Day,
}

/// Everything that a report of a day is made from.
#[derive(Debug, Default)]
pub(super) struct Material {
    pub(super) diffs: Vec<Row>,
    pub(super) cases: Vec<Row>,
    pub(super) indicators: Vec<Row>,
    pub(super) validated: Vec<Row>,
    pub(super) remedies: Vec<Row>,
    pub(super) feeds: Vec<Row>,
    pub(super) errors: Vec<Row>,
    pub(super) observations: Vec<Row>,
    pub(super) high_risk: Vec<Row>,
    pub(super) typosquats: Vec<Row>,
    pub(super) campaigns: Vec<Row>,
    /// How many cases were open at the close of each published day of the last weeks, this day among them.
    pub(super) course: Vec<(Day, u64)>,
    /// Views that did not exist yet when the day was published.
    pub(super) absent: Vec<View>,
}

impl Published<'_> {
    /// The last instant that the day's files include.
    pub(super) fn as_of(&self) -> Result<Epoch, ReadError> {
        let answer = open(&self.question(View::DailyDiffs, self.tld))?;
        Ok(answer.as_of().unwrap_or_else(|| answer.day().end()))
    }

    pub(super) fn diffs(&self) -> Result<Vec<Row>, ReadError> {
        let columns = ["changed_view", "subject_id", "subject", "change", "cause", "before", "after"];
        let mut rows = self.rows(View::DailyDiffs, self.tld, &columns)?;
        rows.retain(|row| text(row, "changed_view") == View::Cases.as_str());
        Ok(rows)
    }

    pub(super) fn cases(&self) -> Result<Vec<Row>, ReadError> {
        let columns = ["case_id", "subject", "abuse_class", "status", "first_seen", "ended_at", "feed_ids"];
        self.rows(View::Cases, self.tld, &columns)
    }

    /// Of cases that are remediated; none on days before the view was published.
    pub(super) fn times(&self) -> Result<Vec<Row>, ReadError> {
        match self.rows(View::RemediationTimes, self.tld, &["case_id", "registrar", "remedy", "validated_at"]) {
            Err(ReadError::NothingPublished { .. } | ReadError::BeyondRetention { .. }) => Ok(Vec::new()),
            other => other,
        }
    }

    pub(super) fn material(&self) -> Result<Material, ReadError> {
        let mut absent = Vec::new();
        let mut maybe = |view: View, tld: &str, columns: &[&str]| match self.rows(view, tld, columns) {
            Err(ReadError::NothingPublished { .. } | ReadError::BeyondRetention { .. }) => {
                absent.push(view);
                Ok(Vec::new())
            }
            other => other,
        };
        // Feeds are of the whole installation and stand below no TLD.
        let feeds = ["feed_id", "as_of", "rows", "kept", "errors", "held", "failure", "lapsed"];
        let confirmed = ["observable", "subject", "abuse_class", "confirmed_by", "valid_until"];
        let remedies =
            ["case_id", "subject", "abuse_class", "remedy", "validated", "held_back", "parties", "registrar"];
        Ok(Material {
            diffs: self.diffs()?,
            cases: self.cases()?,
            indicators: maybe(View::Indicators, self.tld, &["abuse_class"])?,
            validated: maybe(View::ValidatedIndicators, self.tld, &confirmed)?,
            remedies: maybe(View::Remedies, self.tld, &remedies)?,
            feeds: maybe(View::Feeds, "_", &feeds)?,
            errors: maybe(View::Errors, "_", &["feed_id", "line_number", "message"])?,
            observations: maybe(View::Observations, self.tld, &["kind", "outcome", "failures"])?,
            high_risk: maybe(View::HighRiskNames, self.tld, &HIGH_RISK)?,
            typosquats: maybe(View::Typosquats, self.tld, &["name", "target", "edit", "suppressed_by"])?,
            campaigns: maybe(View::Campaigns, self.tld, &["name", "day", "kind", "shared", "names", "others"])?,
            course: Vec::new(),
            absent,
        })
    }

    /// How many cases are open.
    pub(super) fn open_cases(&self) -> Result<u64, ReadError> {
        Ok(self.rows(View::Cases, self.tld, &["status"])?.iter().filter(|case| is_open(case)).count() as u64)
    }

    fn question<'q>(&'q self, view: View, tld: &'q str) -> Query<'q> {
        Query { out: self.out, view, tld, when: When::AsOf(self.day), filters: &[] }
    }

    /// The rows of a view with some of its columns. A column that the file does not have yet is null.
    fn rows(&self, view: View, tld: &str, columns: &[&str]) -> Result<Vec<Row>, ReadError> {
        let answer = open(&self.question(view, tld))?;
        let place = |name: &str| answer.columns().iter().position(|column| column == name);
        let places: Vec<(&str, Option<usize>)> = columns.iter().map(|name| (*name, place(name))).collect();
        let mut rows = Vec::new();
        for row in answer {
            let mut row = row?;
            let mut take = |at: Option<usize>| at.and_then(|at| row.get_mut(at)).map_or(Value::Null, Value::take);
            rows.push(places.iter().map(|(name, at)| ((*name).to_owned(), take(*at))).collect());
        }
        Ok(rows)
    }
}
