//! What holds for every text: no panic, one form, and the form is its own form.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use panopticon_model::name::{HostName, Label, RegistrableRules, SuffixList};
use panopticon_model::url::{CanonicalUrl, UrlHost, mask_mail, mask_mail_within, refang, safe_browsing};

use super::sample_places;

/// Texts with the characters that make a difference to hosts and URLs.
fn tricky() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9.@:/?#%_-]{1,6}",
        2 => Just(".".to_owned()),
        1 => Just("http://".to_owned()),
        1 => Just("hxxps[://]".to_owned()),
        1 => Just("xn--".to_owned()),
        1 => Just("joe@example.com".to_owned()),
        1 => Just("am9lQGV4YW1wbGUuY29t".to_owned()),
        1 => Just("[email]".to_owned()),
        1 => Just("[.]".to_owned()),
        1 => Just(" dot ".to_owned()),
        1 => "%[0-9a-fA-F%]{1,4}",
        1 => "[\\[\\](){}<>\"'\\\\ \t;,!=+]{1,2}",
        1 => any::<char>().prop_map(|char| char.to_string()),
        1 => prop_oneof![Just("ü"), Just("。"), Just("\u{AD}"), Just("\u{200B}"), Just("\u{202E}")].prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Names under the rules of the sample list.
fn name() -> impl Strategy<Value = String> {
    let suffix = prop_oneof![
        Just("com"),
        Just("cx"),
        Just("info.cx"),
        Just("gov.cx"),
        Just("zz"),
        Just("xx"),
        Just("com.xx"),
        Just("wild.xx"),
        Just("open.wild.xx"),
        Just("ck"),
        Just("www.ck"),
        Just("kobe.jp"),
        Just("co.nz"),
        Just("blog.co.nz"),
        Just("compute.example.com"),
        Just("free.compute.example.com"),
        Just("unknown"),
    ];
    (prop::collection::vec("(www|[a-z0-9_]([a-z0-9-]{0,8}[a-z0-9])?)", 0..4), suffix)
        .prop_map(|(labels, suffix)| labels.into_iter().chain([suffix.to_owned()]).collect::<Vec<_>>().join("."))
}

/// The same cases every time, so that a red run means a change of the code.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_260_819),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_panics(text in prop_oneof![any::<String>(), tricky()], bytes in any::<Vec<u8>>()) {
        let lossy = String::from_utf8_lossy(&bytes);
        for text in [text.as_str(), &lossy] {
            if let Ok(host) = HostName::parse(text) {
                let _ = (host.to_unicode(), host.is_idna2008(), sample_places().place(&host));
            }
            let _ = (Label::parse(text), UrlHost::parse(text), CanonicalUrl::parse(text), refang(text), mask_mail(text));
            let _ = (SuffixList::parse(text), RegistrableRules::parse(&[text.to_owned()]), safe_browsing(text));
        }
        let _ = safe_browsing(&bytes);
    }

    #[test]
    fn a_host_is_its_own_spelling(text in prop_oneof![tricky(), name()]) {
        if let Ok(host) = HostName::parse(&text) {
            prop_assert_eq!(HostName::parse(host.as_str()), Ok(host.clone()));
            prop_assert_eq!(HostName::parse(&host.to_unicode()), Ok(host.clone()));
            prop_assert!(host.as_str().len() <= 253 && host.labels().all(|label| (1..=63).contains(&label.len())));
        }
        if let Ok(host) = UrlHost::parse(&text) {
            prop_assert_eq!(UrlHost::parse(&host.to_string()), Ok(host));
        }
    }

    #[test]
    fn the_canonical_form_is_its_own_form(text in tricky(), scheme in prop_oneof![Just(""), Just("http://evil.zz/"), Just("https://")]) {
        let text = format!("{scheme}{text}");
        if let Ok(url) = CanonicalUrl::parse(&text) {
            prop_assert!(url.canonical.is_ascii() && url.path_and_query().starts_with('/'));
            let again = CanonicalUrl::parse(&url.canonical);
            let again = again.map(|again| (again.canonical, again.host, again.port, again.scheme));
            prop_assert_eq!(again, Ok((url.canonical, url.host, url.port, url.scheme)));
        }
        if let Ok(form) = safe_browsing(&text) {
            prop_assert!(form.is_ascii());
        }
    }

    /// For a clean host they are the same, but for the escaped backslash, which only the look-up form unescapes.
    #[test]
    fn both_canonicalisers_agree(host in name(), tail in "[a-z0-9/.%&=?_-]{0,24}") {
        let raw = format!("http://{host}/{tail}");
        let form = safe_browsing(&raw);
        if form.as_ref().is_ok_and(|form| !form.contains('\\')) {
            prop_assert_eq!(form, CanonicalUrl::parse(&raw).map(|url| url.canonical));
        }
    }

    #[test]
    fn refang_and_mask_change_nothing_twice(text in tricky()) {
        let whole = refang(&text).into_owned();
        prop_assert_eq!(refang(&whole), whole.as_str());
        let masked = mask_mail(&text).into_owned();
        prop_assert_eq!(mask_mail(&masked), masked.as_str());
    }

    #[test]
    fn a_cut_brings_no_address_to_light(text in tricky(), most in 0..60_usize) {
        let cut = mask_mail_within(&text, most);
        prop_assert!(cut.chars().count() <= most);
        prop_assert_eq!(mask_mail(&cut), &*cut);
    }

    #[test]
    fn every_planted_address_is_masked(before in "[a-z/?=&]{0,8}", local in "[a-z][a-z0-9.]{0,12}[a-z0-9]", domain in "[a-z]{2,12}\\.[a-z]{2,6}") {
        let address = format!("{local}@{domain}");
        let text = format!("http://evil.zz/{before}/?e={address}");
        prop_assert!(!mask_mail(&text).contains(&address));
        let escaped = text.replace('@', "%2540");
        prop_assert!(!mask_mail(&escaped).contains(&domain));
    }

    #[test]
    fn places_are_endings_of_the_host(name in name()) {
        let places = sample_places();
        let host = HostName::parse(&name).unwrap();
        let own = places.place(&host).ok().filter(|place| place.registrable_domain.as_str() == name);
        prop_assert_eq!(places.registrable(&name), own.and_then(|_| name.split_once('.')));
        if let Ok(place) = places.place(&host) {
            prop_assert!(host.is_at_or_below(&place.registrable_domain));
            prop_assert!(host.is_at_or_below(&place.subject));
            prop_assert!(place.subject.is_at_or_below(&place.registrable_domain));
            prop_assert_eq!(place.registrable_domain.top_level(), host.top_level());
            if let Some(platform) = &place.platform {
                prop_assert!(host.is_at_or_below(platform) && platform.is_at_or_below(&place.registrable_domain));
            }
            // The registrable domain is placed at itself.
            let own = places.place(place.registrable_domain.host()).unwrap();
            prop_assert_eq!(&own.registrable_domain, &place.registrable_domain);
        }
    }

    #[test]
    fn canonical_order_is_an_order(names in prop::collection::vec(name(), 3)) {
        let hosts: Vec<HostName> = names.iter().map(|name| HostName::parse(name).unwrap()).collect();
        let reversed = |host: &HostName| host.labels().rev().map(str::to_owned).collect::<Vec<_>>();
        let [a, b, _] = hosts.as_slice() else { unreachable!() };
        prop_assert_eq!(a.canonical_cmp(b), reversed(a).cmp(&reversed(b)));
        prop_assert_eq!(a.canonical_cmp(b), b.canonical_cmp(a).reverse());
        prop_assert_eq!(a.canonical_cmp(b).is_eq(), a == b);
    }
}
