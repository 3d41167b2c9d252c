//! The bootstrap file.

use panopticon_sources::rdap::bootstrap::{BootstrapError, MAX_FILE, read};
use proptest::prelude::*;

use super::fixture;

#[test]
fn tlds_and_their_services() {
    let bases = read(&fixture("dns.json")).unwrap();
    let found: Vec<(&str, Vec<&str>)> =
        bases.iter().map(|(tld, urls)| (tld.as_str(), urls.iter().map(AsRef::as_ref).collect())).collect();
    let three = vec!["https://rdap.nic.example/", "https://second.nic.example/rdap/", "http://rdap.nic.example/"];
    let expected = [
        ("http", vec!["http://rdap.http.example/"]),
        ("some", vec!["https://rdap.some.example/"]),
        ("xn--fsqu00a", vec!["https://rdap.idn.example/v1/"]),
        ("xn--kprw13d", vec!["https://rdap.idn.example/v1/"]),
        ("xx", three.clone()),
        ("zz", three),
    ];
    assert_eq!(found, expected);
}

#[test]
fn files_that_are_none() {
    let shape = |line, column| BootstrapError::Shape { line, column };
    for (file, expected) in [
        (&b""[..], shape(1, 1)),
        (b"[]", shape(1, 1)),
        (br#"["1.0", []]"#, shape(1, 1)),
        (b"<html>", shape(1, 1)),
        (b"{", shape(1, 1)),
        (br#"{"version":"1.0"}"#, shape(1, 17)),
        (br#"{"version":"1.0","services":[[]]}"#, shape(1, 31)),
        (br#"{"version":"1.0","services":[[["xx"]]]}"#, shape(1, 37)),
        (br#"{"version":"1.0","services":[["xx","https://a.example/"]]}"#, shape(1, 34)),
        (br#"{"version":"1.0","services":{"xx":"https://a.example/"}}"#, shape(1, 28)),
        (br#"{"version":"2.0","services":[]}"#, BootstrapError::Version),
        (br#"{"version":"1.0","services":[]} more"#, shape(1, 33)),
    ] {
        assert_eq!(read(file), Err(expected), "{}", String::from_utf8_lossy(file));
    }
    assert_eq!(read(&vec![b' '; MAX_FILE + 1]), Err(BootstrapError::TooLarge(MAX_FILE + 1)));
}

#[test]
fn a_file_full_of_names_and_urls_stays_what_it_is() {
    // A list for each name would be 10^10 of them.
    let names = vec![r#""a""#; 400_000].join(",");
    let urls = vec![r#""http://a""#; 100_000].join(",");
    let file = format!(r#"{{"version":"1.0","services":[[[{names}],[{urls}]]]}}"#);
    assert_eq!(read(file.as_bytes()).unwrap().len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_a_file_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn damage_never_panics_and_what_is_read_can_be_asked(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut file = fixture("dns.json");
        let at = at.index(file.len());
        file[at] = byte;
        for (tld, urls) in read(&file).unwrap_or_default() {
            prop_assert!(!tld.contains('.') && !urls.is_empty());
            prop_assert!(urls.iter().all(|url| url.path().ends_with('/') && url.username().is_empty()));
            prop_assert!(urls.is_sorted_by_key(|url| url.scheme() != "https"));
        }
    }
}
