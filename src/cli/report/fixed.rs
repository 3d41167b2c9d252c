//! How long it took until cases were fixed: a median with its interval where there are enough of them, else a list; and
//! the same of each registrar and remedy. Made from rows; nothing here reads a file.

use std::collections::BTreeMap;

use panopticon_model::time::{DAY_MS, Epoch};
use serde_json::Value;

use super::super::output::Row;
use super::median::{ENOUGH, Median};
use super::words::{date, instant, many, row, text, were};
use super::{SHOWN, Section, Table};

/// A case that was fixed, as it was at the close of that day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fixed {
    /// Its row of `cases`.
    pub(super) case: Row,
    /// The registrar of its domain; empty if not known.
    pub(super) registrar: String,
    /// What it was held for while it was open; empty if it was not judged.
    pub(super) remedy: String,
    /// When it was validated first; none if it never was, or that is not known.
    pub(super) validated: Option<Epoch>,
}

impl Fixed {
    /// Milliseconds from the first sight to the end.
    fn took(&self) -> Option<u64> {
        let (first, end) = (instant(&self.case, "first_seen")?, instant(&self.case, "ended_at")?);
        Some(end.0.saturating_sub(first.0))
    }

    /// Milliseconds from the validation to the end.
    fn took_from_validation(&self) -> Option<u64> {
        let (validated, end) = (self.validated?, instant(&self.case, "ended_at")?);
        Some(end.0.saturating_sub(validated.0))
    }

    fn registrar(&self) -> &str {
        if self.registrar.is_empty() { "not known" } else { &self.registrar }
    }

    fn remedy(&self) -> &str {
        if self.remedy.is_empty() { "not judged" } else { &self.remedy }
    }
}

/// The section, with the lines that give the changes and the times behind it.
pub(super) fn section(fixed: &[&Fixed], changes: String, times: String) -> Section {
    let queries = vec![changes, times];
    let count = fixed.len();
    let took = fixed.iter().filter_map(|of| of.took()).collect();
    let (says, tables) = match (count, Median::of(took)) {
        (0, _) => (vec!["No case was fixed in this month.".to_owned()], vec![list(fixed, queries)]),
        (_, None) => {
            let (cases, were) = (many(count as u64, "case"), were(count as u64));
            let said =
                format!("{cases} {were} fixed: fewer than {ENOUGH}, too few for a median. Here is each of them.");
            (vec![said], vec![list(fixed, queries)])
        }
        (_, Some(Median { middle, from, to })) => {
            let mut says = vec![
                format!("Half of the {count} fixed cases were fixed within {} days.", in_days(middle)),
                format!(
                    "The median of such cases lies between {} and {} days, with 95 % certainty.",
                    in_days(from),
                    in_days(to)
                ),
            ];
            let validated: Vec<u64> = fixed.iter().filter_map(|of| of.took_from_validation()).collect();
            let of_them = validated.len();
            if let Some(Median { middle, from, to }) = Median::of(validated) {
                says.push(format!(
                    "{of_them} of them had been validated; from then on half took {} days, the median lies between {} and {}.",
                    in_days(middle),
                    in_days(from),
                    in_days(to)
                ));
            }
            let tables = vec![
                grouped("fixed_by_registrar", "By registrar", "registrar", fixed, Fixed::registrar, &queries),
                grouped("fixed_by_remedy", "By what the case was", "remedy", fixed, Fixed::remedy, &queries),
            ];
            (says, tables)
        }
    };
    Section::new("time", "How long it took", says, tables)
}

/// Each of the cases.
fn list(fixed: &[&Fixed], queries: Vec<String>) -> Table {
    let rows = fixed.iter().map(|of| {
        row([
            ("subject", text(&of.case, "subject").into()),
            ("class", text(&of.case, "abuse_class").into()),
            ("first_seen", date(&of.case, "first_seen")),
            ("validated", of.validated.map(|at| at.day().to_string()).into()),
            ("fixed", date(&of.case, "ended_at")),
            ("days", of.took().map(number_of_days).into()),
            ("registrar", of.registrar().into()),
            ("remedy", of.remedy().into()),
        ])
    });
    let columns = ["subject", "class", "first_seen", "validated", "fixed", "days", "registrar", "remedy"];
    Table::whole("fixed", "Fixed cases", queries, &columns, rows.collect())
}

/// The cases by a word of theirs, most first. A group without a median shows the days of each of its cases.
fn grouped(
    id: &'static str,
    caption: &'static str,
    column: &'static str,
    fixed: &[&Fixed],
    word: fn(&Fixed) -> &str,
    queries: &[String],
) -> Table {
    let mut groups: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for of in fixed {
        groups.entry(word(of)).or_default().extend(of.took());
    }
    let mut groups: Vec<(&str, Vec<u64>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, took)| std::cmp::Reverse(took.len()));
    let rows = groups.into_iter().map(|(word, mut took)| {
        took.sort_unstable();
        let median = Median::of(took.clone());
        let days = |of: fn(&Median) -> u64| median.as_ref().map(|median| number_of_days(of(median))).into();
        let each: Vec<String> = took.iter().map(|took| in_days(*took)).collect();
        let each = if median.is_some() { Value::Null } else { each.join(", ").into() };
        row([
            (column, word.into()),
            ("fixed", took.len().into()),
            ("median_days", days(|of| of.middle)),
            ("from", days(|of| of.from)),
            ("to", days(|of| of.to)),
            ("days_of_each", each),
        ])
    });
    let columns = [column, "fixed", "median_days", "from", "to", "days_of_each"];
    Table::whole(id, caption, queries.to_vec(), &columns, rows.collect()).capped(SHOWN)
}

/// Days, rounded to tenths: `2.5`.
fn in_days(ms: u64) -> String {
    let tenths = (u128::from(ms) * 10 + u128::from(DAY_MS / 2)) / u128::from(DAY_MS);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The same as a number of JSON.
fn number_of_days(ms: u64) -> Value {
    in_days(ms).parse::<f64>().ok().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases that were fixed after so many days each, under two registrars in turn.
    fn section_of(days: &[u64]) -> Section {
        let instant = |days: u64| Value::from(Epoch(days * DAY_MS).to_string());
        let fixed: Vec<Fixed> = (days.iter().zip(0..))
            .map(|(days, n)| Fixed {
                case: row([("first_seen", instant(0)), ("ended_at", instant(*days))]),
                registrar: if n % 3 == 0 { "Few Ltd".to_owned() } else { String::new() },
                remedy: "malicious".to_owned(),
                validated: (n % 2 == 0).then_some(Epoch(DAY_MS)),
            })
            .collect();
        section(&fixed.iter().collect::<Vec<_>>(), "a".to_owned(), "b".to_owned())
    }

    fn rows_of(section: &Section, id: &str) -> Vec<String> {
        let table = section.tables.iter().find(|table| table.id == id).unwrap();
        let cells = |of: &Row| table.columns.iter().map(|column| text(of, column)).collect::<Vec<_>>().join("|");
        table.rows.iter().map(cells).collect()
    }

    #[test]
    fn a_median_needs_ten_cases() {
        let few = section_of(&[1; 9]);
        assert!(few.says[0].starts_with("9 cases were fixed: fewer than 10"), "{few:?}");
        assert_eq!(rows_of(&few, "fixed").len(), 9);
        assert_eq!(
            rows_of(&section_of(&[3]), "fixed"),
            ["||1970-01-01|1970-01-02|1970-01-04|3.0|Few Ltd|malicious"]
        );
        let none = section_of(&[]);
        assert_eq!(none.says, ["No case was fixed in this month."]);
        assert!(none.tables.is_empty() && none.queries == ["a", "b"]);
    }

    #[test]
    fn from_ten_on_it_has_an_interval_and_each_group_its_own() {
        let enough = section_of(&[1, 1, 1, 1, 2, 3, 9, 9, 9, 9, 5, 5, 5, 5, 5]);
        assert_eq!(
            enough.says,
            [
                "Half of the 15 fixed cases were fixed within 5.0 days.",
                "The median of such cases lies between 1.0 and 9.0 days, with 95 % certainty."
            ]
        );
        assert_eq!(
            rows_of(&enough, "fixed_by_registrar"),
            ["not known|10|5.0|1.0|9.0|", "Few Ltd|5||||1.0, 1.0, 5.0, 9.0, 9.0"]
        );
        assert_eq!(rows_of(&enough, "fixed_by_remedy"), ["malicious|15|5.0|1.0|9.0|"]);
    }

    #[test]
    fn days_have_tenths() {
        let all = [0, DAY_MS, DAY_MS * 3 / 2, DAY_MS / 50, DAY_MS / 20, u64::MAX].map(in_days);
        assert_eq!(all, ["0.0", "1.0", "1.5", "0.0", "0.1", "213503982334.6"]);
    }
}
