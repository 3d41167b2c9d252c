//! The guarded door for packed bytes: never more than the cap, never less without an error.

use std::io::{self, Read};

use panopticon_sources::capped::{Caps, Packing, open};

/// Bytes in and out at most.
const CAPS: Caps = Caps { max_bytes: 8 << 10, max_decoded_bytes: 64 << 10 };

/// Gzip, zip, zstd or plain, under caps.
pub fn capped(data: &[u8]) {
    for member in [None, Some("b.csv")] {
        let Ok(whole) = read(data, CAPS, member) else { continue };
        let length = u64::try_from(whole.len()).unwrap();
        assert!(length <= CAPS.max_decoded_bytes && u64::try_from(data.len()).unwrap() <= CAPS.max_bytes);
        let exact = Caps { max_decoded_bytes: length, ..CAPS };
        match read(data, exact, member) {
            Ok(again) => assert_eq!(again, whole),
            // What is unpacked on the way to a member counts against the cap as well.
            Err(error) => assert_eq!(Packing::of(data), Packing::Zip, "{error}"),
        }
        if length > 0 {
            let less = Caps { max_decoded_bytes: length - 1, ..CAPS };
            assert!(read(data, less, member).is_err(), "a cap that is reached is an error");
        }
        if Packing::of(data) == Packing::Plain {
            assert_eq!(whole, data);
            assert!(data.is_empty() || read(data, Caps { max_bytes: length - 1, ..CAPS }, None).is_err());
        }
    }
}

fn read(data: &[u8], caps: Caps, member: Option<&str>) -> io::Result<Vec<u8>> {
    let mut decoded = open(data, caps, member)?;
    assert_eq!(decoded.packing(), Packing::of(data));
    let mut out = Vec::new();
    let result = decoded.read_to_end(&mut out);
    assert!(u64::try_from(out.len()).unwrap() <= caps.max_decoded_bytes, "more than the cap");
    result.map(|_| out)
}
