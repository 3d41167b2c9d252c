//! Names of the DNS: what a host is called, what can be registered, and where a host stands under the rules.
//!
//! Text goes in once, at the door; from there on only these types travel. Nothing here resolves a name.
//!
//! ```text
//! &str ──HostName::parse──► HostName ──Places::place──► Placement { registrable_domain, role, platform, subject }
//! suffix list, registry's own rules ──► SuffixList, RegistrableRules ──► Places
//! ```

mod built_in;
mod host;
mod idna2008;
mod label;
mod place;
mod registrable;
mod rules;
mod suffix;

pub use host::{HostName, NameError};
pub use label::Label;
pub use place::{HostRole, PlaceError, Placement, Places, TldRules};
pub use registrable::RegistrableDomain;
pub use suffix::{RegistrableRules, SuffixError, SuffixList};
