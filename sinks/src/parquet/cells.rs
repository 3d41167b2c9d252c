//! Single values of Arrow columns, as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use panopticon_model::time::Epoch;
use serde_json::Value;

/// Whether columns of that type are read. Others are of a later minor version and left out.
pub(super) fn is_readable(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::Int64 | DataType::Boolean => true,
        DataType::Timestamp(unit, _) => *unit == TimeUnit::Millisecond,
        DataType::List(element) => element.data_type() == &DataType::Utf8,
        _ => false,
    }
}

/// The value of a row in a column; null for a type that is not readable.
pub(super) fn value_at(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => Value::from(array.as_string::<i32>().value(row)),
        DataType::Int64 => Value::from(array.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => Value::from(array.as_boolean().value(row)),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            let ms = array.as_primitive::<TimestampMillisecondType>().value(row);
            u64::try_from(ms).map_or(Value::Null, |ms| Value::from(Epoch(ms).to_string()))
        }
        DataType::List(element) if element.data_type() == &DataType::Utf8 => {
            let texts = array.as_list::<i32>().value(row);
            Value::Array(texts.as_string::<i32>().iter().map(Value::from).collect())
        }
        _ => Value::Null,
    }
}
