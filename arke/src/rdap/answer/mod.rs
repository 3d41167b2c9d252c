//! An answer about a domain (RFC 9083, 5.3): bytes in, a registration with its contacts out. Pure.
//!
//! Lenient where the world is: numbers as strings, one thing for a list of one, dates without a zone, members that are
//! missing or make no sense. Strict where it matters of whom something is said: the answer is one object, of class
//! domain, no error, and of the very name that was asked for. What a registry withholds is told from what it does not
//! have.

mod card;
mod contact;
mod country;
mod domain;
mod email;
mod jcard;
mod jscontact;
mod json;
mod proxy;
mod redacted;
mod role;
mod status;

pub use contact::{Contact, Organisation};
pub use domain::{Registration, read};
pub use email::{Email, Method, Redaction};
pub use role::Role;

/// The longest answer that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The longest list that is read.
const MAX_ITEMS: usize = 1000;
/// The entities of an answer, nested ones included.
const MAX_ENTITIES: usize = 200;
/// How deep entities may stand in entities.
const MAX_DEPTH: usize = 4;

/// The bytes are no answer to the question. Nothing of them is in the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// More bytes than [`MAX_BYTES`].
    #[error("the answer has more than {MAX_BYTES} bytes")]
    TooLarge,
    /// No JSON, or JSON that is nested too deep.
    #[error("the answer is not JSON (line {line}, column {column})")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// JSON, but no domain.
    #[error("the answer is no domain: {0}")]
    NotADomain(&'static str),
    /// More of something than an honest answer has.
    #[error("the answer has too many {0}")]
    TooMany(&'static str),
    /// An answer about another name.
    #[error("the answer is about another name")]
    WrongName,
    /// An error in the body (RFC 9083, 6); the code is 0 if it is none.
    #[error("the answer is error {0}")]
    Code(u16),
}
