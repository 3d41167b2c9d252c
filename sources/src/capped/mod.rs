//! The one guarded door for hostile bytes: gzip, zip, zstd or plain in, a bounded stream of plain bytes out.
//!
//! [`open`] looks at the first bytes, never at a name or a header, and decodes while it reads: nothing is held
//! but the windows of the decoders, so a bomb costs time up to its cap and no memory. Both ends are capped: the
//! bytes that go in and the bytes that come out. Every cap that is reached is an error and never a short read,
//! because a snapshot that was cut off looks like a mass removal.
//!
//! It does not look into the content, and it does not unpack a second layer.

use std::io::{self, BufRead, BufReader, Read};

mod ahead;
mod lines;
mod zip;

pub use ahead::open_ahead;
pub use lines::{Faults, Line, read_line};

/// What may pass the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Bytes before decoding: of a body or a file.
    pub max_bytes: u64,
    /// Bytes after decoding.
    pub max_decoded_bytes: u64,
}

impl Default for Caps {
    /// 256 MiB in, 1 GiB out.
    fn default() -> Self {
        Caps { max_bytes: 256 << 20, max_decoded_bytes: 1 << 30 }
    }
}

/// Why bytes were not let in. Readers carry it inside an [`io::Error`]; [`CapError::of`] finds it there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CapError {
    /// More bytes than a source may send. Raise `max_bytes` if the source has really grown.
    #[error("more than {0} bytes before decoding; raise `max_bytes` if the source is really that large")]
    TooLarge(u64),
    /// More bytes than may come out of the decoder. Raise `max_decoded_bytes` if the source has really grown.
    #[error("more than {0} bytes after decoding; raise `max_decoded_bytes` if the source is really that large")]
    TooLargeDecoded(u64),
    /// The zip archive cannot be read: encrypted, an unusual method, damaged. Ask the source for another form.
    #[error("the zip archive cannot be read: {0}")]
    Zip(&'static str),
    /// The zip archive lacks the member that was asked for. Correct `member`.
    #[error("the zip archive has no member `{0}`; correct `member`")]
    NoMember(String),
}

impl CapError {
    /// The cap error inside an I/O error, if it is one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&CapError> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<CapError> for io::Error {
    fn from(error: CapError) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// How the bytes were packed, by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952, one member or several.
    Gzip,
    /// A zip archive; one member of it is read.
    Zip,
    /// RFC 8878, one frame or several.
    Zstd,
    /// Anything else is passed on as it is.
    Plain,
}

impl Packing {
    /// The packing that `head` begins with.
    #[must_use]
    pub fn of(head: &[u8]) -> Packing {
        match head {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packing::Zip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            [low, 0x2a, 0x4d, 0x18, ..] if (0x50..=0x5f).contains(low) => Packing::Zstd,
            _ => Packing::Plain,
        }
    }
}

/// The largest window that a zstd frame may ask for, as a power of two: 128 MiB, what `zstd -22` writes.
const ZSTD_WINDOW_LOG: u32 = 27;
/// Buffers on both sides of a decoder.
const BUFFER: usize = 1 << 20;

/// A bounded stream of decoded bytes. Read errors may carry a [`CapError`].
pub struct Decoded<'r> {
    inner: Limited<Box<dyn BufRead + Send + 'r>>,
    packing: Packing,
}

/// Opens `reader` under `caps`; of a zip archive, reads the member of that name, or the first file in it.
///
/// # Errors
/// I/O errors of the reader, and a [`CapError`] inside an I/O error when a zip archive cannot be read.
pub fn open<'r>(reader: impl Read + Send + 'r, caps: Caps, member: Option<&str>) -> io::Result<Decoded<'r>> {
    let limited =
        Limited::new(BufReader::with_capacity(BUFFER, reader), caps.max_bytes, CapError::TooLarge(caps.max_bytes));
    let mut head = Vec::with_capacity(4);
    let mut limited = limited;
    (&mut limited).take(4).read_to_end(&mut head)?;
    let packing = Packing::of(&head);
    let raw = Head { head: io::Cursor::new(head), rest: limited };
    let inner: Box<dyn BufRead + Send + 'r> = match packing {
        Packing::Plain => Box::new(raw),
        Packing::Gzip => buffered(flate2::bufread::MultiGzDecoder::new(raw)),
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(raw)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            buffered(decoder)
        }
        Packing::Zip => buffered(zip::Member::find(raw, member, caps.max_decoded_bytes)?),
    };
    let inner = Limited::new(inner, caps.max_decoded_bytes, CapError::TooLargeDecoded(caps.max_decoded_bytes));
    Ok(Decoded { inner, packing })
}

fn buffered<'r>(reader: impl Read + Send + 'r) -> Box<dyn BufRead + Send + 'r> {
    Box::new(BufReader::with_capacity(BUFFER, reader))
}

impl Decoded<'_> {
    /// How the bytes were packed.
    #[must_use]
    pub fn packing(&self) -> Packing {
        self.packing
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf)
    }
}

impl BufRead for Decoded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

/// A reader that fails, rather than ends, after a number of bytes.
struct Limited<R> {
    inner: R,
    left: u64,
    error: CapError,
}

impl<R: BufRead> Limited<R> {
    fn new(inner: R, limit: u64, error: CapError) -> Self {
        Limited { inner, left: limit, error }
    }
}

impl<R: BufRead> BufRead for Limited<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let buffer = self.inner.fill_buf()?;
        if self.left == 0 && !buffer.is_empty() {
            return Err(self.error.clone().into());
        }
        let end = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        Ok(buffer.get(..end).unwrap_or(buffer))
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Limited<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buf)?;
        self.consume(count);
        Ok(count)
    }
}

/// The bytes that were looked at, and then the rest.
struct Head<R> {
    head: io::Cursor<Vec<u8>>,
    rest: R,
}

impl<R: BufRead> BufRead for Head<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.head.position() < self.head.get_ref().len() as u64 {
            self.head.fill_buf()
        } else {
            self.rest.fill_buf()
        }
    }

    fn consume(&mut self, amount: usize) {
        if self.head.position() < self.head.get_ref().len() as u64 {
            self.head.consume(amount);
        } else {
            self.rest.consume(amount);
        }
    }
}

impl<R: BufRead> Read for Head<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buf)?;
        self.consume(count);
        Ok(count)
    }
}
