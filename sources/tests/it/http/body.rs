//! Bodies: packed in any way, cut anywhere, larger than is read.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use panopticon_sources::http::body::{Body, BodyFacts};
use panopticon_sources::http::failure::Sign;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use sha2::{Digest, Sha256};

const PAGE: &[u8] = b"<title>Sign in</title><p>Sign in to your bank account";

fn read(encoding: &str, cap: u64, body: &[u8], piece: usize) -> (BodyFacts, Result<(), Sign>) {
    let mut reader = Body::new(encoding.as_bytes(), cap);
    let result = body.chunks(piece.max(1)).try_for_each(|chunk| reader.push(chunk)).and_then(|()| reader.end());
    (reader.finish(result.is_ok()), result)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_same_content_whatever_it_is_packed_in() {
    let sha256: [u8; 32] = Sha256::digest(PAGE).into();
    for (encoding, body) in [
        ("", PAGE.to_vec()),
        ("identity", PAGE.to_vec()),
        ("gzip", gzip(PAGE)),
        ("X-GZIP ", gzip(PAGE)),
        ("deflate", zlib(PAGE)),
        ("deflate", deflate(PAGE)),
        // What stands behind the end is not content.
        ("gzip", [gzip(PAGE), b"<title>tail</title>".to_vec()].concat()),
    ] {
        for piece in [1, 2, 3, 7, 1000] {
            let (facts, result) = read(encoding, 1 << 20, &body, piece);
            assert_eq!(result, Ok(()), "{encoding} {piece}");
            assert_eq!((facts.length, facts.sha256), (PAGE.len() as u64, Some(sha256)), "{encoding} {piece}");
            assert_eq!(facts.page.title.as_deref(), Some("Sign in"), "{encoding} {piece}");
        }
    }
}

#[test]
fn other_packings_are_read_as_they_are() {
    let (facts, result) = read("br", 1 << 20, &gzip(PAGE), 10);
    assert_eq!((result, facts.length), (Ok(()), gzip(PAGE).len() as u64));
    assert_eq!((facts.page.title, facts.page.similarity), (None, None));
    assert_eq!(read("gzip", 10, b"", 1), (read("", 10, b"", 1).0, Ok(())));
    assert_eq!(read("deflate", 10, b"", 1), (read("", 10, b"", 1).0, Ok(())));
}

#[test]
fn damaged_packings() {
    let whole = gzip(&PAGE.repeat(100));
    let mut damaged = whole.clone();
    damaged[20..40].fill(0xff);
    assert_eq!(read("gzip", 1 << 20, &damaged, 100).1, Err(Sign::Garbage));
    assert_eq!(read("gzip", 1 << 20, PAGE, 100).1, Err(Sign::Garbage));
    assert_eq!(read("deflate", 1 << 20, b"\x78nonsense", 100).1, Err(Sign::Garbage));
    // Cut off: what was there counts, as in a browser.
    let (facts, result) = read("gzip", 1 << 20, &whole[..whole.len() - 12], 100);
    assert_eq!((result, facts.page.title.as_deref()), (Ok(()), Some("Sign in")));
}

#[test]
fn more_than_is_read() {
    let at_cap = vec![b'a'; 1000];
    let (facts, result) = read("", 1000, &at_cap, 64);
    assert_eq!((result, facts.length, facts.sha256.is_some()), (Ok(()), 1000, true));
    for encoding in ["", "gzip", "deflate"] {
        let body = vec![b'a'; 1001];
        let body = match encoding {
            "gzip" => gzip(&body),
            "deflate" => zlib(&body),
            _ => body,
        };
        for piece in [1, 2000] {
            let (facts, result) = read(encoding, 1000, &body, piece);
            let seen = (result, facts.length, facts.sha256);
            assert_eq!(seen, (Err(Sign::Full), 1000, None), "{encoding} {piece}");
            assert!(facts.page.similarity.is_some());
        }
    }
}

#[test]
fn a_bomb_is_read_up_to_the_cap() {
    // 200 MB of zeros, a small part at a time.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..200 {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let (facts, result) = read("gzip", 1 << 20, &bomb, bomb.len());
    assert_eq!((result, facts.length), (Err(Sign::Full), 1 << 20));
}

proptest! {
    #[test]
    fn any_body_has_an_end(body in proptest::collection::vec(any::<u8>(), 0..300), piece in 1usize..50, cap in 0u64..400) {
        for encoding in ["", "gzip", "deflate"] {
            let (facts, result) = read(encoding, cap, &body, piece);
            prop_assert!(facts.length <= cap);
            prop_assert_eq!(facts.sha256.is_some(), result.is_ok());
        }
    }

    #[test]
    fn any_damage_has_an_end(at in 0usize..200, bit in 0u8..8, piece in 1usize..50) {
        for (encoding, mut body) in [("gzip", gzip(&PAGE.repeat(5))), ("deflate", zlib(&PAGE.repeat(5)))] {
            let at = at % body.len();
            body[at] ^= 1 << bit;
            let (facts, _) = read(encoding, 200, &body, piece);
            prop_assert!(facts.length <= 200);
        }
    }
}
