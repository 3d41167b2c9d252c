//! `adblock`: filters of ad blockers that block whole names.
//!
//! ```text
//! [Adblock Plus]
//! ! Last modified: 2026-06-24 14:05:05 (UTC)
//! ||shop.example^
//! ||login.bank.example^$all
//! ||files.example/setup.exe^
//! @@||good.example^
//! ```
//!
//! `||name^` lists a host, `||name/path` a page of it, with or without options. A filter that takes something out of the
//! list (`@@`) is no indicator and is passed over, as are comments. What hides parts of a page, or matches a pattern, names
//! nothing that could be judged: it is told as a fault.
//!
//! - Class: `other`, unless the configuration names one.
//! - Absence: the list is complete.
//! - Removals: by absence only.
//! - Licence: that of whoever keeps the list.

use std::io::BufRead;

use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Emit, Format, Limits, SnapshotError, plain, utc};

/// The format.
pub const FORMAT: Format = Format { id: "adblock", parse, ..plain::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    let mut adblock = Adblock { stamp: None };
    lines::each(input, limits, &mut adblock, emit)?;
    Ok(adblock.stamp)
}

struct Adblock {
    stamp: Option<Epoch>,
}

const EXPECTED: &str = "||name^, with or without options";

impl LineFormat for Adblock {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if let Some(comment) = line.strip_prefix('!') {
            let words = comment.trim_matches(['!', ' ', '\t']);
            let stamp = ["Last modified:", "Last updated:"].iter().find_map(|key| words.strip_prefix(key));
            self.stamp = stamp.and_then(|stamp| utc::parse(stamp.trim_ascii())).or(self.stamp);
            return Parsed::Skip;
        }
        let is_hiding = ["##", "#@#", "#?#", "#$#"].iter().any(|mark| line.contains(mark));
        if !is_hiding && (line.starts_with("@@") || line.starts_with('#') || line.starts_with("[Adblock")) {
            return Parsed::Skip;
        }
        let filter = line.strip_prefix("||").filter(|_| !is_hiding).map(|rest| match rest.split_once('$') {
            Some((pattern, _options)) => pattern,
            None => rest,
        });
        match filter.map(|pattern| pattern.trim_end_matches('^')) {
            Some(value) if !value.is_empty() && !value.contains(['*', '^', '|']) => {
                Parsed::Row(Row::listed(if value.contains('/') { Kind::Any } else { Kind::Host }, value))
            }
            _ => Parsed::Fault(Fault::Word { field: "filter", found: line.to_owned(), expected: EXPECTED }),
        }
    }
}
