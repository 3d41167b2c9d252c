//! Where a service is, and to where it may send us.

use panopticon_model::name::HostName;
use reqwest::Url;
use url::Host;

use super::RdapError;

/// The base URL of a service, checked.
#[derive(Clone, Debug)]
pub(super) struct Base(Url);

impl Base {
    /// Checks a base URL: https, or http to a loopback address.
    pub(super) fn new(mut url: Url) -> Result<Base, RdapError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RdapError::Setup("the URL has a user or a password, which every message would show"));
        }
        let is_private = match url.scheme() {
            "https" => url.has_host(),
            "http" => is_loopback(&url),
            _ => false,
        };
        if !is_private {
            return Err(RdapError::Setup(
                "the URL is not https, nor http to a loopback address such as 127.0.0.1",
            ));
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok(Base(url))
    }

    /// The question for a domain (RFC 9082, 3.1.3).
    pub(super) fn question(&self, domain: &HostName) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["domain", domain.as_str()]);
        }
        url
    }

    /// Whether a URL is of the service itself: the same scheme, host and port.
    pub(super) fn is_at(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// To where a redirect from `from` leads: never to less privacy, and to a bare address only on the same host, since
    /// the answer of a stranger must not make us ask inside of our own network.
    pub(super) fn follow(&self, from: &Url, location: Option<&str>) -> Result<Url, RdapError> {
        let location = location.ok_or(RdapError::Redirect("to nowhere"))?;
        let to = from.join(location).map_err(|_| RdapError::Redirect("to something that is no URL"))?;
        let is_private = match to.scheme() {
            "https" => to.has_host(),
            "http" => from.scheme() == "http" && self.0.scheme() == "http" && is_loopback(&to),
            _ => false,
        };
        if !is_private {
            return Err(RdapError::Redirect("to what is not https"));
        }
        if !to.username().is_empty() || to.password().is_some() {
            return Err(RdapError::Redirect("to a URL with a user or a password"));
        }
        let is_name = matches!(to.host(), Some(Host::Domain(_)));
        if is_name || to.host() == from.host() { Ok(to) } else { Err(RdapError::Redirect("to a bare address")) }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_private() {
        for (url, is_fine) in [
            ("https://rdap.nic.example/", true),
            ("https://192.0.2.1:8443/rdap", true),
            ("http://127.0.0.1:3000/rdap", true),
            ("http://[::1]/rdap", true),
            ("http://rdap.nic.example/", false),
            ("http://localhost/rdap", false),
            ("http://192.0.2.1/", false),
            ("https://user@rdap.nic.example/", false),
            ("https://:password@rdap.nic.example/", false),
            ("ftp://rdap.nic.example/", false),
            ("data:text/plain,x", false),
        ] {
            assert_eq!(Base::new(url.parse().unwrap()).is_ok(), is_fine, "{url}");
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
            assert_eq!(Base::new(url.parse().unwrap()).unwrap().question(&domain).as_str(), question);
        }
    }

    #[test]
    fn credentials_stay_at_their_origin() {
        let base = Base::new("https://nic.example/rdap".parse().unwrap()).unwrap();
        for (url, is_sent) in [
            ("https://nic.example/elsewhere", true),
            ("https://nic.example:443/", true),
            ("https://nic.example:8443/", false),
            ("http://nic.example/", false),
            ("https://rdap.nic.example/", false),
        ] {
            assert_eq!(base.is_at(&url.parse().unwrap()), is_sent, "{url}");
        }
    }

    #[test]
    fn redirects_lead_to_names_over_https() {
        for (from, to, is_followed) in [
            ("https://a.example/", "https://b.example/x", true),
            ("https://a.example/x", "/y", true),
            ("https://192.0.2.1/", "https://192.0.2.1/x", true),
            ("https://a.example/", "https://192.0.2.1/", false),
            ("https://a.example/", "https://[::1]/", false),
            ("https://a.example/", "http://a.example/", false),
            ("https://a.example/", "http://127.0.0.1/", false),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", true),
            ("http://127.0.0.1/", "https://a.example/", true),
            ("http://127.0.0.1/", "http://a.example/", false),
            ("https://a.example/", "https://user@b.example/", false),
            ("https://a.example/", "ftp://a.example/", false),
            ("https://a.example/", "https://", false),
        ] {
            let from: Url = from.parse().unwrap();
            let base = Base::new(from.clone()).unwrap();
            assert_eq!(base.follow(&from, Some(to)).is_ok(), is_followed, "{from} {to}");
        }
    }
}
