//! Published files, read back: any bytes in the place of a partition.

use std::fs;

use panopticon_model::time::Day;
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{Query, When, open, read_daily_diffs};
use panopticon_sinks::parquet::{FILE, partition};

use super::world::folder;

/// Rows as wide as their columns, or an error.
pub fn parquet(data: &[u8]) {
    let out = folder();
    let day = Day(20_148);
    for view in [View::Cases, View::DailyDiffs] {
        let partition = partition(out.path(), view, "xx", day);
        fs::create_dir_all(&partition).unwrap();
        fs::write(partition.join(FILE), data).unwrap();
    }
    let filters = [("subject".to_owned(), "shop.xx".to_owned())];
    for filters in [&[][..], &filters] {
        let query = Query { out: out.path(), view: View::Cases, tld: "xx", when: When::Latest, filters };
        let Ok(mut rows) = open(&query) else { continue };
        let columns = rows.columns().len();
        let _ = rows.as_of().map(|as_of| as_of.to_string());
        while let Some(Ok(row)) = rows.next() {
            assert_eq!(row.len(), columns);
        }
    }
    let _ = read_daily_diffs(out.path(), "xx", day, day);
}
