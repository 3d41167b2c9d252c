//! `HostName` and `Label`: what is accepted, in which form, and what is refused with which reason.

use std::cmp::Ordering;

use panopticon_model::name::{HostName, Label, NameError};

use super::host;

#[test]
fn spellings_of_one_name_become_one_form() {
    for (spelling, form) in [
        ("evil.zz", "evil.zz"),
        ("EVIL.Zz", "evil.zz"),
        ("evil.zz.", "evil.zz"),
        ("a.b.c.evil.zz", "a.b.c.evil.zz"),
        ("zz", "zz"),
        ("_dmarc.evil.zz", "_dmarc.evil.zz"),
        ("a_b.evil.zz", "a_b.evil.zz"),
        ("-a.zz", "-a.zz"),
        ("a-.zz", "a-.zz"),
        ("a--b.zz", "a--b.zz"),
        ("faß.de", "xn--fa-hia.de"),
        ("FAß.de", "xn--fa-hia.de"),
        ("xn--fa-hia.de", "xn--fa-hia.de"),
        ("XN--FA-HIA.DE", "xn--fa-hia.de"),
        ("bücher.zz", "xn--bcher-kva.zz"),
        ("BÜCHER.ZZ.", "xn--bcher-kva.zz"),
        ("bu\u{308}cher.zz", "xn--bcher-kva.zz"),
        ("аррӏе.zz", "xn--80ak6aa92e.zz"),
        ("食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("☃.zz", "xn--n3h.zz"),
        // full-width letters and dot, ideographic full stop, soft hyphen, zero-width space
        ("ｅｖｉｌ．ｚｚ", "evil.zz"),
        ("evil。zz", "evil.zz"),
        ("evil。zz。", "evil.zz"),
        ("ev\u{AD}il.zz", "evil.zz"),
        ("ev\u{200B}il.zz", "evil.zz"),
        // bad A-labels keep their bytes
        ("xn--0.zz", "xn--0.zz"),
        ("xn--a.zz", "xn--a.zz"),
        ("www.XN--0.zz", "www.xn--0.zz"),
        ("xn--.zz", "xn--.zz"),
        // a name, as far as the DNS is concerned; UrlHost tells addresses apart
        ("1.2.3.4.5", "1.2.3.4.5"),
    ] {
        assert_eq!(HostName::parse(spelling).map(|name| name.to_string()), Ok(form.to_owned()), "{spelling:?}");
    }
}

#[test]
fn what_the_dns_cannot_carry_is_refused_with_the_reason() {
    for (text, reason) in [
        ("", NameError::Empty),
        (".", NameError::Empty),
        ("..", NameError::EmptyLabel),
        (".zz", NameError::EmptyLabel),
        ("www..example.com", NameError::EmptyLabel),
        ("evil.zz..", NameError::EmptyLabel),
        ("evil。。zz", NameError::EmptyLabel),
        ("a b.zz", NameError::Character(' ')),
        ("ev\til.zz", NameError::Character('\t')),
        ("evil.zz/", NameError::Character('/')),
        ("evil:80", NameError::Character(':')),
        ("*.evil.zz", NameError::Character('*')),
        ("ev\0il.zz", NameError::Character('\0')),
        ("evil\u{202E}.zz", NameError::Unicode),
        ("\u{FFFD}.zz", NameError::Unicode),
        ("\u{200D}.zz", NameError::Unicode),
    ] {
        assert_eq!(HostName::parse(text), Err(reason), "{text:?}");
    }
}

#[test]
fn lengths_are_those_of_the_a_label_form() {
    let label = |octets: usize| "a".repeat(octets);
    assert!(HostName::parse(&format!("{}.zz", label(63))).is_ok());
    assert_eq!(HostName::parse(&format!("{}.zz", label(64))), Err(NameError::LabelTooLong(64)));
    let longest = [label(63), label(63), label(63), label(61)].join(".");
    assert_eq!(longest.len(), 253);
    assert!(HostName::parse(&longest).is_ok());
    assert!(HostName::parse(&format!("{longest}.")).is_ok());
    let longer = [label(63), label(63), label(63), label(62)].join(".");
    assert_eq!(HostName::parse(&longer), Err(NameError::NameTooLong(254)));
    // 57 letters, 63 octets of A-label with one of them not ASCII
    assert!(matches!(HostName::parse(&format!("{}ü.zz", label(62))), Err(NameError::LabelTooLong(_))));
    assert_eq!(HostName::parse(&"ü".repeat(5000)), Err(NameError::NameTooLong(10_000)));
}

#[test]
fn labels_are_counted_whole() {
    let name = host("a.evil.zz");
    assert_eq!(name.labels().collect::<Vec<_>>(), ["a", "evil", "zz"]);
    assert_eq!(name.labels().next_back(), Some("zz"));
    assert_eq!((name.top_level(), name.parent()), ("zz", Some("evil.zz")));
    assert_eq!((host("zz").top_level(), host("zz").parent()), ("zz", None));
    assert!(name.is_below("evil.zz") && name.is_below(host("zz")));
    assert!(!name.is_below("a.evil.zz") && name.is_at_or_below("a.evil.zz"));
    assert!(!host("notevil.zz").is_below("evil.zz") && !name.is_below("vil.zz"));
    assert!(!name.is_below("") && !name.is_below(".zz"));
}

#[test]
fn people_see_u_labels_only_where_they_lead_back() {
    for (name, shown) in [
        ("xn--bcher-kva.zz", "bücher.zz"),
        ("faß.de", "faß.de"),
        ("☃.zz", "☃.zz"),
        ("xn--0.zz", "xn--0.zz"),
        ("xn--0.xn--bcher-kva.zz", "xn--0.xn--bcher-kva.zz"),
        ("evil.zz", "evil.zz"),
    ] {
        assert_eq!(host(name).to_unicode(), shown);
    }
}

#[test]
fn idna2008_is_a_flag() {
    for (name, valid) in [
        ("evil.zz", true),
        ("e-vil.zz", true),
        ("bücher.zz", true),
        ("faß.de", true),
        ("食狮.公司.cn", true),
        ("हिन्दी.zz", true),
        ("xn--nxasmm1c.zz", true), // βόλος with final sigma
        ("l·l.zz", true),
        ("a·b.zz", false),
        ("ab・c.zz", false),
        ("ア・c.zz", true),
        ("☃.zz", false),
        ("💩.zz", false),
        ("a_b.zz", false),
        ("_dmarc.evil.zz", false),
        ("-a.zz", false),
        ("a-.zz", false),
        ("ab--c.zz", false),
        ("xn--0.zz", false),
        ("xn--a.zz", false),
        ("xn--.zz", false),
        ("xn--abc-.zz", false), // the A-label of plain ASCII
        ("xn--0.bücher.zz", false),
    ] {
        let Ok(parsed) = HostName::parse(name) else {
            continue;
        };
        assert_eq!(parsed.is_idna2008(), valid, "{name}");
    }
    // Neither of two labels hides the other; a bad A-label beside a U-label cannot be mapped at all.
    assert_eq!(HostName::parse("xn--0.bücher.zz"), Err(NameError::Unicode));
}

#[test]
fn canonical_order_goes_label_by_label_from_the_right() {
    // RFC 4034 6.1, as far as host names go.
    let ordered = ["example", "a.example", "yljkjljk.a.example", "z.a.example", "a-b.example", "z.example"];
    for pair in ordered.windows(2) {
        assert_eq!(host(pair[0]).canonical_cmp(&host(pair[1])), Ordering::Less, "{pair:?}");
        assert_eq!(host(pair[1]).canonical_cmp(&host(pair[0])), Ordering::Greater, "{pair:?}");
    }
    // The trap: '-' is 0x2D, '.' is 0x2E. Comparing reversed label texts puts a-b.zz between a.zz and x.a.zz.
    assert!("zz.a-b" < "zz.a.x");
    assert_eq!(host("x.a.zz").canonical_cmp(&host("a-b.zz")), Ordering::Less);
    assert_eq!(host("a.zz").canonical_cmp(&host("A.ZZ")), Ordering::Equal);
}

#[test]
fn a_label_is_one_label() {
    assert_eq!(Label::parse(".XX").unwrap().as_str(), "xx");
    assert_eq!(Label::parse("xx.").unwrap().as_str(), "xx");
    assert_eq!(Label::parse("中国").unwrap().as_str(), "xn--fiqs8s");
    assert_eq!(Label::parse("中国").unwrap().to_unicode(), "中国");
    assert_eq!(Label::parse("co.xx"), Err(NameError::NotOneLabel));
    assert_eq!(Label::parse(""), Err(NameError::Empty));
    assert_eq!(Label::parse("a b"), Err(NameError::Character(' ')));
}

#[test]
fn names_of_24_octets_need_no_heap() {
    assert_eq!(size_of::<HostName>(), 24);
    assert_eq!(format!("{:?} {:>8}|", host("a.zz"), host("b.zz")), "a.zz     b.zz|");
}
