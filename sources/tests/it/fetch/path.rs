//! Files and drop folders.

use std::fs;
use std::path::Path;

use panopticon_sources::capped::Caps;
use panopticon_sources::fetch::{Config, FetchError, Fetched, Fetcher, Known, Outcome, Pages, Request, Target};

fn fetcher() -> Fetcher {
    Fetcher::new(Config { offline: true, ..Config::default() }).unwrap()
}

fn request(path: &Path, aside: &Path) -> Request {
    Request {
        target: Target::Path(path.to_owned()),
        key: None,
        header: None,
        caps: Caps::default(),
        member: None,
        pages: Pages::One,
        last: None,
        aside: aside.to_owned(),
        known: Known::default(),
        seed: 1,
    }
}

async fn fetched(fetcher: &Fetcher, request: &Request) -> Vec<Fetched> {
    match fetcher.fetch(request).await.unwrap() {
        Outcome::NotModified { .. } => Vec::new(),
        Outcome::Fetched(fetched) => fetched,
    }
}

#[tokio::test]
async fn a_file_is_known_by_its_time_and_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xx-2025-03-01.txt");
    fs::write(&path, "a.xx\n").unwrap();
    let mut request = request(&path, folder.path());
    let first = fetched(&fetcher(), &request).await.remove(0);
    assert_eq!(first.stamp, Some("2025-03-01".parse().unwrap()));
    assert_eq!(first.url_shown, path.display().to_string());

    // Neither time nor length has changed: it is not even opened.
    request.known = Known { etag: first.etag.clone(), digest: Some(first.digest), ..Known::default() };
    let untouched = fetcher().fetch(&request).await.unwrap();
    assert!(matches!(untouched, Outcome::NotModified { etag, .. } if etag == first.etag));
    // The same content at another time, and packed.
    fs::write(&path, zstd::encode_all(&b"a.xx\n"[..], 1).unwrap()).unwrap();
    let same = fetcher().fetch(&request).await.unwrap();
    assert!(matches!(same, Outcome::NotModified { etag, .. } if etag != first.etag));
    fs::write(&path, "b.xx\n").unwrap();
    assert_ne!(fetched(&fetcher(), &request).await[0].digest, first.digest);
}

#[tokio::test]
async fn what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let missing = fetcher().fetch(&request(&folder.path().join("missing"), folder.path())).await;
    assert!(matches!(missing, Err(FetchError::File { .. })), "{missing:?}");
    let path = folder.path().join("large");
    fs::write(&path, "0123456789").unwrap();
    for caps in [Caps { max_bytes: 9, ..Caps::default() }, Caps { max_decoded_bytes: 9, ..Caps::default() }] {
        let large = fetcher().fetch(&Request { caps, ..request(&path, folder.path()) }).await;
        assert!(matches!(large, Err(FetchError::Content { .. })), "{large:?}");
    }
}

#[tokio::test]
async fn a_folder_gives_each_new_file_in_the_order_of_names() {
    let (folder, aside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("2025-03-02.txt", "b\n");
    write("2025-03-01.txt", "a\n");
    write("2025-03-03.txt", "a\n");
    write("undated.txt", "c\n");
    write("undated-copy.txt", "c\n");
    for name in [".hidden", "x.tmp", "x.part", "x.txt~"] {
        write(name, "in the making\n");
    }
    fs::create_dir(folder.path().join("sub")).unwrap();
    let mut request = request(folder.path(), aside.path());
    let fetcher = fetcher();
    let files = fetched(&fetcher, &request).await;
    let stamps: Vec<_> = files.iter().map(|file| file.stamp.map(|stamp| stamp.day().to_string())).collect();
    // The content of the first day again on the third is a snapshot of its own.
    let day = |day: &str| Some(day.to_owned());
    assert_eq!(stamps, [day("2025-03-01"), day("2025-03-02"), day("2025-03-03"), None]);

    // Handled ones are not given again; one that comes late is, and one that was corrected.
    let now = "2025-03-04".parse().unwrap();
    request.known.handled = files.iter().map(|file| (file.stamp.unwrap_or(now), file.digest)).collect();
    drop(files);
    assert!(fetched(&fetcher, &request).await.is_empty());
    write("2025-02-28.txt", "late\n");
    write("2025-03-02.txt", "corrected\n");
    let files = fetched(&fetcher, &request).await;
    let stamps: Vec<_> = files.iter().map(|file| file.stamp.unwrap().day().to_string()).collect();
    assert_eq!(stamps, ["2025-02-28", "2025-03-02"]);
    request.known.not_before = Some("2025-03-01".parse().unwrap());
    assert_eq!(fetched(&fetcher, &request).await.len(), 1);
    drop(files);
    assert_eq!(fs::read_dir(aside.path()).unwrap().count(), 0);
}
