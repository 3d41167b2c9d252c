//! Real data that may not be shared: a folder beside the project, which a bench reads if it is there.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folder: the one named behind `--data`, or by `PANOPTICON_SHARED`, or the one beside the project.
#[derive(Clone, Debug)]
pub struct Shared {
    folder: PathBuf,
}

impl Shared {
    /// Looks for it.
    #[must_use]
    pub fn folder() -> Shared {
        let named = std::env::args_os().skip_while(|word| word != "--data").nth(1);
        let folder = named.or_else(|| std::env::var_os("PANOPTICON_SHARED")).map(PathBuf::from);
        Shared {
            folder: folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data")),
        }
    }

    /// Where a file of it is.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// The first of some files that is not there, in words for a line that says why nothing was measured.
    #[must_use]
    pub fn missing(&self, files: &[&str]) -> Option<String> {
        let missing = files.iter().find(|file| !self.path(file).exists())?;
        Some(format!("skipped: {} is not there", self.path(missing).display()))
    }

    /// The text of a file packed by zstd.
    ///
    /// # Errors
    /// When it cannot be read or is no text.
    pub fn text(&self, file: &str) -> anyhow::Result<String> {
        let path = self.path(file);
        let read = || -> anyhow::Result<String> { Ok(String::from_utf8(zstd::decode_all(File::open(&path)?)?)?) };
        read().with_context(|| format!("cannot read `{}`", path.display()))
    }
}
