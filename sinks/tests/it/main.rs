//! What is published, as its readers find it.

mod changes;
mod publication;
mod read;
mod records;
mod world;
