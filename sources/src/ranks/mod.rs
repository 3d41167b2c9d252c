//! Rankings: which domains are popular, from lists like that of Tranco.
//!
//! ```text
//! 1,google.com
//! 2,gtld-servers.net
//! ```
//!
//! Lines of `rank,domain` go in, plain or packed as [`crate::capped::open`] takes it; out come the ranks of the
//! registrable domains in scope. A list of four million lines has few of one TLD: only those are held.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::update::Update;

use crate::capped::{Faults, Line, read_line};

/// The longest line: a rank and a name.
const MAX_LINE: usize = 1024;

/// The rows of a list that are in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Registrable domains and their ranks; 1 is the most popular.
    pub ranks: BTreeMap<CompactString, u32>,
    /// The most popular names, in scope or not, as many as were asked for.
    pub top: BTreeSet<CompactString>,
    /// Rows that could be read, in scope or not.
    pub rows: u64,
    /// Lines that could not.
    pub faults: Faults,
}

/// Reads a list. `registrable` gives the registrable domain of a name if it is in scope; where several names have
/// the same, the best rank wins. Names up to the rank `top` are kept whatever they are.
///
/// # Errors
/// Those of the reader, often with a [`crate::capped::CapError`] inside.
pub fn read(
    mut input: impl BufRead,
    top: u32,
    mut registrable: impl FnMut(&HostName) -> Option<CompactString>,
) -> io::Result<Ranking> {
    let mut ranking = Ranking::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = read_line(&mut input, &mut line, MAX_LINE)?;
        if read == Line::End {
            break;
        }
        let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line).trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        let row = if read == Line::TooLong { Err("the line is too long".to_owned()) } else { row(text) };
        match row {
            Ok((rank, name)) => {
                ranking.rows += 1;
                if rank <= top {
                    ranking.top.insert(name.as_str().into());
                }
                if let Some(domain) = registrable(&name) {
                    ranking.ranks.entry(domain).and_modify(|best| *best = rank.min(*best)).or_insert(rank);
                }
            }
            // A list may have a header.
            Err(_) if number == 1 && !text.iter().any(u8::is_ascii_digit) => {}
            Err(message) => ranking.faults.add(number, text, &message),
        }
    }
    Ok(ranking)
}

fn row(text: &[u8]) -> Result<(u32, HostName), String> {
    let text = std::str::from_utf8(text).map_err(|_| "the line is not UTF-8".to_owned())?;
    let (rank, name) = text.split_once(',').ok_or("a line should be `rank,domain`")?;
    let rank = unquoted(rank).parse().ok().filter(|&rank| rank > 0);
    let rank = rank.ok_or("the rank should be a number from 1 on")?;
    let name = HostName::parse(unquoted(name)).map_err(|error| error.to_string())?;
    Ok((rank, name))
}

fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field)
}

/// The updates that lead from one ranking to another.
pub fn updates<'a>(
    before: &'a BTreeMap<CompactString, u32>,
    after: &'a BTreeMap<CompactString, u32>,
) -> impl Iterator<Item = Update> + 'a {
    let gone = before.keys().filter(|domain| !after.contains_key(*domain));
    let gone = gone.map(|domain| Update::Rank(domain.clone(), None));
    let changed = after.iter().filter(|(domain, rank)| before.get(*domain) != Some(*rank));
    gone.chain(changed.map(|(domain, rank)| Update::Rank(domain.clone(), Some(*rank))))
}
