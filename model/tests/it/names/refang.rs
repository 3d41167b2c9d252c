//! Broken links made whole.

use std::borrow::Cow;

use panopticon_model::url::{CanonicalUrl, refang};

#[track_caller]
fn check(text: &str, whole: &str) {
    assert_eq!(refang(text), whole, "{text:?}");
    assert_eq!(refang(whole), whole, "{text:?} twice");
}

#[test]
fn schemes_and_marks() {
    check("hxxp://evil[.]zz", "http://evil.zz");
    check("hXXps://evil.zz/x", "https://evil.zz/x");
    check("h**p://evil.zz", "http://evil.zz");
    check("h++ps://evil.zz", "https://evil.zz");
    check("meow://evil.zz", "http://evil.zz");
    check("fxp://evil.zz", "ftp://evil.zz");
    check("hxxps[://]evil[.]zz/index[.]php", "https://evil.zz/index.php");
    check("hxxps[:]//evil(.)zz{.}x", "https://evil.zz.x");
    check("evil[dot]zz", "evil.zz");
    check("evil(DOT)a{dot}zz", "evil.a.zz");
    check("evil dot zz", "evil.zz");
    check("a dot b dot zz", "a.b.zz");
    check("user[@]evil[.]zz", "user@evil.zz");
    check("user[at]evil.zz", "user@evil.zz");
    check("hxxp[:][/][/]evil.zz", "http://evil.zz");
    check("hxxp://evil[\u{200B}.]zz", "http://evil.zz");
    check("[[.]]", "");
}

#[test]
fn surroundings_go() {
    check("<http://evil.zz/x>", "http://evil.zz/x");
    check("\"http://evil.zz/x\",", "http://evil.zz/x");
    check("“http://evil.zz/x”.", "http://evil.zz/x");
    check("(http://evil.zz/x).", "http://evil.zz/x");
    check("http://evil.zz/x).", "http://evil.zz/x");
    check("http://evil.zz/a(b)", "http://evil.zz/a(b)");
    check("http://evil.zz/a(b))", "http://evil.zz/a(b)");
    check("  http://evil.zz/x;\n", "http://evil.zz/x");
    check("ht\u{200B}tp://ev\u{FEFF}il.zz", "http://evil.zz");
    check("http://evil.zz/x!", "http://evil.zz/x");
}

#[test]
fn what_is_whole_stays() {
    for text in [
        "http://evil.zz/",
        "http://evil.zz/q?",
        "http://[::1]/x",
        "http://[::1]:8080/",
        "[2001:db8::1]",
        "http://[::ffff:1.2.3.4]/",
        "evil.zz",
        "http://evil.zz/a[1]=b",
        "http://evil.zz/(x)",
        "http://evil.zz/bücher",
        "meow.zz",
        "hxxp.zz/x",
        "dot.zz",
        "",
    ] {
        assert!(matches!(refang(text), Cow::Borrowed(same) if same == text), "{text:?}");
    }
    assert!(CanonicalUrl::parse(&refang("hxxps[://]evil[.]zz:8443/x")).is_ok());
}

/// Neither deep brackets nor long ends may take quadratic time.
#[test]
fn hostile_marks_are_cheap() {
    let deep = format!("{}.{}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(refang(&deep), "");
    assert_eq!(refang(&")".repeat(60_000)), "");
    assert_eq!(refang(&"(".repeat(60_000)), "");
}
