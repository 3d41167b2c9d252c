//! Unpacking on a thread of its own, while what comes out of it is made use of.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::{Caps, Decoded, Packing, open};

/// Bytes of a block, and blocks that wait at most.
const BLOCK: usize = 256 << 10;
const WAITING: usize = 4;

/// Opens a large file like [`open`]; what is packed is unpacked ahead of its reader, by one megabyte at most.
///
/// # Errors
/// Those of [`open`], and when no thread can be had.
pub fn open_ahead(reader: impl Read + Send + 'static, caps: Caps) -> io::Result<Box<dyn BufRead + Send>> {
    let decoded = open(reader, caps, None)?;
    match decoded.packing() {
        Packing::Plain => Ok(Box::new(decoded)),
        Packing::Gzip | Packing::Zip | Packing::Zstd => Ok(Box::new(Ahead::new(decoded)?)),
    }
}

/// What another thread reads.
struct Ahead {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    at: usize,
}

impl Ahead {
    fn new(mut reader: Decoded<'static>) -> io::Result<Ahead> {
        let (send, blocks) = sync_channel(WAITING);
        thread::Builder::new().name("unpack".to_owned()).spawn(move || {
            loop {
                let mut block = Vec::with_capacity(BLOCK);
                let read = (&mut reader).take(BLOCK as u64).read_to_end(&mut block);
                let is_last = !matches!(read, Ok(1..));
                // What came before a fault is given first.
                let blocks = [(!block.is_empty()).then_some(Ok(block)), read.err().map(Err)];
                let are_taken = blocks.into_iter().flatten().all(|block| send.send(block).is_ok());
                // Whoever reads may have had enough.
                if is_last || !are_taken {
                    return;
                }
            }
        })?;
        Ok(Ahead { blocks, block: Vec::new(), at: 0 })
    }
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.block.len() {
            // The end, once the thread is gone.
            self.block = self.blocks.recv().unwrap_or_else(|_| Ok(Vec::new()))?;
            self.at = 0;
        }
        Ok(self.block.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl Read for Ahead {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buf)?;
        self.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;
    use crate::capped::CapError;

    fn read(packed: Vec<u8>, caps: Caps) -> (Vec<u8>, Option<io::Error>) {
        let mut input = open_ahead(io::Cursor::new(packed), caps).unwrap();
        let mut bytes = Vec::new();
        loop {
            match input.fill_buf() {
                Ok([]) => return (bytes, None),
                Ok(more) => {
                    bytes.extend_from_slice(more);
                    let length = more.len();
                    input.consume(length);
                }
                Err(error) => return (bytes, Some(error)),
            }
        }
    }

    #[test]
    fn what_comes_ahead_is_what_comes() {
        let text: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(0x9e37_79b1) >> 25) as u8).collect();
        let packed = zstd::encode_all(text.as_slice(), 1).unwrap();
        for packed in [text.clone(), packed.clone()] {
            let (bytes, error) = read(packed, Caps::default());
            assert!(bytes == text && error.is_none());
        }
        // A fault comes where it is, behind what was good.
        let (bytes, error) = read(packed[..packed.len() / 2].to_vec(), Caps::default());
        assert!(!bytes.is_empty() && text.starts_with(&bytes) && error.is_some());
        let caps = Caps { max_decoded_bytes: 1_000_000, ..Caps::default() };
        let (bytes, error) = read(packed, caps);
        assert_eq!(CapError::of(&error.unwrap()), Some(&CapError::TooLargeDecoded(1_000_000)));
        assert!(bytes.len() <= 1_000_000);
    }

    #[test]
    fn nobody_waits_for_a_reader_that_is_gone() {
        let packed = zstd::encode_all(vec![0_u8; 50_000_000].as_slice(), 1).unwrap();
        drop(open_ahead(io::Cursor::new(packed), Caps::default()).unwrap());
    }
}
