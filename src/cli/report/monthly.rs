//! The report of a month, on one page: found, told, fixed, and how long it took. Made from the changes and cases of
//! its days; nothing here reads a file.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use panopticon_model::time::{DAY_MS, Day, Epoch, TimeError};

use super::super::output::Row;
use super::words::{are, class_of, date, instant, is_open, many, row, tally, text, were};
use super::{Report, Section, Table};

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
    /// Its case as it was at the close of the day, if it was resolved.
    resolved: Option<Row>,
}

/// What is kept of a day: its changes, and how many cases it left open.
pub(super) fn day(day: Day, diffs: &[Row], cases: &[Row]) -> Lived {
    let by_id: BTreeMap<String, &Row> = cases.iter().map(|case| (text(case, "case_id"), case)).collect();
    let changes = diffs.iter().map(|diff| {
        let what = text(diff, "change");
        let resolved = match what.as_str() {
            "resolved" => by_id.get(&text(diff, "subject_id")).map(|case| (*case).clone()),
            _ => None,
        };
        Change { class: class_of(diff), resolved, what }
    });
    let open = tally(cases.iter().filter(|case| is_open(case)), "abuse_class");
    Lived { day, open, changes: changes.collect() }
}

/// The report of a month, from those of its days that are published.
pub(super) fn report(tld: &str, month: Month, as_of: Epoch, lived: &[Lived]) -> Report {
    let of = Of { tld, month, lived };
    let sections = vec![of.outcome(), of.time(), of.classes(), of.course()];
    Report::new(tld, month.to_string(), format!("Abuse in .{tld} in {month}"), as_of, sections)
}

/// From so many resolved cases on a median says something.
const ENOUGH: usize = 10;
/// What a month counts: the word here, and the change in `daily_diffs`.
const COUNTED: [(&str, &str); 5] = [
    ("found", "added"),
    ("found again", "recurred"),
    ("fixed", "resolved"),
    ("expired", "expired"),
    ("withdrawn", "withdrawn"),
];

struct Of<'a> {
    tld: &'a str,
    month: Month,
    lived: &'a [Lived],
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
            "Nobody was told: this version sends no notices.".to_owned(),
        ];
        let told = row([("outcome", "told".into()), ("cases", 0.into()), ("means", "nothing is sent yet".into())]);
        let meanings = [
            "reported by a feed for the first time",
            "there again after it was fixed",
            "stated offline by its feeds, or measured gone",
            "no feed upholds it, and whether it is gone could not be told",
            "taken back by its feeds, or a false positive",
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
        let queries = vec![self.query("daily_diffs", "")];
        let caption = "What became of cases; one that ended twice counts twice";
        let table = Table::whole("outcome", caption, queries, &["outcome", "cases", "means"], rows);
        Section::new("outcome", "Found, told, fixed", says, vec![table])
    }

    fn time(&self) -> Section {
        let cases: Vec<&Row> = self.changes().filter_map(|change| change.resolved.as_ref()).collect();
        let mut times: Vec<u64> = cases.iter().filter_map(|case| open_for(case)).collect();
        let query = self.query("daily_diffs", "change=resolved");
        let (said, tables) = match median(&mut times) {
            None => ("No case was fixed in this month.".to_owned(), Vec::new()),
            Some(median) if times.len() >= ENOUGH => {
                let (median, count) = (in_days(median), times.len());
                (format!("Half of the {count} fixed cases were fixed within {median:.1} days."), Vec::new())
            }
            Some(_) => {
                let count = cases.len() as u64;
                let said = format!(
                    "{} {} fixed: fewer than {ENOUGH}, too few for a median. Here is each of them.",
                    many(count, "case"),
                    were(count)
                );
                let rows = cases.iter().map(|case| {
                    row([
                        ("subject", text(case, "subject").into()),
                        ("class", text(case, "abuse_class").into()),
                        ("first_seen", date(case, "first_seen")),
                        ("fixed", date(case, "ended_at")),
                        ("days", open_for(case).map(in_days).into()),
                    ])
                });
                let columns = ["subject", "class", "first_seen", "fixed", "days"];
                let queries = vec![query.clone(), self.query("cases", "status=remediated")];
                (said, vec![Table::whole("fixed", "Fixed cases", queries, &columns, rows.collect())])
            }
        };
        let queries = if tables.is_empty() { vec![query] } else { Vec::new() };
        Section { id: "time", title: "How long it took", says: vec![said], queries, tables }
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
        let queries = vec![self.query("daily_diffs", ""), self.query("cases", "ended_at=")];
        let table =
            Table::whole("by_class", "Changes and open cases by abuse class", queries, &columns, rows.collect());
        Section::new("classes", "By class", Vec::new(), vec![table])
    }

    fn course(&self) -> Section {
        let rows = self.lived.iter().map(|lived| {
            let open: u64 = lived.open.values().sum();
            row([("day", lived.day.to_string().into()), ("open_cases", open.into())])
        });
        let queries = vec![self.query("cases", "ended_at=")];
        let caption = "Open cases at the close of each published day";
        let mut table = Table::whole("course", caption, queries, &["day", "open_cases"], rows.collect());
        table.chart = Some(["day", "open_cases"]);
        Section::new("course", "Day by day", Vec::new(), vec![table])
    }
}

/// Milliseconds from the first sight of a case to its end.
fn open_for(case: &Row) -> Option<u64> {
    let (first, end) = (instant(case, "first_seen")?, instant(case, "ended_at")?);
    Some(end.0.saturating_sub(first.0))
}

/// The middle of some numbers, or of the two in the middle the mean; none of none. Sorts them.
fn median(numbers: &mut [u64]) -> Option<u64> {
    numbers.sort_unstable();
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = *numbers.get((numbers.len() - 1) / 2)?;
    Some(lower + (upper - lower) / 2)
}

/// Days, rounded to tenths.
fn in_days(ms: u64) -> f64 {
    (ms as f64 / DAY_MS as f64 * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

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

    #[test]
    fn the_median_is_in_the_middle() {
        for (numbers, expected) in [
            (vec![], None),
            (vec![5], Some(5)),
            (vec![9, 1], Some(5)),
            (vec![3, 1, 2], Some(2)),
            (vec![u64::MAX, u64::MAX], Some(u64::MAX)),
        ] {
            assert_eq!(median(&mut numbers.clone()), expected, "{numbers:?}");
        }
        assert_eq!([0, DAY_MS, DAY_MS * 3 / 2, DAY_MS / 50].map(in_days), [0.0, 1.0, 1.5, 0.0]);
    }

    /// A world whose cases are each fixed after a number of days.
    fn time_of(days: &[u64]) -> Section {
        let instant = |days: u64| Value::from(Epoch(days * DAY_MS).to_string());
        let cases: Vec<Row> = days
            .iter()
            .enumerate()
            .map(|(id, days)| {
                let status = ("status", "remediated".into());
                row([("case_id", id.into()), ("first_seen", instant(0)), ("ended_at", instant(*days)), status])
            })
            .collect();
        let diffs: Vec<Row> =
            (0..days.len()).map(|id| row([("subject_id", id.into()), ("change", "resolved".into())])).collect();
        let month = "1970-01".parse().unwrap();
        Of { tld: "xx", month, lived: &[day(Day(20), &diffs, &cases)] }.time()
    }

    #[test]
    fn a_median_needs_ten_cases() {
        let few = time_of(&[1; 9]);
        assert!(
            few.says[0].starts_with("9 cases were fixed: fewer than 10") && few.tables[0].rows.len() == 9,
            "{few:?}"
        );
        let enough = time_of(&[1, 1, 1, 1, 2, 3, 9, 9, 9, 9]);
        assert_eq!(enough.says, ["Half of the 10 fixed cases were fixed within 2.5 days."]);
        assert!(enough.tables.is_empty());
        assert_eq!(time_of(&[]).says, ["No case was fixed in this month."]);
    }
}
