//! The writer that all views share: columns and rows in, one file out.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Int64Builder, ListBuilder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use panopticon_model::view::View;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::{KEY_AS_OF, KEY_CLOSED, KEY_DAY, KEY_SCHEMA, KEY_TLD, KEY_VIEW, SCHEMA_VERSION};
use crate::columns::{Column, Get, signed};
use crate::files::write_aside;
use crate::{Publication, SinkError, Written};

/// Rows that become arrays at a time.
const BATCH_ROWS: usize = 8192;
const ROW_GROUP_ROWS: usize = 128 * 1024;
const ZSTD_LEVEL: i32 = 3;

/// Writes a view of a TLD: `rows` in the order of the columns `sorted`.
pub(crate) fn write_view<R>(
    publication: &Publication<'_>,
    view: View,
    tld: &str,
    columns: &[Column<R>],
    rows: &[R],
    sorted: &[&str],
) -> Result<Written, SinkError> {
    let metadata = vec![
        (KEY_SCHEMA, SCHEMA_VERSION.to_owned()),
        (KEY_VIEW, view.as_str().to_owned()),
        (KEY_TLD, tld.to_owned()),
        (KEY_DAY, publication.day.to_string()),
        (KEY_AS_OF, publication.as_of.to_string()),
        (KEY_CLOSED, publication.closed.to_string()),
    ];
    write_rows(&publication.partition(view, tld), columns, rows, sorted, metadata)
}

/// Writes a file: `rows` in the order of the columns `sorted`, and `metadata` by key.
pub(crate) fn write_rows<R>(
    path: &Path,
    columns: &[Column<R>],
    rows: &[R],
    sorted: &[&str],
    metadata: Vec<(&str, String)>,
) -> Result<Written, SinkError> {
    let schema = schema_of(columns);
    let encode = SinkError::encode(path);
    write_aside(path, |sink| {
        let properties = properties(columns, sorted, metadata).map_err(&encode)?;
        // The columns' own types say everything: no copy of the schema in Arrow's encoding, which changes with Arrow.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(sink, Arc::clone(&schema), options).map_err(&encode)?;
        for rows in rows.chunks(BATCH_ROWS) {
            let arrays = columns.iter().map(|column| array_of(column, rows)).collect();
            let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|e| encode(e.into()))?;
            writer.write(&batch).map_err(&encode)?;
        }
        writer.close().map_err(&encode)?;
        Ok(rows.len() as u64)
    })
}

fn properties<R>(
    columns: &[Column<R>],
    sorted: &[&str],
    metadata: Vec<(&str, String)>,
) -> Result<WriterProperties, ParquetError> {
    let sorting = sorted.iter().filter_map(|name| {
        let at = columns.iter().position(|column| column.name == *name)?;
        Some(SortingColumn { column_idx: i32::try_from(at).ok()?, descending: false, nulls_first: true })
    });
    Ok(WriterProperties::builder()
        .set_created_by("panopticon".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorting.collect()))
        .set_key_value_metadata(Some(
            metadata.into_iter().map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect(),
        ))
        .build())
}

fn schema_of<R>(columns: &[Column<R>]) -> SchemaRef {
    let fields = columns.iter().map(|column| Field::new(column.name, type_of(&column.get), column.nullable()));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn type_of<R>(get: &Get<R>) -> DataType {
    match get {
        Get::Text(_) | Get::MaybeText(_) | Get::MaybeCompared(_) => DataType::Utf8,
        Get::Feeds(_) | Get::MaybeList(_) => DataType::List(element()),
        Get::Instant(_) | Get::MaybeInstant(_) => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Get::Number(_) | Get::MaybeNumber(_) | Get::Integer(_) => DataType::Int64,
        Get::Flag(_) | Get::MaybeFlag(_) => DataType::Boolean,
    }
}

fn element() -> Arc<Field> {
    Arc::new(Field::new("element", DataType::Utf8, false))
}

fn array_of<R>(column: &Column<R>, rows: &[R]) -> ArrayRef {
    match column.get {
        Get::Text(get) => texts(rows, |row, array| array.append_value(get(row))),
        Get::MaybeText(get) => texts(rows, |row, array| array.append_option(get(row))),
        Get::MaybeCompared(get) => texts(rows, |row, array| {
            array.append_option(get(row).and_then(|compared| serde_json::to_string(compared).ok()));
        }),
        Get::Feeds(get) => lists(rows, |row, texts| {
            get(row).iter().for_each(|feed| texts.append_value(feed.0.as_str()));
            true
        }),
        Get::MaybeList(get) => lists(rows, |row, texts| match get(row) {
            Some(list) => {
                list.iter().for_each(|text| texts.append_value(text));
                true
            }
            None => false,
        }),
        Get::Instant(get) => instants(rows, |row| Some(get(row).0)),
        Get::MaybeInstant(get) => instants(rows, |row| get(row).map(|at| at.0)),
        Get::Number(get) => numbers(rows, |row| Some(signed(get(row)))),
        Get::MaybeNumber(get) => numbers(rows, |row| get(row).map(signed)),
        Get::Integer(get) => numbers(rows, |row| Some(get(row))),
        Get::Flag(get) => flags(rows, |row| Some(get(row))),
        Get::MaybeFlag(get) => flags(rows, get),
    }
}

fn texts<R>(rows: &[R], append: impl Fn(&R, &mut StringBuilder)) -> ArrayRef {
    let mut array = StringBuilder::with_capacity(rows.len(), rows.len() * 16);
    for row in rows {
        append(row, &mut array);
    }
    Arc::new(array.finish())
}

/// Lists of text; `append` adds the texts of a row, and says whether it has a list.
fn lists<R>(rows: &[R], append: impl Fn(&R, &mut StringBuilder) -> bool) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element());
    for row in rows {
        let any = append(row, lists.values());
        lists.append(any);
    }
    Arc::new(lists.finish())
}

fn instants<R>(rows: &[R], get: impl Fn(&R) -> Option<u64>) -> ArrayRef {
    let mut array = TimestampMillisecondBuilder::with_capacity(rows.len()).with_timezone("UTC");
    for row in rows {
        array.append_option(get(row).map(signed));
    }
    Arc::new(array.finish())
}

fn numbers<R>(rows: &[R], get: impl Fn(&R) -> Option<i64>) -> ArrayRef {
    let mut array = Int64Builder::with_capacity(rows.len());
    for row in rows {
        array.append_option(get(row));
    }
    Arc::new(array.finish())
}

fn flags<R>(rows: &[R], get: impl Fn(&R) -> Option<bool>) -> ArrayRef {
    let mut array = BooleanBuilder::with_capacity(rows.len());
    for row in rows {
        array.append_option(get(row));
    }
    Arc::new(array.finish())
}
