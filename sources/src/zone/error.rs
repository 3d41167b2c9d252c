//! What can be wrong with a zone file, and where.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A place in a zone file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The included file; none for the zone file itself.
    pub file: Option<PathBuf>,
    /// The line, from 1; the last one of a record that spans several.
    pub line: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        match &self.file {
            Some(file) => write!(f, " of `{}`", file.display()),
            None => Ok(()),
        }
    }
}

/// A zone that cannot be read. Nothing of it is used: half a zone looks like a mass deletion.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneError {
    /// The zone file is not in the form of RFC 1035. Have the registry's export corrected.
    #[error("{at}: {fault}")]
    Syntax {
        /// Where.
        at: Position,
        /// What is wrong.
        fault: Fault,
    },
    /// `$INCLUDE` of a file that is not in the folder for it. Set `include_folder`, or export one file.
    #[error("{at}: `$INCLUDE {file}` is not allowed: {why}")]
    Include {
        /// Where.
        at: Position,
        /// The file, as written.
        file: String,
        /// Why it is not included.
        why: &'static str,
    },
    /// `$GENERATE` may stand for millions of names. Export the zone with it expanded.
    #[error("{at}: `$GENERATE` is not read; export the zone with it expanded (`named-compilezone -D` does)")]
    Generate {
        /// Where.
        at: Position,
    },
    /// The bytes cannot be read; often a [`crate::capped::CapError`] is inside.
    #[error("{at}: cannot read on")]
    Io {
        /// Where.
        at: Position,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Longer than any record is.
    #[error("the record has more than {0} bytes")]
    TooLong(usize),
    /// A quote that is open at the end of its line.
    #[error("a quote is not closed on its line")]
    OpenQuote,
    /// A parenthesis that is open at the end of the file: the file is cut off.
    #[error("a parenthesis is not closed; the file may be cut off")]
    OpenParenthesis,
    /// A closing parenthesis without an opening one.
    #[error("a parenthesis is closed that was not opened")]
    ClosingParenthesis,
    /// The first record has no owner.
    #[error("the first record has no owner")]
    NoOwner,
    /// A relative name, and no `$ORIGIN`.
    #[error("a relative name, and no `$ORIGIN` above it; set the origin of this zone")]
    NoOrigin,
    /// Two dots in a row, or one in front.
    #[error("a name has an empty label")]
    EmptyLabel,
    /// A label of more than 63 octets.
    #[error("a label has more than 63 octets")]
    LongLabel,
    /// A name of more than 255 octets.
    #[error("a name has more than 255 octets")]
    LongName,
    /// A backslash that is followed by nothing, or by a number over 255.
    #[error("a backslash is followed by neither a character nor three digits up to 255")]
    Escape,
    /// A control character in a name.
    #[error("a name has a control character")]
    Control,
    /// Nothing where the type should be, or something that cannot be a type.
    #[error("there is no record type where one should be")]
    NoType,
    /// No time to live.
    #[error("a time to live should be a number, or numbers with s, m, h, d or w")]
    Ttl,
    /// A class other than IN.
    #[error("the class is not IN")]
    Class,
    /// A record that breaks off.
    #[error("the record breaks off")]
    NoData,
    /// More in a record than its type has.
    #[error("the record has more fields than its type")]
    TooMuchData,
    /// RFC 3597 data that is not what it says.
    #[error("the data after `\\#` is not as RFC 3597 says")]
    GenericData,
    /// A serial that is no number of 32 bits.
    #[error("the serial of the SOA record is not a number")]
    Serial,
    /// Two SOA records that differ.
    #[error("there is a second SOA record that differs from the first")]
    SecondSoa,
    /// An unknown directive. A name that begins with `$` is written `\$`.
    #[error("the directive is not known")]
    Directive,
}
