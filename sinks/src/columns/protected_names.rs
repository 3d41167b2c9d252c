//! Who is not to be imitated, and what the operator holds for harmless: tables of records.sql.

use std::borrow::Cow::{Borrowed, Owned};
use std::sync::Arc;

use panopticon_model::lookalike::{Target, TargetKey};
use panopticon_model::update::{Mark, MarkTarget};
use panopticon_model::url::mask_mail;

use super::Column;

/// The columns of `protected_names`; a name stands once for each list that names it.
pub(crate) fn protected<'a>() -> Vec<Column<(&'a TargetKey, &'a Arc<Target>)>> {
    vec![
        Column::text("name", |(key, _)| Borrowed(key.name.as_str())),
        Column::text("list", |(key, _)| Borrowed(key.list.as_str())),
        Column::maybe_text("sector", |(_, target)| target.sector.as_deref().map(Borrowed)),
        Column::flag("common_word", |(_, target)| target.common_word),
    ]
}

/// The columns of `allow_list`: names that are marked as harmless.
pub(crate) fn allowed<'a>() -> Vec<Column<(&'a MarkTarget, &'a Mark)>> {
    vec![
        Column::text("marked", |(target, _)| Borrowed(target.marked())),
        Column::text("subject", |(target, _)| Borrowed(target.subject())),
        Column::text("reason", |(_, mark)| Owned(mask_mail(&mark.reason).into_owned())),
        Column::instant("marked_at", |(_, mark)| mark.since),
        Column::maybe_instant("valid_until", |(_, mark)| mark.until),
    ]
}
