//! The archive.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;

use panopticon_model::id::Id;
use panopticon_sources::archive::{Archive, ArchiveError, Expired};

fn read(archive: &Archive, digest: Id) -> Vec<u8> {
    let mut content = Vec::new();
    archive.read(digest).unwrap().read_to_end(&mut content).unwrap();
    content
}

#[test]
fn content_is_kept_under_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("archive");
    let archive = Archive::open(&root).unwrap();
    let digest = archive.put(&b"a.xx\n"[..]).unwrap();
    assert_eq!(digest.0, blake3::hash(b"a.xx\n").as_bytes()[..16]);
    assert!(archive.contains(digest));
    assert_eq!(archive.put(&b"a.xx\n"[..]).unwrap(), digest);
    assert_eq!(read(&archive, digest), b"a.xx\n");
    let empty = archive.put(&b""[..]).unwrap();
    assert_eq!(read(&archive, empty), b"");
    // What looks packed is content like any other.
    let zeros = vec![0; 3_000_000];
    let zstd = zstd::encode_all(zeros.as_slice(), 1).unwrap();
    let packed = archive.put(zstd.as_slice()).unwrap();
    assert_eq!(read(&archive, packed), zstd);

    let name = digest.to_string();
    let path = root.join(&name[..2]).join(format!("{name}.zst"));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&root), mode(path.parent().unwrap()), mode(&path)), (0o700, 0o700, 0o600));
    assert_eq!(fs::read_dir(archive.aside()).unwrap().count(), 0);
}

#[test]
fn what_is_not_referred_to_expires() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    let digests: Vec<Id> = (0..20u8).map(|n| archive.put(&[n][..]).unwrap()).collect();
    fs::write(folder.path().join(&digests[0].to_string()[..2]).join("notes.txt"), "of a person").unwrap();
    let keep: BTreeSet<Id> = digests[..5].iter().copied().collect();
    let expired = archive.expire(&keep).unwrap();
    assert_eq!(expired.files, 15);
    assert!(expired.bytes > 0);
    assert!(digests.iter().all(|digest| archive.contains(*digest) == keep.contains(digest)));
    assert!(matches!(archive.read(digests[9]), Err(ArchiveError::Missing(digest)) if digest == digests[9]));
    assert_eq!(archive.expire(&keep).unwrap(), Expired::default());
}

#[test]
fn leftovers_go_and_damage_shows() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    fs::write(archive.aside().join(".tmpX"), "half").unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!(fs::read_dir(archive.aside()).unwrap().count(), 0);

    let digest = archive.put(&b"some content that is long enough"[..]).unwrap();
    let name = digest.to_string();
    let path = folder.path().join(&name[..2]).join(format!("{name}.zst"));
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(archive.read(digest).unwrap().read_to_end(&mut Vec::new()).is_err());
}
