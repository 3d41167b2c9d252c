//! The protected names of a scan: from files, from the command line, or the list that comes with the program.

use panopticon_dataflow::lexical::{ProtectedList, Scan, Variants};
use panopticon_datasets::reference;
use panopticon_sources::given::words;

use crate::wire::TABLES;

/// Reads files and names; without any, the list that comes with the program.
pub(crate) fn protected(given: &[String]) -> anyhow::Result<ProtectedList> {
    let words = words(given)?.into_iter().map(|word| (word.text, word.from));
    Ok(ProtectedList::read(words, reference::IMITATED)?)
}

/// A scan of a zone for protected names, with the variants of its TLD.
pub(crate) fn scan(list: &ProtectedList, tld: &str, variants: Variants) -> anyhow::Result<Scan> {
    Ok(list.scan(TABLES, tld, variants)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_that_comes_along_can_be_read() {
        assert!(super::protected(&[]).unwrap().names().len() > 60);
    }
}
