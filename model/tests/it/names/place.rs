//! Suffix rules and places.

use panopticon_model::name::{HostRole, PlaceError, Places, RegistrableRules, SuffixError, SuffixList};

use super::{host, sample_list, sample_places, tld};

/// Checks `host` against `registrable domain | role | platform or - | subject`, or against an error.
#[track_caller]
fn check(name: &str, expected: &str) {
    let found = match sample_places().place(&host(name)) {
        Ok(place) => {
            let platform = place.platform.as_ref().map_or("-", |platform| platform.as_str());
            format!("{} | {} | {platform} | {}", place.registrable_domain, place.role, place.subject)
        }
        Err(PlaceError::PublicSuffix) => "public suffix".to_owned(),
        Err(PlaceError::UnknownTld) => "unknown".to_owned(),
        Err(other) => other.to_string(),
    };
    assert_eq!(found, expected, "{name}");
}

#[test]
fn roles_under_the_icann_section() {
    check("evil.com", "evil.com | registered | - | evil.com");
    check("www.evil.com", "evil.com | registered | - | evil.com");
    check("www2.evil.com", "evil.com | subordinate | - | evil.com");
    check("www.www.evil.com", "evil.com | subordinate | - | evil.com");
    check("a.b.evil.com", "evil.com | subordinate | - | evil.com");
    check("www.com", "www.com | registered | - | www.com");
    check("x.gov.cx", "x.gov.cx | registered | - | x.gov.cx");
    check("xn--bcher-kva.com", "xn--bcher-kva.com | registered | - | xn--bcher-kva.com");
    check("_x.evil.com", "evil.com | subordinate | - | evil.com");
}

#[test]
fn platforms_are_told_apart_from_their_customers() {
    check("x.info.cx", "info.cx | platform | info.cx | x.info.cx");
    check("a.x.info.cx", "info.cx | platform | info.cx | x.info.cx");
    check("info.cx", "info.cx | platform | info.cx | info.cx");
    check("www.info.cx", "info.cx | platform | info.cx | info.cx");
    check("www.x.info.cx", "info.cx | platform | info.cx | x.info.cx");
    check("login.foo.assessments.cx", "assessments.cx | platform | assessments.cx | foo.assessments.cx");
    check("user.github.io", "github.io | platform | github.io | user.github.io");
    // a platform's suffix deeper than its registrable domain, and a wildcard one with an exception
    check("b.s3.eu.example.com", "example.com | platform | s3.eu.example.com | b.s3.eu.example.com");
    check("s3.eu.example.com", "example.com | platform | s3.eu.example.com | example.com");
    check("eu.example.com", "example.com | subordinate | - | example.com");
    check(
        "c.r1.compute.example.com",
        "example.com | platform | r1.compute.example.com | c.r1.compute.example.com",
    );
    check("compute.example.com", "example.com | subordinate | - | example.com");
    check("a.free.compute.example.com", "example.com | platform | compute.example.com | free.compute.example.com");
}

#[test]
fn the_registrys_own_rules_come_first() {
    check("evil.xx", "evil.xx | registered | - | evil.xx");
    check("evil.com.xx", "evil.com.xx | registered | - | evil.com.xx");
    check("a.evil.com.xx", "evil.com.xx | subordinate | - | evil.com.xx");
    check("com.xx", "public suffix");
    check("any.wild.xx", "public suffix");
    check("a.any.wild.xx", "a.any.wild.xx | registered | - | a.any.wild.xx");
    check("open.wild.xx", "open.wild.xx | registered | - | open.wild.xx");
    check("a.open.wild.xx", "open.wild.xx | subordinate | - | open.wild.xx");
    // the list does not know school.nz; it calls co.nz a platform too, above what the registry registers
    check("a.school.nz", "a.school.nz | registered | - | a.school.nz");
    check("evil.co.nz", "evil.co.nz | registered | - | evil.co.nz");
    check("a.blog.co.nz", "blog.co.nz | platform | blog.co.nz | a.blog.co.nz");
}

#[test]
fn an_exception_wins_over_a_longer_rule() {
    let rules = ["*.ck", "!www.ck", "deep.www.ck"].map(str::to_owned);
    let rules = RegistrableRules::parse(&rules).unwrap();
    assert_eq!(rules.suffix(&host("a.deep.www.ck")), Some("ck"));
    assert_eq!(rules.suffix(&host("a.b.ck")), Some("b.ck"));
    assert_eq!(rules.suffix(&host("a.b.zz")), None);
}

#[test]
fn suffixes_and_made_up_names_have_no_place() {
    for suffix in ["com", "cx", "gov.cx", "zz", "xx", "ck", "mm", "a.mm", "公司.cn"] {
        check(suffix, "public suffix");
    }
    for unknown in ["localhost", "evil.test", "a.b.1", "1.2.3.4.5", "printer.local", "evil.xn--0"] {
        check(unknown, "unknown");
    }
    // configured, though neither list nor rules know it
    check("a.evil.zz", "evil.zz | subordinate | - | evil.zz");
}

#[test]
fn scope_is_the_configured_tlds() {
    let places = sample_places();
    assert!(places.in_scope(&host("evil.zz")) && places.in_scope(&host("zz")));
    assert!(!places.in_scope(&host("evil.com")) && !places.in_scope(&host("zz.com")));
}

#[test]
fn sections_are_kept_apart() {
    let list = sample_list();
    assert_eq!(list.icann_suffix(&host("x.info.cx")), Some("cx"));
    assert_eq!(list.private_suffix(&host("x.info.cx")), Some("info.cx"));
    assert_eq!(list.public_suffix(&host("x.info.cx")), "info.cx");
    assert_eq!(list.private_suffix(&host("evil.com")), None);
    assert_eq!(list.icann_suffix(&host("a.unknown")), None);
    assert_eq!(list.public_suffix(&host("a.unknown")), "unknown");
}

#[test]
fn version_and_digest_follow_the_rules() {
    assert_eq!(sample_list().version(), "sample-1");
    let plain = SuffixList::parse("com\n").unwrap();
    assert_eq!(plain.version().len(), 16);
    assert_eq!(plain.version(), SuffixList::parse("// remark\r\ncom\r\n").unwrap().version());
    assert_ne!(plain.version(), SuffixList::parse("com\nnet").unwrap().version());

    let digest = |list: &SuffixList, rules: &[&str]| {
        Places::new(list.clone(), vec![tld("cx", &[]), tld("xx", rules)]).digest().to_owned()
    };
    let one = digest(&plain, &["xx", "com.xx"]);
    assert_eq!(one.len(), 64);
    assert_eq!(one, digest(&plain, &["com.xx", "xx"]), "the order of rules says nothing");
    assert_ne!(one, digest(&plain, &["xx", "!com.xx"]));
    assert_ne!(one, digest(&plain, &[]));
    assert_ne!(one, digest(&sample_list(), &["xx", "com.xx"]));
    assert_eq!(
        Places::new(plain.clone(), vec![tld("aa", &[]), tld("bb", &[])]).digest(),
        Places::new(plain, vec![tld("bb", &[]), tld("aa", &[])]).digest()
    );
}

#[test]
fn rules_that_cannot_be_read_are_named() {
    let error = SuffixList::parse("com\na..b\n").unwrap_err();
    assert!(matches!(&error, SuffixError::Rule { line: 2, text, .. } if text == "a..b"), "{error:?}");
    assert_eq!(error.to_string(), "suffix rule 2 (\"a..b\") cannot be read");
    assert_eq!(SuffixList::parse("<html>").unwrap_err().to_string(), "suffix rule 1 (\"<html>\") cannot be read");
    assert_eq!(SuffixList::parse("// only remarks").unwrap_err(), SuffixError::Empty);
    assert_eq!(SuffixList::parse("// ===BEGIN PRIVATE DOMAINS===\ngithub.io").unwrap_err(), SuffixError::Empty);
    assert_eq!(RegistrableRules::parse(&[]).unwrap_err(), SuffixError::Empty);
    for rule in ["a.*.xx", "!xx"] {
        assert!(RegistrableRules::parse(&[rule.to_owned()]).is_err(), "{rule}");
    }
}

#[test]
fn roles_have_one_word_everywhere() {
    for role in [HostRole::Registered, HostRole::Subordinate, HostRole::Platform, HostRole::Address] {
        assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
    }
    let place = sample_places().place(&host("a.x.info.cx")).unwrap();
    let json = serde_json::to_string(&place).unwrap();
    assert_eq!(
        json,
        r#"{"registrable_domain":"info.cx","role":"platform","platform":"info.cx","subject":"x.info.cx"}"#
    );
    assert_eq!(serde_json::from_str::<panopticon_model::name::Placement>(&json).unwrap(), place);
}
