//! Look-alikes: which labels of a zone imitate a protected name, how, and how much that says. Pure functions of values.
//!
//! ```text
//! reference tables ─► Tables ─┐
//! protected names ────────────┼─► Index ◄── find(label) ─► Typosquat: techniques and edits ─┐
//! the TLD's own variants ─────┘                                                             ├─► judge ─► Judgement
//!                                   what zone and registry say of the label ─► Context ─────┘
//! ```
//!
//! - `compare`: all that one label has to do with one name; the specification.
//! - `index`: the same for a label and all names at once, by keys. Tests hold one against the other.
//! - `words`, `far`: where names may stand in a label, and long names with two slips.
//! - `gates`: what tells most labels at once that they imitate nothing.
//! - `typing`, `glyphs`, `combo`, `distance`, `variants`: the techniques.
//! - `likely`: what a new name is held against at all, where every label of a zone would take too long.
//! - `survey`: what the zone as a whole says of them; `scan`: a zone looked through once.
//! - `judge`: named points, a tier, and why a pair says nothing after all.
//!
//! Techniques are those of dnstwist 20250130, to the letter for the ten of [`TYPING`]; `combosquatting` and
//! `distance-two` are ours. The words around a name are no dictionary's: any will do, a keyword weighs more.

mod combo;
mod compare;
mod distance;
mod far;
mod fold;
mod gates;
mod glyphs;
mod hash;
mod index;
mod judge;
mod likely;
mod multimap;
mod protected;
mod scan;
mod survey;
mod tables;
mod target;
mod technique;
mod typing;
mod variants;
mod words;

pub(crate) use distance::LONG;
pub use index::{Index, Scratch, Typosquat, candidates, typing_candidates};
pub use judge::{Context, Judgement, Suppression, Term, Tier, judge};
pub(crate) use likely::{Encoded, Sought};
pub use protected::{ProtectedError, ProtectedList};
pub use scan::{Found, Scan};
pub use survey::{Company, Survey, is_slip};
pub use tables::{Sources, Tables, TablesError};
pub use target::ProtectedName;
pub use technique::{Edit, Glyph, Place, TYPING, Technique, Why};
pub use variants::Variants;
