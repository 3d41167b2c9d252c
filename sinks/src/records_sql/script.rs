//! The statements of the script, in their order, written as the rows pass by.

use std::io::{self, Write};

use panopticon_model::records::{DIGEST, Digest, META, SCHEMA_VERSION, Value};

use super::Records;
use super::tables::{definitions, identifier, values};
use crate::columns::{Column, cases, daily_diffs, indicators, remedies, signed, validated_indicators};

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
pub(super) fn write(out: &mut impl Write, records: &Records<'_>) -> io::Result<u64> {
    let mut indicator_rows = records.indicators.clone();
    indicator_rows.sort_unstable_by_key(|row| row.indicator.id);
    let mut case_rows = records.cases.clone();
    case_rows.sort_unstable_by_key(|row| row.id);
    let mut diff_rows: Vec<_> = records.diffs.iter().collect();
    diff_rows.sort_unstable_by_key(|diff| (diff.day, diff.row.subject_id));
    let mut validated_rows = records.validated.clone();
    validated_rows.sort_unstable_by_key(|row| row.indicator.id);
    let mut remedy_rows = records.remedies.clone();
    remedy_rows.sort_unstable_by_key(|row| row.case_id);
    let (indicators, cases, diffs) = (indicators::columns(), cases::columns(), daily_diffs::dated_columns());
    let (validated, remedies) = (validated_indicators::columns(), remedies::columns());

    writeln!(out, "-- panopticon records.sql, schema {SCHEMA_VERSION}, for SQLite, PostgreSQL and MariaDB")?;
    writeln!(out, "{TAKE_QUOTES}\nBEGIN;")?;
    for table in [META, "remedies", "validated_indicators", "daily_diffs", "cases", "indicators"] {
        writeln!(out, "DROP TABLE IF EXISTS {table};")?;
    }
    create(out, "indicators", &definitions(&indicators), "indicator_id")?;
    create(out, "cases", &definitions(&cases), "case_id")?;
    create(out, "daily_diffs", &definitions(&diffs), "day, changed_view, subject_id")?;
    create(out, "validated_indicators", &definitions(&validated), "indicator_id")?;
    create(out, "remedies", &definitions(&remedies), "case_id")?;
    create(out, META, &META_COLUMNS.map(|(name, kind)| format!("{name} {kind} NOT NULL")), "tld")?;
    writeln!(out, "{BEGIN_AGAIN}")?;

    let mut digest = Digest::new();
    insert(out, &mut digest, "indicators", &indicators, &indicator_rows)?;
    insert(out, &mut digest, "cases", &cases, &case_rows)?;
    insert(out, &mut digest, "daily_diffs", &diffs, &diff_rows)?;
    insert(out, &mut digest, "validated_indicators", &validated, &validated_rows)?;
    insert(out, &mut digest, "remedies", &remedies, &remedy_rows)?;
    let counts = [indicator_rows.len(), case_rows.len(), diff_rows.len(), validated_rows.len(), remedy_rows.len()];
    let counts = counts.map(|n| n as u64);
    insert_meta(out, digest, records, counts)?;
    writeln!(out, "COMMIT;")?;
    Ok(counts.iter().sum())
}

const META_COLUMNS: [(&str, &str); 13] = [
    ("schema_version", "VARCHAR(8)"),
    ("tld", "VARCHAR(63)"),
    ("day", "VARCHAR(10)"),
    ("closed", "SMALLINT"),
    ("as_of_ms", "BIGINT"),
    ("as_of", "VARCHAR(24)"),
    ("program", "VARCHAR(255)"),
    ("indicators_rows", "BIGINT"),
    ("cases_rows", "BIGINT"),
    ("daily_diffs_rows", "BIGINT"),
    ("validated_indicators_rows", "BIGINT"),
    ("remedies_rows", "BIGINT"),
    (DIGEST, "VARCHAR(64)"),
];

fn insert_meta(
    out: &mut impl Write,
    mut digest: Digest,
    records: &Records<'_>,
    counts: [u64; 5],
) -> io::Result<()> {
    let mut row = vec![
        Value::text(SCHEMA_VERSION),
        Value::text(records.tld),
        Value::text(&records.day.to_string()),
        Value::Number(records.closed.into()),
        Value::Number(signed(records.as_of.0)),
        Value::text(&records.as_of.to_string()),
        Value::text(records.program),
    ];
    row.extend(counts.map(|n| Value::Number(signed(n))));
    digest.table(META);
    digest.row(&row);
    row.push(Value::Text(digest.finish()));
    let mut text = String::new();
    push_row(&mut text, &row);
    let names = META_COLUMNS.map(|(name, _)| name);
    writeln!(out, "INSERT INTO {META} ({}) VALUES\n{text};", names.join(", "))
}

fn create(out: &mut impl Write, table: &str, definitions: &[String], key: &str) -> io::Result<()> {
    writeln!(out, "CREATE TABLE {table} (")?;
    for definition in definitions {
        writeln!(out, "  {definition},")?;
    }
    writeln!(out, "  PRIMARY KEY ({key})\n){CHARSET};")
}

fn insert<R>(
    out: &mut impl Write,
    digest: &mut Digest,
    table: &str,
    columns: &[Column<R>],
    rows: &[R],
) -> io::Result<()> {
    digest.table(table);
    let names: Vec<String> = definitions(columns)
        .iter()
        .filter_map(|definition| Some(identifier(definition.split(' ').next()?.trim_matches('"')).into_owned()))
        .collect();
    let mut text = String::new();
    let mut pending = 0;
    for row in rows {
        let values = values(columns, row);
        digest.row(&values);
        if pending == INSERT_ROWS || text.len() > INSERT_BYTES {
            writeln!(out, "{text};")?;
            text.clear();
            pending = 0;
        }
        text.push_str(if pending == 0 { "" } else { ",\n" });
        if pending == 0 {
            text.push_str(&format!("INSERT INTO {table} ({}) VALUES\n", names.join(", ")));
        }
        push_row(&mut text, &values);
        pending += 1;
    }
    if pending > 0 {
        writeln!(out, "{text};")?;
    }
    Ok(())
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
