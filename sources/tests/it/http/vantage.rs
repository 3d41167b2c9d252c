//! Ways, vantages, and how many places they are.

use std::collections::BTreeMap;

use panopticon_sources::fetch::Secret;
use panopticon_sources::http::{Vantage, Way, WayError, places};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

#[test]
fn ways_are_read_and_shown_without_their_passwords() {
    for (text, expected) in [
        ("direct", Ok("direct")),
        (" direct ", Ok("direct")),
        ("http://192.0.2.1:8888", Ok("http://192.0.2.1:8888")),
        ("http://Proxy.Example/", Ok("http://proxy.example:80")),
        ("https://proxy.example", Ok("https://proxy.example:443")),
        ("http://user:s3cret@[2001:db8::1]:8888?via=geo-a", Ok("http://[2001:db8::1]:8888")),
        ("socks5://us%3Aer:s3cret@192.0.2.7:1080", Err(WayError::Credentials)),
        ("socks5://user:s3cret%40%zz@Proxy.example:1080", Ok("socks5://proxy.example:1080")),
        ("socks5://[2001:db8::1]:1080", Ok("socks5://[2001:db8::1]:1080")),
        ("socks5://192.0.2.7", Err(WayError::Host)),
        ("socks5://:1080", Err(WayError::Url)),
        ("http://192.0.2.7:0", Err(WayError::Host)),
        ("socks5://192.0.2.7:1080?via=x", Err(WayError::Via)),
        ("socks4://192.0.2.7:1080", Err(WayError::Scheme)),
        ("ftp://192.0.2.7:1080", Err(WayError::Scheme)),
        ("http://192.0.2.7:8888/path", Err(WayError::Rest)),
        ("http://192.0.2.7:8888?x=1", Err(WayError::Rest)),
        ("http://192.0.2.7:8888?via=", Err(WayError::Rest)),
        ("http://192.0.2.7:8888?via=a&via=b", Err(WayError::Rest)),
        ("http://192.0.2.7:8888#x", Err(WayError::Rest)),
        ("http://user@192.0.2.7:8888", Err(WayError::Credentials)),
        ("http://:s3cret@192.0.2.7:8888", Err(WayError::Credentials)),
        ("http://user:%ff@192.0.2.7:8888", Err(WayError::Credentials)),
        ("192.0.2.7:8888", Err(WayError::Url)),
        ("Direct", Err(WayError::Url)),
        ("", Err(WayError::Url)),
    ] {
        let way = text.parse::<Way>();
        assert_eq!(way.clone().map(|way| way.to_string()), expected.map(str::to_owned), "{text}");
        let shown = format!("{way:?} {}", way.as_ref().map_or_else(ToString::to_string, ToString::to_string));
        assert!(!shown.contains("s3cret") && !shown.contains("user:"), "{shown}");
    }
    let long = format!("socks5://user:{}@192.0.2.7:1080", "x".repeat(256));
    assert_eq!(long.parse::<Way>(), Err(WayError::Credentials));
    let via = "http://192.0.2.1:8888?via=geo-a".parse::<Way>().unwrap();
    assert_eq!(via.proxy().unwrap().via.as_deref(), Some("geo-a"));
}

#[test]
fn a_secret_stands_for_the_password_only() {
    for (text, expected) in [
        ("direct", Ok("direct")),
        ("http://192.0.2.1:8888", Ok("http://192.0.2.1:8888")),
        ("http://user:{key}@192.0.2.1:8888?via=geo-a", Ok("http://192.0.2.1:8888")),
        (" socks5://user:{key}@[2001:db8::1]:1080 ", Ok("socks5://[2001:db8::1]:1080")),
        ("http://user:s3cret@192.0.2.1:8888", Err(WayError::Password)),
        ("http://user:key@192.0.2.1:8888", Err(WayError::Password)),
        ("http://user:{k\tey}@192.0.2.1:8888", Ok("http://192.0.2.1:8888")),
        ("http://user:s3cret{key}@192.0.2.1:8888", Err(WayError::Password)),
        ("http://{key}.example:8888", Err(WayError::Key)),
        ("http://user:{k\tey}@192.0.2.1:8888?via={key}", Err(WayError::Key)),
        ("http://192.0.2.1:8888?via={key}", Err(WayError::Key)),
        ("http://{key}:{key}@192.0.2.1:8888", Err(WayError::Key)),
        ("http://192.0.2.1:8888/{key}", Err(WayError::Rest)),
        ("{key}", Err(WayError::Url)),
        ("ftp://192.0.2.1", Err(WayError::Scheme)),
    ] {
        for secret in [None, Some(&Secret::new("hidden word"))] {
            let way = Way::with_secret(text, secret);
            assert_eq!(way.clone().map(|way| way.to_string()), expected.map(str::to_owned), "{text}");
            let shown = format!("{way:?}");
            assert!(!shown.contains("hidden"), "{shown}");
        }
    }
    let text = "socks5://user:{key}@192.0.2.1:1080";
    for secret in ["", &"x".repeat(256)] {
        assert_eq!(Way::with_secret(text, Some(&Secret::new(secret))), Err(WayError::Credentials));
    }
    let escaped: Way = "socks5://user:%25word%40@192.0.2.1:1080".parse().unwrap();
    assert_eq!(Way::with_secret(text, Some(&Secret::new("%word@"))), Ok(escaped));
}

fn vantage(id: &str, country: &str, ways: &[&str]) -> Vantage {
    Vantage::new(id, country, ways.iter().map(|way| way.parse().unwrap()).collect()).unwrap()
}

#[test]
fn a_url_goes_the_same_way_each_time() {
    let ways: Vec<String> = (1..=4).map(|number| format!("socks5://192.0.2.{number}:1080")).collect();
    let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
    let vantage = vantage("a", "nl", &ways);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..1000 {
        let url = format!("http://a.xx/{number}");
        assert_eq!(vantage.way(1, &url), vantage.way(1, &url));
        *counts.entry(vantage.way(1, &url).to_string()).or_default() += 1;
    }
    assert!(counts.len() == 4 && counts.values().all(|count| (200..300).contains(count)), "{counts:?}");
    let moved = (0..1000).map(|number| format!("http://a.xx/{number}"));
    assert!(moved.filter(|url| vantage.way(1, url) != vantage.way(2, url)).count() > 600);
    assert_eq!(
        Vantage::new("b", "", Vec::new()).unwrap_err().to_string(),
        "the vantage `b` has no way; `direct` is one"
    );
}

#[test]
fn places_that_are_one() {
    let (p1, p2, p3) = ("socks5://192.0.2.1:1080", "http://192.0.2.2:8888", "http://192.0.2.1:3128");
    let check = |vantages: &[Vantage], distinct: &[&str], said: &[&str]| {
        let places = places(vantages);
        assert_eq!(places.distinct, distinct, "{places:?}");
        assert_eq!(places.same.iter().map(ToString::to_string).collect::<Vec<_>>(), said);
    };
    check(&[], &[], &[]);
    check(&[vantage("a", "nl", &[p1]), vantage("b", "de", &[p2])], &["a", "b"], &[]);
    check(
        &[vantage("a", "nl", &[p1]), vantage("b", "NL", &[p2])],
        &["a"],
        &["the vantages `a` and `b` count as one place: both are in NL"],
    );
    check(
        &[vantage("a", "nl", &[p1]), vantage("b", "de", &[p2, p3])],
        &["a"],
        &["the vantages `a` and `b` count as one place: both go through 192.0.2.1"],
    );
    check(
        &[vantage("a", "nl", &["direct"]), vantage("b", "de", &[p1, "direct"]), vantage("c", "fr", &[p2])],
        &["a", "c"],
        &["the vantages `a` and `b` count as one place: both go out from this machine"],
    );
    check(&[vantage("a", "", &[p1]), vantage("b", "", &[p2])], &["a", "b"], &[]);
    // One that joins two makes all three one.
    check(
        &[vantage("a", "nl", &[p1]), vantage("b", "de", &[p2]), vantage("c", "nl", &[p2])],
        &["a"],
        &[
            "the vantages `a` and `c` count as one place: both are in NL",
            "the vantages `b` and `c` count as one place: both go through 192.0.2.2",
        ],
    );
}

proptest! {
    #[test]
    fn any_text_is_a_way_or_none(text in "(http|https|socks5|socks|direct)?(:|://|//)?[ -~]{0,30}|\\PC{0,20}") {
        if let Ok(way) = text.parse::<Way>() {
            // What is shown is a way again, without credentials.
            let again: Way = way.to_string().parse().unwrap();
            prop_assert_eq!(again.to_string(), way.to_string());
            prop_assert!(again.proxy().is_none_or(|proxy| proxy.credentials.is_none()));
        }
    }

    #[test]
    fn every_vantage_is_a_place_or_told_of(seeds in proptest::collection::vec((0usize..5, 0usize..5), 0..12)) {
        let countries = ["", "nl", "de", "fr", "ki"];
        let vantages: Vec<Vantage> = seeds.iter().enumerate().map(|(index, (country, way))| {
            let way = if *way == 0 { "direct".to_owned() } else { format!("http://192.0.2.{way}:80") };
            vantage(&index.to_string(), countries[*country], &[&way])
        }).collect();
        let found = places(&vantages);
        prop_assert_eq!(found.distinct.len() + found.same.len(), vantages.len());
        // Those that are left are places of their own.
        let left: Vec<Vantage> = vantages.iter().filter(|vantage| found.distinct.iter().any(|id| id == vantage.id())).cloned().collect();
        prop_assert_eq!(places(&left).distinct, found.distinct);
    }
}
