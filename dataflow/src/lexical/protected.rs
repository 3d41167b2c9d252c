//! Lists of protected names, line by line.

use std::collections::BTreeSet;

use compact_str::CompactString;
use panopticon_model::lookalike::Target;
use panopticon_model::name::SuffixList;

use super::index::Index;
use super::scan::Scan;
use super::tables::{Sources, Tables, TablesError};
use super::target::ProtectedName;
use super::variants::Variants;

/// Why there is no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtectedError {
    /// A line that names nothing: where it stands, if in a file, which it is, and why.
    #[error("{}`{line}` is no name: {reason}", from.as_ref().map_or_else(String::new, |(file, at)| format!("`{file}`, line {at}: ")))]
    Line {
        /// The file and the line.
        from: Option<(String, usize)>,
        /// The line.
        line: String,
        /// What is wrong.
        reason: String,
    },
    /// No line names anything.
    #[error("no name is protected: the lists are empty")]
    Nobody,
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
    /// Takes words and lines, each with its file and line if it stands in one; without any, those of the `shipped` list.
    ///
    /// # Errors
    /// [`ProtectedError`] when a line is no name, or none is one.
    pub fn read(
        given: impl IntoIterator<Item = (String, Option<(String, usize)>)>,
        shipped: &str,
    ) -> Result<ProtectedList, ProtectedError> {
        let mut list = ProtectedList::default();
        let mut given = given.into_iter().peekable();
        if given.peek().is_none() {
            shipped.lines().try_for_each(|line| list.line(line, None))?;
        }
        given.try_for_each(|(line, from)| list.line(&line, from))?;
        if list.names.is_empty() { Err(ProtectedError::Nobody) } else { Ok(list) }
    }

    /// Takes a line, as [`Target::parse`] reads it.
    fn line(&mut self, line: &str, from: Option<(String, usize)>) -> Result<(), ProtectedError> {
        let parsed = Target::parse(line, &self.suffixes).map_err(|error| ProtectedError::Line {
            from,
            line: line.trim().to_owned(),
            reason: error.to_string(),
        })?;
        let Some((host, target)) = parsed else { return Ok(()) };
        self.full.insert(host.as_str().into());
        // A public suffix of several labels is nobody's name.
        if !target.label.contains('.') && self.labels.insert(target.label.clone()) {
            self.names.push(target.into());
        }
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
        let lines = |lines: &[&str]| {
            let lines = lines.iter().enumerate();
            lines.map(|(at, line)| ((*line).to_owned(), Some(("list".to_owned(), at + 1)))).collect::<Vec<_>>()
        };
        let given = [
            "# banks",
            "Bank.co.uk, finance",
            "bank.com",
            "",
            "chase.com,finance,word",
            "bücher.example",
            "brand",
        ];
        let list = ProtectedList::read(lines(&given), "unasked.com").unwrap();
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
        let shipped = ProtectedList::read([], "# ours\nshipped.com\n").unwrap();
        assert_eq!(shipped.names()[0].label, "shipped");
        let refused = |given: &[&str]| ProtectedList::read(lines(given), "").unwrap_err().to_string();
        assert!(refused(&["bank.com", "no name"]).starts_with("`list`, line 2: `no name` is no name: "));
        assert_eq!(refused(&["# nothing"]), "no name is protected: the lists are empty");
    }
}
