//! The look-up form against the public vectors of Safe Browsing.
//!
//! Vectors: <https://developers.google.com/safe-browsing/v4/urls-hashing> and the test of the Apache-2.0 client
//! <https://github.com/google/webrisk> (`urls_test.go`). Where the two differ (that client drops the query)
//! the documentation counts.

use panopticon_model::url::{UrlError, safe_browsing};

const SECURE: &str = "http://195.127.0.11/uploads/%20%20%20%20/.verify/.eBaysecure=updateuserdataxplimnbqmn-xplmvalidateinfoswqpcmlx=hgplmcx/";

const VECTORS: &[(&[u8], &str)] = &[
    (b"http://host/%25%32%35", "http://host/%25"),
    (b"http://host/%25%32%35%25%32%35", "http://host/%25%25"),
    (b"http://host/%2525252525252525", "http://host/%25"),
    (b"http://host/asdf%25%32%35asd", "http://host/asdf%25asd"),
    (b"http://host/%%%25%32%35asd%%", "http://host/%25%25%25asd%25%25"),
    (b"http://www.google.com/", "http://www.google.com/"),
    (
        b"http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63%75%72%65/%77%77%77%2E%65%62%61%79%2E%63%6F%6D/",
        "http://168.188.99.26/.secure/www.ebay.com/",
    ),
    (SECURE.as_bytes(), SECURE),
    (
        b"http://host%23.com/%257Ea%2521b%2540c%2523d%2524e%25f%255E00%252611%252A22%252833%252944_55%252B",
        "http://host%23.com/~a!b@c%23d$e%25f^00&11*22(33)44_55+",
    ),
    (b"http://3279880203/blah", "http://195.127.0.11/blah"),
    (b"http://www.google.com/blah/..", "http://www.google.com/"),
    (b"www.google.com/", "http://www.google.com/"),
    (b"www.google.com", "http://www.google.com/"),
    (b"http://www.evil.com/blah#frag", "http://www.evil.com/blah"),
    (b"http://www.GOOgle.com/", "http://www.google.com/"),
    (b"http://www.google.com.../", "http://www.google.com/"),
    (b"http://www.google.com/foo\tbar\rbaz\n2", "http://www.google.com/foobarbaz2"),
    (b"http://www.google.com/q?", "http://www.google.com/q?"),
    (b"http://www.google.com/q?r?", "http://www.google.com/q?r?"),
    (b"http://www.google.com/q?r?s", "http://www.google.com/q?r?s"),
    (b"http://evil.com/foo#bar#baz", "http://evil.com/foo"),
    (b"http://evil.com/foo;", "http://evil.com/foo;"),
    (b"http://evil.com/foo?bar;", "http://evil.com/foo?bar;"),
    (b"http://\x01\x80.com/", "http://%01%80.com/"),
    (b"http://notrailingslash.com", "http://notrailingslash.com/"),
    (b"http://www.gotaport.com:1234/", "http://www.gotaport.com/"),
    (b"  http://www.google.com/  ", "http://www.google.com/"),
    (b"http:// leadingspace.com/", "http://%20leadingspace.com/"),
    (b"http://%20leadingspace.com/", "http://%20leadingspace.com/"),
    (b"%20leadingspace.com/", "http://%20leadingspace.com/"),
    (b"https://www.securesite.com/", "https://www.securesite.com/"),
    (b"http://host.com/ab%23cd", "http://host.com/ab%23cd"),
    (b"http://host.com//twoslashes?more//slashes", "http://host.com/twoslashes?more//slashes"),
    // webrisk
    (b"ftp://ftp.myfiles.com/", "ftp://ftp.myfiles.com/"),
    (b"http://some%1bhost.com/%1b", "http://some%1Bhost.com/%1B"),
    (b"http://www.\xC3\xBCmlat.com/", "http://www.xn--mlat-zra.com/"),
    (b"http://g\xD0\xBE\xD0\xBEgle.com/", "http://xn--ggle-55da.com/"),
    (b"http://[2001:470:1:18::114]/", "http://[2001:470:1:18::114]/"),
    (b"http%3A%2F%2Fwackyurl.com:80/", "http://wackyurl.com/"),
    (b"http://W!eird<>Ho$^.com/", "http://w!eird<>ho$^.com/"),
    (b"http://i.have.way.too.many.dots.com/", "http://i.have.way.too.many.dots.com/"),
    (b"http://google.com./foo.html", "http://google.com/foo.html"),
    (b"http://google.com.:8080/foo.html", "http://google.com/foo.html"),
    (b"http://google...com/foo.html", "http://google.com/foo.html"),
    (b"http://..google.com/foo.html", "http://google.com/foo.html"),
    (
        b"http://[FEDC:BA98:7654:3210:FEDC:BA98:7654:3210]:80/index.html",
        "http://[fedc:ba98:7654:3210:fedc:ba98:7654:3210]/index.html",
    ),
    (b"http://192.168.0.1:80/index.html", "http://192.168.0.1/index.html"),
    (b"http://a.com/foo/.././bar/./../foo.html", "http://a.com/foo.html"),
    (b"http://a.com/a/b/", "http://a.com/a/b/"),
    (b"http://a.com//a//b///c////", "http://a.com/a/b/c/"),
    // webrisk, addresses; "" there is a host that is none
    (b"http://123.123.0.0.1/", "http://123.123.0.0.1/"),
    (b"http://255.0.0.1/", "http://255.0.0.1/"),
    (b"http://12.0x12.01234/", "http://12.18.2.156/"),
    (b"http://276.2.3/", "http://20.2.0.3/"),
    (b"http://012.034.01.055/", "http://10.28.1.45/"),
    (b"http://0x12.0x43.0x44.0x01/", "http://18.67.68.1/"),
    (b"http://167838211/", "http://10.1.2.3/"),
    (b"http://4294967295/", "http://255.255.255.255/"),
    (b"http://10.192.95.89 xy/", "http://10.192.95.89/"),
    (b"http://1.2.3.00x0/", "http://1.2.3.00x0/"),
    // the documentation's words on IPv6
    (b"http://[2001:0db8:0000::1]/", "http://[2001:db8::1]/"),
    (b"http://[::ffff:1.2.3.4]/", "http://1.2.3.4/"),
    (b"http://[64:ff9b::1.2.3.4]/", "http://1.2.3.4/"),
];

#[test]
fn public_vectors() {
    for (raw, expected) in VECTORS {
        let shown = String::from_utf8_lossy(raw);
        assert_eq!(safe_browsing(raw).as_deref(), Ok(*expected), "{shown:?}");
        assert_eq!(safe_browsing(expected).as_deref(), Ok(*expected), "{shown:?} twice");
    }
}

#[test]
fn without_a_host_there_is_no_form() {
    for raw in [
        "",
        ":",
        "/blah",
        "#ref",
        "/blah#ref",
        "?query#ref",
        "/blah?query#ref",
        "/blah;param",
        "http://#ref",
        "http:///blah#ref",
        "http://?query#ref",
        "http:///blah?query#ref",
        "http:///blah;param",
        "http:///blah;param?query#ref",
        "mailto:bryner@google.com",
        "http://.../",
        "http://a:b/",
    ] {
        assert!(safe_browsing(raw).is_err(), "{raw:?}");
    }
    assert_eq!(safe_browsing("x".repeat(70_000)), Err(UrlError::TooLong(70_000)));
}
