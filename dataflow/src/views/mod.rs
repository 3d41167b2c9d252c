//! The views: pure functions of what is known of a subject, or of a target.

pub mod absence;
pub mod episodes;
pub mod feed_lists;
mod labels;
pub(crate) mod lookalikes;
pub mod requests;
pub(crate) mod risk;
pub mod subject;
pub mod verdict;
