//! No e-mail address in what is published.

use std::borrow::Cow;

use panopticon_model::url::{mask_mail, mask_mail_within};

#[track_caller]
fn check(text: &str, masked: &str) {
    assert_eq!(mask_mail(text), masked, "{text:?}");
    assert!(matches!(mask_mail(masked), Cow::Borrowed(_)), "{text:?} twice");
}

#[test]
fn plain_and_escaped() {
    check("http://evil.zz/?e=joe@example.com", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e=joe.b+x@mail.example.com&x=1", "http://evil.zz/?e=[email]&x=1");
    check("http://evil.zz/joe@example.com/x", "http://evil.zz/[email]/x");
    check("http://evil.zz/#joe@example.com", "http://evil.zz/#[email]");
    check("http://evil.zz/?e=joe%40example.com", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e=joe%2540example%252Ecom", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e=joe%25%34%30example.com", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e%3Djoe%40example.com%26x", "http://evil.zz/?e%3D[email]%26x");
    check(
        "http://evil.zz/?u=http%3A%2F%2Fa.zz%2Fjoe%40example.com",
        "http://evil.zz/?u=http%3A%2F%2Fa.zz%2F[email]",
    );
    check("http://evil.zz/?a=joe@x.zz&b=ann@y.zz", "http://evil.zz/?a=[email]&b=[email]");
    check("http://evil.zz/?e=jörg@bücher.de", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e=j%C3%B6rg@b%C3%BCcher.de", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e=joe@example.com.", "http://evil.zz/?e=[email].");
    check("mailto:joe@example.com", "mailto:[email]");
    check("joe@example.com", "[email]");
    check("http://joe%40evil.zz/", "http://[email]/");
}

#[test]
fn user_information_goes_as_a_whole_and_the_host_stays() {
    check("http://joe@evil.zz/x", "http://[email]@evil.zz/x");
    check("http://joe:secret@evil.zz/", "http://[email]@evil.zz/");
    check("http://joe@example.com@evil.zz/", "http://[email]@evil.zz/");
    check("http://joe%40example.com:pw@evil.zz/?e=ann@y.zz", "http://[email]@evil.zz/?e=[email]");
    check("https://paypal.com@evil.zz", "https://[email]@evil.zz");
    check("http://@evil.zz/joe@example.com", "http://@evil.zz/[email]");
}

#[test]
fn base64() {
    // am9lQGV4YW1wbGUuY29t = joe@example.com
    check("http://evil.zz/?e=am9lQGV4YW1wbGUuY29t", "http://evil.zz/?e=[email]");
    check("http://evil.zz/#am9lQGV4YW1wbGUuY29t", "http://evil.zz/#[email]");
    check("http://evil.zz/path/am9lQGV4YW1wbGUuY29t/x", "http://evil.zz/path/[email]/x");
    check("http://evil.zz/id-am9lQGV4YW1wbGUuY29t", "http://evil.zz/id-[email]");
    // anna@example.com with one =, ann.b@example.com with two, escaped padding
    check("http://evil.zz/?e=YW5uYUBleGFtcGxlLmNvbQ==&x=1", "http://evil.zz/?e=[email]&x=1");
    check("http://evil.zz/?e=YW5uLmJAZXhhbXBsZS5jb20=", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e=YW5uYUBleGFtcGxlLmNvbQ%3D%3D", "http://evil.zz/?e=[email]");
    check("http://evil.zz/?e=YW5uYUBleGFtcGxlLmNvbQ", "http://evil.zz/?e=[email]");
    // {"email":"joe@example.com"}, as in a token
    check("http://evil.zz/?t=x.eyJlbWFpbCI6ImpvZUBleGFtcGxlLmNvbSJ9.y", "http://evil.zz/?t=x.[email].y");
    // in the middle of a word, out of step with it
    check("http://evil.zz/?e=xam9lQGV4YW1wbGUuY29t", "http://evil.zz/?e=x[email]");
    // base64 of joe%40example.com
    check("http://evil.zz/?e=am9lJTQwZXhhbXBsZS5jb20=", "http://evil.zz/?e=[email]");
    // base64url of http://x.yz/?e=joe@example.com: the ? of it is an underscore
    check("http://evil.zz/?u=aHR0cDovL3gueXovP2U9am9lQGV4YW1wbGUuY29t", "http://evil.zz/?u=[email]");
}

#[test]
fn what_holds_no_address_is_borrowed() {
    for text in [
        "http://evil.zz/",
        "",
        "http://evil.zz/@user/x",
        "http://evil.zz/?v=pkg@1.2.3",
        "http://evil.zz/?x=@",
        "http://evil.zz/?x=a@b",
        "http://evil.zz/100%25/%40",
        "http://evil.zz/?session=4f2a9c1b77d0e6538aa1bb02cc93dd84",
        "http://evil.zz/0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "https://secure-login.bank-of-somewhere.zz/account/verification/index.php?id=abcdef123456",
        "http://[email]@evil.zz/[email]?e=[email]",
    ] {
        assert!(matches!(mask_mail(text), Cow::Borrowed(same) if same == text), "{text:?} {}", mask_mail(text));
    }
}

#[test]
fn what_a_cut_makes_an_address_is_masked_too() {
    let version = "see joe@example.com.2026";
    assert_eq!(mask_mail(version), version, "no top level begins with a digit");
    assert_eq!(mask_mail_within(version, 24), version);
    assert_eq!(mask_mail_within(version, 20), "see [email].");
    assert_eq!(mask_mail_within(version, 19), "see [email]");
    // A mask that is longer than what it covers is cut with it.
    assert_eq!(mask_mail_within("1234 a@b.cc", 11), "1234 [email");
    assert_eq!(mask_mail_within("short", 5), "short");
    assert_eq!(mask_mail_within("longer", 5), "longe");
}
