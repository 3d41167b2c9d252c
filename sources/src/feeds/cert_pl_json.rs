//! `cert-pl-json`: the warning list of CERT Polska, version 2, as a JSON array.
//!
//! ```text
//! [{"RegisterPositionId":5,"DomainAddress":"bank.example","InsertDate":"2026-05-08T12:28:06+00:00","DeleteDate":null}]
//! ```
//!
//! The fields mean what the columns of `cert-pl-tsv` mean.
//!
//! - Class, absence, removals, licence: as for `cert-pl-tsv`.

use std::io::BufRead;

use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::cert_pl_tsv::{row, time};
use super::document::{self, DocumentFormat, Take, told};
use super::json::{Text, object_of};
use super::row::{Fault, Row};
use super::{Emit, Format, Limits, SnapshotError, cert_pl_tsv};

/// The format.
pub const FORMAT: Format = Format { id: "cert-pl-json", parse, ..cert_pl_tsv::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    document::each(input, limits, &mut CertPl, emit)?;
    Ok(None)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(borrow, default)]
    register_position_id: Text<'a>,
    #[serde(borrow, default)]
    domain_address: Text<'a>,
    #[serde(borrow, default)]
    insert_date: Text<'a>,
    #[serde(borrow, default)]
    delete_date: Text<'a>,
}

struct CertPl;

impl DocumentFormat for CertPl {
    fn entry(&mut self, _array: &str, object: &str, take: &mut Take<'_>) -> Result<(), SnapshotError> {
        let entry = object_of::<Entry<'_>>(object);
        take(told(entry.as_ref().map_err(Clone::clone).and_then(Entry::row)))
    }
}

impl Entry<'_> {
    fn row(&self) -> Result<Row<'_>, Fault> {
        let name = self.domain_address.get();
        if name.is_empty() {
            return Err(Fault::Missing("name"));
        }
        let (came, gone) = (time(self.insert_date.get())?, time(self.delete_date.get())?);
        Ok(row(self.register_position_id.get(), name, came, gone))
    }
}
