//! Feeding the large world to an engine.

use panopticon_dataflow::{Engine, EngineError};
use panopticon_model::name::Places;
use panopticon_model::time::Epoch;
use panopticon_model::update::Changes;

use crate::world::{Scale, came, delegation, sightings};

/// Rows that are made at a time.
const CHUNK: usize = 8192;

/// Feeds all sightings.
///
/// # Errors
/// Those of the engine.
pub fn evidence(engine: &mut Engine, scale: Scale, at: Epoch, places: &Places) -> Result<(), EngineError> {
    for start in (0..scale.indicators).step_by(CHUNK) {
        let end = (start + CHUNK as u64).min(scale.indicators);
        let sightings = (start..end).flat_map(|n| sightings(scale, n, places)).map(came).collect();
        engine.feed(at, Changes { sightings, ..Changes::default() })?;
    }
    Ok(())
}

/// Feeds delegations by their numbers.
///
/// # Errors
/// Those of the engine.
pub fn delegations(engine: &mut Engine, names: impl Iterator<Item = u64>, at: Epoch) -> Result<(), EngineError> {
    let mut names = names.peekable();
    while names.peek().is_some() {
        let delegations = names.by_ref().take(CHUNK).map(delegation).map(came).collect();
        engine.feed(at, Changes { delegations, ..Changes::default() })?;
    }
    Ok(())
}
