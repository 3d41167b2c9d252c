//! Answers and requests of the API, as they are written.

use panopticon_model::time::Epoch;
use panopticon_sources::webrisk::api::{self, AnswerError, Base, BaseError, Threats, Verdict};
use panopticon_sources::webrisk::hash::Prefix;
use panopticon_sources::webrisk::{Constraints, Entries, EntriesError, ThreatType, ThreatTypes, expressions};

use super::hex;

const JSON: fn(usize, usize) -> AnswerError = |line, column| AnswerError::Json { line, column };

fn verdict(types: &[ThreatType], expire_at: Option<&str>) -> Verdict {
    Verdict {
        types: types.iter().copied().collect(),
        expire_at: expire_at.map(|instant| instant.parse().unwrap()),
    }
}

fn check_uris(body: &str, expected: Result<Verdict, AnswerError>) {
    assert_eq!(api::uris(body.as_bytes()), expected, "{body}");
}

#[test]
fn answers_to_uris_search() {
    use ThreatType::{Malware, UnwantedSoftware};
    // The documented example.
    check_uris(
        r#"{"threat":{"threatTypes":["MALWARE"],"expireTime":"2019-07-17T15:01:23.045123456Z"}}"#,
        Ok(verdict(&[Malware], Some("2019-07-17T15:01:23.045Z"))),
    );
    for clear in [
        "{}",
        " {\n}\n",
        r#"{"threat":{}}"#,
        r#"{"threat":null}"#,
        r#"{"threat":{"threatTypes":[]}}"#,
        r#"{"new":[1]}"#,
    ] {
        check_uris(clear, Ok(Verdict::default()));
    }
    check_uris(
        r#"{"threat":{"expireTime":"2026-01-02T00:00:00+01:00","threatTypes":["UNWANTED_SOFTWARE","RUDENESS","MALWARE"]}}"#,
        Ok(verdict(&[Malware, UnwantedSoftware], Some("2026-01-01T23:00:00Z"))),
    );
    check_uris(r#"{"threat":{"threatTypes":["MALWARE"]}}"#, Ok(verdict(&[Malware], None)));
    check_uris(r#"{"threat":{"threatTypes":["RUDENESS"]}}"#, Err(AnswerError::Field("threatTypes")));
    check_uris(
        r#"{"threat":{"threatTypes":["MALWARE"],"expireTime":"soon"}}"#,
        Err(AnswerError::Field("expireTime")),
    );
    check_uris(r#"{"error":{"code":500}}"#, Err(AnswerError::Error));
    check_uris("", Err(JSON(1, 1)));
    check_uris("<html>", Err(JSON(1, 1)));
    check_uris("[null,null]", Err(JSON(1, 1)));
    check_uris(r#"{"threat":[]}"#, Err(JSON(1, 12)));
    check_uris("{}{", Err(JSON(1, 3)));
    check_uris("{", Err(JSON(1, 1)));

    // What is ignored may be deep, and need not come to an end.
    let deep = format!(r#"{{"new":{}"#, "[".repeat(100_000));
    assert!(matches!(api::uris(deep.as_bytes()), Err(AnswerError::Json { line: 1, .. })));
    let deep = format!("{deep}{}}}", "]".repeat(100_000));
    assert!(api::uris(deep.as_bytes()) == Ok(Verdict::default()));
}

#[test]
fn answers_to_hashes_search() {
    let prefix = Prefix::new(b"aaaa").unwrap();
    let hash = *b"aaaabbbbccccddddeeeeffffgggghhhh";
    let malware = verdict(&[ThreatType::Malware], Some("2026-01-02T00:00:00Z"));
    let check = |body: &str, expected: Result<Threats, AnswerError>| {
        assert_eq!(api::hashes(body.as_bytes(), &prefix), expected, "{body}");
    };
    check("{}", Ok(Threats::default()));
    check(
        r#"{"threats":[{"threatTypes":["MALWARE"],"hash":"YWFhYWJiYmJjY2NjZGRkZGVlZWVmZmZmZ2dnZ2hoaGg=","expireTime":"2026-01-02T00:00:00Z"}],
            "negativeExpireTime":"2026-01-01T00:00:00.9999Z"}"#,
        Ok(Threats {
            threats: vec![(hash, malware)],
            negative_expire_at: Some("2026-01-01T00:00:00.999Z".parse::<Epoch>().unwrap()),
        }),
    );
    for (threat, error) in [
        (r#"{"threatTypes":["MALWARE"]}"#, AnswerError::Field("hash")),
        (r#"{"threatTypes":["MALWARE"],"hash":"YWFhYQ=="}"#, AnswerError::Field("hash")),
        (r#"{"threatTypes":["MALWARE"],"hash":"*"}"#, AnswerError::Field("hash")),
        // Another prefix than was asked for.
        (
            r#"{"threatTypes":["MALWARE"],"hash":"YmFhYWJiYmJjY2NjZGRkZGVlZWVmZmZmZ2dnZ2hoaGg="}"#,
            AnswerError::Field("hash"),
        ),
        (r#"{"hash":"YWFhYWJiYmJjY2NjZGRkZGVlZWVmZmZmZ2dnZ2hoaGg="}"#, AnswerError::Field("threatTypes")),
    ] {
        check(&format!(r#"{{"threats":[{threat}]}}"#), Err(error));
    }
    check(r#"{"negativeExpireTime":"never"}"#, Err(AnswerError::Field("negativeExpireTime")));
    check(r#"{"error":{}}"#, Err(AnswerError::Error));
}

#[test]
fn verdicts_on_parts_make_one_on_the_whole() {
    use ThreatType::{Malware, SocialEngineering};
    let (early, late) = (Some("2026-01-01T00:00:00Z"), Some("2026-01-02T00:00:00Z"));
    for (a, b, whole) in [
        (verdict(&[], early), verdict(&[], late), verdict(&[], early)),
        (verdict(&[], None), verdict(&[], late), verdict(&[], None)),
        (verdict(&[Malware], late), verdict(&[], early), verdict(&[Malware], late)),
        (
            verdict(&[Malware], late),
            verdict(&[SocialEngineering], early),
            verdict(&[Malware, SocialEngineering], early),
        ),
        (verdict(&[Malware], None), verdict(&[Malware], late), verdict(&[Malware], None)),
    ] {
        assert_eq!((a.and(b), b.and(a)), (whole, whole));
    }
}

#[test]
fn errors_about_the_key() {
    for (body, is_about_key) in [
        (r#"{"error":{"code":400,"details":[{"@type":"x"},{"reason":"API_KEY_INVALID"}]}}"#, true),
        (r#"{"error":{"details":[{"reason":"API_KEY_SERVICE_BLOCKED"}]}}"#, true),
        (r#"{"error":{"details":[{"reason":"RATE_LIMIT_EXCEEDED"}]}}"#, false),
        (r#"{"error":{"details":[]}}"#, false),
        (r#"{"error":{}}"#, false),
        ("{}", false),
        ("API_KEY_INVALID", false),
    ] {
        assert_eq!(api::is_about_key(body.as_bytes()), is_about_key, "{body}");
    }
}

#[test]
fn requests_as_they_are_documented() {
    let base = Base::default();
    let types = [ThreatType::Malware, ThreatType::SocialEngineering];
    assert_eq!(
        api::search_uris(&base, "http://testsafebrowsing.appspot.com/s/malware.html", &types),
        "https://webrisk.googleapis.com/v1/uris:search?threatTypes=MALWARE&threatTypes=SOCIAL_ENGINEERING\
         &uri=http%3A%2F%2Ftestsafebrowsing.appspot.com%2Fs%2Fmalware.html",
    );
    let prefix = Prefix::new(&hex("fbefffff")).unwrap();
    assert_eq!(
        api::search_hashes(&base, &prefix, &types),
        "https://webrisk.googleapis.com/v1/hashes:search?hashPrefix=--___w%3D%3D&threatTypes=MALWARE&threatTypes=SOCIAL_ENGINEERING",
    );
    let constraints = Constraints { diff: Entries::new(2048).unwrap(), database: Entries::new(4096).unwrap() };
    assert_eq!(
        api::compute_diff(&base, ThreatType::Malware, &hex("1a0e0804100322061080102201012801"), constraints),
        "https://webrisk.googleapis.com/v1/threatLists:computeDiff?threatType=MALWARE&versionToken=Gg4IBBADIgYQgBAiAQEoAQ%3D%3D\
         &constraints.maxDiffEntries=2048&constraints.maxDatabaseEntries=4096\
         &constraints.supportedCompressions=RAW&constraints.supportedCompressions=RICE",
    );
    assert!(!api::compute_diff(&base, ThreatType::Malware, &[], constraints).contains("versionToken"));
    // Nothing of a URL gets out of its place.
    let odd = api::search_uris(&base, "http://a.xx/?x=1&threatTypes=#%00\r\n \u{fc}", &[]);
    assert!(odd.ends_with("?uri=http%3A%2F%2Fa.xx%2F%3Fx%3D1%26threatTypes%3D%23%2500%0D%0A+%C3%BC"), "{odd}");
}

#[test]
fn where_the_service_may_be() {
    for (text, expected) in [
        ("https://webrisk.googleapis.com", Ok("https://webrisk.googleapis.com/v1/uris:search?uri=x")),
        ("https://proxy.example/web/risk", Ok("https://proxy.example/web/risk/v1/uris:search?uri=x")),
        ("http://127.0.0.1:8080/", Ok("http://127.0.0.1:8080/v1/uris:search?uri=x")),
        ("http://[::1]:8080/", Ok("http://[::1]:8080/v1/uris:search?uri=x")),
        ("http://localhost/", Ok("http://localhost/v1/uris:search?uri=x")),
        ("http://webrisk.googleapis.com/", Err(BaseError::Plain)),
        ("http://128.0.0.1/", Err(BaseError::Plain)),
        ("http://localhost.example/", Err(BaseError::Plain)),
        ("ftp://localhost/", Err(BaseError::Plain)),
        ("https://user@webrisk.example/", Err(BaseError::Extra)),
        ("https://:password@webrisk.example/", Err(BaseError::Extra)),
        ("https://webrisk.example/?key=1", Err(BaseError::Extra)),
        ("https://webrisk.example/#a", Err(BaseError::Extra)),
        ("webrisk.googleapis.com", Err(BaseError::Url)),
        ("mailto:webrisk", Err(BaseError::Url)),
        ("", Err(BaseError::Url)),
    ] {
        let found = text.parse::<Base>().map(|base| api::search_uris(&base, "x", &[]));
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{text}");
    }
    assert_eq!("https://webrisk.googleapis.com".parse(), Ok(Base::default()));
}

#[test]
fn numbers_of_entries_are_powers_of_two() {
    for entries in 10..=20 {
        assert_eq!(Entries::new(1 << entries).map(Entries::get), Ok(1 << entries));
    }
    for entries in [0, 1, 512, 1025, 3000, (1 << 20) + 1, 1 << 21, u32::MAX] {
        assert_eq!(Entries::new(entries), Err(EntriesError(entries)));
    }
}

#[test]
fn words_of_threat_types() {
    for threat_type in ThreatType::ALL {
        assert_eq!(threat_type.to_string().parse(), Ok(threat_type));
    }
    assert!("THREAT_TYPE_UNSPECIFIED".parse::<ThreatType>().is_err() && "malware".parse::<ThreatType>().is_err());
    let all: ThreatTypes = ThreatType::ALL.into_iter().rev().collect();
    assert_eq!(all.words(), ThreatType::ALL.map(ThreatType::as_str));
    assert!(!all.is_empty() && ThreatTypes::default().is_empty());
}

#[test]
fn a_hash_is_asked_for_by_a_part_of_it() {
    let hash = expressions::hash("a.xx/");
    let prefix = Prefix::new(&hash[..4]).unwrap();
    let url = api::search_hashes(&Base::default(), &prefix, &[]);
    assert!(url.len() < "https://webrisk.googleapis.com/v1/hashes:search?hashPrefix=".len() + 13, "{url}");
}
