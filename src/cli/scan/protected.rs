//! The protected names of a scan: from files, from the command line, or the list that comes with the program.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use compact_str::CompactString;
use panopticon_dataflow::lexical::{Index, ProtectedName, Scan, Sources, Tables, Variants};
use panopticon_datasets::reference;
use panopticon_model::name::{HostName, SuffixList};

/// A longer file is no list of names that a person protects.
const MOST_BYTES: u64 = 256 << 20;

/// Protected names, each label once: the first name with a label stands for all.
pub(crate) struct Protected {
    names: Vec<ProtectedName>,
    /// All full names, those left out as well.
    full: BTreeSet<CompactString>,
    labels: BTreeSet<CompactString>,
    suffixes: SuffixList,
}

impl Protected {
    /// Reads files and names; without any, the list that comes with the program.
    pub(crate) fn read(given: &[String]) -> anyhow::Result<Protected> {
        let mut protected = Protected::default();
        for text in given {
            if Path::new(text).is_file() {
                protected.file(Path::new(text))?;
            } else {
                protected.name(text)?;
            }
        }
        if given.is_empty() {
            for line in reference::IMITATED.lines() {
                protected.line(line)?;
            }
        }
        anyhow::ensure!(!protected.names.is_empty(), "no name is protected: the lists are empty");
        Ok(protected)
    }

    /// A name of the command line, unless it is a file that is not there.
    fn name(&mut self, text: &str) -> anyhow::Result<()> {
        let what = || format!("`{text}` is neither a file nor a name");
        let ending = Path::new(text).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let is_file = ["csv", "dat", "gz", "json", "list", "tsv", "txt", "zst"].contains(&ending);
        anyhow::ensure!(!is_file && !text.contains('/'), what());
        self.line(text).with_context(what)
    }

    fn file(&mut self, file: &Path) -> anyhow::Result<()> {
        let shown = file.display();
        let open = File::open(file).with_context(|| format!("cannot read `{shown}`"))?;
        for (number, line) in BufReader::new(open.take(MOST_BYTES)).lines().enumerate() {
            let line = line.with_context(|| format!("cannot read `{shown}`"))?;
            self.line(&line).with_context(|| format!("`{shown}`, line {}", number + 1))?;
        }
        Ok(())
    }

    /// Takes `name[,sector[,word]]`; comments and empty lines are passed over.
    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        let line = line.trim_start_matches('\u{feff}').split('#').next().unwrap_or_default();
        let mut fields = line.split(',').map(str::trim);
        let Some(name) = fields.next().filter(|name| !name.is_empty()) else { return Ok(()) };
        let host = HostName::parse(name)?;
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

    /// A scan of a zone for them.
    pub(crate) fn scan(&self, tld: &str) -> anyhow::Result<Scan> {
        let tables = Tables::parse(Sources {
            keyboards: reference::KEYBOARDS,
            glyphs: reference::GLYPHS,
            readings: reference::READINGS,
            keywords: reference::KEYWORDS,
        })?;
        let index = Index::new(Arc::new(tables), Arc::new(Variants::default()), tld, self.names.iter().cloned());
        Ok(Scan::new(index, self.full.clone()))
    }

    /// How many names are looked for.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

impl Default for Protected {
    fn default() -> Protected {
        let (names, full, labels) = Default::default();
        Protected { names, full, labels, suffixes: SuffixList::built_in() }
    }
}

#[cfg(test)]
mod tests {
    use super::Protected;

    #[test]
    fn lists_have_names_sectors_and_words() {
        let mut protected = Protected::default();
        for line in
            ["# banks", "Bank.co.uk, finance", "bank.com", "", "chase.com,finance,word", "bücher.example", "brand"]
        {
            protected.line(line).unwrap();
        }
        let names: Vec<String> = protected
            .names
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
        assert!(protected.full.contains("bank.com"), "a second name with a label is no look-alike of the first");
        assert!(protected.line("no name at all").is_err());
    }

    #[test]
    fn the_list_that_comes_along_can_be_read() {
        assert!(Protected::read(&[]).unwrap().len() > 60);
        let given = |text: &str| Protected::read(&[text.to_owned()]).map(|protected| protected.len()).ok();
        assert_eq!(["bank", "bank.xx", "bank.com"].map(given), [Some(1); 3]);
        assert_eq!(["a b", "nofile.csv"].map(given), [None; 2]);
    }
}
