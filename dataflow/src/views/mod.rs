//! The views: pure functions of what is known of a subject, or of a target.

pub mod absence;
pub mod episodes;
pub mod feed_lists;
pub mod requests;
pub mod subject;
pub mod verdict;
