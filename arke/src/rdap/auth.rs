//! What opens an RDAP service.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Identity;
use reqwest::header::HeaderValue;

use super::RdapError;
use crate::config::Secret;

/// What opens a service. It goes to the origin of the base URL only, never to where that redirects.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// It is open.
    #[default]
    None,
    /// A user and a password (RFC 7617, as RFC 7481, 3.2.1, has it).
    Basic {
        /// The user; has no colon.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that was given to us (RFC 6750, 2.1).
    Bearer(Secret),
    /// A client certificate (RFC 7481, 3.2.2).
    Certificate {
        /// The certificate and those between it and its authority, PEM.
        chain: String,
        /// Its private key, PEM.
        key: Secret,
    },
}

impl Auth {
    /// The value of `Authorization`, if there is one.
    pub(super) fn header(&self) -> Result<Option<HeaderValue>, RdapError> {
        let text = match self {
            Auth::None | Auth::Certificate { .. } => return Ok(None),
            Auth::Basic { user, .. } if user.contains(':') => return Err(RdapError::Setup("a user has no colon")),
            Auth::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.reveal())))
            }
            Auth::Bearer(token) if token.reveal().trim().is_empty() => {
                return Err(RdapError::Setup("the token is empty"));
            }
            Auth::Bearer(token) => format!("Bearer {}", token.reveal().trim()),
        };
        let mut value = HeaderValue::try_from(text)
            .map_err(|_| RdapError::Setup("the token has a character that cannot be sent"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// The client certificate, if there is one.
    pub(super) fn identity(&self) -> Result<Option<Identity>, RdapError> {
        let Auth::Certificate { chain, key } = self else { return Ok(None) };
        let wrong = |_| RdapError::Setup("the certificate and its key are not PEM, or do not belong together");
        Identity::from_pem(format!("{chain}\n{}\n", key.reveal()).as_bytes()).map(Some).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_a_header_or_an_error_that_does_not_show_them() {
        let basic = |user: &str| Auth::Basic { user: user.to_owned(), password: Secret::new("open sesame\n") };
        for (auth, expected) in [
            (Auth::None, Ok(None)),
            (basic("arke"), Ok(Some("Basic YXJrZTpvcGVuIHNlc2FtZQ=="))),
            (basic("ar:ke"), Err("a user has no colon")),
            (Auth::Bearer(Secret::new(" abc.def ")), Ok(Some("Bearer abc.def"))),
            (Auth::Bearer(Secret::new("")), Err("the token is empty")),
            (Auth::Bearer(Secret::new("sesame\r\nX: y")), Err("the token has a character that cannot be sent")),
            (Auth::Certificate { chain: "c".to_owned(), key: Secret::new("sesame") }, Ok(None)),
        ] {
            let header = auth.header();
            let shown = format!("{auth:?} {header:?} {:?}", auth.identity().err());
            assert!(!["sesame", "abc.def", "YXJr"].iter().any(|secret| shown.contains(secret)), "{shown}");
            match (header, expected) {
                (Ok(header), Ok(expected)) => assert_eq!(header, expected.map(HeaderValue::from_static)),
                (Err(RdapError::Setup(what)), Err(expected)) => assert_eq!(what, expected),
                (header, expected) => panic!("{header:?} {expected:?}"),
            }
        }
    }

    #[test]
    fn a_certificate_that_is_none_is_an_error() {
        let auth = Auth::Certificate { chain: "c".to_owned(), key: Secret::new("k") };
        assert!(matches!(auth.identity(), Err(RdapError::Setup(_))));
    }
}
