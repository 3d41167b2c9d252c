//! One member of a zip archive, read from front to back by its local headers.
//!
//! The central directory at the end is not used: it would need a file that can seek, and a hostile one can list
//! millions of members. So a stored member whose length follows it cannot be read (no writer of feeds makes
//! one). The checksum is compared at the end, like that of gzip.

use std::io::{self, BufRead, Read};

use flate2::bufread::DeflateDecoder;

use super::CapError;

/// Members that are looked through for a name.
const MAX_MEMBERS: usize = 1000;

/// A member that is being read.
pub(super) struct Member<R> {
    /// None once the end was reached and checked.
    body: Option<Body<R>>,
    crc: flate2::Crc,
    header: Header,
}

enum Body<R> {
    Stored(io::Take<R>),
    Deflated(Box<DeflateDecoder<R>>),
}

struct Header {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    name: Vec<u8>,
}

impl<R: BufRead> Member<R> {
    /// Goes forward to the member `name`, or to the first file; `max_passed` is how much may be unpacked on the way.
    pub(super) fn find(mut reader: R, name: Option<&str>, max_passed: u64) -> io::Result<Member<R>> {
        let mut left = max_passed;
        for _ in 0..MAX_MEMBERS {
            let Some(header) = Header::read(&mut reader)? else { break };
            let folder = header.name.ends_with(b"/");
            let wanted = name.map_or(!folder, |name| header.name == name.as_bytes());
            let mut member = Member::open(reader, header)?;
            if wanted {
                return Ok(member);
            }
            // A bomb in front of the member costs no more than one in its place.
            let passed = io::copy(&mut (&mut member).take(left.saturating_add(1)), &mut io::sink())?;
            left = left.checked_sub(passed).ok_or(CapError::TooLargeDecoded(max_passed))?;
            match member.into_reader() {
                Some(rest) => reader = rest,
                None => break,
            }
        }
        Err(CapError::NoMember(name.unwrap_or("(any file)").to_owned()).into())
    }

    fn open(reader: R, header: Header) -> io::Result<Member<R>> {
        if header.flags & 1 != 0 {
            return Err(CapError::Zip("it is encrypted").into());
        }
        let body = match header.method {
            0 if header.flags & 8 != 0 => {
                return Err(CapError::Zip("a stored member does not say its length").into());
            }
            0 => Body::Stored(reader.take(header.packed)),
            8 => Body::Deflated(Box::new(DeflateDecoder::new(reader))),
            _ => return Err(CapError::Zip("a member is packed by another method than deflate").into()),
        };
        Ok(Member { body: Some(body), crc: flate2::Crc::new(), header })
    }

    fn into_reader(self) -> Option<R> {
        match self.body? {
            Body::Stored(take) => Some(take.into_inner()),
            Body::Deflated(decoder) => Some(decoder.into_inner()),
        }
    }

    /// Reads what follows the data and compares the checksum.
    fn finish(&mut self) -> io::Result<()> {
        let mut crc = self.header.crc;
        match &mut self.body {
            Some(Body::Stored(take)) if take.limit() > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(Body::Deflated(decoder)) if self.header.flags & 8 != 0 => {
                crc = descriptor(decoder.get_mut())?;
            }
            _ => {}
        }
        // Once only: a second read at the end must not take the next header for a descriptor.
        self.header.flags &= !8;
        self.header.crc = crc;
        if crc == self.crc.sum() { Ok(()) } else { Err(CapError::Zip("its checksum is wrong").into()) }
    }
}

impl<R: BufRead> Read for Member<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.body {
            Some(Body::Stored(take)) => take.read(buf)?,
            Some(Body::Deflated(decoder)) => decoder.read(buf)?,
            None => 0,
        };
        self.crc.update(buf.get(..count).unwrap_or_default());
        if count == 0 && !buf.is_empty() {
            self.finish()?;
        }
        Ok(count)
    }
}

impl Header {
    /// The next local header; none where the central directory begins.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Header>> {
        let mut signature = [0; 4];
        reader.read_exact(&mut signature)?;
        match &signature {
            b"PK\x03\x04" => {}
            b"PK\x01\x02" | b"PK\x05\x06" | b"PK\x06\x06" => return Ok(None),
            _ => return Err(CapError::Zip("no member begins where one should").into()),
        }
        let mut fixed = [0; 26];
        reader.read_exact(&mut fixed)?;
        let u16_at = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        let mut name = vec![0; usize::from(u16_at(22))];
        reader.read_exact(&mut name)?;
        let mut extra = vec![0; usize::from(u16_at(24))];
        reader.read_exact(&mut extra)?;
        let packed = match u32_at(14) {
            u32::MAX => zip64_packed(&extra).ok_or(CapError::Zip("a member does not say its length"))?,
            packed => u64::from(packed),
        };
        Ok(Some(Header { flags: u16_at(2), method: u16_at(4), crc: u32_at(10), packed, name }))
    }
}

/// The packed length in the zip64 extra field: after the unpacked one, as a local header has both.
fn zip64_packed(mut extra: &[u8]) -> Option<u64> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let field = rest.get(..length)?;
        if head[..2] == [1, 0] {
            return Some(u64::from_le_bytes(*field.get(8..)?.first_chunk()?));
        }
        extra = rest.get(length..)?;
    }
    None
}

/// The checksum in the descriptor after a member. Its signature is optional; the lengths that follow it have
/// four bytes or eight, which only the next signature tells, so that they are found by looking for it.
fn descriptor(reader: &mut impl BufRead) -> io::Result<u32> {
    let mut word = [0; 4];
    reader.read_exact(&mut word)?;
    if &word == b"PK\x07\x08" {
        reader.read_exact(&mut word)?;
    }
    let crc = u32::from_le_bytes(word);
    let mut lengths = [0; 8];
    reader.read_exact(&mut lengths)?;
    if !reader.fill_buf()?.starts_with(b"P") {
        reader.read_exact(&mut lengths)?;
    }
    Ok(crc)
}
