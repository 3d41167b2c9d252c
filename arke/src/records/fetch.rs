//! Fetches records.sql, its manifest and its signature from a folder of static files.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use thiserror::Error;

use super::signed::{MANIFEST, SIGNATURE};
use super::{MAX_BYTES, MAX_SIGNED_BYTES};
use crate::names::Names;

/// How long a connection may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why records could not be fetched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server, or the way there.
    #[error("`{name}` could not be fetched")]
    Http {
        /// The file.
        name: String,
        /// Why; its URL is left out, which may name a credential.
        source: reqwest::Error,
    },
    /// The server answers, and not with the file. Redirects are not followed.
    #[error("`{name}` could not be fetched: the server answers {status}")]
    Status {
        /// The file.
        name: String,
        /// What the server answers.
        status: StatusCode,
    },
    /// The file is longer than any that is published.
    #[error("`{name}` has more than {most} bytes")]
    TooLarge {
        /// The file.
        name: String,
        /// What is read at most.
        most: u64,
    },
    /// The folder for what arrives.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Fetches the script at a URL, or in the folder that it names, into a folder; with what vouches for it, if that is
/// wanted. Gives the path of the script. Every file is written aside and renamed when it is whole.
///
/// # Errors
/// [`FetchError`]; files that were there before stay.
pub async fn fetch(url: &Url, folder: &Path, signed: bool) -> Result<PathBuf, FetchError> {
    // Without a provider the client would panic. A second installation fails, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let failed = |name: &str| {
        let name = name.to_owned();
        move |source: reqwest::Error| FetchError::Http { name, source: source.without_url() }
    };
    let client = Client::builder()
        .dns_resolver(Names)
        .no_proxy()
        .read_timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(failed("records.sql"))?;
    fs::create_dir_all(folder).map_err(|source| FetchError::Io { path: folder.to_owned(), source })?;
    let script = script(url);
    // The names in the order in which they are written, so that what vouches is never older than the script.
    let mut files = vec![("records.sql", MAX_BYTES)];
    if signed {
        files.extend([(MANIFEST, MAX_SIGNED_BYTES), (SIGNATURE, MAX_SIGNED_BYTES)]);
    }
    for (name, most) in files {
        let from = if name == "records.sql" { script.clone() } else { beside(&script, name) };
        let mut answer = client.get(from).send().await.map_err(failed(name))?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status { name: name.to_owned(), status: answer.status() });
        }
        let path = folder.join(name);
        let aside = folder.join(format!("{name}.new"));
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| FetchError::Io { path, source }
        };
        let mut file = File::create(&aside).map_err(io(&aside))?;
        let mut length = 0;
        while let Some(chunk) = answer.chunk().await.map_err(failed(name))? {
            length += chunk.len() as u64;
            if length > most {
                return Err(FetchError::TooLarge { name: name.to_owned(), most });
            }
            file.write_all(&chunk).map_err(io(&aside))?;
        }
        file.sync_all().map_err(io(&aside))?;
        fs::rename(&aside, &path).map_err(io(&path))?;
    }
    Ok(folder.join("records.sql"))
}

/// The URL of the script: the one that is given, or `records.sql` in the folder that it names.
fn script(url: &Url) -> Url {
    if url.path().ends_with(".sql") { url.clone() } else { beside_folder(url) }
}

fn beside_folder(url: &Url) -> Url {
    let mut url = url.clone();
    let path = format!("{}/records.sql", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

/// The URL of a file beside the script.
fn beside(script: &Url, name: &str) -> Url {
    let mut url = script.clone();
    let folder = script.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    url.set_path(&format!("{folder}/{name}"));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_file_name_the_same() {
        for text in ["https://p.example/xx", "https://p.example/xx/", "https://p.example/xx/records.sql"] {
            let script = script(&text.parse().unwrap());
            assert_eq!(script.as_str(), "https://p.example/xx/records.sql");
            assert_eq!(beside(&script, MANIFEST).as_str(), "https://p.example/xx/manifest.json");
        }
    }
}
