//! The statements of the script, in their order, written as the rows pass by.

use std::io::{self, Write};

use panopticon_model::records::{DIGEST, Digest, META, SCHEMA_VERSION, Value};

use super::Records;
use super::tables::{definitions, identifier, values};
use crate::columns::{
    Column, cases, daily_diffs, high_risk_names, indicators, observations, protected_names, remedies, signed,
    validated_indicators,
};

/// Rows of one INSERT: few enough for every server's packet and parser limits.
const INSERT_ROWS: usize = 500;
/// Bytes after which an INSERT is ended early.
const INSERT_BYTES: usize = 256 * 1024;

/// MariaDB and MySQL read these comments as statements; SQLite and PostgreSQL skip them. The first lets double
/// quotes mark names, the second opens the transaction anew that the DDL has ended.
const TAKE_QUOTES: &str = "/*!40101 SET @@session.sql_mode = CONCAT(@@session.sql_mode, ',ANSI_QUOTES') */;";
const BEGIN_AGAIN: &str = "/*!40101 START TRANSACTION */;";
/// Texts are compared byte by byte everywhere; MariaDB would ignore case otherwise.
const CHARSET: &str = " /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */";

/// Writes the script; gives the number of rows in it.
pub(super) fn write(out: &mut dyn Write, records: &Records<'_>) -> io::Result<u64> {
    let tables = tables(records);
    writeln!(out, "-- panopticon records.sql, schema {SCHEMA_VERSION}, for SQLite, PostgreSQL and MariaDB")?;
    writeln!(out, "{TAKE_QUOTES}\nBEGIN;\nDROP TABLE IF EXISTS {META};")?;
    for table in tables.iter().rev() {
        writeln!(out, "DROP TABLE IF EXISTS {};", table.name())?;
    }
    for table in &tables {
        table.create(out)?;
    }
    let meta = meta(records, &tables);
    let definitions: Vec<String> = meta.iter().map(|(name, kind, _)| format!("{name} {kind} NOT NULL")).collect();
    create(out, META, &definitions, "tld")?;
    writeln!(out, "{BEGIN_AGAIN}")?;

    let mut digest = Digest::new();
    for table in &tables {
        table.insert(out, &mut digest)?;
    }
    insert_meta(out, digest, meta)?;
    writeln!(out, "COMMIT;")?;
    Ok(tables.iter().map(|table| table.count()).sum())
}

/// The tables in their order, but for `meta`. A new one goes to the end.
fn tables<'a>(records: &'a Records<'_>) -> [Box<dyn Table + 'a>; 9] {
    [
        sorted("indicators", "indicator_id", indicators::columns(), records.indicators.iter().cloned(), |row| {
            row.indicator.id
        }),
        sorted("cases", "case_id", cases::columns(), records.cases.iter().copied(), |row| row.id),
        sorted(
            "daily_diffs",
            "day, changed_view, subject_id",
            daily_diffs::dated_columns(),
            &records.diffs,
            |diff| (diff.day, diff.row.changed_view().as_str(), diff.row.subject_id),
        ),
        sorted(
            "validated_indicators",
            "indicator_id",
            validated_indicators::columns(),
            records.validated.iter().copied(),
            |row| row.indicator.id,
        ),
        sorted("remedies", "case_id", remedies::columns(), records.remedies.iter().copied(), |row| row.case_id),
        sorted(
            "probe_summaries",
            "observation_id",
            observations::summary_columns(),
            records.observations.iter().copied(),
            |row| row.key.id(),
        ),
        sorted("high_risk_names", "name", high_risk_names::columns(), records.high_risk.iter().copied(), |row| {
            row.name.clone()
        }),
        sorted(
            "protected_names",
            "name, list",
            protected_names::protected(),
            records.targets.iter(),
            |(key, _)| (*key).clone(),
        ),
        sorted(
            "allow_list",
            "marked",
            protected_names::allowed(),
            records.marks.iter().copied(),
            |(target, _)| target.marked().to_owned(),
        ),
    ]
}

/// A table whose rows are at hand.
trait Table {
    fn name(&self) -> &'static str;
    fn count(&self) -> u64;
    fn create(&self, out: &mut dyn Write) -> io::Result<()>;
    fn insert(&self, out: &mut dyn Write, digest: &mut Digest) -> io::Result<()>;
}

/// The rows of a table in the order of its primary key.
struct Sorted<R> {
    name: &'static str,
    key: &'static str,
    columns: Vec<Column<R>>,
    rows: Vec<R>,
}

fn sorted<'a, R: 'a, K: Ord>(
    name: &'static str,
    key: &'static str,
    columns: Vec<Column<R>>,
    rows: impl IntoIterator<Item = R>,
    by: impl Fn(&R) -> K,
) -> Box<dyn Table + 'a> {
    let mut rows: Vec<R> = rows.into_iter().collect();
    rows.sort_by_cached_key(by);
    Box::new(Sorted { name, key, columns, rows })
}

impl<R> Table for Sorted<R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn count(&self) -> u64 {
        self.rows.len() as u64
    }

    fn create(&self, out: &mut dyn Write) -> io::Result<()> {
        create(out, self.name, &definitions(&self.columns), self.key)
    }

    fn insert(&self, out: &mut dyn Write, digest: &mut Digest) -> io::Result<()> {
        digest.table(self.name);
        let names: Vec<String> = definitions(&self.columns)
            .iter()
            .filter_map(|definition| {
                Some(identifier(definition.split(' ').next()?.trim_matches('"')).into_owned())
            })
            .collect();
        let mut text = String::new();
        let mut pending = 0;
        for row in &self.rows {
            let values = values(&self.columns, row);
            digest.row(&values);
            if pending == INSERT_ROWS || text.len() > INSERT_BYTES {
                writeln!(out, "{text};")?;
                text.clear();
                pending = 0;
            }
            text.push_str(if pending == 0 { "" } else { ",\n" });
            if pending == 0 {
                text.push_str(&format!("INSERT INTO {} ({}) VALUES\n", self.name, names.join(", ")));
            }
            push_row(&mut text, &values);
            pending += 1;
        }
        if pending > 0 {
            writeln!(out, "{text};")?;
        }
        Ok(())
    }
}

/// The one row of `meta`, but for the digest: names of columns, their types, values.
fn meta(records: &Records<'_>, tables: &[Box<dyn Table + '_>]) -> Vec<(String, &'static str, Value)> {
    let mut row = [
        ("schema_version", "VARCHAR(8)", Value::text(SCHEMA_VERSION)),
        ("tld", "VARCHAR(63)", Value::text(records.tld)),
        ("day", "VARCHAR(10)", Value::text(&records.day.to_string())),
        ("closed", "SMALLINT", Value::Number(records.closed.into())),
        ("as_of_ms", "BIGINT", Value::Number(signed(records.as_of.0))),
        ("as_of", "VARCHAR(24)", Value::text(&records.as_of.to_string())),
        ("program", "VARCHAR(255)", Value::text(records.program)),
    ]
    .map(|(name, kind, value)| (name.to_owned(), kind, value))
    .to_vec();
    for table in tables {
        row.push((format!("{}_rows", table.name()), "BIGINT", Value::Number(signed(table.count()))));
    }
    row.push((DIGEST.to_owned(), "VARCHAR(64)", Value::Null));
    row
}

fn insert_meta(
    out: &mut dyn Write,
    mut digest: Digest,
    meta: Vec<(String, &'static str, Value)>,
) -> io::Result<()> {
    let (names, mut row): (Vec<String>, Vec<Value>) =
        meta.into_iter().map(|(name, _, value)| (name, value)).unzip();
    row.pop();
    digest.table(META);
    digest.row(&row);
    row.push(Value::Text(digest.finish()));
    let mut text = String::new();
    push_row(&mut text, &row);
    writeln!(out, "INSERT INTO {META} ({}) VALUES\n{text};", names.join(", "))
}

fn create(out: &mut dyn Write, table: &str, definitions: &[String], key: &str) -> io::Result<()> {
    writeln!(out, "CREATE TABLE {table} (")?;
    for definition in definitions {
        writeln!(out, "  {definition},")?;
    }
    writeln!(out, "  PRIMARY KEY ({key})\n){CHARSET};")
}

/// A row in parentheses. Texts are plain, so doubling quotes is all that a literal needs.
fn push_row(text: &mut String, values: &[Value]) {
    for (at, value) in values.iter().enumerate() {
        text.push(if at == 0 { '(' } else { ',' });
        match value {
            Value::Null => text.push_str("NULL"),
            Value::Number(number) => text.push_str(&number.to_string()),
            Value::Text(value) => {
                text.push('\'');
                text.push_str(&value.replace('\'', "''"));
                text.push('\'');
            }
        }
    }
    text.push(')');
}
