//! Zones from their primary server: asked for, told of, and taken over whole or as what changed.
//!
//! ```text
//! NOTIFY ──Notified──► SOA ──newer──► IXFR ──► Delta ──apply──► snapshot, updates
//!  or the clock                        └─ not to be had, or it does not fit ──► AXFR ──► Builder ──► snapshot
//! ```
//!
//! Nothing counts before the stream has ended and its last signature is right. RFC 1995 (IXFR), 1996 (NOTIFY),
//! 5936 (AXFR), 8945 (TSIG).

mod connection;
mod error;
mod key;
mod notify;
mod primary;

pub use error::TransferError;
pub use key::{KeyError, TransferKey};
pub use notify::{Answer, Listening, Notified, Watch, Watched};
pub use primary::{Primary, Transferred};
