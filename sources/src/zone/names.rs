//! Lists of names, for a TLD whose zone is not at hand: the form is that of [`crate::names`].
//!
//! A line that is no name is counted and passed over.

use std::io::BufRead;
use std::path::Path;

use panopticon_model::name::HostName;
use panopticon_model::update::Delegation;

use super::build::Builder;
use super::snapshot::{Kind, Meta, Settings, SnapshotError, io_error};
use super::{Name, Position, ZoneError};
use crate::capped::Faults;
use crate::names::each_name;

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
    let unreadable = |line, source| ZoneError::Io { at: Position { file: None, line }, source }.into();
    each_name(&mut input, unreadable, |number, text, host| {
        let name = host.and_then(|host| {
            let name = Name::parse(host.as_str().as_bytes(), Some(&Name::default()));
            Ok((name.map_err(|fault| fault.to_string())?, in_scope(&host)))
        });
        match name {
            Err(message) => faults.add(number, text, &message),
            Ok((_, false)) => meta.skipped += 1,
            Ok((name, true)) => {
                builder.flag(&name, Delegation::NAME_ONLY).map_err(io_error("sort in", &settings.spill))?;
            }
        }
        Ok::<(), SnapshotError>(())
    })?;
    Ok((builder.write(meta, None, out)?, faults))
}
