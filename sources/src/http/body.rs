//! Bodies: decoded as they come, counted, digested, read, and not kept.

use std::io::{self, Write};
use std::mem;

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use sha2::{Digest, Sha256};

use super::failure::Sign;
use super::page::{Page, PageFacts};

/// What a body came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyFacts {
    /// Octets after decoding that were read.
    pub length: u64,
    /// The SHA-256 of all of them (FIPS 180-4); none if there are more than were read.
    pub sha256: Option<[u8; 32]>,
    /// What the page says, as far as it was read.
    pub page: PageFacts,
}

/// A body in the making.
pub struct Body {
    decoder: Decoder,
}

/// How the body is packed (RFC 9110 8.4.1).
enum Decoder {
    Plain(Box<Content>),
    Gzip(GzDecoder<Box<Content>>),
    Zlib(ZlibDecoder<Box<Content>>),
    /// What some servers call deflate: without the frame of zlib.
    Raw(DeflateDecoder<Box<Content>>),
    /// Called deflate, and not begun.
    Unknown(Box<Content>),
}

impl Body {
    /// A body of which `cap` octets are read, packed as its `Content-Encoding` says: `gzip` or `deflate`. Anything
    /// else is read as it is; we ask for nothing else.
    #[must_use]
    pub fn new(encoding: &[u8], cap: u64) -> Body {
        let content = Box::new(Content::new(cap));
        let encoding = encoding.trim_ascii();
        let is = |word: &[u8]| encoding.eq_ignore_ascii_case(word);
        let decoder = if is(b"gzip") || is(b"x-gzip") {
            Decoder::Gzip(GzDecoder::new(content))
        } else if is(b"deflate") {
            Decoder::Unknown(content)
        } else {
            Decoder::Plain(content)
        };
        Body { decoder }
    }

    /// Takes the next piece. What stands behind the end of the packed content is ignored, as browsers do.
    ///
    /// # Errors
    /// [`Sign::Full`] if there is more than is read, [`Sign::Garbage`] if it cannot be unpacked.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Sign> {
        if let (Decoder::Unknown(content), Some(first)) = (&mut self.decoder, bytes.first()) {
            let content = mem::take(content);
            // RFC 1950 2.2: the method in the first octet is 8. No block of RFC 1951 begins so: it would be a stored
            // one with padding that is not zero.
            self.decoder = match first & 0x0f {
                8 => Decoder::Zlib(ZlibDecoder::new(content)),
                _ => Decoder::Raw(DeflateDecoder::new(content)),
            };
        }
        while !bytes.is_empty() {
            let taken = self.writer().write(bytes).map_err(|error| sign(&error))?;
            if taken == 0 {
                break;
            }
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Takes out what the decoder still holds. A packed content that ends too early is as good as it is.
    ///
    /// # Errors
    /// As [`Body::push`].
    pub fn end(&mut self) -> Result<(), Sign> {
        self.writer().flush().map_err(|error| sign(&error))
    }

    /// What the body came to; `is_whole` if all of it was read.
    #[must_use]
    pub fn finish(mut self, is_whole: bool) -> BodyFacts {
        let content = match &mut self.decoder {
            Decoder::Plain(content) | Decoder::Unknown(content) => content,
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::Zlib(decoder) => decoder.get_mut(),
            Decoder::Raw(decoder) => decoder.get_mut(),
        };
        let Content { sha256, page, length, .. } = mem::take(&mut **content);
        BodyFacts { length, sha256: is_whole.then(|| sha256.finalize().into()), page: page.finish() }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.decoder {
            Decoder::Plain(content) | Decoder::Unknown(content) => content,
            Decoder::Gzip(decoder) => decoder,
            Decoder::Zlib(decoder) => decoder,
            Decoder::Raw(decoder) => decoder,
        }
    }
}

/// The end of what is read.
#[derive(Debug, thiserror::Error)]
#[error("more content than is read")]
struct Full;

fn sign(error: &io::Error) -> Sign {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Full>()) {
        Some(Full) => Sign::Full,
        None => Sign::Garbage,
    }
}

/// Decoded content.
#[derive(Default)]
struct Content {
    sha256: Sha256,
    page: Page,
    length: u64,
    left: u64,
}

impl Content {
    fn new(cap: u64) -> Content {
        Content { left: cap, ..Content::default() }
    }
}

impl Write for Content {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        if count == 0 && !bytes.is_empty() {
            return Err(io::Error::other(Full));
        }
        let bytes = bytes.get(..count).unwrap_or(bytes);
        self.sha256.update(bytes);
        self.page.push(bytes);
        self.length += count as u64;
        self.left -= count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
