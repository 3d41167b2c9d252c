//! The report of a month, on one page: found, told, fixed, and how long it took. Made from the changes and cases of
//! its days; nothing here reads a file.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use panopticon_model::time::{Day, Epoch, TimeError};

use super::super::output::Row;
use super::fixed::{self, Fixed};
use super::words::{OPEN, are, class_of, instant, is_open, many, query, row, state, tally, text};
use super::{Report, Section, Table, daily};

/// A calendar month in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month {
    first: Day,
    last: Day,
}

impl Month {
    /// Whether a day is in it.
    pub(super) fn holds(self, day: Day) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(month_of(self.first).as_str())
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Month, MonthError> {
        let wrong = |_: TimeError| MonthError(text.to_owned());
        let first: Day = format!("{text}-01").parse().map_err(wrong)?;
        let mut last = first;
        while month_of(last.next()) == month_of(first) {
            last = last.next();
        }
        Ok(Month { first, last })
    }
}

/// The month of a day, as text.
fn month_of(day: Day) -> String {
    day.to_string().chars().take(7).collect()
}

/// A text that is no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month: write YYYY-MM, from 1970-01 on")]
pub(super) struct MonthError(String);

/// What is kept of a day of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lived {
    day: Day,
    /// Open cases at its close, by class.
    open: BTreeMap<String, u64>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    what: String,
    class: String,
    /// Its case, if it was resolved.
    resolved: Option<Fixed>,
}

/// What is kept of a day: its changes, and how many cases it left open. `times` are rows of `remediation_times`.
pub(super) fn day(day: Day, diffs: &[Row], cases: &[Row], times: &[Row]) -> Lived {
    let (cases_by_id, times_by_id) = (by_id(cases), by_id(times));
    let fixed = |diff: &Row| {
        let id = text(diff, "subject_id");
        let time = times_by_id.get(&id);
        let word = |column: &str| time.map(|time| text(time, column)).unwrap_or_default();
        // Before that was noted: what it was is what it was before it was over.
        let before = || state(diff, "before").map(|before| text(&before, "remedy")).unwrap_or_default();
        let remedy = Some(word("remedy")).filter(|noted| !noted.is_empty()).unwrap_or_else(before);
        let validated = time.and_then(|time| instant(time, "validated_at"));
        let registrar = word("registrar");
        cases_by_id.get(&id).map(|case| Fixed { case: (*case).clone(), registrar, remedy, validated })
    };
    let changes = diffs.iter().map(|diff| {
        let what = text(diff, "change");
        let resolved = if what == "resolved" { fixed(diff) } else { None };
        Change { class: class_of(diff), resolved, what }
    });
    let open = tally(cases.iter().filter(|case| is_open(case)), "abuse_class");
    Lived { day, open, changes: changes.collect() }
}

fn by_id(rows: &[Row]) -> BTreeMap<String, &Row> {
    rows.iter().map(|row| (text(row, "case_id"), row)).collect()
}

/// The report of a month, from those of its days that are published; `told` is how many cases arke told of in it, if
/// that is known.
pub(super) fn report(tld: &str, month: Month, as_of: Epoch, lived: &[Lived], told: Option<u64>) -> Report {
    let of = Of { tld, month, lived, told };
    let sections = vec![of.outcome(), of.time(), of.classes(), of.course()];
    Report::new(tld, month.to_string(), format!("Abuse in .{tld} in {month}"), as_of, sections)
}

/// What a month counts: the word here, and the change in `daily_diffs`.
const COUNTED: [(&str, &str); 6] = [
    ("found", "added"),
    ("found again", "recurred"),
    ("fixed", "resolved"),
    ("expired", "expired"),
    ("withdrawn", "withdrawn"),
    ("changed", "changed"),
];

struct Of<'a> {
    tld: &'a str,
    month: Month,
    lived: &'a [Lived],
    told: Option<u64>,
}

impl Of<'_> {
    /// The line that gives the rows of every published day of the month.
    fn query(&self, view: &str, filter: &str) -> String {
        let days: Vec<String> =
            self.lived.iter().map(|lived| lived.day.to_string().chars().skip(8).collect()).collect();
        let (tld, month, days) = (self.tld, self.month, days.join(" "));
        let ask = format!("panopticon query {view} --tld {tld} --as-of {month}-$d {filter}");
        format!("for d in {days}; do {}; done", ask.trim_end())
    }

    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.lived.iter().flat_map(|lived| &lived.changes)
    }

    fn count(&self, what: &str, class: Option<&str>) -> u64 {
        let is_meant = |change: &&Change| change.what == what && class.is_none_or(|class| change.class == class);
        self.changes().filter(is_meant).count() as u64
    }

    /// Open cases at the end, of a class or of all.
    fn open_at_end(&self, class: Option<&str>) -> u64 {
        let Some(last) = self.lived.last() else { return 0 };
        last.open.iter().filter(|(name, _)| class.is_none_or(|class| class == *name)).map(|(_, count)| count).sum()
    }

    fn outcome(&self) -> Section {
        let published = self.lived.len() as u64;
        let all = u64::from(self.month.last.0 - self.month.first.0) + 1;
        let open = self.open_at_end(None);
        let says = vec![
            format!("{published} of the {all} days of the month are published; this page is about these."),
            format!("At the end {} {} open.", many(open, "case"), are(open)),
        ];
        let (told, means) = match self.told {
            Some(told) => (told.into(), "somebody who can fix it was told"),
            None => (serde_json::Value::Null, "counted by arke: `arke told --format json`, `--told FILE`"),
        };
        let told = row([("outcome", "told".into()), ("cases", told), ("means", means.into())]);
        let meanings = [
            "reported by a feed for the first time",
            "there again after it was fixed",
            "stated offline by its feeds, or measured gone",
            "no feed upholds it, and whether it is gone could not be told",
            "taken back by its feeds, or a false positive",
            "still open, and its feeds, or what is held of it, are others",
        ];
        let mut rows: Vec<Row> = COUNTED
            .iter()
            .zip(meanings)
            .map(|((word, change), means)| {
                let cases = self.count(change, None);
                row([("outcome", (*word).into()), ("cases", cases.into()), ("means", means.into())])
            })
            .collect();
        rows.insert(2, told);
        let queries = vec![self.query("daily_diffs", "changed_view=cases")];
        let caption = "What became of cases; one that ended twice counts twice";
        let table = Table::whole("outcome", caption, queries, &["outcome", "cases", "means"], rows);
        Section::new("outcome", "Found, told, fixed", says, vec![table])
    }

    fn time(&self) -> Section {
        let fixed: Vec<&Fixed> = self.changes().filter_map(|change| change.resolved.as_ref()).collect();
        fixed::section(
            &fixed,
            self.query("daily_diffs", "changed_view=cases change=resolved"),
            self.query("remediation_times", ""),
        )
    }

    fn classes(&self) -> Section {
        let mut classes: Vec<&str> = self.changes().map(|change| change.class.as_str()).collect();
        classes.extend(self.lived.iter().flat_map(|lived| lived.open.keys().map(String::as_str)));
        classes.sort_unstable();
        classes.dedup();
        let rows = classes.iter().map(|class| {
            let mut cells = row([("class", (*class).into())]);
            for (word, change) in COUNTED {
                cells.insert(word.to_owned(), self.count(change, Some(class)).into());
            }
            cells.insert("open at the end".to_owned(), self.open_at_end(Some(class)).into());
            cells
        });
        let mut columns = vec!["class"];
        columns.extend(COUNTED.map(|(word, _)| word));
        columns.push("open at the end");
        let mut queries = vec![self.query("daily_diffs", "changed_view=cases")];
        queries.extend(self.lived.last().map(|last| query("cases", self.tld, last.day, OPEN)));
        let table =
            Table::whole("by_class", "Changes and open cases by abuse class", queries, &columns, rows.collect());
        Section::new("classes", "By class", Vec::new(), vec![table])
    }

    fn course(&self) -> Section {
        let days: Vec<(Day, u64)> =
            self.lived.iter().map(|lived| (lived.day, lived.open.values().sum())).collect();
        let table = daily::course(&days, self.query("cases", OPEN));
        Section::new("course", "Day by day", Vec::new(), vec![table])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_as_long_as_they_are() {
        for (text, last) in [("2024-02", "2024-02-29"), ("2025-12", "2025-12-31"), ("1970-01", "1970-01-31")] {
            let month: Month = text.parse().unwrap();
            assert_eq!((month.to_string().as_str(), month.last.to_string().as_str()), (text, last));
        }
        for text in ["2025", "2025-13", "2025-1", "2025-03-01", "March", ""] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
