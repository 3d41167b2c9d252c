//! The filters of templates: what must not be opened is defanged, instants are written as people do.

use panopticon_model::time::Epoch;

use super::template::Language;

/// A URL or a host that no program opens: `hxxps://shop[.]example[.]xx/login.php`. Applying it twice changes nothing
/// more. Text after the host is kept but for further schemes and `www.`, so that the page can still be found.
#[must_use]
pub fn defang(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut in_host = !text.contains("://");
    while let Some(c) = rest.chars().next() {
        let took = scheme(rest);
        if took > 0 {
            out.push_str(&fanged(rest.get(..took).unwrap_or_default()));
            rest = rest.get(took..).unwrap_or_default();
            in_host = true;
            continue;
        }
        if rest.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www.")) {
            out.push_str(&rest[..3]);
            out.push_str("[.]");
            rest = &rest[4..];
            continue;
        }
        if rest.starts_with("[.]") {
            out.push_str("[.]");
            rest = &rest[3..];
            continue;
        }
        in_host &= !matches!(c, '/' | '?' | '#' | '\\') && !c.is_whitespace();
        if c == '.' && in_host {
            out.push_str("[.]");
        } else {
            out.push(c);
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

/// The length of a scheme with its `://` at the start of a text.
fn scheme(text: &str) -> usize {
    let letters = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let follows = text.get(letters..).is_some_and(|rest| rest.starts_with("://"));
    if letters > 0 && follows { letters + 3 } else { 0 }
}

fn fanged(scheme: &str) -> String {
    let lower = scheme.to_ascii_lowercase();
    // The word may only end in a scheme: `xhttp://` is found as a link by some programs.
    lower.replace("http", "hxxp").replace("ftp", "fxp")
}

/// `24 November 2026`, in the words of a language; a text that is no instant stays.
pub(super) fn date(text: &str, language: &Language) -> String {
    let Ok(at) = text.parse::<Epoch>() else { return text.to_owned() };
    let day = at.day().to_string();
    let mut parts = day.split('-').map(|part| part.trim_start_matches('0'));
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month =
        month.and_then(|it| it.parse::<usize>().ok()).and_then(|it| language.months.get(it.checked_sub(1)?));
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return text.to_owned() };
    language.date.replace("{day}", day).replace("{month}", month).replace("{year}", year)
}

/// `24 November 2026, 06:10 UTC`.
pub(super) fn utc(text: &str, language: &Language) -> String {
    let Ok(at) = text.parse::<Epoch>() else { return text.to_owned() };
    let time = at.to_string();
    format!("{}, {} UTC", date(text, language), time.get(11..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::notice::template::{DEFAULT, Templates};

    #[test]
    fn nothing_can_be_opened() {
        let rows = [
            ("https://shop.example.xx/a/login.php?u=1", "hxxps://shop[.]example[.]xx/a/login.php?u=1"),
            ("HTTP://a.xx:8080", "hxxp://a[.]xx:8080"),
            ("a.b.xx", "a[.]b[.]xx"),
            ("https://a.xx/?to=http://b.xx/c.d&x=www.e.xx", "hxxps://a[.]xx/?to=hxxp://b[.]xx/c.d&x=www[.]e.xx"),
            ("ftp://a.xx/f.exe", "fxp://a[.]xx/f.exe"),
            ("https://a.xx/xhttp://b.xx", "hxxps://a[.]xx/xhxxp://b[.]xx"),
            ("hxxps://a[.]xx/b", "hxxps://a[.]xx/b"),
            ("http://192.0.2.1/", "hxxp://192[.]0[.]2[.]1/"),
            ("", ""),
        ];
        for (from, to) in rows {
            assert_eq!(defang(from), to, "{from}");
        }
    }

    #[test]
    fn instants_are_written_in_the_words_of_the_language() {
        let templates = Templates::read(DEFAULT).unwrap();
        let rows = [
            ("en", "24 November 2026", "24 November 2026, 06:10 UTC"),
            ("fr", "24 novembre 2026", "24 novembre 2026, 06:10 UTC"),
            ("es", "24 de noviembre de 2026", "24 de noviembre de 2026, 06:10 UTC"),
        ];
        for (lang, day, instant) in rows {
            let language = templates.language(lang).unwrap();
            assert_eq!(date("2026-11-24T06:10:59.000Z", language), day);
            assert_eq!(utc("2026-11-24T06:10:59.000Z", language), instant);
        }
        assert_eq!(utc("soon", templates.language("en").unwrap()), "soon");
    }

    proptest! {
        #[test]
        fn any_text_is_defanged_once(text in any::<String>(), host in "[a-z]{1,5}\\.[a-z]{2}", scheme in "(?i)https?") {
            let once = defang(&format!("{scheme}://{host}/{text}"));
            let low = once.to_ascii_lowercase();
            prop_assert!(!low.contains("http://") && !low.contains("https://"), "{}", once);
            prop_assert_eq!(defang(&once), once);
        }
    }
}
