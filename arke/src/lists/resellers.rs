//! Who sold a name, where neither RDAP nor escrow says so: `domain,registrar,name,url`, by domain or by registrar.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{ListError, folded, rows};
use crate::contact::clean;

/// A reseller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reseller {
    /// What it is called.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
}

/// The resellers of a TLD.
#[derive(Clone, Debug, Default)]
pub struct Resellers {
    by_domain: BTreeMap<String, Reseller>,
    by_registrar: BTreeMap<String, Reseller>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResellerRow {
    domain: Option<String>,
    registrar: Option<String>,
    name: String,
    url: Option<String>,
}

impl Resellers {
    /// Reads the list.
    ///
    /// # Errors
    /// [`ListError`], with the line.
    pub fn read(path: &Path) -> Result<Resellers, ListError> {
        let mut list = Resellers::default();
        for (line, row) in rows::<ResellerRow>(path)? {
            let reseller = Reseller { name: clean(&row.name), url: row.url.filter(|url| !url.is_empty()) };
            match (row.domain.filter(|it| !it.is_empty()), row.registrar.filter(|it| !it.is_empty())) {
                (Some(domain), None) => list.by_domain.insert(folded(&domain), reseller),
                (None, Some(registrar)) => list.by_registrar.insert(folded(&registrar), reseller),
                _ => {
                    let message = "name either a domain or a registrar";
                    return Err(ListError::Row { path: path.to_owned(), line, message });
                }
            };
        }
        Ok(list)
    }

    /// Who sold a domain.
    #[must_use]
    pub fn of(&self, domain: &str, registrar: Option<&str>) -> Option<&Reseller> {
        self.by_domain.get(domain).or_else(|| self.by_registrar.get(&folded(registrar?)))
    }
}
