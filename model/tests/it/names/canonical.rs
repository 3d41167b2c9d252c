//! The canonical form of a URL, as the identity of an observable.

use panopticon_model::name::{HostName, NameError};
use panopticon_model::url::{CanonicalUrl, Scheme, UrlError, UrlHost};

#[track_caller]
fn check(raw: &str, canonical: &str) {
    let parsed = CanonicalUrl::parse(raw).map(|url| url.canonical);
    assert_eq!(parsed, Ok(canonical.to_owned()), "{raw:?}");
    let again = CanonicalUrl::parse(canonical).map(|url| url.canonical);
    assert_eq!(again, Ok(canonical.to_owned()), "{raw:?} twice");
}

#[track_caller]
fn refuse(raw: &str, error: UrlError) {
    assert_eq!(CanonicalUrl::parse(raw).map(|url| url.canonical), Err(error), "{raw:?}");
}

#[test]
fn parts() {
    let url = CanonicalUrl::parse("HTTPS://user:pw@WWW.Evil.zz:8443/a/../b?q=1#frag").unwrap();
    assert_eq!(url.canonical, "https://www.evil.zz:8443/b?q=1");
    assert_eq!((url.scheme, url.port, url.had_userinfo), (Scheme::Https, Some(8443), true));
    assert_eq!(url.path_and_query(), "/b?q=1");
    assert_eq!(url.host.name().map(HostName::as_str), Some("www.evil.zz"));
    let url = CanonicalUrl::parse("http://evil.zz").unwrap();
    assert_eq!((url.path_and_query(), url.port, url.had_userinfo), ("/", None, false));
}

#[test]
fn schemes() {
    check("http://evil.zz/", "http://evil.zz/");
    check("https://evil.zz/", "https://evil.zz/");
    check("FTP://evil.zz/x", "ftp://evil.zz/x");
    check("evil.zz/path", "http://evil.zz/path");
    check("evil.zz", "http://evil.zz/");
    check("//evil.zz/x", "http://evil.zz/x");
    check("\\\\evil.zz\\x", "http://evil.zz/x");
    check("evil.zz:8080/x", "http://evil.zz:8080/x");
    check("evil.zz:8080", "http://evil.zz:8080/");
    check("[::1]/x", "http://[::1]/x");
    check("evil.zz/a:b", "http://evil.zz/a:b");
    check("http:evil.zz", "http://evil.zz/");
    check("http:/evil.zz", "http://evil.zz/");
    check("user@evil.zz/x", "http://evil.zz/x");
    for other in
        ["mailto:a@evil.zz", "javascript:alert(1)", "data:text/html,x", "tcp://evil.zz:1/", "hxxp://evil.zz"]
    {
        refuse(other, UrlError::UnsupportedScheme);
    }
}

#[test]
fn addresses_in_every_spelling() {
    for (spelling, address) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("4294967295", "255.255.255.255"),
        ("276.2.3", "20.2.0.3"),
        ("256.1.1.1", "0.1.1.1"),
        ("%31%32%37.0.0.1", "127.0.0.1"),
        ("１２７.０.０.１", "127.0.0.1"),
        ("127。0。0。1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[0:0::0:1]", "[::1]"),
        ("[2001:0DB8:0000::1]", "[2001:db8::1]"),
        ("[::ffff:1.2.3.4]", "1.2.3.4"),
        ("[::FFFF:102:304]", "1.2.3.4"),
        ("[64:ff9b::1.2.3.4]", "1.2.3.4"),
        ("[::192.9.5.5]", "[::c009:505]"),
    ] {
        check(&format!("http://{spelling}/x"), &format!("http://{address}/x"));
        let url = CanonicalUrl::parse(&format!("https://{spelling}:8443")).unwrap();
        assert!(matches!(url.host, UrlHost::Address(_)), "{spelling}");
        assert_eq!(url.canonical, format!("https://{address}:8443/"));
    }
    // numbers that are no address are names, and then have no known TLD
    for name in ["4294967296", "1.2.3.4.5", "a.b.1", "1.2.3.08", "1.2.3.0x", "0x", "1.2.3.4294967296"] {
        let url = CanonicalUrl::parse(&format!("http://{name}/")).unwrap();
        assert_eq!(url.host.name().map(HostName::as_str), Some(name));
    }
    for wrong in ["[::1", "[::1%25eth0]", "[fe80::1%eth0]", "[1.2.3.4]", "[]", "[::1]x", "[:::1]", "[g::1]"] {
        refuse(&format!("http://{wrong}/"), UrlError::Address);
    }
    refuse("http://::1/", UrlError::Name(NameError::Character(':')));
    refuse("http://1%3A2/", UrlError::Name(NameError::Character(':')));
}

#[test]
fn hosts_listed_without_a_url() {
    for (text, shown) in [("::1", "::1"), ("[::1]", "::1"), ("1.2.3.4", "1.2.3.4"), ("EVIL.zz", "evil.zz")] {
        assert_eq!(UrlHost::parse(text).unwrap().to_string(), shown);
    }
    assert_eq!(UrlHost::parse(""), Err(UrlError::EmptyHost));
    assert_eq!(UrlHost::parse("a:80"), Err(UrlError::Name(NameError::Character(':'))));
}

#[test]
fn names_in_every_spelling() {
    check("http://EXAMPLE.com./", "http://example.com/");
    check("http://ex%61mple.com/", "http://example.com/");
    check("http://ex%2561mple.com/", "http://example.com/");
    check("http://ｅｘａｍｐｌｅ．ｃｏｍ/", "http://example.com/");
    check("http://ex\u{AD}ample.com/", "http://example.com/");
    check("http://ex\tam\r\nple.com/", "http://example.com/");
    check("http:\\\\example.com\\a\\b", "http://example.com/a/b");
    check("http://example。com/", "http://example.com/");
    check("http://faß.de/", "http://xn--fa-hia.de/");
    check("http://xn--bcher-kva.zz/", "http://xn--bcher-kva.zz/");
    check("http://bücher.zz/", "http://xn--bcher-kva.zz/");
    check("http://b%C3%BCcher.zz/", "http://xn--bcher-kva.zz/");
    check("http://a_b.zz/", "http://a_b.zz/");
    check("http://☃.zz/", "http://xn--n3h.zz/");
    check("http://xn--0.zz/", "http://xn--0.zz/");
    check("http://evil.faketld/", "http://evil.faketld/");
    refuse("http://www..example.com/phishing", UrlError::EmptyLabel);
    refuse("http://google...com/", UrlError::EmptyLabel);
    refuse("http://.evil.zz/", UrlError::EmptyLabel);
    refuse("http://evil.zz../", UrlError::EmptyLabel);
    refuse("http://evil\u{202E}.zz/", UrlError::Name(NameError::Unicode));
    refuse("http://ev il.zz/", UrlError::Name(NameError::Character(' ')));
    refuse("http://ev%20il.zz/", UrlError::Name(NameError::Character(' ')));
    refuse("http://a.zz%2Fb.zz/", UrlError::Name(NameError::Character('/')));
    refuse("http://a.zz%40b.zz/", UrlError::Name(NameError::Character('@')));
    refuse("http://ev%FFil.zz/", UrlError::Encoding);
    refuse(&format!("http://{}.zz/", "a".repeat(64)), UrlError::Name(NameError::LabelTooLong(64)));
    refuse(&format!("http://{}zz/", "a.".repeat(200)), UrlError::Name(NameError::NameTooLong(402)));
}

#[test]
fn user_information_is_dropped_and_noted() {
    for raw in [
        "http://good.zz@evil.zz/",
        "http://user:pass@evil.zz/",
        "http://a@b@evil.zz/",
        "http://@evil.zz/",
        "http://good.zz%2F@evil.zz/",
        "http://good.zz:80@evil.zz",
    ] {
        let url = CanonicalUrl::parse(raw).unwrap();
        assert_eq!((url.canonical.as_str(), url.had_userinfo), ("http://evil.zz/", true), "{raw}");
    }
    let url = CanonicalUrl::parse("http://good.zz\\@evil.zz/").unwrap();
    assert_eq!((url.canonical.as_str(), url.had_userinfo), ("http://good.zz/@evil.zz/", false));
    let url = CanonicalUrl::parse("http://good.zz/@evil.zz").unwrap();
    assert_eq!((url.canonical.as_str(), url.had_userinfo), ("http://good.zz/@evil.zz", false));
}

#[test]
fn ports() {
    check("http://evil.zz:80/", "http://evil.zz/");
    check("http://evil.zz:443/", "http://evil.zz:443/");
    check("https://evil.zz:443/", "https://evil.zz/");
    check("ftp://evil.zz:21/", "ftp://evil.zz/");
    check("http://evil.zz:/", "http://evil.zz/");
    check("http://evil.zz:0080/", "http://evil.zz/");
    check("http://evil.zz:65535/", "http://evil.zz:65535/");
    check("http://[::1]:8080/", "http://[::1]:8080/");
    for port in ["0", "00", "65536", "99999", "99999999999999999999", "8a", "-1", "+80", " 80", "%38%30", "٣"] {
        refuse(&format!("http://evil.zz:{port}/"), UrlError::Port);
    }
    refuse("http://evil.zz:80:80/", UrlError::Name(NameError::Character(':')));
}

#[test]
fn paths_and_queries() {
    check("http://evil.zz?q", "http://evil.zz/?q");
    check("http://evil.zz/q?", "http://evil.zz/q?");
    check("http://evil.zz/q?r?s", "http://evil.zz/q?r?s");
    check("http://evil.zz/a//b///c", "http://evil.zz/a/b/c");
    check("http://evil.zz/a/./b/../c", "http://evil.zz/a/c");
    check("http://evil.zz/a/..", "http://evil.zz/");
    check("http://evil.zz/a/b/..", "http://evil.zz/a/");
    check("http://evil.zz/../../a", "http://evil.zz/a");
    check("http://evil.zz/.hidden/..a/...", "http://evil.zz/.hidden/..a/...");
    check("http://evil.zz/%2e%2e/a/%2E/b", "http://evil.zz/a/b");
    check("http://evil.zz/a?b=/../c//d", "http://evil.zz/a?b=/../c//d");
    check("http://evil.zz/a%3Fb//c", "http://evil.zz/a?b//c");
    check("http://evil.zz/ä b", "http://evil.zz/%C3%A4%20b");
    check("http://evil.zz/%c3%a4", "http://evil.zz/%C3%A4");
    check("http://evil.zz/100%", "http://evil.zz/100%25");
    check("http://evil.zz/a%23b#c", "http://evil.zz/a%23b");
    check("http://evil.zz/a\\b\\..\\c?x\\y", "http://evil.zz/a/c?x\\y");
    check("http://evil.zz/a%5Cb", "http://evil.zz/a%5Cb");
    check("http://evil.zz/a\\b%5Cc", "http://evil.zz/a/b%5Cc");
    check("http://evil.zz/%25%34%31", "http://evil.zz/A");
    check("http://evil.zz/\u{0}\u{7f}x", "http://evil.zz/%00%7Fx");
    check("  \u{1}http://evil.zz/ \n", "http://evil.zz/");
    check("http://evil.zz#a?b", "http://evil.zz/");
}

#[test]
fn no_host_no_url() {
    refuse("", UrlError::Empty);
    refuse(" \t\n", UrlError::Empty);
    refuse("#ref", UrlError::Empty);
    for raw in [
        "http://",
        "http:",
        "http:///blah",
        "http://?q",
        "http://#f",
        "http://user@/",
        "/blah",
        "?q",
        "//",
        "http://:80/",
    ] {
        refuse(raw, UrlError::EmptyHost);
    }
    let long = format!("http://evil.zz/{}", "a".repeat(70_000));
    refuse(&long, UrlError::TooLong(70_015));
}

/// Undoing escapes must not take quadratic time.
#[test]
fn deep_escapes_are_cheap() {
    let raw = format!("http://evil.zz/%{}41", "25".repeat(30_000));
    check(&raw, "http://evil.zz/A");
}
