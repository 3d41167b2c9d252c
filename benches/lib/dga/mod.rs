//! Training and evaluation of the model of generated names.

pub mod boost;
pub mod counts;
pub mod evaluate;
pub mod generators;
pub mod linear;
pub mod plain;
pub mod random;
pub mod sample;
pub mod train;
