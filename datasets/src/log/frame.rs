//! Frames: the one framing of log segments and table files.
//!
//! `length u32 LE, CRC32C u32 LE, version u8, kind u8, payload`. The length counts version, kind and payload; the
//! checksum covers the length as well, so that a flipped length is not followed. What a payload means is said in
//! [`super::v1`].

use std::io::{self, Read, Seek, SeekFrom};

use super::error::Damage;

/// Bytes before the payload.
pub(crate) const HEAD: usize = 10;
/// The version that this program writes and reads.
pub(crate) const VERSION: u8 = 1;
/// The longest payload.
pub(crate) const MAX_PAYLOAD: usize = 64 << 20;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The head of a log segment.
    Header = 1,
    /// The start of an epoch.
    Begin = 2,
    /// Rows of an epoch.
    Rows = 3,
    /// The end of an epoch.
    Commit = 4,
    /// A publication starts.
    Intent = 5,
    /// A publication is done.
    Sealed = 6,
    /// The head of a table file.
    Table = 7,
    /// Compressed rows of a table file.
    Block = 8,
    /// The end of a table file.
    End = 9,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        use Kind::{Begin, Block, Commit, End, Header, Intent, Rows, Sealed, Table};
        [Header, Begin, Rows, Commit, Intent, Sealed, Table, Block, End]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }

    /// Whether a frame of this kind completes a record of the log.
    fn completes(self) -> bool {
        matches!(self, Kind::Commit | Kind::Intent | Kind::Sealed)
    }
}

/// Appends a frame to `out`. The caller keeps payloads below [`MAX_PAYLOAD`].
pub(crate) fn push(kind: Kind, payload: &[&[u8]], out: &mut Vec<u8>) {
    let length: usize = 2 + payload.iter().map(|part| part.len()).sum::<usize>();
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    let head = [VERSION, kind as u8];
    let crc = crc32c::crc32c_append(crc32c::crc32c(&length), &head);
    let crc = payload.iter().fold(crc, |crc, part| crc32c::crc32c_append(crc, part));
    out.extend_from_slice(&length);
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&head);
    payload.iter().for_each(|part| out.extend_from_slice(part));
}

/// What a reader found where a frame should start.
#[derive(Debug)]
pub(crate) enum Found {
    /// A frame; its payload is in [`Frames::payload`].
    Frame(Kind),
    /// The input ends here.
    End,
    /// Something that is no frame.
    Damaged(Damage),
    /// A frame of a version that this program does not read.
    Version(u8),
}

/// Reads frames one after another.
#[derive(Debug)]
pub(crate) struct Frames<R> {
    input: R,
    at: u64,
    next: u64,
    payload: Vec<u8>,
}

impl<R: Read> Frames<R> {
    /// Reads frames from `input`, which stands at byte `at` of its file.
    pub(crate) fn new(input: R, at: u64) -> Frames<R> {
        Frames { input, at, next: at, payload: Vec::new() }
    }

    /// Where the frame that was found last starts.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Where the frame that was found last ends.
    pub(crate) fn next_at(&self) -> u64 {
        self.next
    }

    /// The payload of the frame that was found last.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The input, to be asked for what it counted.
    pub(crate) fn input(&mut self) -> &mut R {
        &mut self.input
    }

    /// Says that the input was read up to byte `at` by other means.
    pub(crate) fn skip_to(&mut self, at: u64) {
        self.next = at;
    }

    /// Reads the next frame.
    pub(crate) fn find(&mut self) -> io::Result<Found> {
        self.at = self.next;
        self.payload.clear();
        let mut head = [0; HEAD];
        match read_up_to(&mut self.input, &mut head)? {
            0 => return Ok(Found::End),
            HEAD => {}
            _ => return Ok(Found::Damaged(Damage::Torn)),
        }
        let Some(head) = Head::read(&head) else {
            return Ok(Found::Damaged(Damage::Length));
        };
        // Taken from what is there, so that a wrong length cannot ask for memory.
        let arrived = (&mut self.input).take(head.payload as u64).read_to_end(&mut self.payload)?;
        if arrived < head.payload {
            return Ok(Found::Damaged(Damage::Torn));
        }
        if !head.matches(&self.payload) {
            return Ok(Found::Damaged(Damage::Checksum));
        }
        self.next += (HEAD + head.payload) as u64;
        if head.version != VERSION {
            return Ok(Found::Version(head.version));
        }
        Ok(Kind::of(head.kind).map_or(Found::Damaged(Damage::Order), Found::Frame))
    }
}

/// The bytes before a payload.
struct Head {
    length: [u8; 4],
    crc: u32,
    version: u8,
    kind: u8,
    payload: usize,
}

impl Head {
    fn read(bytes: &[u8; HEAD]) -> Option<Head> {
        let [l0, l1, l2, l3, c0, c1, c2, c3, version, kind] = *bytes;
        let length = [l0, l1, l2, l3];
        let payload = usize::try_from(u32::from_le_bytes(length)).ok()?.checked_sub(2)?;
        let crc = u32::from_le_bytes([c0, c1, c2, c3]);
        (payload <= MAX_PAYLOAD).then_some(Head { length, crc, version, kind, payload })
    }

    fn matches(&self, payload: &[u8]) -> bool {
        let crc = crc32c::crc32c_append(crc32c::crc32c(&self.length), &[self.version, self.kind]);
        crc32c::crc32c_append(crc, payload) == self.crc
    }
}

/// Whether a complete record ends anywhere in `file` at or after byte `from`: then what stands before it was once
/// whole. Looks at every offset, with little memory.
pub(crate) fn record_after<F: Read + Seek>(file: &mut F, from: u64) -> io::Result<bool> {
    const WINDOW: usize = 1 << 20;
    let mut window = vec![0; WINDOW + HEAD - 1];
    let mut at = from;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let filled = read_up_to(file, &mut window)?;
        for (offset, bytes) in window[..filled].windows(HEAD).enumerate() {
            let Some(head) = bytes.try_into().ok().and_then(Head::read) else {
                continue;
            };
            if head.version != VERSION || !Kind::of(head.kind).is_some_and(Kind::completes) {
                continue;
            }
            file.seek(SeekFrom::Start(at + (offset + HEAD) as u64))?;
            let mut payload = Vec::new();
            let arrived = Read::take(&mut *file, head.payload as u64).read_to_end(&mut payload)?;
            if arrived == head.payload && head.matches(&payload) {
                return Ok(true);
            }
        }
        if filled < window.len() {
            return Ok(false);
        }
        at += WINDOW as u64;
    }
}

/// Fills `buffer` as far as the input goes.
pub(crate) fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
