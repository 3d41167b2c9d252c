//! Redirects and where pages send browsers.

use panopticon_sources::http::admit::Denial;
use panopticon_sources::http::chain::{Broken, Chain, MAX_REDIRECTS, is_redirect, refresh};
use proptest::prelude::{any, prop_assert, proptest};
use url::Url;

#[test]
fn redirects_are_read_as_browsers_read_them() {
    let from: Url = "https://a.xx:8443/x/y?q#top".parse().unwrap();
    for (location, expected) in [
        (&b"z"[..], Ok("https://a.xx:8443/x/z#top")),
        (b"/z#end", Ok("https://a.xx:8443/z#end")),
        (b"//b.xx", Ok("https://b.xx/#top")),
        (b"http:\\\\b.xx\\z", Ok("http://b.xx/z#top")),
        (b"\thttp://b.xx/\n", Ok("http://b.xx/#top")),
        ("http://bücher.xx/ü".as_bytes(), Ok("http://xn--bcher-kva.xx/%C3%BC#top")),
        (b"http://b.xx/\xfc", Ok("http://b.xx/%C3%BC#top")),
        (b"javascript:alert(1)", Ok("javascript:alert(1)#top")),
        (b"", Err(Broken::NoLocation)),
        (b"http://[", Err(Broken::Denied(Denial::NotUrl))),
        (b"?q", Err(Broken::Loop)),
        (b"#other", Err(Broken::Loop)),
    ] {
        let to = Chain::new(&from).follow(&from, Some(location));
        assert_eq!(to.as_ref().map(Url::as_str).map_err(|broken| *broken), expected, "{location:?}");
    }
    let long = vec![b'x'; 8193];
    assert_eq!(Chain::new(&from).follow(&from, Some(&long)), Err(Broken::Denied(Denial::TooLong)));
    assert_eq!(Chain::new(&from).follow(&from, None), Err(Broken::NoLocation));
    assert!([301, 302, 303, 307, 308].into_iter().all(is_redirect));
    assert!(![200, 300, 304, 305, 306, 309, 404].into_iter().any(is_redirect));
}

#[test]
fn redirects_end() {
    let mut url: Url = "http://a.xx/0".parse().unwrap();
    let mut chain = Chain::new(&url);
    for number in 1..=MAX_REDIRECTS {
        url = chain.follow(&url, Some(number.to_string().as_bytes())).unwrap();
    }
    assert_eq!(chain.follow(&url, Some(b"11")), Err(Broken::TooMany));
    assert_eq!(chain.follow(&url, Some(b"3")), Err(Broken::Loop));
}

#[test]
fn where_pages_send_browsers() {
    for (value, expected) in [
        ("0;url=https://a.xx/", Some("https://a.xx/")),
        ("0; URL='https://a.xx/'x", Some("https://a.xx/")),
        (" 5.5 , url = \"/x y\" ", Some("/x y")),
        ("0;https://a.xx/", Some("https://a.xx/")),
        ("0 /x", Some("/x")),
        ("0;url=\"/unclosed", Some("/unclosed")),
        ("0;urls", Some("urls")),
        (".5;url=/x", Some("/x")),
        ("0", None),
        ("5;", None),
        ("0;url=", None),
        ("0;url=''", None),
        ("5x;url=/x", None),
        ("url=/x", None),
        ("soon;url=/x", None),
        ("", None),
        ("0;ürl=/x", Some("ürl=/x")),
    ] {
        assert_eq!(refresh(value), expected, "{value:?}");
    }
}

proptest! {
    #[test]
    fn any_value_sends_somewhere_or_nowhere(value in "[0-9.]{0,3}[;, ]{0,3}(url)?[ =]{0,2}['\"]?\\PC{0,20}") {
        prop_assert!(refresh(&value).is_none_or(|url| !url.is_empty() && value.contains(url)));
    }

    #[test]
    fn any_location_is_followed_or_not(location in proptest::collection::vec(any::<u8>(), 0..60)) {
        let from: Url = "http://a.xx/".parse().unwrap();
        let mut chain = Chain::new(&from);
        if let Ok(to) = chain.follow(&from, Some(&location)) {
            prop_assert!(chain.follow(&to, Some(to.as_str().as_bytes())).is_err());
        }
    }
}
