//! What servers of targets send: pages, bodies, redirects, certificates; and the URLs and ways that lead to them.

use std::future::Future;
use std::mem::discriminant;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::TlsFacts;
use panopticon_model::url::mask_mail;
use panopticon_sources::address::is_public;
use panopticon_sources::fetch::Secret;
use panopticon_sources::http::admit::{self, Guard, MAX_URL, Target};
use panopticon_sources::http::body::{Body, BodyFacts};
use panopticon_sources::http::chain::{self, Broken, Chain, MAX_REDIRECTS};
use panopticon_sources::http::failure::Sign;
use panopticon_sources::http::page::{self, Page, PageFacts};
use panopticon_sources::http::{Resolve, ResolveError, Way, certificate};

use super::world::text;

/// A page, cut into pieces in any way, and as what a page does not show.
pub fn http_page(data: &[u8]) {
    let whole = page::read(data);
    check_page(&whole);
    for size in [1, 7, 1444] {
        let mut page = Page::default();
        data.chunks(size).for_each(|piece| page.push(piece));
        assert_eq!(page.finish(), whole, "pieces of {size}");
    }
    hidden(data);
    redirected(data);
}

fn check_page(page: &PageFacts) {
    if let Some(title) = &page.title {
        check_words(title, 200);
    }
    if let Some(refresh) = &page.refresh {
        assert!((1..=MAX_URL).contains(&refresh.len()));
    }
    assert!(page.similarity.is_some() || *page == PageFacts::default(), "what is no text says nothing");
}

/// Words of strangers that are kept are short, on one line, and show no address.
fn check_words(words: &str, most: usize) {
    assert!((1..=most).contains(&words.chars().count()) && words.trim() == words, "{words:?}");
    assert!(!words.contains(char::is_control) && !words.contains(['\u{202e}', '\u{200b}']), "{words:?}");
    assert_eq!(mask_mail(words), words, "an address is shown");
}

/// Whatever stands in a comment or a script, the page around it is the same.
fn hidden(data: &[u8]) {
    const SHOWN: &str = "<title>Bank</title><p>Sign in to your bank\
        <meta http-equiv=refresh content='0; url=https://bank.xx/'>";
    let shown = page::read(SHOWN.as_bytes());
    let inside: String = text(data).chars().filter(|char| !char.is_control()).collect();
    for (begin, end, rest) in
        [("<!-- ", "-->", ""), ("<script>", "</script", ">"), ("<style a='>'>", "</style", "\n>")]
    {
        if !inside.to_ascii_lowercase().contains(end) {
            let page = [begin, &inside, end, rest, SHOWN].concat();
            assert_eq!(page::read(page.as_bytes()), shown, "{begin}{inside}");
        }
    }
}

/// The three ways to send a browser elsewhere.
fn redirected(data: &[u8]) {
    let value = text(data);
    let refresh = chain::refresh(&value);
    if let Some(url) = refresh {
        assert!(!url.is_empty() && url.trim_ascii() == url && value.contains(url), "{value:?}");
    }
    // An element says the same as the header.
    if value.len() < 4000 && !value.contains(|char: char| char.is_control() || "\"&".contains(char)) {
        let page = page::read(format!("<META content=\"{value}\" http-equiv = Refresh>").as_bytes());
        assert_eq!(page.refresh.as_deref(), refresh, "{value:?}");
    }
    let from = admit::read("https://www.bank.xx/a/b?c#d").unwrap();
    let mut chain = Chain::new(&from);
    let mut followed = 0;
    for number in 0..2 * MAX_REDIRECTS {
        let location = [data, format!("{number}").as_bytes()].concat();
        let Ok(to) = chain.follow(&from, Some(&location)) else { continue };
        followed += 1;
        assert_eq!(chain.follow(&from, Some(&location)), Err(Broken::Loop));
        assert!(to.fragment().is_some(), "{to}");
        let _ = admit::target(&to, None);
    }
    assert!(followed <= MAX_REDIRECTS);
}

/// A body, packed or not, cut into pieces in any way, and larger than is read.
pub fn http_body(data: &[u8]) {
    for encoding in ["", "gzip", "deflate"] {
        let (whole, sign) = body(data, encoding, CAP, usize::MAX);
        check_page(&whole.page);
        assert!(whole.length <= CAP);
        for size in [1, 61] {
            let (pieces, end) = body(data, encoding, CAP, size);
            // What was unpacked before something broke depends on the pieces.
            if sign != Some(Sign::Garbage) {
                assert_eq!((pieces, end), (whole.clone(), sign), "{encoding} in pieces of {size}");
            } else {
                assert_eq!(end, sign, "{encoding} in pieces of {size}");
            }
        }
        if sign.is_none() && whole.length > 0 {
            let (exact, end) = body(data, encoding, whole.length, 61);
            assert_eq!((exact, end), (whole.clone(), None), "{encoding}");
            let (less, end) = body(data, encoding, whole.length - 1, 61);
            assert_eq!((less.length, end), (whole.length - 1, Some(Sign::Full)), "{encoding}");
        }
        if encoding.is_empty() && sign.is_none() {
            assert_eq!((whole.length, whole.page), (data.len() as u64, page::read(data)));
        }
    }
}

/// Octets of a body that are read.
const CAP: u64 = 16 << 10;

fn body(data: &[u8], encoding: &str, cap: u64, size: usize) -> (BodyFacts, Option<Sign>) {
    let mut body = Body::new(encoding.as_bytes(), cap);
    let pushed = data.chunks(size).try_for_each(|piece| body.push(piece));
    let sign = pushed.and_then(|()| body.end()).err();
    (body.finish(sign.is_none()), sign)
}

/// A certificate: unreadable, or with names that are fit to be kept; whatever comes behind it.
pub fn http_certificate(data: &[u8]) {
    let facts = certificate::read(data, None);
    if let Some(error) = &facts.error {
        assert!(matches!(error.as_str(), "malformed" | "too-large"));
        assert_eq!(facts, TlsFacts { error: Some(error.clone()), ..TlsFacts::default() });
        return;
    }
    let parts = |name: &CompactString| name.is_empty() || name.starts_with("CN=") || name.starts_with("O=");
    for name in [&facts.subject, &facts.issuer].into_iter().filter(|name| !name.is_empty()) {
        assert!(parts(name), "{name}");
        check_words(name, 2 * 200 + "CN=, O=".len());
    }
    assert_eq!(certificate::read(&[data, b"behind"].concat(), None), facts);
    assert_eq!(certificate::read(&data[..data.len().min(8)], None).error.as_deref(), Some("malformed"));
}

/// A URL through the guard: what is admitted has a public address, a port of ours, and nothing in it that is not sent.
pub fn http_url(data: &[u8]) {
    let text = text(data);
    let Ok(url) = admit::read(&text) else { return };
    assert!(text.len() <= MAX_URL);
    for own_port in [None, url.port(), Some(22)] {
        let Ok((host, port)) = admit::target(&url, own_port) else { continue };
        assert_eq!(admit::read(url.as_str()).as_ref(), Ok(&url), "{text:?}");
        let is_own = own_port == Some(port) && port >= 1024;
        assert!(is_own || [80, 443, 8080, 8443].contains(&port), "{url}");
        let admitted = ready(Guard::default().admit(&url, own_port, &Inside));
        match &host {
            Target::Name(name) => {
                assert_eq!(name.as_str().parse::<IpAddr>().ok(), None, "an address for a name: {url}");
                assert_eq!(url.host_str().map(|host| host.trim_end_matches('.')), Some(name.as_str()));
                assert!(admitted.is_ok(), "{admitted:?}");
            }
            Target::Address(address) => assert_eq!(admitted.is_ok(), is_public(*address), "{url}"),
        }
        let Ok(admitted) = admitted else { continue };
        assert!(!admitted.addresses().is_empty() && admitted.addresses().iter().all(|ip| is_public(*ip)));
        assert_eq!((admitted.host(), admitted.port()), (&host, port));
        let sent = admitted.url();
        assert!(sent.username().is_empty() && sent.password().is_none() && sent.fragment().is_none(), "{sent}");
        assert!(matches!(sent.scheme(), "http" | "https") && !admitted.authority().contains(['@', '/', '?', '#']));
    }
}

/// A resolver that leads into our own network, and out of it by one address only.
struct Inside;

impl Resolve for Inside {
    async fn resolve(&self, _: &HostName) -> Result<Vec<IpAddr>, ResolveError> {
        let private = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(169, 254, 169, 254)];
        let mapped = IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped());
        let own = private.map(IpAddr::V4).into_iter().chain([IpAddr::V6(Ipv6Addr::LOCALHOST), mapped]);
        Ok(own.chain([IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9))]).collect())
    }
}

/// What comes of a future that waits for nothing.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing has to wait here"),
    }
}

/// A way: what is shown of it is read as the same without its credentials, and no secret is shown.
pub fn http_way(data: &[u8]) {
    const SECRET: &str = "hidden0word";
    let text = text(data);
    if let Ok(way) = text.parse::<Way>() {
        let shown = way.to_string();
        let again: Way = shown.parse().unwrap_or_else(|error| panic!("{error}: {shown:?}"));
        assert_eq!((discriminant(&again), again.to_string()), (discriminant(&way), shown));
        let place = |way: &Way| way.proxy().map(|proxy| (proxy.host.clone(), proxy.port));
        assert_eq!(place(&again), place(&way));
        assert!(again.proxy().is_none_or(|proxy| proxy.credentials.is_none() && proxy.via.is_none()));
    }
    if text.contains(SECRET) {
        return;
    }
    let with = Way::with_secret(&text, Some(&Secret::new(SECRET)));
    let shown = format!("{with:?} {}", with.as_ref().map_or_else(ToString::to_string, ToString::to_string));
    assert!(!shown.contains(SECRET), "{shown}");
    // It does not depend on the secret what else is right.
    let without = Way::with_secret(&text, None);
    assert_eq!(without.map(|way| way.to_string()), with.map(|way| way.to_string()));
}
