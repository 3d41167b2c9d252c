//! What the targets share: rules of a made-up internet, text out of bytes, folders.

use std::sync::OnceLock;

use panopticon_model::name::{HostName, Label, Places, RegistrableRules, SuffixList, TldRules};
use tempfile::TempDir;

/// The TLDs `xx` and `zz` are ours, `example` is somebody else's, all others do not exist.
pub(super) fn places() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| {
        let list = "// ===BEGIN ICANN DOMAINS===\nxx\nco.xx\n*.wild.xx\n!open.wild.xx\nexample\n\
                    // ===BEGIN PRIVATE DOMAINS===\npages.xx\n";
        let rules = RegistrableRules::parse(&["zz".to_owned(), "co.zz".to_owned()]).unwrap();
        let ours = [("xx", None), ("zz", Some(rules))];
        let tlds = ours.map(|(tld, rules)| TldRules { tld: Label::parse(tld).unwrap(), rules });
        Places::new(SuffixList::parse(list).unwrap(), tlds.into())
    })
}

/// Where a name stands holds together.
pub(super) fn check_place(places: &Places, host: &HostName) {
    let Ok(place) = places.place(host) else { return };
    assert!(host.is_at_or_below(&place.registrable_domain), "{host}");
    assert!(host.is_at_or_below(&place.subject), "{host}");
    assert!(place.subject.is_at_or_below(&place.registrable_domain), "{host}");
    if let Some(platform) = &place.platform {
        assert!(host.is_at_or_below(platform) && platform.is_at_or_below(&place.registrable_domain), "{host}");
    }
    // The registrable domain is placed at itself.
    let own = places.place(place.registrable_domain.host()).unwrap();
    assert_eq!(own.registrable_domain, place.registrable_domain);
}

/// The bytes as text, what is not UTF-8 replaced.
pub(super) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// A folder of its own, in memory where there is such a place.
pub(super) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Cuts a recipe into pieces: one octet that says what, two that say how long, and the piece itself.
pub(super) fn pieces(mut data: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[what, low, high], rest) = data.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        data = rest;
        Some((what, piece))
    })
}

/// A frame as log and tables have it; see `datasets/src/log/frame.rs`.
pub(super) fn frame(kind: u8, payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len() + 2).unwrap().to_le_bytes();
    let head = [1, kind];
    let crc = crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(&length), &head), payload);
    out.extend_from_slice(&length);
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(payload);
}
