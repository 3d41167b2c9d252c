//! The engine with the views of look-alikes, and protected names for it.

use std::sync::Arc;

use panopticon_dataflow::lexical::ProtectedName;
use panopticon_dataflow::risk::Model;
use panopticon_dataflow::{Engine, Lookalikes, Options};
use panopticon_datasets::reference;
use panopticon_model::lookalike::{Target, TargetKey, full_name};
use panopticon_model::update::Change;

use crate::labels::tables;
use crate::world::{TLD, places};

/// An engine that looks at the names of the zone of the world.
///
/// # Errors
/// When a reference table cannot be read, or the engine does not start.
pub fn engine() -> anyhow::Result<Engine> {
    let lookalikes = Lookalikes {
        tables: Arc::new(tables()?),
        variants: Arc::default(),
        places: Arc::new(places()?),
        model: Arc::new(Model::from_bytes(reference::DGA_MODEL)?),
    };
    let options =
        Options { zone_tlds: [TLD.into()].into(), lookalikes: Some(Arc::new(lookalikes)), ..Options::default() };
    Ok(Engine::start(&options)?)
}

/// Protected names that come or go.
#[must_use]
pub fn targets(names: &[ProtectedName], come: bool) -> Vec<Change<TargetKey, Arc<Target>>> {
    let change = |name: &ProtectedName| {
        let key = TargetKey { name: full_name(&name.label, &name.suffix), list: "bench".into() };
        let target = Arc::new(Target {
            label: name.label.clone(),
            suffix: name.suffix.clone(),
            sector: None,
            common_word: false,
        });
        if come {
            Change { key, before: None, after: Some(target) }
        } else {
            Change { key, before: Some(target), after: None }
        }
    };
    names.iter().map(change).collect()
}
