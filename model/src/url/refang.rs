//! Defanged text back to what it stood for: `hxxps[://]evil[.]zz/x` is `https://evil.zz/x`.
//!
//! Reports and some feeds break their links on purpose. The result is a text to parse, not a URL yet; the
//! original string is kept beside it by whoever needs it.

use std::borrow::Cow;

/// Undoes the usual ways to break a link.
///
/// * At the beginning: `hxxp`, `hXXp`, `h**p`, `hxtp`, `htxp`, `h++p`, `h__p`, `meow` (with `s` for https), `fxp`.
/// * Anywhere, in `[]`, `()` or `{}`: `.`, `dot`, `:`, `://`, `/`, `@`, `at`. Also ` dot ` between blanks.
/// * Zero-width characters go. From the ends: blanks, quotes, `<>`, an opening `(` or `{`, the punctuation
///   `.,;:!`, and a closing bracket that has no partner. A `?` stays: an empty query is part of a URL.
///
/// A bracketed IPv6 address is none of these and stays. Borrowed when there is nothing to do; applying it twice
/// changes nothing more.
#[must_use]
pub fn refang(text: &str) -> Cow<'_, str> {
    if !may_be_defanged(text) {
        return Cow::Borrowed(text);
    }
    let joined = without_marks(text);
    let trimmed = trim(&joined);
    let result = match plain_scheme(trimmed) {
        Some((scheme, rest)) => format!("{scheme}{rest}"),
        None if trimmed.len() == text.len() => return Cow::Borrowed(text),
        None => trimmed.to_owned(),
    };
    Cow::Owned(result)
}

/// A look at every octet once; clean URLs end here.
fn may_be_defanged(text: &str) -> bool {
    let bytes = text.as_bytes();
    let last = bytes.last().copied().unwrap_or_default();
    // Without an early exit this loop becomes vector code.
    let strange = bytes.iter().fold(false, |strange, &byte| strange | is_strange(byte));
    strange || matches!(last, b'.' | b',' | b';' | b':' | b'!') || plain_scheme(text).is_some()
}

/// Blanks, brackets, quotes, and what is not ASCII.
fn is_strange(byte: u8) -> bool {
    !byte.is_ascii_graphic()
        | matches!(byte, b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b'"' | b'\'' | b'`')
}

/// One pass: what was just written is looked at whenever a mark may have ended.
fn without_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars().filter(|char| !is_zero_width(*char)) {
        out.push(char);
        match char {
            ']' => close(&mut out, '['),
            ')' => close(&mut out, '('),
            '}' => close(&mut out, '{'),
            ' ' => {
                const WORD: &str = " dot ";
                let at = out.len().saturating_sub(WORD.len());
                if out.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(WORD)) {
                    out.truncate(at);
                    out.push('.');
                }
            }
            _ => {}
        }
    }
    out
}

/// Replaces the mark that has just been closed, if it is one.
fn close(out: &mut String, open: char) {
    // The longest content has three octets.
    let window = out.len().saturating_sub(5);
    let Some(at) = out.as_bytes().iter().skip(window).rposition(|&byte| char::from(byte) == open) else {
        return;
    };
    let at = window + at;
    let Some(content) = out.get(at + 1..out.len() - 1) else {
        return;
    };
    let plain = match content.to_ascii_lowercase().as_str() {
        "." | "dot" => ".",
        ":" => ":",
        "://" => "://",
        "/" => "/",
        "@" | "at" => "@",
        _ => return,
    };
    out.truncate(at);
    out.push_str(plain);
}

/// Takes off what surrounds a link in running text.
fn trim(text: &str) -> &str {
    let count = |wanted: char| text.chars().filter(|char| *char == wanted).count();
    let mut surplus = [('(', ')'), ('[', ']'), ('{', '}')]
        .map(|(open, close)| (open, close, count(close).saturating_sub(count(open))));
    let mut rest = text;
    loop {
        let before = rest.len();
        rest = rest.trim();
        rest = rest.trim_start_matches(|char| is_quote(char) || char == '<');
        rest = rest.trim_end_matches(|char| is_quote(char) || matches!(char, '>' | '.' | ',' | ';' | ':' | '!'));
        for (open, close, surplus) in &mut surplus {
            if *open != '['
                && let Some(inside) = rest.strip_prefix(*open)
            {
                rest = inside;
                *surplus += 1;
            }
            if *surplus > 0
                && let Some(inside) = rest.strip_suffix(*close)
            {
                rest = inside;
                *surplus -= 1;
            }
        }
        if rest.len() == before {
            return rest;
        }
    }
}

/// The scheme that a broken one stands for, and what follows it, from the colon on.
fn plain_scheme(text: &str) -> Option<(&'static str, &str)> {
    let (word, rest) = text.split_at_checked(text.bytes().take(6).position(|byte| byte == b':')?)?;
    let scheme = match word.to_ascii_lowercase().as_str() {
        "hxxp" | "h**p" | "hxtp" | "htxp" | "h++p" | "h__p" | "meow" => "http",
        "hxxps" | "h**ps" | "hxtps" | "htxps" | "h++ps" | "h__ps" | "meows" => "https",
        "fxp" => "ftp",
        _ => return None,
    };
    Some((scheme, rest))
}

fn is_quote(char: char) -> bool {
    matches!(char, '"' | '\'' | '`' | '\u{00AB}' | '\u{00BB}' | '\u{2018}'..='\u{201F}' | '\u{2039}' | '\u{203A}')
}

fn is_zero_width(char: char) -> bool {
    matches!(char, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}
