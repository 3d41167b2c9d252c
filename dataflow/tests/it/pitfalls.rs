//! What must hold beside the views: refused epochs, quiet times, a stopped engine.

use panopticon_dataflow::{Engine, EngineError, Options};
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_model::update::Changes;

#[test]
fn time_passes_without_changes() {
    let mut engine = Engine::start(&Options::default()).unwrap();
    for day in 1..400 {
        assert!(engine.settle(Epoch(day * DAY_MS)).unwrap().is_empty());
    }
}

#[test]
fn a_settled_time_takes_no_change() {
    let mut engine = Engine::start(&Options::default()).unwrap();
    engine.settle(Epoch(5)).unwrap();
    assert!(matches!(engine.feed(Epoch(5), Changes::default()), Err(EngineError::Backwards { .. })));
    assert!(engine.settle(Epoch(4)).unwrap().is_empty());
    engine.feed(Epoch(6), Changes::default()).unwrap();
}
