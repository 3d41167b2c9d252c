//! The guarded door: packings, caps, damage.

use std::io::{self, Cursor, Read, Write};

use panopticon_sources::capped::{self, CapError, Caps, Faults, Line, Packing, read_line};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

fn unpack(bytes: &[u8], caps: Caps, member: Option<&str>) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    capped::open(bytes, caps, member)?.read_to_end(&mut content)?;
    Ok(content)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(content).unwrap();
    gzip.finish().unwrap()
}

/// An archive of other people's making. A stream cannot go back to fill in lengths, and writes them behind.
fn archive(members: &[(&str, &[u8])], stored: bool, streamed: bool) -> Vec<u8> {
    fn fill<W: Write + io::Seek>(mut zip: zip::ZipWriter<W>, members: &[(&str, &[u8])], stored: bool) -> W {
        let method = if stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method);
        for (name, content) in members {
            if name.ends_with('/') {
                zip.add_directory(*name, options).unwrap();
            } else {
                zip.start_file(*name, options).unwrap();
                zip.write_all(content).unwrap();
            }
        }
        zip.finish().unwrap()
    }
    if streamed {
        fill(zip::ZipWriter::new_stream(Vec::new()), members, stored).into_inner()
    } else {
        fill(zip::ZipWriter::new(Cursor::new(Vec::new())), members, stored).into_inner()
    }
}

fn cap_error(result: io::Result<Vec<u8>>) -> CapError {
    CapError::of(&result.unwrap_err()).unwrap().clone()
}

#[test]
fn every_packing_is_told_by_its_first_bytes() {
    let content = b"1,a.xx\n".repeat(1000);
    let zstd = zstd::encode_all(content.as_slice(), 3).unwrap();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9], zstd.as_slice()].concat();
    for (bytes, packing) in [
        (content.clone(), Packing::Plain),
        (gzip(&content), Packing::Gzip),
        (zstd, Packing::Zstd),
        (skippable, Packing::Zstd),
        (archive(&[("a.csv", &content)], false, false), Packing::Zip),
        (archive(&[("a.csv", &content)], true, false), Packing::Zip),
        (archive(&[("a.csv", &content)], false, true), Packing::Zip),
    ] {
        assert_eq!(Packing::of(&bytes), packing);
        assert!(unpack(&bytes, Caps::default(), None).unwrap() == content, "{packing:?}");
        // Cut off, it is an error; of plain content nobody can tell.
        if packing != Packing::Plain {
            let cut = bytes.len() * 2 / 3;
            // What follows the member of an archive is not read.
            let is_member_whole = packing == Packing::Zip && cut + 80 > bytes.len();
            assert!(is_member_whole || unpack(&bytes[..cut], Caps::default(), None).is_err(), "{packing:?}");
        }
    }
    // Several members and frames follow each other.
    assert_eq!(unpack(&[gzip(b"a"), gzip(b"b")].concat(), Caps::default(), None).unwrap(), b"ab");
    for short in [&b""[..], b"P", b"\x1f", b"PK\x03"] {
        assert_eq!(unpack(short, Caps::default(), None).unwrap(), short);
    }
}

#[test]
fn caps_are_errors_and_exact() {
    let content = vec![b'x'; 1000];
    for bytes in [
        content.clone(),
        gzip(&content),
        zstd::encode_all(content.as_slice(), 3).unwrap(),
        archive(&[("a", &content)], false, false),
    ] {
        let caps = |max_bytes: usize, max_decoded_bytes| Caps { max_bytes: max_bytes as u64, max_decoded_bytes };
        assert!(unpack(&bytes, caps(bytes.len(), 1000), None).is_ok());
        assert_eq!(cap_error(unpack(&bytes, caps(bytes.len(), 999), None)), CapError::TooLargeDecoded(999));
        assert_eq!(cap_error(unpack(&bytes, caps(12, 1000), None)), CapError::TooLarge(12));
    }
}

#[test]
fn a_bomb_stops_at_its_cap() {
    // 1 GiB of zeros in 1 MiB; what is read is what was allowed.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    io::copy(&mut io::repeat(0).take(64 << 20), &mut gzip).unwrap();
    let bomb = gzip.finish().unwrap().repeat(16);
    let caps = Caps { max_decoded_bytes: 100 << 20, ..Caps::default() };
    let mut reader = capped::open(bomb.as_slice(), caps, None).unwrap();
    let mut read = 0;
    let mut buffer = vec![0; 1 << 16];
    let error = loop {
        match reader.read(&mut buffer) {
            Ok(count) => read += count as u64,
            Err(error) => break error,
        }
    };
    assert_eq!(read, caps.max_decoded_bytes);
    assert_eq!(CapError::of(&error), Some(&CapError::TooLargeDecoded(caps.max_decoded_bytes)));
}

#[test]
fn members_of_zip_archives() {
    for streamed in [false, true] {
        let bytes = archive(&[("dir/", b""), ("dir/a", b"first"), ("b", b"second"), ("c", b"")], false, streamed);
        let member = |name| unpack(&bytes, Caps::default(), name);
        assert_eq!(member(None).unwrap(), b"first");
        assert_eq!(member(Some("dir/a")).unwrap(), b"first");
        assert_eq!(member(Some("b")).unwrap(), b"second");
        assert_eq!(member(Some("c")).unwrap(), b"");
        assert_eq!(cap_error(member(Some("d"))), CapError::NoMember("d".to_owned()));
    }
    let empty = archive(&[], false, false);
    assert!(matches!(cap_error(unpack(&empty, Caps::default(), None)), CapError::NoMember(_)));
    // A wrong octet in the content, an unusual method, encryption.
    let bytes = archive(&[("a", b"content")], true, false);
    let at = bytes.windows(7).position(|part| part == b"content").unwrap();
    for (place, octet, what) in [(at, b'C', "checksum"), (8, 14, "method"), (6, 1, "encrypted")] {
        let mut bytes = bytes.clone();
        bytes[place] = octet;
        let error = cap_error(unpack(&bytes, Caps::default(), None));
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[test]
fn members_on_the_way_are_capped() {
    let bytes = archive(&[("bomb", &[0; 3000]), ("b", b"second")], false, false);
    let caps = |max_decoded_bytes| Caps { max_decoded_bytes, ..Caps::default() };
    assert_eq!(unpack(&bytes, caps(3000), Some("b")).unwrap(), b"second");
    assert_eq!(cap_error(unpack(&bytes, caps(2999), Some("b"))), CapError::TooLargeDecoded(2999));
}

#[test]
fn lines_are_capped() {
    let mut input = &b"one\n\nthree is long\nfour"[..];
    let mut read = || {
        let mut line = Vec::new();
        let outcome = read_line(&mut input, &mut line, 5).unwrap();
        (outcome, String::from_utf8(line).unwrap())
    };
    assert_eq!(read(), (Line::Read, "one".to_owned()));
    assert_eq!(read(), (Line::Read, String::new()));
    assert_eq!(read(), (Line::TooLong, "three".to_owned()));
    assert_eq!(read(), (Line::Read, "four".to_owned()));
    assert_eq!(read(), (Line::End, String::new()));
}

#[test]
fn samples_hide_mail() {
    let mut faults = Faults::default();
    faults.add(3, b"someone@example.xx", "no name");
    faults.add(4, &[b'x'; 1000], "no name");
    assert_eq!(faults.first[0].sample, "[email]");
    assert_eq!(faults.first[1].sample.len(), 120);
}

proptest! {
    #[test]
    fn any_bytes_never_panic(
        magic in prop::sample::select(vec![&b""[..], b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06", b"\x28\xb5\x2f\xfd"]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let caps = Caps { max_bytes: 1000, max_decoded_bytes: 10_000 };
        let _ = unpack(&[magic, &bytes].concat(), caps, None);
    }

    /// A flipped bit is an error or goes unnoticed in what is not content; it never panics.
    #[test]
    fn damage_never_panics(place in 0usize..200, bit in 0u8..8, kind in 0u8..3) {
        let content = b"some content, some content";
        let mut bytes = match kind {
            0 => gzip(content),
            1 => zstd::encode_all(&content[..], 3).unwrap(),
            _ => archive(&[("a", content)], false, true),
        };
        let place = place % bytes.len();
        bytes[place] ^= 1 << bit;
        let caps = Caps { max_bytes: 1000, max_decoded_bytes: 10_000 };
        let _ = unpack(&bytes, caps, None);
    }
}
