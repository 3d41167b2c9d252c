//! Look-alikes that a scan of a zone found, as Parquet: for those who keep no state, beside the published views.

use std::borrow::Cow::Borrowed;
use std::path::Path;

use compact_str::CompactString;
use serde::Serialize;

use crate::columns::Column;
use crate::parquet::write::write_rows;
use crate::{SinkError, Written};

/// The version of the columns.
const SCHEMA: &str = "scan/1.0";

/// A technique by which a name imitates a protected name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LookalikeRow {
    /// The registered domain.
    pub name: CompactString,
    /// The protected name.
    pub target: CompactString,
    /// How, as dnstwist spells it.
    pub technique: &'static str,
    /// What was done, in words.
    pub edit: String,
    /// The score of the pair, 0 to 100.
    pub score: i32,
    /// `info`, `review`, `high`.
    pub tier: &'static str,
    /// Why the pair is held back; none if it counts.
    pub suppressed_by: Option<&'static str>,
}

/// The columns, in their order.
pub const COLUMNS: [&str; 7] = ["name", "target", "technique", "edit", "score", "tier", "suppressed_by"];

/// A name as one that a machine made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlgorithmicRow {
    /// The registered domain.
    pub name: CompactString,
    /// Its score, in thousandths of log-odds; the lowest there is of what is passed over.
    pub score: i32,
    /// Whether that is one of the highest of the zone.
    pub flagged: bool,
    /// What speaks for it.
    pub reasons: String,
}

/// The columns of [`AlgorithmicRow`], in their order.
pub const ALGORITHMIC_COLUMNS: [&str; 4] = ["name", "score", "flagged", "reasons"];

/// Writes names as ones that a machine made, as [`write_parquet`] does look-alikes.
///
/// # Errors
/// [`SinkError`] when the file cannot be written.
pub fn write_algorithmic(path: &Path, rows: &[AlgorithmicRow]) -> Result<Written, SinkError> {
    let [name, score, flagged, reasons] = ALGORITHMIC_COLUMNS;
    let columns: [Column<AlgorithmicRow>; 4] = [
        Column::text(name, |row| Borrowed(&row.name)),
        Column::integer(score, |row| row.score.into()),
        Column::flag(flagged, |row| row.flagged),
        Column::text(reasons, |row| Borrowed(&row.reasons)),
    ];
    write_rows(path, &columns, rows, &[], vec![("panopticon.schema", SCHEMA.to_owned())])
}

/// Writes rows to a new file, in the order in which they come.
///
/// # Errors
/// [`SinkError`] when the file cannot be written; one that was there stays as it is then.
pub fn write_parquet(path: &Path, rows: &[LookalikeRow]) -> Result<Written, SinkError> {
    let [name, target, technique, edit, score, tier, suppressed_by] = COLUMNS;
    let columns: [Column<LookalikeRow>; 7] = [
        Column::text(name, |row| Borrowed(&row.name)),
        Column::text(target, |row| Borrowed(&row.target)),
        Column::text(technique, |row| Borrowed(row.technique)),
        Column::text(edit, |row| Borrowed(&row.edit)),
        Column::integer(score, |row| row.score.into()),
        Column::text(tier, |row| Borrowed(row.tier)),
        Column::maybe_text(suppressed_by, |row| row.suppressed_by.map(Borrowed)),
    ];
    write_rows(path, &columns, rows, &[], vec![("panopticon.schema", SCHEMA.to_owned())])
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn rows_are_read_as_they_were_written() {
        let row = |name: &str, suppressed_by| LookalikeRow {
            name: name.into(),
            target: "paypal.com".into(),
            technique: "homoglyph",
            edit: "'1' for 'l'".to_owned(),
            score: 35,
            tier: "review",
            suppressed_by,
        };
        let rows = [row("paypa1.xx", None), row("paypai.xx", Some("popular"))];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("found.parquet");
        assert_eq!(write_parquet(&path, &rows).unwrap().rows, 2);
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
        let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, COLUMNS);
        let batch = reader.build().unwrap().next().unwrap().unwrap();
        let text = |column: usize, at: usize| batch.column(column).as_string::<i32>().value(at).to_owned();
        assert_eq!(
            [0, 1, 2, 3, 5].map(|column| text(column, 0)),
            ["paypa1.xx", "paypal.com", "homoglyph", "'1' for 'l'", "review"]
        );
        assert_eq!(batch.column(4).as_primitive::<Int64Type>().value(1), 35);
        assert!(batch.column(6).is_null(0));
        assert_eq!(text(6, 1), "popular");
    }
}
