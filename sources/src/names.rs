//! Plain lists of names: one a line, `#` begins a comment, a name may be written in U-labels.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use compact_str::CompactString;
use panopticon_model::lookalike::Target;
use panopticon_model::name::{HostName, SuffixList};

use crate::capped::{Faults, Line, read_line};

/// The longest line: a name of 253 octets in U-labels is shorter.
const MAX_LINE: usize = 4096;

/// Shows every name of a list with the number and text of its line, or what is wrong with the line. `unreadable`
/// makes an error of what the reader says at a line.
pub(crate) fn each_name<E>(
    input: &mut impl BufRead,
    unreadable: impl Fn(u64, io::Error) -> E,
    mut visit: impl FnMut(u64, &[u8], Result<HostName, String>) -> Result<(), E>,
) -> Result<(), E> {
    each_line(input, unreadable, |number, text, line| {
        let name = line.and_then(|line| HostName::parse(line).map_err(|error| error.to_string()));
        visit(number, text, name)
    })
}

/// Shows every line that is neither empty nor a comment, as octets, and as text or what is wrong with it.
fn each_line<E>(
    input: &mut impl BufRead,
    unreadable: impl Fn(u64, io::Error) -> E,
    mut visit: impl FnMut(u64, &[u8], Result<&str, String>) -> Result<(), E>,
) -> Result<(), E> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = read_line(input, &mut line, MAX_LINE).map_err(|source| unreadable(number, source))?;
        if read == Line::End {
            break;
        }
        let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line);
        let text = text.split(|&byte| byte == b'#').next().unwrap_or_default().trim_ascii();
        if text.is_empty() {
            continue;
        }
        let said = match read {
            Line::TooLong => Err("the line is longer than a name".to_owned()),
            _ => std::str::from_utf8(text).map_err(|_| "the line is not UTF-8".to_owned()),
        };
        visit(number, text, said)?;
    }
    Ok(())
}

/// A list of protected names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtectedNames {
    /// The registrable domains that are in scope.
    pub domains: BTreeSet<CompactString>,
    /// All that are not to be imitated, by their names in full.
    pub targets: BTreeMap<CompactString, Target>,
    /// Names that could be read, in scope or not.
    pub rows: u64,
    /// Lines that could not.
    pub faults: Faults,
}

/// Reads a list of protected names, as [`Target::parse`] reads its lines. `registrable` gives the registrable domain of a
/// name if it is in scope.
///
/// # Errors
/// Those of the reader, often with a [`crate::capped::CapError`] inside.
pub fn protected(
    mut input: impl BufRead,
    suffixes: &SuffixList,
    mut registrable: impl FnMut(&HostName) -> Option<CompactString>,
) -> io::Result<ProtectedNames> {
    let mut list = ProtectedNames::default();
    each_line(
        &mut input,
        |_, error| error,
        |number, text, line| {
            let parsed = line.and_then(|line| Target::parse(line, suffixes).map_err(|error| error.to_string()));
            match parsed {
                Ok(None) => {}
                Ok(Some((name, target))) => {
                    list.rows += 1;
                    list.domains.extend(registrable(&name));
                    // A public suffix of several labels is nobody's name.
                    if !target.label.contains('.') {
                        list.targets.insert(name.as_str().into(), target);
                    }
                }
                Err(message) => list.faults.add(number, text, &message),
            }
            Ok(())
        },
    )?;
    Ok(list)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names() {
        let long = "a".repeat(5000);
        let text = format!(
            "\u{feff}# banks\nBank.xx, finance # the first\n\n  bücher.xx\nwww.bank.xx\nno name\n{long}\nelse.yy"
        );
        let registrable = |name: &HostName| {
            let ours = name.is_below("xx");
            ours.then(|| name.as_str().trim_start_matches("www.").into())
        };
        let list = protected(text.as_bytes(), &SuffixList::built_in(), registrable).unwrap();
        assert_eq!(
            list.domains.iter().map(CompactString::as_str).collect::<Vec<_>>(),
            ["bank.xx", "xn--bcher-kva.xx"]
        );
        let sectors: Vec<_> =
            list.targets.iter().map(|(name, of)| (name.as_str(), of.sector.as_deref())).collect();
        let expected =
            [("bank.xx", Some("finance")), ("else.yy", None), ("www.bank.xx", None), ("xn--bcher-kva.xx", None)];
        assert_eq!(sectors, expected);
        assert_eq!((list.rows, list.faults.count), (4, 2));
        assert_eq!(list.faults.first[0].line_number, 6);
    }
}
