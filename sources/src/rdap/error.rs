//! Why an answer about a domain is not used, and what it may have at the most.

/// Octets of an answer.
pub const MAX_ANSWER: usize = 1 << 20;
/// Items of each list in an answer, and entities in all.
pub const MAX_ITEMS: usize = 1000;
/// How deep entities may lie in entities. The registrar's abuse desk lies two deep.
pub const MAX_DEPTH: usize = 6;

/// Why an answer is not used. It never repeats the answer, which may speak of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// More than [`MAX_ANSWER`]. No domain needs that much; look at the server.
    #[error("the answer has {0} octets, more than {MAX_ANSWER}")]
    TooLarge(usize),
    /// A list longer than [`MAX_ITEMS`]. Look at the server.
    #[error("`{0}` has more than {MAX_ITEMS} items")]
    TooMany(&'static str),
    /// Entities in entities in entities. Look at the server.
    #[error("entities lie more than {MAX_DEPTH} deep")]
    TooDeep,
    /// Not JSON, or not in UTF-8. Look whether the base URL is that of an RDAP service.
    #[error("the answer is no JSON: line {line}, column {column}")]
    Json {
        /// Where it breaks, from 1; 0 if it is no UTF-8.
        line: usize,
        /// The place in the line.
        column: usize,
    },
    /// JSON, but not an object. Look whether the base URL is that of an RDAP service.
    #[error("the answer is no object")]
    NotAnObject,
    /// A member that is there twice: nobody can tell which one counts.
    #[error("`{0}` is an object with a member that is there twice")]
    Twice(&'static str),
    /// An error where an object was promised (RFC 9083 6). Ask again later.
    #[error("the answer is an error object with the code {0}")]
    Error(u16),
    /// An object of another class. Look whether the base URL is right.
    #[error("the answer is no domain, but an object of another class")]
    Class,
    /// A domain without a name, or with one that is none.
    #[error("the answer does not say of which name it speaks")]
    Nameless,
    /// A domain, but not the one that was asked for.
    #[error("the answer is of another name")]
    Mismatch,
}
