//! Pages: what a body says, read as it comes and not kept.
//!
//! ```text
//! bytes ──push──► markup, comments, scripts skipped ──► words ──► similarity hash
//!                 first <title>                     ──► title
//!                 first <meta http-equiv=refresh>   ──► where it sends a browser by itself
//! ```
//!
//! A small part of the tokenizer of HTML (WHATWG, 13.2.5): enough to tell text from markup, and no tree. Nothing is
//! executed. How the bytes are cut into pieces does not matter, and a page of any size costs a few kilobytes.

mod entity;
mod markup;
mod shingles;

use compact_str::CompactString;

use self::shingles::Shingles;
use super::admit::MAX_URL;
use super::chain;
use super::text::clean;

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Its first title: cleaned, at most 200 characters.
    pub title: Option<CompactString>,
    /// The URL that a meta element names to which a browser would go by itself, as it is written there.
    pub refresh: Option<Box<str>>,
    /// The similarity hash of its visible words; none if it is no text.
    pub similarity: Option<u64>,
}

/// Reads a whole page.
#[must_use]
pub fn read(page: &[u8]) -> PageFacts {
    let mut reader = Page::default();
    reader.push(page);
    reader.finish()
}

/// Octets that tell text from other content (WHATWG MIME Sniffing, 5.2).
const HEAD: usize = 1445;
/// Octets of a tag that are looked at; those behind are skipped.
const MAX_TAG: usize = 4096;
/// Octets of a title that are looked at.
const MAX_TITLE: usize = 4096;

/// A reader of a page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    state: State,
    words: Shingles,
    /// Octets seen of the first [`HEAD`].
    looked_at: usize,
    is_binary: bool,
    tag: Vec<u8>,
    title: Title,
    refresh: Option<Box<str>>,
}

#[derive(Clone, Debug, Default)]
struct Title {
    text: Vec<u8>,
    /// Whether its end was seen, so that others do not count.
    is_done: bool,
    /// Where the last `<` stands in it, which may begin its end.
    mark: usize,
}

/// Where the reader stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Behind a `&`, so many octets.
    Entity(u8),
    /// Behind a `<`.
    Open,
    /// Behind a `</`.
    Close,
    /// Behind a `<!`, or a `<!-`.
    Bang(bool),
    /// In a comment, behind so many hyphens, at most two.
    Comment(u8),
    /// In something that ends at the next `>`.
    Bogus,
    /// In a tag; in a quoted value, or behind a `=`, or neither.
    Tag(Quote),
    /// In an element whose content is no markup, with so many octets of its end tag seen.
    Raw(&'static [u8], u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    None,
    Equals,
    Inside(u8),
}

/// Elements whose content is neither markup nor shown as text (WHATWG HTML, 13.2.5.2 and 13.2.5.3).
const RAW: [&[u8]; 8] = [TITLE, b"script", b"style", b"textarea", b"iframe", b"noembed", b"noframes", b"xmp"];
const TITLE: &[u8] = b"title";

impl Page {
    /// Reads on.
    pub fn push(&mut self, bytes: &[u8]) {
        let head = bytes.iter().take(HEAD - self.looked_at.min(HEAD));
        self.is_binary |= head.clone().any(|byte| is_binary(*byte));
        self.looked_at += head.len();
        if self.is_binary {
            return;
        }
        for byte in bytes {
            self.state = self.step(*byte);
        }
    }

    /// What the page says, when all of it was read.
    #[must_use]
    pub fn finish(mut self) -> PageFacts {
        if self.is_binary {
            return PageFacts::default();
        }
        self.words.end_word();
        let title = entity::decode(&self.title.text);
        PageFacts { title: clean(&title), refresh: self.refresh, similarity: Some(self.words.hash()) }
    }

    fn step(&mut self, byte: u8) -> State {
        match self.state {
            State::Text => self.text(byte),
            State::Entity(count) if count < 32 && (byte.is_ascii_alphanumeric() || byte == b'#') => {
                State::Entity(count + 1)
            }
            State::Entity(_) => self.text(byte),
            State::Open => match byte {
                b'/' => State::Close,
                b'!' => State::Bang(false),
                b'?' => State::Bogus,
                _ if byte.is_ascii_alphabetic() => self.begin_tag(&[byte]),
                _ => self.text(byte),
            },
            State::Close if byte.is_ascii_alphabetic() => self.begin_tag(&[b'/', byte]),
            State::Bang(false) if byte == b'-' => State::Bang(true),
            State::Bang(true) if byte == b'-' => State::Comment(2),
            State::Close | State::Bang(_) | State::Bogus => match byte {
                b'>' => State::Text,
                _ => State::Bogus,
            },
            State::Comment(2) if byte == b'>' => State::Text,
            State::Comment(hyphens) => State::Comment(if byte == b'-' { (hyphens + 1).min(2) } else { 0 }),
            State::Tag(quote) => self.tag(quote, byte),
            State::Raw(name, matched) => self.raw(name, matched, byte),
        }
    }

    /// Every tag ends a word: where a line breaks only a layout would tell.
    fn text(&mut self, byte: u8) -> State {
        if byte.is_ascii_alphanumeric() || !byte.is_ascii() {
            self.words.letter(byte);
            return State::Text;
        }
        self.words.end_word();
        match byte {
            b'<' => State::Open,
            b'&' => State::Entity(0),
            _ => State::Text,
        }
    }

    fn begin_tag(&mut self, bytes: &[u8]) -> State {
        self.tag.clear();
        self.tag.extend(bytes);
        State::Tag(Quote::None)
    }

    fn tag(&mut self, quote: Quote, byte: u8) -> State {
        let next = match (quote, byte) {
            (Quote::Inside(open), _) if byte == open => Quote::None,
            (Quote::Inside(_), _) => quote,
            (_, b'>') => return self.end_tag(),
            (Quote::Equals, b'"' | b'\'') => Quote::Inside(byte),
            (_, b'=') => Quote::Equals,
            (_, _) if byte.is_ascii_whitespace() => quote,
            _ => Quote::None,
        };
        if self.tag.len() < MAX_TAG {
            self.tag.push(byte);
        }
        State::Tag(next)
    }

    fn end_tag(&mut self) -> State {
        let name = markup::name(&self.tag);
        if let Some(raw) = RAW.into_iter().find(|raw| name.eq_ignore_ascii_case(raw)) {
            return State::Raw(raw, 0);
        }
        if self.refresh.is_none() && name.eq_ignore_ascii_case(b"meta") {
            let value = markup::refresh(&self.tag).map(entity::decode);
            let url = value.as_deref().and_then(chain::refresh).filter(|url| url.len() <= MAX_URL);
            self.refresh = url.map(Into::into);
        }
        State::Text
    }

    fn raw(&mut self, name: &'static [u8], matched: u8, byte: u8) -> State {
        let is_title = name == TITLE && !self.title.is_done;
        let wanted = match matched {
            0 => Some(b'<'),
            1 => Some(b'/'),
            _ => name.get(usize::from(matched) - 2).copied(),
        };
        if wanted.is_none() && (byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')) {
            if is_title {
                self.title.text.truncate(self.title.mark);
                self.title.is_done = true;
            }
            return if byte == b'>' { State::Text } else { self.begin_tag(b"/") };
        }
        if is_title {
            if byte == b'<' {
                self.title.mark = self.title.text.len();
            }
            if self.title.text.len() < MAX_TITLE {
                self.title.text.push(byte);
            }
        }
        match wanted {
            Some(wanted) if byte.eq_ignore_ascii_case(&wanted) => State::Raw(name, matched + 1),
            _ => State::Raw(name, u8::from(byte == b'<')),
        }
    }
}

/// A byte that no text has (WHATWG MIME Sniffing, "binary data byte").
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}
