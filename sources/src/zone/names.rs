//! Plain lists of names: a registrable domain a line, for a TLD whose zone is not at hand.
//!
//! `#` begins a comment. A name may be written in U-labels. A line that is no name is counted and passed over.

use std::io::BufRead;
use std::path::Path;

use panopticon_model::name::HostName;
use panopticon_model::update::Delegation;

use super::build::Builder;
use super::snapshot::{Kind, Meta, Settings, SnapshotError, io_error};
use super::{Name, Position, ZoneError};
use crate::capped::{Faults, Line, read_line};

/// The longest line: a name of 253 octets in U-labels is shorter.
const MAX_LINE: usize = 4096;

/// Builds a snapshot of the names in `input` that are in scope, and writes it to `out`, which the caller then
/// renames.
///
/// # Errors
/// [`SnapshotError`]; `out` is then worth nothing.
pub fn from_names(
    mut input: impl BufRead,
    in_scope: impl Fn(&HostName) -> bool,
    settings: &Settings,
    out: &Path,
) -> Result<(Meta, Faults), SnapshotError> {
    let mut builder = Builder::new(settings);
    let mut meta = Meta::empty(Kind::Names);
    let mut faults = Faults::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = read_line(&mut input, &mut line, MAX_LINE)
            .map_err(|source| ZoneError::Io { at: Position { file: None, line: number }, source })?;
        if read == Line::End {
            break;
        }
        let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line);
        let text = text.split(|&byte| byte == b'#').next().unwrap_or_default().trim_ascii();
        if text.is_empty() {
            continue;
        }
        let name = match read {
            Line::TooLong => Err("the line is longer than a name".to_owned()),
            _ => read_name(text),
        };
        match name {
            Err(message) => faults.add(number, text, &message),
            Ok((host, _)) if !in_scope(&host) => meta.skipped += 1,
            Ok((_, name)) => {
                builder.flag(&name, Delegation::NAME_ONLY).map_err(io_error("sort in", &settings.spill))?;
            }
        }
    }
    Ok((builder.write(meta, None, out)?, faults))
}

fn read_name(text: &[u8]) -> Result<(HostName, Name), String> {
    let text = std::str::from_utf8(text).map_err(|_| "the line is not UTF-8".to_owned())?;
    let host = HostName::parse(text).map_err(|error| error.to_string())?;
    let name = Name::parse(host.as_str().as_bytes(), Some(&Name::default())).map_err(|fault| fault.to_string())?;
    Ok((host, name))
}
