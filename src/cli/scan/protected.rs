//! The protected names of a scan: from files, from the command line, or the list that comes with the program.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use anyhow::Context as _;
use panopticon_dataflow::lexical::{ProtectedList, Scan, Sources};
use panopticon_datasets::reference;

/// A longer file is no list of names that a person protects.
const MOST_BYTES: u64 = 256 << 20;
/// What files are called. A name that ends so is a file that is not there.
const ENDINGS: [&str; 8] = ["csv", "dat", "gz", "json", "list", "tsv", "txt", "zst"];

/// Reads files and names; without any, the list that comes with the program.
pub(crate) fn protected(given: &[String]) -> anyhow::Result<ProtectedList> {
    let mut list = ProtectedList::default();
    for text in given {
        let what = || format!("`{text}` is neither a file nor a name");
        let path = Path::new(text);
        let is_file = path.extension().is_some_and(|ending| ENDINGS.iter().any(|it| ending == *it));
        if path.is_file() {
            file(&mut list, path)?;
        } else {
            anyhow::ensure!(!is_file && !text.contains('/'), what());
            list.line(text).with_context(what)?;
        }
    }
    if given.is_empty() {
        reference::IMITATED.lines().try_for_each(|line| list.line(line))?;
    }
    anyhow::ensure!(!list.names().is_empty(), "no name is protected: the lists are empty");
    Ok(list)
}

fn file(list: &mut ProtectedList, file: &Path) -> anyhow::Result<()> {
    let shown = file.display();
    let open = File::open(file).with_context(|| format!("cannot read `{shown}`"))?;
    for (number, line) in BufReader::new(open.take(MOST_BYTES)).lines().enumerate() {
        let line = line.with_context(|| format!("cannot read `{shown}`"))?;
        list.line(&line).with_context(|| format!("`{shown}`, line {}", number + 1))?;
    }
    Ok(())
}

/// A scan of a zone for protected names.
pub(crate) fn scan(list: &ProtectedList, tld: &str) -> anyhow::Result<Scan> {
    let tables = Sources {
        keyboards: reference::KEYBOARDS,
        glyphs: reference::GLYPHS,
        readings: reference::READINGS,
        keywords: reference::KEYWORDS,
    };
    Ok(list.scan(tables, tld)?)
}

#[cfg(test)]
mod tests {
    use super::protected;

    #[test]
    fn files_are_told_from_names() {
        assert!(protected(&[]).unwrap().names().len() > 60);
        let given = |text: &str| protected(&[text.to_owned()]).map(|list| list.names().len()).ok();
        assert_eq!(["bank", "bank.xx", "bank.com"].map(given), [Some(1); 3]);
        assert_eq!(["a b", "nofile.csv", "folder/name"].map(given), [None; 3]);
    }
}
