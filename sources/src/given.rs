//! What a person gives to a command: words, or files of them, one a line.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

/// A longer file was not written by a person.
const MOST_BYTES: u64 = 256 << 20;
/// What files are called: what ends so and is not there is no word.
const ENDINGS: [&str; 8] = ["csv", "dat", "gz", "json", "list", "tsv", "txt", "zst"];

/// A word, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The word or the line, as it is.
    pub text: String,
    /// The file and the line; none of a word.
    pub from: Option<(String, usize)>,
}

/// What cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// It is called as a file is, and there is none.
    #[error("`{0}` is neither a file nor a name")]
    Absent(String),
    /// A file that cannot be read.
    #[error("cannot read `{path}`")]
    Io {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The words, and the lines of the files.
///
/// # Errors
/// [`GivenError`] when a file cannot be read.
pub fn words(given: &[String]) -> Result<Vec<Given>, GivenError> {
    let mut words = Vec::new();
    for text in given {
        let path = Path::new(text);
        let io = |source| GivenError::Io { path: text.clone(), source };
        let looks_like_a_file = path.extension().is_some_and(|end| ENDINGS.iter().any(|it| end == *it));
        if path.is_file() {
            let lines = BufReader::new(File::open(path).map_err(io)?.take(MOST_BYTES)).lines();
            for (line, number) in lines.zip(1..) {
                words.push(Given { text: line.map_err(io)?, from: Some((text.clone(), number)) });
            }
        } else if looks_like_a_file || text.contains('/') {
            return Err(GivenError::Absent(text.clone()));
        } else {
            words.push(Given { text: text.clone(), from: None });
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("names.txt");
        std::fs::write(&file, "bank.xx\n\nshop.xx,parcel\n").unwrap();
        let file = file.display().to_string();
        let words = words(&[file.clone(), "bank.com".to_owned()]).unwrap();
        let texts: Vec<(&str, Option<usize>)> =
            words.iter().map(|word| (word.text.as_str(), word.from.as_ref().map(|(_, line)| *line))).collect();
        assert_eq!(texts, [("bank.xx", Some(1)), ("", Some(2)), ("shop.xx,parcel", Some(3)), ("bank.com", None)]);
        for absent in ["nofile.csv", "folder/name"] {
            let error = super::words(&[absent.to_owned()]).unwrap_err().to_string();
            assert_eq!(error, format!("`{absent}` is neither a file nor a name"));
        }
    }
}
