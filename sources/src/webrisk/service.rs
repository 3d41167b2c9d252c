//! The service: one GET at a time from a URL to the bytes of its answer, within a pace, a time and a cap.
//!
//! The key is in a header that does not show itself, and no redirect is followed, so it goes nowhere else
//! (<https://cloud.google.com/docs/authentication/api-keys-best-practices>).

use std::time::Duration;

use panopticon_model::observation::Outcome;
use panopticon_model::time::{DAY_MS, Epoch};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response};

use super::api::{self, AnswerError, Base};
use super::settings::{Settings, SetupError};
use crate::fetch::{self, retry_after};
use crate::probe::pace::Pace;

/// Where Google takes an API key.
const KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// The longest time that a server may ask us to wait.
const LONGEST_WAIT_MS: u64 = DAY_MS;

/// The most that is read of an error.
const MAX_ERROR: u64 = 16 << 10;

/// A question that was not answered. No message holds the key or a URL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The key is not accepted. Correct the secrets file, or turn the API on in the project of the key.
    #[error("Web Risk does not accept the key; correct it, or turn the API on in its project")]
    Unauthorized,
    /// We asked too often, or the quota is spent.
    #[error("Web Risk is asked too often; lower its rate")]
    RateLimited {
        /// No earlier than this may it be asked again.
        not_before: Option<Epoch>,
    },
    /// The service does not take the question.
    #[error("Web Risk refuses the question: {0}")]
    Refused(u16),
    /// The service is out of order.
    #[error("Web Risk is out of order: {status}")]
    Service {
        /// The status code.
        status: u16,
        /// No earlier than this may it be asked again.
        not_before: Option<Epoch>,
    },
    /// The service cannot be reached, or broke off.
    #[error("cannot reach Web Risk")]
    Transport(#[source] reqwest::Error),
    /// No answer in time.
    #[error("no answer of Web Risk in time")]
    Timeout,
    /// An answer that is not JSON by its type.
    #[error("the answer of Web Risk is not JSON")]
    ContentType,
    /// An answer of more bytes than there may be.
    #[error("the answer of Web Risk has more than {0} bytes")]
    TooLarge(u64),
    /// An answer that cannot be read.
    #[error("the answer of Web Risk cannot be read")]
    Answer(#[from] AnswerError),
}

impl CallError {
    /// What it comes to for whoever asked.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            CallError::Unauthorized => Outcome::Unauthorized,
            CallError::RateLimited { .. } => Outcome::RateLimited,
            CallError::Refused(_) => Outcome::Refused,
            CallError::Timeout => Outcome::Timeout,
            CallError::Service { .. } | CallError::Transport(_) | CallError::Answer(AnswerError::Error) => {
                Outcome::ServiceError
            }
            CallError::ContentType | CallError::TooLarge(_) | CallError::Answer(_) => Outcome::Malformed,
        }
    }

    /// No earlier than this may the service be asked again, if it said so.
    #[must_use]
    pub fn not_before(&self) -> Option<Epoch> {
        match self {
            CallError::RateLimited { not_before } | CallError::Service { not_before, .. } => *not_before,
            _ => None,
        }
    }
}

/// The service at the other end.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) base: Base,
    client: Client,
    /// Marked as sensitive: it does not show itself.
    key: HeaderValue,
    timeout: Duration,
    pace: Pace<()>,
}

impl Service {
    pub(super) fn new(settings: &Settings, network: &fetch::Config) -> Result<Service, SetupError> {
        if network.offline {
            return Err(SetupError::Offline);
        }
        let key = Some(settings.key.expose()).filter(|key| !key.is_empty()).ok_or(SetupError::Key)?;
        let mut key = HeaderValue::try_from(key).map_err(|_| SetupError::Key)?;
        key.set_sensitive(true);
        Ok(Service {
            base: settings.base.clone(),
            client: fetch::client(network)?,
            key,
            timeout: settings.timeout,
            pace: Pace::new(settings.per_second, settings.burst),
        })
    }

    /// Waits for a turn. Every question needs one.
    pub(super) async fn turn(&self) {
        self.pace.turn(()).await;
    }

    /// The body of the answer, if it is JSON with status 200 and has at most `most` bytes.
    pub(super) async fn get(&self, url: &str, most: u64, now: Epoch) -> Result<Vec<u8>, CallError> {
        let answer = tokio::time::timeout(self.timeout, self.answer(url, most, now)).await;
        answer.unwrap_or(Err(CallError::Timeout))
    }

    async fn answer(&self, url: &str, most: u64, now: Epoch) -> Result<Vec<u8>, CallError> {
        let request = self.client.get(url).header(header::ACCEPT, "application/json").header(KEY, &self.key);
        let response = request.send().await.map_err(transport)?;
        if response.status() != 200 {
            return Err(refused(response, now).await);
        }
        if !is_json(response.headers()) {
            return Err(CallError::ContentType);
        }
        body(response, most).await
    }
}

async fn body(mut response: Response, most: u64) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport)? {
        if body.len() as u64 + chunk.len() as u64 > most {
            return Err(CallError::TooLarge(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a status other than 200 means (<https://cloud.google.com/web-risk/docs/status-codes>).
async fn refused(response: Response, now: Epoch) -> CallError {
    let status = response.status().as_u16();
    let wait = retry_after(response.headers()).map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    let not_before = wait.map(|wait| now.plus(wait.min(LONGEST_WAIT_MS)));
    match status {
        401 | 403 => CallError::Unauthorized,
        429 => CallError::RateLimited { not_before },
        400 if body(response, MAX_ERROR).await.is_ok_and(|body| api::is_about_key(&body)) => {
            CallError::Unauthorized
        }
        400 | 413 | 414 | 431 => CallError::Refused(status),
        _ => CallError::Service { status, not_before },
    }
}

fn transport(error: reqwest::Error) -> CallError {
    match (error.is_timeout(), error.is_builder()) {
        (true, _) => CallError::Timeout,
        // The client itself does not take the URL: it is too long.
        (_, true) => CallError::Refused(414),
        _ => CallError::Transport(error.without_url()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
