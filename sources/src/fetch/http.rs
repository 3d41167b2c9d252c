//! Content from a URL: conditional, capped, redirected with care, tried again.
//!
//! Redirects are followed by hand: the client would send our secret header to any host, and a `Referer` with the
//! key in it.

use std::fs;
use std::io;
use std::time::Duration;

use compact_str::CompactString;
use panopticon_model::time::Epoch;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;

use super::retry::{self, Failure};
use super::target::KEY;
use super::{Config, FetchError, Fetched, Outcome, Pages, Request, blocking, pages};
use crate::capped::CapError;
use crate::retry_after::{RetryAfter, answered_at};
use crate::{archive, capped};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 5;

/// The client of the whole program.
pub(crate) fn client(config: &Config) -> Result<Client, FetchError> {
    // Without a provider the client would panic.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(FetchError::Setup { what: "set up TLS: no crypto provider is installed", source: None });
    }
    let mut builder = Client::builder()
        .user_agent(&config.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(config.connect_timeout)
        .read_timeout(config.read_timeout);
    if !config.system_proxy {
        builder = builder.no_proxy();
    }
    if let Some(path) = &config.ca {
        let pem =
            fs::read(path).map_err(|source| FetchError::File { action: "read", path: path.clone(), source })?;
        let roots = reqwest::Certificate::from_pem_bundle(&pem).map_err(setup("read the certificates in `ca`"))?;
        builder = builder.tls_certs_merge(roots);
    }
    builder.build().map_err(setup("set up the network client; install root certificates or set `ca`"))
}

fn setup(what: &'static str) -> impl FnOnce(reqwest::Error) -> FetchError {
    move |error| FetchError::Setup { what, source: Some(Box::new(error)) }
}

/// Fetches what `shown`, the URL with `{key}` in it, speaks of.
pub(super) async fn fetch(
    client: &Client,
    config: &Config,
    shown: &str,
    request: &Request,
) -> Result<Outcome, FetchError> {
    let answer = async {
        if request.pages == Pages::One {
            let call = call(client, shown, request, "*/*")?;
            retry::run(&config.retry, request.seed, || call.attempt()).await
        } else {
            let body = Some(pages::fetch(client, config, shown, request).await?);
            Ok(Answer { body, etag: None, last_modified: None })
        }
    };
    let answer = tokio::time::timeout(config.total_timeout, answer)
        .await
        .map_err(|_| FetchError::Timeout { shown: shown.to_owned(), limit: config.total_timeout })??;
    let Answer { body, etag, last_modified } = answer;
    let Some(body) = body else { return Ok(Outcome::NotModified { etag, last_modified }) };

    let (caps, member, aside) = (request.caps, request.member.clone(), request.aside.clone());
    let shown = shown.to_owned();
    let packed = {
        let shown = shown.clone();
        blocking(move || {
            fs::File::open(&body)
                .and_then(|file| capped::open(file, caps, member.as_deref()))
                .and_then(|content| archive::pack(content, &aside))
                .map_err(|source| FetchError::Content { shown, source })
        })
        .await?
    };
    if request.known.digest == Some(packed.digest) {
        return Ok(Outcome::NotModified { etag, last_modified });
    }
    Ok(Outcome::Fetched(vec![Fetched {
        file: packed.file,
        digest: packed.digest,
        bytes: packed.bytes,
        etag,
        last_modified,
        stamp: None,
        url_shown: shown,
    }]))
}

/// What is asked, and how.
pub(super) fn call<'a>(
    client: &'a Client,
    shown: &'a str,
    request: &'a Request,
    accept: &'static str,
) -> Result<Call<'a>, FetchError> {
    let (url, secret) = (url(shown, request)?, secret_header(shown, request)?);
    Ok(Call { client, shown, request, url, accept, secret })
}

/// The URL with the key in its place.
fn url(shown: &str, request: &Request) -> Result<Url, FetchError> {
    let wrong = |what| FetchError::Secret { shown: shown.to_owned(), what };
    let text = match &request.key {
        Some(key) => shown.replace(KEY, &key.percent_encoded()),
        None if shown.contains(KEY) => return Err(wrong("there is no key for `{key}`")),
        None => shown.to_owned(),
    };
    Url::parse(&text).map_err(|_| wrong("with its key it is no URL"))
}

fn secret_header(shown: &str, request: &Request) -> Result<Option<(HeaderName, HeaderValue)>, FetchError> {
    let Some((name, secret)) = &request.header else { return Ok(None) };
    let wrong = |what| FetchError::Secret { shown: shown.to_owned(), what };
    if secret.expose().is_empty() {
        return Err(wrong("there is no secret for the header"));
    }
    let name = HeaderName::try_from(name).map_err(|_| wrong("the name of the header has a character too many"))?;
    let mut value =
        HeaderValue::try_from(secret.expose()).map_err(|_| wrong("the value of the header cannot be sent"))?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// Everything that a try needs.
pub(super) struct Call<'a> {
    client: &'a Client,
    shown: &'a str,
    pub(super) request: &'a Request,
    pub(super) url: Url,
    /// What kinds of content may come.
    accept: &'static str,
    secret: Option<(HeaderName, HeaderValue)>,
}

/// A good answer: new content, or none.
pub(super) struct Answer {
    pub(super) body: Option<TempPath>,
    etag: Option<CompactString>,
    last_modified: Option<CompactString>,
}

impl Call<'_> {
    pub(super) async fn attempt(&self) -> Result<Answer, Failure<FetchError>> {
        let response = self.ask().await?;
        let known = &self.request.known;
        let etag = text(response.headers(), header::ETAG);
        let last_modified = text(response.headers(), header::LAST_MODIFIED);
        match response.status() {
            StatusCode::OK => {
                let body = Some(self.save(response).await?);
                Ok(Answer { body, etag, last_modified })
            }
            StatusCode::NOT_MODIFIED if known.etag.is_some() || known.last_modified.is_some() => Ok(Answer {
                body: None,
                etag: etag.or_else(|| known.etag.clone()),
                last_modified: last_modified.or_else(|| known.last_modified.clone()),
            }),
            status => Err(self.refused(status, response.headers())),
        }
    }

    /// Asks, and follows redirects.
    async fn ask(&self) -> Result<Response, Failure<FetchError>> {
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self.client.get(url.clone()).header(header::ACCEPT, self.accept);
            if let Some(etag) = &self.request.known.etag {
                request = request.header(header::IF_NONE_MATCH, etag.as_str());
            }
            if let Some(date) = &self.request.known.last_modified {
                request = request.header(header::IF_MODIFIED_SINCE, date.as_str());
            }
            if let Some((name, value)) = self.secret.as_ref().filter(|_| may_know_secret(&self.url, &url)) {
                request = request.header(name, value);
            }
            let response = request.send().await.map_err(|error| self.transport(error))?;
            if !is_redirect(response.status()) {
                return Ok(response);
            }
            url = self
                .follow(&url, response.headers())
                .map_err(|what| Failure::Final(FetchError::Redirect { shown: self.shown.to_owned(), what }))?;
        }
        let what = "more than five times";
        Err(Failure::Final(FetchError::Redirect { shown: self.shown.to_owned(), what }))
    }

    fn follow(&self, from: &Url, headers: &HeaderMap) -> Result<Url, &'static str> {
        let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).ok_or("to nowhere")?;
        let to = from.join(location).map_err(|_| "to something that is no URL")?;
        match (from.scheme(), to.scheme()) {
            ("https", "http") => Err("from https to http; this is not followed"),
            (_, "http" | "https") => Ok(to),
            _ => Err("to a scheme that is neither http nor https"),
        }
    }

    /// Writes the body to a file, as it comes.
    async fn save(&self, mut response: Response) -> Result<TempPath, Failure<FetchError>> {
        let too_large = || {
            let source = CapError::TooLarge(self.request.caps.max_bytes).into();
            Failure::Final(FetchError::Content { shown: self.shown.to_owned(), source })
        };
        let cannot_write = |source: io::Error| {
            Failure::Final(FetchError::File { action: "write in", path: self.request.aside.clone(), source })
        };
        let mut left = self.request.caps.max_bytes;
        if response.content_length().is_some_and(|length| length > left) {
            return Err(too_large());
        }
        let (file, path) = NamedTempFile::new_in(&self.request.aside).map_err(cannot_write)?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        while let Some(chunk) = response.chunk().await.map_err(|error| self.transport(error))? {
            left = left.checked_sub(chunk.len() as u64).ok_or_else(too_large)?;
            file.write_all(&chunk).await.map_err(cannot_write)?;
        }
        file.flush().await.map_err(cannot_write)?;
        Ok(path)
    }

    fn transport(&self, error: reqwest::Error) -> Failure<FetchError> {
        // A try that did not get a whole answer may pass; what the client refuses to send will not.
        let is_final = error.is_builder();
        let error = FetchError::Transport { shown: self.shown.to_owned(), source: error.without_url() };
        if is_final { Failure::Final(error) } else { Failure::Passing(error) }
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap) -> Failure<FetchError> {
        let hint = match status.as_u16() {
            401 | 403 => "the key is missing, wrong or spent, or this address is not welcome",
            404 | 410 => "there is nothing at this URL; correct it, or take the source out",
            429 | 509 => "we ask too often; fetch this source less often",
            500..=599 => "the server is out of order; it will be asked again at the next run",
            _ => "only 200 brings content",
        };
        let status = status.as_u16();
        let error = || FetchError::Status { shown: self.shown.to_owned(), status, hint };
        match (status, retry_after(headers)) {
            (429 | 503, Some(wait)) => {
                let late = FetchError::ComeBackLater { shown: self.shown.to_owned(), status, wait };
                Failure::Wait(wait, error(), late)
            }
            (429 | 500..=599, _) => Failure::Passing(error()),
            _ => Failure::Final(error()),
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Whether a secret meant for `first` may go to `now`: the same host and port, or its https twin.
fn may_know_secret(first: &Url, now: &Url) -> bool {
    let is_upgrade = first.scheme() == "http" && now.scheme() == "https" && first.port().is_none();
    first.host() == now.host() && (first.origin() == now.origin() || (is_upgrade && now.port().is_none()))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<CompactString> {
    headers.get(name)?.to_str().ok().map(CompactString::new)
}

/// How long the server asks to wait. A date counts from the date of the answer, since no clock is read here.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    match RetryAfter::of(headers)? {
        after @ RetryAfter::Seconds(_) => Some(after.wait(Epoch::default())),
        after @ RetryAfter::At(_) => answered_at(headers).map(|now| after.wait(now)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;

    #[test]
    fn waits_that_servers_ask_for() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (value, date, wait) in [
            ("17", None, Some(17)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(now), Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(now), Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", None, None),
            ("soon", Some(now), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            if let Some(date) = date {
                headers.insert(header::DATE, date.parse().unwrap());
            }
            assert_eq!(retry_after(&headers), wait.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn secrets_stay_with_their_host() {
        for (first, now, may) in [
            ("https://a.xx/1", "https://a.xx/2", true),
            ("http://a.xx/", "https://a.xx/", true),
            ("http://a.xx:81/", "https://a.xx/", false),
            ("https://a.xx/", "https://a.xx:8443/", false),
            ("https://a.xx/", "https://b.a.xx/", false),
        ] {
            assert_eq!(may_know_secret(&first.parse().unwrap(), &now.parse().unwrap()), may, "{first} {now}");
        }
    }
}
