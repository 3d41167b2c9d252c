//! Where the service of a TLD is, and what opens it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use panopticon_model::name::HostName;
use reqwest::header::HeaderValue;
use url::{Host, Url};

use crate::fetch::{FetchError, Secret};

/// The RDAP service of a TLD.
#[derive(Clone, Debug)]
pub struct Service {
    /// The URL to which `domain/NAME` is joined: https, or http on loopback where that is allowed.
    pub base: Url,
    /// What opens it.
    pub credentials: Credentials,
}

/// What opens a service. Sent to the origin of its base URL only, never to where it redirects.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// It is open.
    #[default]
    None,
    /// A user and a password (RFC 7617, as RFC 7481 3.2.1 has it).
    Basic {
        /// The user; has no colon.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that was given to us (RFC 6750 2.1).
    Bearer(Secret),
}

/// A service that cannot be asked. Correct the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RdapError {
    /// Anybody between could read the answer and the credentials.
    #[error("the RDAP service `{0}` is not https")]
    NotHttps(Url),
    /// A user or password in the URL would show in every message.
    #[error("the URL of the RDAP service at `{0}` holds a user or a password: give them as credentials")]
    InUrl(String),
    /// The credentials cannot be sent.
    #[error("the credentials of the RDAP service `{base}`: {what}; correct the secrets file")]
    Credentials {
        /// Of which service.
        base: Url,
        /// What is wrong.
        what: &'static str,
    },
    /// The client cannot be set up.
    #[error(transparent)]
    Network(#[from] FetchError),
}

/// A checked service.
#[derive(Debug)]
pub(super) struct Base {
    url: Url,
    /// The value of `Authorization`.
    authorization: Option<HeaderValue>,
}

impl Base {
    pub(super) fn new(service: &Service, allow_loopback: bool) -> Result<Base, RdapError> {
        let mut url = service.base.clone();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RdapError::InUrl(url.host_str().unwrap_or_default().to_owned()));
        }
        if !is_private(&url, allow_loopback) {
            return Err(RdapError::NotHttps(url));
        }
        url.set_query(None);
        url.set_fragment(None);
        let authorization =
            header(&service.credentials).map_err(|what| RdapError::Credentials { base: url.clone(), what })?;
        Ok(Base { url, authorization })
    }

    /// The question for a domain (RFC 9082 3.1.3).
    pub(super) fn question(&self, domain: &HostName) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["domain", domain.as_str()]);
        }
        url
    }

    /// Whether a URL is of the service itself, and not of somewhere else to which it redirects.
    pub(super) fn is_at(&self, url: &Url) -> bool {
        self.url.origin() == url.origin()
    }

    /// The value of `Authorization` for a request to `url`.
    pub(super) fn authorization(&self, url: &Url) -> Option<HeaderValue> {
        self.authorization.clone().filter(|_| self.is_at(url))
    }
}

fn header(credentials: &Credentials) -> Result<Option<HeaderValue>, &'static str> {
    let text = match credentials {
        Credentials::None => return Ok(None),
        Credentials::Basic { user, .. } if user.contains(':') => return Err("a user has no colon"),
        Credentials::Basic { user, password } => {
            format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose())))
        }
        Credentials::Bearer(token) if token.expose().is_empty() => return Err("the token is empty"),
        Credentials::Bearer(token) => format!("Bearer {}", token.expose()),
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| "they have a character that cannot be sent")?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Whether nobody between can read what is sent: https, or on loopback if that is allowed.
fn is_private(url: &Url, allow_loopback: bool) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => allow_loopback && is_loopback,
        _ => false,
    }
}

/// Whether a redirect from one URL to another is followed: never to less privacy, and to a bare address only on
/// the same host, since an answer of a stranger must not make us ask inside of our own network.
pub(super) fn may_follow(from: &Url, to: &Url, allow_loopback: bool) -> bool {
    let is_worse = from.scheme() == "https" && to.scheme() != "https";
    let is_name = matches!(to.host(), Some(Host::Domain(_)));
    is_private(to, allow_loopback) && !is_worse && (is_name || to.host() == from.host())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;

    fn base(url: &str, allow_loopback: bool, credentials: Credentials) -> Result<Base, RdapError> {
        Base::new(&Service { base: url.parse().unwrap(), credentials }, allow_loopback)
    }

    #[test]
    fn services_are_private() {
        for (url, is_fine, is_fine_for_tests) in [
            ("https://rdap.nic.example/", true, true),
            ("https://192.0.2.1:8443/rdap", true, true),
            ("http://rdap.nic.example/", false, false),
            ("http://127.0.0.1:3000/rdap", false, true),
            ("http://[::1]/rdap", false, true),
            ("http://localhost/rdap", false, false),
            ("http://192.0.2.1/", false, false),
            ("https://user@rdap.nic.example/", false, false),
            ("https://:password@rdap.nic.example/", false, false),
            ("ftp://rdap.nic.example/", false, false),
            ("data:text/plain,x", false, false),
        ] {
            assert_eq!(base(url, false, Credentials::None).is_ok(), is_fine, "{url}");
            assert_eq!(base(url, true, Credentials::None).is_ok(), is_fine_for_tests, "{url}");
        }
    }

    #[test]
    fn questions() {
        let domain = HostName::parse("bücher.xx").unwrap();
        for (url, question) in [
            ("https://nic.example", "https://nic.example/domain/xn--bcher-kva.xx"),
            ("https://nic.example/rdap/", "https://nic.example/rdap/domain/xn--bcher-kva.xx"),
            ("https://nic.example/rdap?x=1#y", "https://nic.example/rdap/domain/xn--bcher-kva.xx"),
        ] {
            assert_eq!(base(url, false, Credentials::None).unwrap().question(&domain).as_str(), question);
        }
    }

    #[test]
    fn credentials_become_a_header_or_an_error_that_does_not_show_them() {
        let basic = |user: &str, password: &str| Credentials::Basic {
            user: user.to_owned(),
            password: Secret::new(password),
        };
        for (credentials, expected) in [
            (Credentials::None, Ok(None)),
            (basic("arke", "open sesame"), Ok(Some("Basic YXJrZTpvcGVuIHNlc2FtZQ=="))),
            (Credentials::Bearer(Secret::new(" abc.def ")), Ok(Some("Bearer abc.def"))),
            (basic("ar:ke", "sesame"), Err(())),
            (Credentials::Bearer(Secret::new("")), Err(())),
            (Credentials::Bearer(Secret::new("sesame\r\nX: y")), Err(())),
        ] {
            let shown = format!("{credentials:?}");
            let base = base("https://nic.example/", false, credentials);
            let shown = format!("{shown} {base:?}");
            assert!(!shown.contains("sesame") && !shown.contains("abc.def") && !shown.contains("YXJr"), "{shown}");
            let url = "https://nic.example/x".parse().unwrap();
            let header = base.map(|base| base.authorization(&url)).map_err(|_| ());
            assert_eq!(header, expected.map(|text| text.map(HeaderValue::from_static)));
        }
    }

    #[test]
    fn credentials_stay_at_their_origin() {
        let base = base("https://nic.example/rdap", false, Credentials::Bearer(Secret::new("t"))).unwrap();
        for (url, is_sent) in [
            ("https://nic.example/elsewhere", true),
            ("https://nic.example:443/", true),
            ("https://nic.example:8443/", false),
            ("http://nic.example/", false),
            ("https://rdap.nic.example/", false),
        ] {
            assert_eq!(base.authorization(&url.parse().unwrap()).is_some(), is_sent, "{url}");
        }
    }

    #[test]
    fn redirects_lead_to_names_over_https() {
        for (from, to, is_followed) in [
            ("https://a.example/", "https://b.example/x", true),
            ("https://192.0.2.1/", "https://192.0.2.1/x", true),
            ("https://a.example/", "https://192.0.2.1/", false),
            ("https://a.example/", "https://[::1]/", false),
            ("https://a.example/", "http://a.example/", false),
            ("https://a.example/", "http://127.0.0.1/", false),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", true),
            ("http://127.0.0.1/", "http://a.example/", false),
            ("https://a.example/", "ftp://a.example/", false),
        ] {
            assert_eq!(may_follow(&from.parse().unwrap(), &to.parse().unwrap(), true), is_followed, "{from} {to}");
        }
    }
}
