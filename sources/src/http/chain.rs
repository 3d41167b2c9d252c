//! Redirects: where an answer sends us, and when that is enough. Nothing is opened here.
//!
//! The step from https to http is allowed and stands in the list of hops. What a page asks a browser to do later
//! (`Refresh`, its meta element) is data and never followed.

use std::collections::HashSet;

use panopticon_model::observation::Outcome;
use url::Url;

use super::admit::{self, Denial};

/// Redirects that are followed.
pub const MAX_REDIRECTS: usize = 10;

/// The way from URL to URL, so far.
#[derive(Clone, Debug)]
pub struct Chain {
    visited: HashSet<String>,
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// More than [`MAX_REDIRECTS`].
    #[error("more than {MAX_REDIRECTS} redirects")]
    TooMany,
    /// Back to a URL that was there before.
    #[error("a redirect back to where it came from")]
    Loop,
    /// Without a target, or with a status that has none.
    #[error("a redirect to nowhere")]
    NoLocation,
    /// To something that is not fetched.
    #[error("a redirect that is not followed: {0}")]
    Denied(#[from] Denial),
}

impl Broken {
    /// What a fetch comes to that ends this way.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Broken::TooMany => Outcome::TooManyRedirects,
            Broken::Loop => Outcome::RedirectLoop,
            Broken::NoLocation | Broken::Denied(_) => Outcome::BadRedirect,
        }
    }
}

impl Chain {
    /// A chain that begins with a URL.
    #[must_use]
    pub fn new(first: &Url) -> Chain {
        Chain { visited: HashSet::from([identity(first)]) }
    }

    /// Where a redirect leads that the answer of `from` asks for; `location` is the value of the header.
    ///
    /// A `Location` without a fragment keeps that of `from` (RFC 9110 10.2.2); it is never sent.
    ///
    /// # Errors
    /// [`Broken`] if it is not followed. Whether its target may be fetched is for the guard to say.
    pub fn follow(&mut self, from: &Url, location: Option<&[u8]>) -> Result<Url, Broken> {
        let location = text(location.filter(|location| !location.is_empty()).ok_or(Broken::NoLocation)?);
        if location.len() > admit::MAX_URL {
            return Err(Denial::TooLong.into());
        }
        let mut to = from.join(&location).map_err(|_| Denial::NotUrl)?;
        if to.fragment().is_none() {
            to.set_fragment(from.fragment());
        }
        if self.visited.contains(&identity(&to)) {
            return Err(Broken::Loop);
        }
        if self.visited.len() > MAX_REDIRECTS {
            return Err(Broken::TooMany);
        }
        self.visited.insert(identity(&to));
        Ok(to)
    }
}

/// Whether a status sends us elsewhere (RFC 9110 15.4).
#[must_use]
pub fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// A URL as it is sent.
fn identity(url: &Url) -> String {
    admit::bare(url).into()
}

/// Browsers read a `Location` as UTF-8 if it is that, and octet by octet if not.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// The URL that a `Refresh` header or meta element names: `5; url=https://a.example/`. None if it only asks to load
/// the page again, or cannot be read (HTML, "shared declarative refresh steps").
#[must_use]
pub fn refresh(value: &str) -> Option<&str> {
    let is_blank = |char: char| char.is_ascii_whitespace();
    let value = value.trim_start_matches(is_blank);
    let rest = value.trim_start_matches(|char: char| char.is_ascii_digit() || char == '.');
    let has_wait = rest.len() < value.len();
    if !has_wait || !rest.starts_with(|char| is_blank(char) || matches!(char, ';' | ',')) {
        return None;
    }
    let rest = rest.trim_start_matches(is_blank);
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start_matches(is_blank);
    let named = rest.split_at_checked(3).filter(|(word, _)| word.eq_ignore_ascii_case("url"));
    let named = named.and_then(|(_, url)| url.trim_start_matches(is_blank).strip_prefix('='));
    let url = named.map_or(rest, |url| url.trim_start_matches(is_blank));
    let quoted = url.strip_prefix('"').map(|url| (url, '"')).or(url.strip_prefix('\'').map(|url| (url, '\'')));
    let url = quoted.map_or(url, |(url, quote)| url.split(quote).next().unwrap_or(url));
    let url = url.trim_matches(is_blank);
    (!url.is_empty()).then_some(url)
}
