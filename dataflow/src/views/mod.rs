//! The views: pure functions of what is known of a subject.

pub mod episodes;
pub mod feed_lists;
pub mod subject;
