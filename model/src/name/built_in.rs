//! The suffix list that the program was built with, from the crate `psl`.

use psl::Type;

use super::rules::Found;

/// The version of the crate, and with it of the list.
pub(super) const VERSION: &str = "built in (psl 2.1.247)";

/// What the built-in list says of a name.
pub(super) fn find(name: &str) -> Found {
    let mut found = Found::default();
    // The crate answers with the longest rule of either section. Below a suffix of the private section lies none
    // of the ICANN section, or that one would have been longer: what is above is asked next.
    let mut rest = name;
    while let Some(suffix) = psl::suffix(rest.as_bytes()) {
        let length = suffix.as_bytes().len();
        let at = name.len() - length;
        found.listed |= suffix.is_known();
        match suffix.typ() {
            Some(Type::Icann) => {
                found.icann = Some(at);
                break;
            }
            Some(Type::Private) => {
                found.private.get_or_insert(at);
            }
            None => break,
        }
        match name[at..].split_once('.') {
            Some((_, above)) => rest = above,
            None => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sections_are_told_apart() {
        let said = |name: &'static str| {
            let found = find(name);
            (found.icann.map(|at| &name[at..]), found.private.map(|at| &name[at..]), found.listed)
        };
        assert_eq!(said("www.shop.com.br"), (Some("com.br"), None, true));
        assert_eq!(said("login.foo.assessments.cx"), (Some("cx"), Some("assessments.cx"), true));
        assert_eq!(said("www.ck"), (Some("ck"), None, true));
        assert_eq!(said("a.b.ck"), (Some("b.ck"), None, true));
        assert_eq!(said("host.invalid"), (None, None, false));
        assert_eq!(said("cx"), (Some("cx"), None, true));
    }
}
