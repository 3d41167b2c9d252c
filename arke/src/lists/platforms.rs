//! Who runs a platform: `suffix,operator,address,form`. A list is shipped; the registry may add its own.

use std::path::Path;

use serde::Deserialize;

use super::{ListError, rows};
use crate::contact::Address;

/// The list that is shipped: operators that publish how abuse is reported to them.
const SHIPPED: &str = include_str!("../../assets/platforms.csv");

/// Who runs a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// What the operator is called.
    pub operator: String,
    /// Where it takes reports by mail.
    pub address: Option<Address>,
    /// Where it takes them by a form.
    pub form: Option<String>,
}

/// Platforms by suffix.
#[derive(Clone, Debug, Default)]
pub struct Platforms(Vec<(String, Platform)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlatformRow {
    suffix: String,
    operator: String,
    address: Option<String>,
    form: Option<String>,
}

impl Platforms {
    /// The shipped list, after the registry's own if there is one.
    ///
    /// # Errors
    /// [`ListError`], with the line.
    pub fn read(own: Option<&Path>) -> Result<Platforms, ListError> {
        let mut list = Vec::new();
        if let Some(path) = own {
            for (line, row) in rows::<PlatformRow>(path)? {
                let message = "`address` is no e-mail address";
                let wrong = || ListError::Row { path: path.to_owned(), line, message };
                list.push(row.platform().ok_or_else(wrong)?);
            }
        }
        let shipped =
            csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(SHIPPED.as_bytes()).into_deserialize();
        list.extend(shipped.filter_map(|row: csv::Result<PlatformRow>| row.ok()?.platform()));
        Ok(Platforms(list))
    }

    /// Who runs the platform of that suffix. A suffix in the list that ends in `.*` stands for every TLD.
    #[must_use]
    pub fn of(&self, suffix: &str) -> Option<&Platform> {
        let fits = |listed: &str| match listed.strip_suffix(".*") {
            Some(stem) => suffix.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')),
            None => listed == suffix,
        };
        self.0.iter().find(|(listed, _)| fits(listed)).map(|(_, platform)| platform)
    }
}

impl PlatformRow {
    fn platform(self) -> Option<(String, Platform)> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let address = given(self.address).map(|text| text.parse()).transpose().ok()?;
        let platform = Platform { operator: self.operator, address, form: given(self.form) };
        Some((self.suffix.to_ascii_lowercase(), platform))
    }
}
