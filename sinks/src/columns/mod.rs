//! The columns of every published view: their names, and how a row gives each of them. Parquet and records.sql are
//! both made from these lists, so a column has the same name and the same value everywhere.
//!
//! The columns of the contract come first, in its order; ours follow. Columns are only ever added at the end.

pub(crate) mod algorithmic_names;
pub(crate) mod campaigns;
pub(crate) mod cases;
pub(crate) mod daily_diffs;
pub(crate) mod errors;
pub(crate) mod evidence;
pub(crate) mod feed_scores;
pub(crate) mod feeds;
pub(crate) mod high_risk_names;
pub(crate) mod indicators;
pub(crate) mod observations;
pub(crate) mod probe_requests;
pub(crate) mod protected_names;
pub(crate) mod remediation_times;
pub(crate) mod remedies;
pub(crate) mod typosquats;
pub(crate) mod validated_indicators;

use std::borrow::Cow;

use panopticon_model::diff::ComparedRow;
use panopticon_model::sighting::FeedId;
use panopticon_model::time::Epoch;

/// A column: its name, and what a row holds in it.
pub(crate) struct Column<R> {
    pub(crate) name: &'static str,
    pub(crate) get: Get<R>,
}

/// How a row gives a value, by kind of value. `Maybe…` columns can be null.
pub(crate) enum Get<R> {
    Text(fn(&R) -> Cow<'_, str>),
    MaybeText(fn(&R) -> Option<Cow<'_, str>>),
    Feeds(fn(&R) -> &[FeedId]),
    MaybeList(fn(&R) -> Option<Vec<Cow<'_, str>>>),
    MaybeCompared(fn(&R) -> Option<&ComparedRow>),
    Instant(fn(&R) -> Epoch),
    MaybeInstant(fn(&R) -> Option<Epoch>),
    Number(fn(&R) -> u64),
    MaybeNumber(fn(&R) -> Option<u64>),
    Integer(fn(&R) -> i64),
    Flag(fn(&R) -> bool),
    MaybeFlag(fn(&R) -> Option<bool>),
}

impl<R> Column<R> {
    pub(crate) fn text(name: &'static str, get: fn(&R) -> Cow<'_, str>) -> Self {
        Column { name, get: Get::Text(get) }
    }

    pub(crate) fn maybe_text(name: &'static str, get: fn(&R) -> Option<Cow<'_, str>>) -> Self {
        Column { name, get: Get::MaybeText(get) }
    }

    pub(crate) fn feeds(name: &'static str, get: fn(&R) -> &[FeedId]) -> Self {
        Column { name, get: Get::Feeds(get) }
    }

    pub(crate) fn maybe_list(name: &'static str, get: fn(&R) -> Option<Vec<Cow<'_, str>>>) -> Self {
        Column { name, get: Get::MaybeList(get) }
    }

    pub(crate) fn maybe_compared(name: &'static str, get: fn(&R) -> Option<&ComparedRow>) -> Self {
        Column { name, get: Get::MaybeCompared(get) }
    }

    pub(crate) fn instant(name: &'static str, get: fn(&R) -> Epoch) -> Self {
        Column { name, get: Get::Instant(get) }
    }

    pub(crate) fn maybe_instant(name: &'static str, get: fn(&R) -> Option<Epoch>) -> Self {
        Column { name, get: Get::MaybeInstant(get) }
    }

    pub(crate) fn number(name: &'static str, get: fn(&R) -> u64) -> Self {
        Column { name, get: Get::Number(get) }
    }

    pub(crate) fn maybe_number(name: &'static str, get: fn(&R) -> Option<u64>) -> Self {
        Column { name, get: Get::MaybeNumber(get) }
    }

    pub(crate) fn integer(name: &'static str, get: fn(&R) -> i64) -> Self {
        Column { name, get: Get::Integer(get) }
    }

    pub(crate) fn flag(name: &'static str, get: fn(&R) -> bool) -> Self {
        Column { name, get: Get::Flag(get) }
    }

    pub(crate) fn maybe_flag(name: &'static str, get: fn(&R) -> Option<bool>) -> Self {
        Column { name, get: Get::MaybeFlag(get) }
    }

    /// Whether the column can be null.
    pub(crate) fn nullable(&self) -> bool {
        use Get::{MaybeCompared, MaybeFlag, MaybeInstant, MaybeList, MaybeNumber, MaybeText};
        matches!(
            self.get,
            MaybeText(_) | MaybeList(_) | MaybeCompared(_) | MaybeInstant(_) | MaybeNumber(_) | MaybeFlag(_)
        )
    }
}

/// A milliseconds count as Parquet and SQL hold it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
