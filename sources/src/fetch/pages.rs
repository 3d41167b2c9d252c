//! Content that a server hands out in pieces, put together into one document after the other.
//!
//! - TAXII 2.1 (section 5.4): the objects of a collection, page by page, as `more` and `next` say.
//! - A feed of MISP: `manifest.json`, and an event beside it for each of its entries. Ahead of each event stands
//!   `# event UUID TIMESTAMP`, by which those that did not change are taken from the last snapshot and not asked for again.
//! - Lists by state, as of Phishing.Database: the list of active entries, those of inactive and of invalid ones beside it, each
//!   behind a line `# list STATE`.
//!
//! All pieces together are one snapshot: if one of them cannot be had, none counts.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use reqwest::{Client, Url};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::http::{Call, call};
use super::{Config, FetchError, Request, retry};
use crate::capped::{self, CapError};

/// How a source is put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// It is one document.
    #[default]
    One,
    /// The objects of a collection of TAXII 2.1.
    Taxii,
    /// A feed of MISP, of which the URL is the manifest.
    Misp,
    /// Lists by state, of which the URL is that of the active entries: its last part has `ACTIVE` in it.
    States,
}

/// What a page of TAXII is asked for with.
const TAXII: &str = "application/taxii+json;version=2.1";
/// Pages of a collection, and events of a feed: more is a server that leads in circles.
const MOST: usize = 100_000;

/// An envelope of TAXII 2.1 (section 3.7), but for its objects.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    more: bool,
    #[serde(default)]
    next: Option<String>,
    /// It is an envelope, and no page of an error.
    #[serde(default)]
    objects: Option<IgnoredAny>,
}

/// What the manifest says of an event.
#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    timestamp: Timestamp,
    #[serde(default, rename = "integrity:sha256")]
    sha256: Option<String>,
}

/// Seconds, as a number or as a text.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Timestamp {
    Number(u64),
    Text(String),
    #[default]
    None,
}

/// Fetches all pieces into one file.
pub(super) async fn fetch(
    client: &Client,
    config: &Config,
    shown: &str,
    request: &Request,
) -> Result<TempPath, FetchError> {
    // Validators are those of single documents.
    let request = Request { known: super::Known::default(), ..request.clone() };
    let accept = if request.pages == Pages::Taxii { TAXII } else { "application/json, */*" };
    let mut pieces = Pieces {
        call: call(client, shown, &request, accept)?,
        config,
        shown,
        left: request.caps.max_decoded_bytes,
        file: NamedTempFile::new_in(&request.aside).map_err(|source| file_error(&request.aside, source))?,
    };
    match request.pages {
        Pages::Misp => pieces.misp(&request).await?,
        Pages::States => pieces.states().await?,
        Pages::Taxii | Pages::One => pieces.taxii().await?,
    }
    pieces.file.flush().map_err(|source| file_error(&request.aside, source))?;
    Ok(pieces.file.into_temp_path())
}

fn file_error(path: &Path, source: io::Error) -> FetchError {
    FetchError::File { action: "write in", path: path.to_owned(), source }
}

struct Pieces<'a> {
    call: Call<'a>,
    config: &'a Config,
    shown: &'a str,
    /// Octets that may still come.
    left: u64,
    file: NamedTempFile,
}

impl Pieces<'_> {
    fn unusable(&self, what: impl Into<String>) -> FetchError {
        let source = io::Error::new(io::ErrorKind::InvalidData, what.into());
        FetchError::Content { shown: self.shown.to_owned(), source }
    }

    /// The decoded content at a URL, below the one that is configured or beside it.
    async fn piece(&mut self, url: Url) -> Result<Vec<u8>, FetchError> {
        self.call.url = url;
        let request = self.call.request;
        let answer = retry::run(&self.config.retry, request.seed, || self.call.attempt()).await?;
        let body = answer.body.ok_or_else(|| self.unusable("the answer has no content"))?;
        let mut content = Vec::new();
        let read = File::open(&body)
            .and_then(|file| capped::open(file, request.caps, None))
            .and_then(|mut decoded| decoded.read_to_end(&mut content));
        read.map_err(|source| FetchError::Content { shown: self.shown.to_owned(), source })?;
        Ok(content)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        let too_large = CapError::TooLarge(self.call.request.caps.max_decoded_bytes);
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| FetchError::Content { shown: self.shown.to_owned(), source: too_large.into() })?;
        self.file.write_all(bytes).map_err(|source| file_error(&self.call.request.aside, source))
    }

    async fn taxii(&mut self) -> Result<(), FetchError> {
        let first = self.call.url.clone();
        let mut url = first.clone();
        for _ in 0..MOST {
            let page = self.piece(url).await?;
            let envelope: Envelope = serde_json::from_slice(&page)
                .map_err(|error| self.unusable(format!("no envelope of TAXII 2.1: {error}")))?;
            // An empty collection is `{}`.
            if envelope.objects.is_some() {
                self.keep(&page)?;
                self.keep(b"\n")?;
            }
            match envelope.next.filter(|_| envelope.more) {
                None if envelope.more => return Err(self.unusable("a page has `more`, and no `next`")),
                None => return Ok(()),
                Some(next) => {
                    url = first.clone();
                    url.query_pairs_mut().append_pair("next", &next);
                }
            }
        }
        Err(self.unusable("the pages have no end"))
    }

    async fn states(&mut self) -> Result<(), FetchError> {
        let active = self.call.url.clone();
        for state in ["ACTIVE", "INACTIVE", "INVALID"] {
            let name = active.path_segments().and_then(Iterator::last).unwrap_or_default();
            let url = active.join(&name.replacen("ACTIVE", state, 1));
            let list = self.piece(url.map_err(|_| self.unusable("a list has no URL"))?).await?;
            self.keep(format!("# list {state}\n").as_bytes())?;
            self.keep(list.trim_ascii_end())?;
            self.keep(b"\n")?;
        }
        Ok(())
    }

    async fn misp(&mut self, request: &Request) -> Result<(), FetchError> {
        let beside = self.call.url.clone();
        let manifest = self.piece(beside.clone()).await?;
        let manifest: BTreeMap<String, Event> = serde_json::from_slice(&manifest)
            .map_err(|error| self.unusable(format!("no manifest of MISP: {error}")))?;
        if manifest.len() > MOST {
            return Err(self.unusable("the manifest has too many events"));
        }
        let mut known = request.last.as_deref().map(|path| events(path, request)).unwrap_or_default();
        for (uuid, event) in manifest {
            let fits =
                !uuid.is_empty() && uuid.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
            if !fits {
                return Err(self.unusable("the manifest has an event that is no UUID"));
            }
            let timestamp = match event.timestamp {
                Timestamp::Number(seconds) => seconds.to_string(),
                Timestamp::Text(text) => text.chars().filter(char::is_ascii_digit).collect(),
                Timestamp::None => String::new(),
            };
            let head = format!("# event {uuid} {timestamp}");
            let text = match known.remove(&head).filter(|_| !timestamp.is_empty()) {
                Some(text) => text,
                None => {
                    let url =
                        beside.join(&format!("{uuid}.json")).map_err(|_| self.unusable("an event has no URL"))?;
                    let text = self.piece(url).await?;
                    let sum: String = Sha256::digest(&text).iter().map(|octet| format!("{octet:02x}")).collect();
                    if event.sha256.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&sum)) {
                        return Err(self.unusable(format!(
                            "event {uuid} is not what the manifest says: its SHA-256 is {sum}"
                        )));
                    }
                    text
                }
            };
            self.keep(head.as_bytes())?;
            self.keep(b"\n")?;
            self.keep(text.trim_ascii_end())?;
            self.keep(b"\n")?;
        }
        Ok(())
    }
}

/// The events of a snapshot, by the line ahead of each. One that cannot be read is asked for again.
fn events(path: &Path, request: &Request) -> HashMap<String, Vec<u8>> {
    let mut events = HashMap::new();
    let Ok(mut reader) = File::open(path).and_then(|file| capped::open(file, request.caps, None)) else {
        return events;
    };
    let (mut line, mut head) = (Vec::new(), None);
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => return events,
            Ok(_) if line.starts_with(b"# event ") => {
                let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
                events.insert(text.clone(), Vec::new());
                head = Some(text);
            }
            Ok(_) => {
                if let Some(event) = head.as_ref().and_then(|head| events.get_mut(head)) {
                    event.extend_from_slice(&line);
                }
            }
            // What follows the damage is missing, and so is the event in which it is.
            Err(_) => {
                head.and_then(|head| events.remove(&head));
                return events;
            }
        }
    }
}
