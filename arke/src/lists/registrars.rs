//! What registrars wish: `registrar,address,format,hour`, by IANA id or name.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{ListError, folded, rows};
use crate::contact::Address;

/// In which form a registrar wants its digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A letter with both files.
    #[default]
    Human,
    /// A letter with a CSV file.
    Csv,
    /// A letter with XARF reports.
    Xarf,
}

/// What a registrar wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registrar {
    /// Where its digest goes.
    pub address: Address,
    /// In which form.
    pub form: Form,
    /// The hour, UTC, before which it is not sent.
    pub hour: Option<u64>,
}

/// The registrars of a TLD.
#[derive(Clone, Debug, Default)]
pub struct Registrars(BTreeMap<String, Registrar>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrarRow {
    registrar: String,
    address: String,
    #[serde(default)]
    format: Option<Form>,
    hour: Option<u64>,
}

impl Registrars {
    /// Reads the list.
    ///
    /// # Errors
    /// [`ListError`], with the line.
    pub fn read(path: &Path) -> Result<Registrars, ListError> {
        let mut list = BTreeMap::new();
        for (line, row) in rows::<RegistrarRow>(path)? {
            let wrong = |message| ListError::Row { path: path.to_owned(), line, message };
            let address = row.address.parse().map_err(|_| wrong("`address` is no e-mail address"))?;
            if row.hour.is_some_and(|hour| hour > 23) {
                return Err(wrong("`hour` is an hour of a day, 0 to 23"));
            }
            let registrar = Registrar { address, form: row.format.unwrap_or_default(), hour: row.hour };
            list.insert(folded(&row.registrar), registrar);
        }
        Ok(Registrars(list))
    }

    /// What the registrar of that number or name wishes.
    #[must_use]
    pub fn of(&self, iana_id: Option<u32>, name: Option<&str>) -> Option<&Registrar> {
        iana_id.and_then(|id| self.0.get(&id.to_string())).or_else(|| self.0.get(&folded(name?)))
    }
}
