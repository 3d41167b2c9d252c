//! Tags: their name and the attributes that we look for.

/// The name of a tag, as written; that of an end tag begins with a slash.
pub(super) fn name(tag: &[u8]) -> &[u8] {
    let rest = tag.strip_prefix(b"/").unwrap_or(tag);
    let end = rest.iter().position(|byte| is_blank(*byte) || *byte == b'/').unwrap_or(rest.len());
    tag.get(..tag.len() - rest.len() + end).unwrap_or(tag)
}

/// What a `meta` tag says instead of a `Refresh` header; none if it stands for another header.
pub(super) fn refresh(tag: &[u8]) -> Option<&[u8]> {
    let of = |wanted: &[u8]| {
        Attributes(tag.get(name(tag).len()..)?).find(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    let (_, header) = of(b"http-equiv")?;
    let (_, content) = of(b"content")?;
    header.trim_ascii().eq_ignore_ascii_case(b"refresh").then_some(content)
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

/// The attributes of a tag: name and value (WHATWG HTML, 13.1.2.3).
struct Attributes<'t>(&'t [u8]);

impl<'t> Attributes<'t> {
    /// Takes octets as long as they are wanted.
    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'t [u8] {
        let end = self.0.iter().position(|byte| !wanted(*byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t [u8], &'t [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.take(|byte| is_blank(byte) || matches!(byte, b'/' | b'='));
        let name = self.take(|byte| !is_blank(byte) && !matches!(byte, b'/' | b'='));
        if name.is_empty() {
            return None;
        }
        self.take(is_blank);
        let Some(rest) = self.0.strip_prefix(b"=") else { return Some((name, b"")) };
        self.0 = rest;
        self.take(is_blank);
        let value = match self.0 {
            [quote @ (b'"' | b'\''), rest @ ..] => {
                self.0 = rest;
                let value = self.take(|byte| byte != *quote);
                self.0 = self.0.get(1..).unwrap_or_default();
                value
            }
            _ => self.take(|byte| !is_blank(byte)),
        };
        Some((name, value))
    }
}
