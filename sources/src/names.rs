//! Plain lists of names: one a line, `#` begins a comment, a name may be written in U-labels.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use compact_str::CompactString;
use panopticon_model::name::HostName;

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
        let name = match read {
            Line::TooLong => Err("the line is longer than a name".to_owned()),
            _ => read_name(text),
        };
        visit(number, text, name)?;
    }
    Ok(())
}

fn read_name(text: &[u8]) -> Result<HostName, String> {
    let text = std::str::from_utf8(text).map_err(|_| "the line is not UTF-8".to_owned())?;
    HostName::parse(text).map_err(|error| error.to_string())
}

/// The names of a list that are in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameList {
    /// Registrable domains.
    pub domains: BTreeSet<CompactString>,
    /// Names that could be read, in scope or not.
    pub rows: u64,
    /// Lines that could not.
    pub faults: Faults,
}

/// Reads a list. `registrable` gives the registrable domain of a name if it is in scope.
///
/// # Errors
/// Those of the reader, often with a [`crate::capped::CapError`] inside.
pub fn read(
    mut input: impl BufRead,
    mut registrable: impl FnMut(&HostName) -> Option<CompactString>,
) -> io::Result<NameList> {
    let mut list = NameList::default();
    each_name(
        &mut input,
        |_, error| error,
        |number, text, name| {
            match name {
                Ok(name) => {
                    list.rows += 1;
                    list.domains.extend(registrable(&name));
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
        let text =
            format!("\u{feff}# banks\nBank.xx # the first\n\n  bücher.xx\nwww.bank.xx\nno name\n{long}\nelse.yy");
        let registrable = |name: &HostName| {
            let ours = name.is_below("xx");
            ours.then(|| name.as_str().trim_start_matches("www.").into())
        };
        let list = read(text.as_bytes(), registrable).unwrap();
        assert_eq!(
            list.domains.iter().map(CompactString::as_str).collect::<Vec<_>>(),
            ["bank.xx", "xn--bcher-kva.xx"]
        );
        assert_eq!((list.rows, list.faults.count), (4, 2));
        assert_eq!(list.faults.first[0].line_number, 6);
    }
}
