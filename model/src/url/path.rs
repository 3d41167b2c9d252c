//! The path of a URL in Safe Browsing form: `/./` and `/../` resolved, runs of slashes made one.

use super::escape::{self, Escape};

/// Writes path and query. `tail` begins with a slash, with `?`, or is empty; escapes in it are undone.
pub(super) fn write_tail(out: &mut String, tail: &[u8], escape: Escape) {
    if let Some(text) = plain(tail) {
        out.push_str(text);
        return;
    }
    let unescaped;
    let tail = if memchr::memchr(b'%', tail).is_some() {
        unescaped = escape::unescape(tail.iter().copied());
        unescaped.as_slice()
    } else {
        tail
    };
    let (path, query) = match memchr::memchr(b'?', tail) {
        Some(at) => tail.split_at_checked(at).unwrap_or((tail, &[])),
        None => (tail, [].as_slice()),
    };
    write_path(out, path, escape);
    // A backslash in a query is no slash to anybody.
    escape::escape_into(out, query, Escape::SafeBrowsing);
}

/// The tail as it is, if it is in canonical form already: most are.
fn plain(tail: &[u8]) -> Option<&str> {
    if tail.first() != Some(&b'/') {
        return None;
    }
    // Without an early exit these loops become vector code.
    let strange = tail.iter().fold(false, |strange, &byte| strange | !escape::is_plain(byte) | (byte == b'\\'));
    let path = tail.get(..memchr::memchr(b'?', tail).unwrap_or(tail.len()))?;
    let dotted = path
        .iter()
        .zip(path.iter().skip(1))
        .fold(false, |dotted, (&slash, &next)| dotted | ((slash == b'/') & ((next == b'/') | (next == b'.'))));
    if strange | dotted { None } else { std::str::from_utf8(tail).ok() }
}

fn write_path(out: &mut String, path: &[u8], escape: Escape) {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut folder = true;
    for segment in path.split(|&byte| byte == b'/') {
        folder = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    for segment in &kept {
        out.push('/');
        escape::escape_into(out, segment, escape);
    }
    if folder || kept.is_empty() {
        out.push('/');
    }
}
