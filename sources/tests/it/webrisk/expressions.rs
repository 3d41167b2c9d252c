//! Expressions against the documentation's examples and those of the test of the Apache-2.0 client
//! <https://github.com/google/webrisk> (`urls_test.go`). Where that client looks at seven components of a host, the
//! documentation's five count.

use std::collections::BTreeSet;

use panopticon_model::url::safe_browsing;
use panopticon_sources::webrisk::expressions::{expressions, hash, hashes};
use panopticon_sources::webrisk::hash::Prefix;
use proptest::prelude::*;

use super::hex;

fn check(url: &str, expected: &[&str]) {
    assert_eq!(expressions(url).unwrap(), expected, "{url}");
}

#[test]
fn documented_examples() {
    check(
        "http://a.b.c/1/2.html?param=1",
        &[
            "a.b.c/1/2.html?param=1",
            "a.b.c/1/2.html",
            "a.b.c/",
            "a.b.c/1/",
            "b.c/1/2.html?param=1",
            "b.c/1/2.html",
            "b.c/",
            "b.c/1/",
        ],
    );
    check(
        "http://a.b.c.d.e.f.g/1.html",
        &[
            "a.b.c.d.e.f.g/1.html",
            "a.b.c.d.e.f.g/",
            "c.d.e.f.g/1.html",
            "c.d.e.f.g/",
            "d.e.f.g/1.html",
            "d.e.f.g/",
            "e.f.g/1.html",
            "e.f.g/",
            "f.g/1.html",
            "f.g/",
        ],
    );
    check("http://1.2.3.4/1/", &["1.2.3.4/1/", "1.2.3.4/"]);
}

#[test]
fn public_vectors() {
    check(
        "http://a.b.c/1/2.html?param=1/2",
        &[
            "a.b.c/1/2.html?param=1/2",
            "a.b.c/1/2.html",
            "a.b.c/",
            "a.b.c/1/",
            "b.c/1/2.html?param=1/2",
            "b.c/1/2.html",
            "b.c/",
            "b.c/1/",
        ],
    );
    check(
        "http://a.b.c/1/2/3/4/5/",
        &[
            "a.b.c/1/2/3/4/5/",
            "a.b.c/",
            "a.b.c/1/",
            "a.b.c/1/2/",
            "a.b.c/1/2/3/",
            "b.c/1/2/3/4/5/",
            "b.c/",
            "b.c/1/",
            "b.c/1/2/",
            "b.c/1/2/3/",
        ],
    );
    let five = ["a.b.c.d.e.f.g.h.i/", "e.f.g.h.i/", "f.g.h.i/", "g.h.i/", "h.i/"];
    check("http://a.b.c.d.e.f.g.h.i/", &five);
    check("https://a.b.c.d.e.f.g.h.i/", &five);
    check("a.b.c.d.e.f.g.h.i/", &five);
    check(
        "http://a.b.c.d.e/1.html",
        &[
            "a.b.c.d.e/1.html",
            "a.b.c.d.e/",
            "b.c.d.e/1.html",
            "b.c.d.e/",
            "c.d.e/1.html",
            "c.d.e/",
            "d.e/1.html",
            "d.e/",
        ],
    );
    check(
        "http://b.c/1/2/3.html?param=1/2",
        &["b.c/1/2/3.html?param=1/2", "b.c/1/2/3.html", "b.c/", "b.c/1/", "b.c/1/2/"],
    );
    check("http://a.b/?", &["a.b/"]);
    check(
        "http://[2001:470:1:18::114]/a/b",
        &["[2001:470:1:18::114]/a/b", "[2001:470:1:18::114]/", "[2001:470:1:18::114]/a/"],
    );
    check(
        "[2001:470:1:18::114]/a/b",
        &["[2001:470:1:18::114]/a/b", "[2001:470:1:18::114]/", "[2001:470:1:18::114]/a/"],
    );
    check("http://1.2.3.4/a/b", &["1.2.3.4/a/b", "1.2.3.4/", "1.2.3.4/a/"]);
    check("http://a.b/", &["a.b/"]);
    check("http://b/", &["b/"]);
    check(
        "http://www.google.com/foo.html",
        &["www.google.com/foo.html", "www.google.com/", "google.com/foo.html", "google.com/"],
    );
    check("http://[::ffff:1.2.3.4]/", &["1.2.3.4/"]);
    check("http://a.com/a/b/c.html", &["a.com/a/b/c.html", "a.com/", "a.com/a/", "a.com/a/b/"]);
    check(
        "http://a.com/a/b/c/d/e.html?123",
        &["a.com/a/b/c/d/e.html?123", "a.com/a/b/c/d/e.html", "a.com/", "a.com/a/", "a.com/a/b/", "a.com/a/b/c/"],
    );
    assert!(expressions("/asdf").is_err());
}

#[test]
fn the_spelling_of_a_url_does_not_matter() {
    let expected = expressions("http://xn--bcher-kva.example/a/b?c").unwrap();
    for url in ["HTTP://B\u{fc}cher.example:80/%61/./x/../b?c#d", "https://user@b\u{fc}cher..example/a//b?c"] {
        assert_eq!(expressions(url).unwrap(), expected, "{url}");
    }
    check("http://3279880203/blah", &["195.127.0.11/blah", "195.127.0.11/"]);
    check("http://a.b/x?", &["a.b/x", "a.b/"]);
    check("http://a.b?x=1", &["a.b/?x=1", "a.b/"]);
}

#[test]
fn hashes_of_expressions() {
    // FIPS 180-2 B.1 to B.3, as the documentation has them; the last from `hash_test.go`.
    let million = "a".repeat(1_000_000);
    for (text, start) in [
        ("abc", "ba7816bf"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d206"),
        (million.as_str(), "cdc76e5c9914fb9281a1c7e2"),
        ("foo.com/", "af30010e4c011fc77e1ab03ef898ab2f8dec17c0bd178a875ad0cd9b7a6e5973"),
    ] {
        let prefix = Prefix::new(&hex(start)).unwrap();
        assert!(prefix.begins(&hash(text)), "{start}");
        assert!(!prefix.begins(&hash("something else")));
    }
    let url = "http://a.b.c/1";
    let expected: Vec<_> = expressions(url).unwrap().iter().map(|expression| hash(expression)).collect();
    assert_eq!(hashes(url).unwrap(), expected);
}

proptest! {
    #[test]
    fn any_url_has_few_expressions_and_each_once(url in "(http|ftp)?(://)?[a-c./?:@%#2e\\[\\]-]{0,60}|\\PC{0,60}") {
        match expressions(&url) {
            Err(error) => prop_assert_eq!(safe_browsing(&url), Err(error)),
            Ok(all) => {
                let canonical = safe_browsing(&url).unwrap();
                prop_assert!((1..=30).contains(&all.len()));
                prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
                for expression in &all {
                    let (host, _) = expression.split_once('/').unwrap();
                    prop_assert!(canonical.split('/').nth(2).unwrap().ends_with(host), "{canonical} {expression}");
                }
            }
        }
    }

    #[test]
    fn no_bytes_are_too_odd(url in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = hashes(url);
    }
}
