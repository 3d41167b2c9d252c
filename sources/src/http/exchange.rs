//! One request and its answer, HTTP/1.1 (RFC 9112) over a connection that is there.
//!
//! Nothing is sent but what a request needs: no cookies, no credentials for the target, no `Referer`.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::pin;

use compact_str::CompactString;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use panopticon_model::observation::Outcome;
use url::{Position, Url};

use super::body::Body;
use super::chain;
use super::failure::{self, Failure, Maker, Peer, Phase, Sign};
use super::text::clean_bytes;
use super::wire::{Dialogue, Wire};

/// Octets of the head of an answer, and of its trailers.
const MAX_HEAD: usize = 64 << 10;
/// Lines of the head.
const MAX_HEADERS: usize = 128;

/// What is asked for.
pub(super) struct Question<'q> {
    pub(super) url: &'q Url,
    pub(super) authority: &'q str,
    pub(super) agent: &'q HeaderValue,
    /// Whether the answer is for a browser: then the request looks like one's.
    pub(super) as_browser: bool,
    /// The other end.
    pub(super) peer: Peer,
    /// `Proxy-Authorization`, where the proxy reads the request.
    pub(super) authorization: Option<HeaderValue>,
    /// The name that this proxy gives itself.
    pub(super) via: Option<&'q str>,
    /// Octets of the decoded body that are read.
    pub(super) cap: u64,
}

/// What came back, as far as it came.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    pub(super) location: Option<Vec<u8>>,
    pub(super) server: Option<CompactString>,
    pub(super) content_type: Option<CompactString>,
    /// Where `Refresh` sends a browser, as it is written there.
    pub(super) refresh: Option<Box<str>>,
    /// The body, as far as it was read.
    pub(super) body: Option<Body>,
    /// Whether that is all of it.
    pub(super) is_whole: bool,
}

/// Asks, and reads the answer into `answer`. The body of a redirect is not read.
///
/// # Errors
/// [`Failure`] if there was no answer but the proxy's own, or one with content whose body could not be read.
pub(super) async fn exchange(
    wire: Wire,
    question: &Question<'_>,
    answer: &mut Answer,
) -> Result<Outcome, Failure> {
    let request = request(question)?;
    let asked = |error: hyper::Error| failed(Phase::Ask, question.peer, &error);
    let handshake = http1::Builder::new()
        .title_case_headers(true)
        .max_buf_size(MAX_HEAD)
        .max_header_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .handshake(TokioIo::new(Dialogue::new(wire)));
    let (mut sender, connection) = handshake.await.map_err(asked)?;
    beside(connection, async {
        let response = sender.send_request(request).await.map_err(asked)?;
        let outcome = look(&response, question, answer)?;
        if answer.location.is_some() {
            return Ok(outcome);
        }
        // A status that is no success says what it says, whatever becomes of its body.
        let read = read(response, question, answer).await;
        if outcome == Outcome::Content { read.map(|()| outcome) } else { Ok(outcome) }
    })
    .await
}

fn request(question: &Question<'_>) -> Result<Request<Empty<Bytes>>, Failure> {
    let url = question.url;
    // A proxy is asked for the whole URL, a target for what it is of it (RFC 9112 3.2.1 and 3.2.2).
    let target = match question.peer {
        Peer::Proxy => url.as_str(),
        Peer::Origin => &url[Position::BeforePath..Position::AfterQuery],
    };
    let mut request = Request::get(target)
        .header(header::HOST, question.authority)
        .header(header::USER_AGENT, question.agent)
        .header(header::ACCEPT_ENCODING, "gzip, deflate")
        .header(header::CONNECTION, "close");
    if question.as_browser {
        request = request
            .header(header::ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
            .header(header::ACCEPT_LANGUAGE, "en-US,en;q=0.9")
            .header(header::UPGRADE_INSECURE_REQUESTS, "1");
    } else {
        request = request.header(header::ACCEPT, "*/*");
    }
    if let Some(value) = &question.authorization {
        request = request.header(header::PROXY_AUTHORIZATION, value);
    }
    let unsent = |error: hyper::http::Error| {
        let detail = failure::words(format_args!("the url cannot be sent: {error}"));
        Failure { outcome: Outcome::Denied, detail }
    };
    request.body(Empty::new()).map_err(unsent)
}

/// Takes from the head what is kept of it, and says what the answer comes to by it.
fn look(response: &Response<Incoming>, question: &Question<'_>, answer: &mut Answer) -> Result<Outcome, Failure> {
    let headers = response.headers();
    let status = response.status().as_u16();
    let maker = match (question.peer, question.via) {
        (Peer::Origin, _) => Maker::Origin,
        (Peer::Proxy, None) => Maker::Either,
        (Peer::Proxy, Some(name)) if passed(headers, name) => Maker::Passed,
        (Peer::Proxy, Some(_)) => Maker::Proxy,
    };
    let outcome = failure::answered(status, maker);
    if outcome == Outcome::ProxyFailure {
        let detail = failure::words(format_args!("the proxy itself answered {status}"));
        return Err(Failure { outcome, detail });
    }
    let kept = |name: HeaderName| headers.get(name).and_then(|value| clean_bytes(value.as_bytes()));
    answer.status = Some(status);
    answer.server = kept(header::SERVER);
    answer.content_type = kept(header::CONTENT_TYPE);
    let refresh = headers.get(header::REFRESH).map(|value| String::from_utf8_lossy(value.as_bytes()));
    answer.refresh = refresh.as_deref().and_then(chain::refresh).map(Into::into);
    if chain::is_redirect(status) {
        let location = headers.get(header::LOCATION);
        answer.location = Some(location.map(|value| value.as_bytes().to_vec()).unwrap_or_default());
    }
    Ok(outcome)
}

/// Whether an answer has passed a proxy of that name: `1.1 geo-a (tinyproxy/1.11.1)` has passed `geo-a`
/// (RFC 9110 7.6.3).
fn passed(headers: &HeaderMap, name: &str) -> bool {
    let values = headers.get_all(header::VIA).iter().filter_map(|value| value.to_str().ok());
    let mut hops = values.flat_map(|value| value.split(','));
    hops.any(|hop| hop.split_ascii_whitespace().nth(1).is_some_and(|by| by.eq_ignore_ascii_case(name)))
}

async fn read(response: Response<Incoming>, question: &Question<'_>, answer: &mut Answer) -> Result<(), Failure> {
    let encoding = response.headers().get(header::CONTENT_ENCODING).map_or(&[][..], HeaderValue::as_bytes);
    let body = answer.body.insert(Body::new(encoding, question.cap));
    let broken = |sign| Failure::of(Phase::Read, question.peer, sign);
    let mut incoming = response.into_body();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| failed(Phase::Read, question.peer, &error))?;
        if let Some(data) = frame.data_ref() {
            body.push(data).map_err(broken)?;
        }
    }
    body.end().map_err(broken)?;
    answer.is_whole = true;
    Ok(())
}

/// Runs a connection beside what is done with it, in the same task: whoever drops the one drops the other.
async fn beside<T>(connection: impl Future, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        done = &mut work => return done,
        // What it failed of, the work is told too.
        _ = connection => {}
    }
    work.await
}

/// A failure in HTTP. The library wraps errors of the connection; its own are of what the other end sent.
fn failed(phase: Phase, peer: Peer, error: &hyper::Error) -> Failure {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return match failure::sign(inner) {
                // Its decoder of chunks reports what it cannot read as this.
                Sign::Io(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
                    Failure::new(phase, peer, Sign::Garbage, inner)
                }
                sign => Failure::new(phase, peer, sign, inner),
            };
        }
        cause = inner.source();
    }
    let sign = if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        Sign::Cut
    } else {
        Sign::Garbage
    };
    Failure::new(phase, peer, sign, error)
}
