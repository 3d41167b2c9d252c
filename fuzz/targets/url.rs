//! URLs: refanged, brought into canonical form, made safe to publish.

use panopticon_model::url::{CanonicalUrl, mask_mail, refang, safe_browsing};

use super::world::text;

/// Each form is its own form, and ASCII where it goes into ids and look-ups.
pub fn url(data: &[u8]) {
    if let Ok(form) = safe_browsing(data) {
        assert!(form.is_ascii(), "{form:?}");
    }
    let text = text(data);
    let whole = refang(&text).into_owned();
    assert_eq!(refang(&whole), whole.as_str(), "{text:?} twice");
    let masked = mask_mail(&text).into_owned();
    assert_eq!(mask_mail(&masked), masked.as_str(), "{text:?} twice");
    for text in [&text, &whole] {
        canonical(text);
    }
}

fn canonical(text: &str) {
    let Ok(url) = CanonicalUrl::parse(text) else { return };
    assert!(url.canonical.is_ascii() && url.path_and_query().starts_with('/'), "{text:?}");
    assert!(!url.canonical.bytes().any(|byte| byte <= b' ' || byte == 0x7f), "{:?}", url.canonical);
    let again = CanonicalUrl::parse(&url.canonical).unwrap();
    assert_eq!(again.canonical, url.canonical, "{text:?}");
    assert_eq!((again.scheme, &again.host, again.port), (url.scheme, &url.host, url.port), "{text:?}");
    assert!(!again.had_userinfo, "{text:?}");
    assert!(safe_browsing(&url.canonical).is_ok(), "{:?}", url.canonical);
}
