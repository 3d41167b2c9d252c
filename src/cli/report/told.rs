//! What arke told: counts that leave the registry, without names.

use std::path::Path;

use anyhow::Context as _;
use panopticon_model::time::Day;
use serde::Deserialize;

use super::monthly::Month;

#[derive(Deserialize)]
struct Told {
    schema: String,
    rows: Vec<ToldRow>,
}

#[derive(Deserialize)]
struct ToldRow {
    tld: String,
    day: String,
    /// Cases of which somebody was told for the first time.
    cases: u64,
}

/// How many cases of a TLD arke told of in a month.
pub(super) fn read(file: &Path, tld: &str, month: Month) -> anyhow::Result<u64> {
    let about = || format!("`{}` is not what `arke told --format json` writes", file.display());
    let text = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let told: Told = serde_json::from_slice(&text).with_context(about)?;
    anyhow::ensure!(told.schema == "arke.told/v1", about());
    let mut sum = 0;
    for row in told.rows.iter().filter(|row| row.tld == tld) {
        let day: Day = row.day.parse().with_context(about)?;
        if month.holds(day) {
            sum += row.cases;
        }
    }
    Ok(sum)
}
