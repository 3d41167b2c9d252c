//! `high_risk_names`: what no feed has, and a person should look at.

use std::borrow::Cow::Borrowed;
use std::sync::Arc;

use panopticon_model::lookalike::HighRiskName;

use super::Column;

/// The columns; rows are sorted by name. What was there when the zone was read first is the baseline.
pub(crate) fn columns<'a>() -> Vec<Column<&'a Arc<HighRiskName>>> {
    vec![
        Column::text("name", |row| Borrowed(row.name.as_str())),
        Column::text("tier", |row| Borrowed(row.tier.as_str())),
        Column::maybe_number("score", |row| row.score.map(|score| u64::try_from(score).unwrap_or(0))),
        Column::maybe_text("target", |row| row.target.as_deref().map(Borrowed)),
        Column::maybe_list("techniques", |row| {
            Some(row.techniques.iter().map(|technique| Borrowed(technique.as_str())).collect())
        }),
        Column::flag("algorithmic", |row| row.algorithmic.is_some()),
        Column::flag("baseline", |row| row.entered_at.is_none()),
        Column::maybe_instant("entered_at", |row| row.entered_at),
    ]
}
