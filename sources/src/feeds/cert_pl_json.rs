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
use super::document::{self, DocumentFormat, Take};
use super::json::Text;
use super::lines::Parsed;
use super::row::Fault;
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
        let entry: Entry<'_> = match serde_json::from_str(object) {
            Ok(entry) => entry,
            Err(_) => return take(Parsed::Fault(Fault::Json)),
        };
        let name = entry.domain_address.get();
        let times = time(entry.insert_date.get()).and_then(|came| Ok((came, time(entry.delete_date.get())?)));
        match times {
            _ if name.is_empty() => take(Parsed::Fault(Fault::Missing("name"))),
            Ok((came, gone)) => take(Parsed::Row(row(entry.register_position_id.get(), name, came, gone))),
            Err(fault) => take(Parsed::Fault(fault)),
        }
    }
}
