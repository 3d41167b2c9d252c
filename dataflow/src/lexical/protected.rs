//! Lists of protected names, line by line.

use std::collections::BTreeSet;

use compact_str::CompactString;
use panopticon_model::name::{HostName, SuffixList};

use super::index::Index;
use super::scan::Scan;
use super::tables::{Sources, Tables, TablesError};
use super::target::ProtectedName;
use super::variants::Variants;

/// A line that names nothing: which, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{line}` is no name: {reason}")]
pub struct ProtectedError {
    /// The line.
    pub line: String,
    /// What is wrong.
    pub reason: String,
}

/// Protected names, each label once: the first name with a label stands for all.
#[derive(Debug)]
pub struct ProtectedList {
    names: Vec<ProtectedName>,
    /// All names in full, those left out as well.
    full: BTreeSet<CompactString>,
    labels: BTreeSet<CompactString>,
    suffixes: SuffixList,
}

impl Default for ProtectedList {
    fn default() -> ProtectedList {
        let (names, full, labels) = Default::default();
        ProtectedList { names, full, labels, suffixes: SuffixList::built_in() }
    }
}

impl ProtectedList {
    /// Takes a line: `name[,sector[,word]]`, where `word` says that it is a common word as well. A name may be only its
    /// label. What stands behind `#` and empty lines are passed over.
    ///
    /// # Errors
    /// [`ProtectedError`] when the line is no name.
    pub fn line(&mut self, line: &str) -> Result<(), ProtectedError> {
        let text = line.trim_start_matches('\u{feff}').split('#').next().unwrap_or_default();
        let mut fields = text.split(',').map(str::trim);
        let Some(name) = fields.next().filter(|name| !name.is_empty()) else { return Ok(()) };
        let host = HostName::parse(name)
            .map_err(|error| ProtectedError { line: line.trim().to_owned(), reason: error.to_string() })?;
        let suffix = self.suffixes.public_suffix(&host);
        let (label, suffix) = match host.as_str().strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.')) {
            Some(rest) => (rest.rsplit('.').next().unwrap_or(rest), suffix),
            None => (host.as_str(), ""),
        };
        self.full.insert(host.as_str().into());
        if label.contains('.') || !self.labels.insert(label.into()) {
            return Ok(());
        }
        let sector = fields.next().filter(|sector| !sector.is_empty()).map(CompactString::from);
        let common_word = fields.next() == Some("word");
        self.names.push(ProtectedName { sector, common_word, ..ProtectedName::new(label, suffix) });
        Ok(())
    }

    /// The names that are looked for, in the order of their lines.
    #[must_use]
    pub fn names(&self) -> &[ProtectedName] {
        &self.names
    }

    /// A scan of a zone for them, by reference tables and the variants of its TLD.
    ///
    /// # Errors
    /// [`TablesError`] when a table cannot be used.
    pub fn scan(&self, tables: Sources<'_>, tld: &str, variants: Variants) -> Result<Scan, TablesError> {
        let tables = Tables::parse(tables)?;
        let index = Index::new(tables.into(), variants.into(), tld, self.names.iter().cloned());
        Ok(Scan::new(index, self.full.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::ProtectedList;

    #[test]
    fn lines_have_names_sectors_and_words() {
        let mut list = ProtectedList::default();
        for line in
            ["# banks", "Bank.co.uk, finance", "bank.com", "", "chase.com,finance,word", "bücher.example", "brand"]
        {
            list.line(line).unwrap();
        }
        let names: Vec<String> = list
            .names()
            .iter()
            .map(|name| {
                let sector = name.sector.as_deref().unwrap_or("-");
                format!("{} {} {sector} {}", name.label, name.suffix, name.common_word)
            })
            .collect();
        let wanted = [
            "bank co.uk finance false",
            "chase com finance true",
            "xn--bcher-kva example - false",
            "brand  - false",
        ];
        assert_eq!(names, wanted);
        assert!(list.full.contains("bank.com"), "a second name with a label is no look-alike of the first");
        assert!(list.line("no name at all").unwrap_err().to_string().starts_with("`no name at all` is no name: "));
    }
}
