//! Records that come over the net: script, manifest and signature, and that a broken transfer leaves what was there.

use std::fs;
use std::path::Path;

use arke::records::{FetchError, fetch, read_signed};

use crate::golden;
use crate::rdap::server::{Reply, Server, reply};

const KEY: &str = include_str!("../../../datasets/world/signing.pub");
const MANIFEST: &str = include_str!("../../../sinks/tests/data/signed/manifest.json");
const SIGNATURE: &str = include_str!("../../../sinks/tests/data/signed/manifest.json.minisig");

/// Serves the folder of a TLD; `change` may answer something else to a path.
async fn publisher(change: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) -> Server {
    let script = fs::read(golden()).unwrap();
    let answer = move |_: usize, head: &str| {
        let path = head.split(' ').nth(1).unwrap();
        change(path).unwrap_or_else(|| match path {
            "/xx/records.sql" => reply("200 OK", &[], &script),
            "/xx/manifest.json" => reply("200 OK", &[], MANIFEST),
            "/xx/manifest.json.minisig" => reply("200 OK", &[], SIGNATURE),
            _ => reply("404 Not Found", &[], ""),
        })
    };
    Server::answering(answer, None).await
}

async fn get(server: &Server, folder: &Path) -> Result<std::path::PathBuf, FetchError> {
    fetch(&server.url("xx/").parse().unwrap(), folder, true).await
}

#[tokio::test]
async fn a_folder_is_fetched_with_what_vouches_for_it() {
    let server = publisher(|_| None).await;
    let folder = tempfile::tempdir().unwrap();
    let script = get(&server, &folder.path().join("incoming")).await.unwrap();
    let key = folder.path().join("signing.pub");
    fs::write(&key, KEY).unwrap();
    assert_eq!(read_signed(&script, &key).unwrap().head.tld, "xx");
    let asked: Vec<String> =
        server.asked().iter().map(|asked| asked.head.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(asked, ["/xx/records.sql", "/xx/manifest.json", "/xx/manifest.json.minisig"]);
}

#[tokio::test]
async fn a_broken_transfer_leaves_what_was_there() {
    let torn =
        || Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nBEGIN".to_vec());
    let elsewhere = || reply("302 Found", &["Location: http://127.0.0.1:9/"], "");
    let bad: [fn() -> Reply; 3] = [torn, elsewhere, || reply("500 Internal Server Error", &[], "")];
    for answer in bad {
        let server = publisher(move |path| (path == "/xx/records.sql").then(answer)).await;
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("records.sql");
        fs::write(&kept, "what was there").unwrap();
        let error = get(&server, folder.path()).await.unwrap_err();
        let (FetchError::Http { name, .. } | FetchError::Status { name, .. }) = &error else { panic!("{error}") };
        assert_eq!(name, "records.sql");
        assert!(!format!("{error} {error:?}").contains(&server.address.to_string()));
        assert_eq!(fs::read_to_string(&kept).unwrap(), "what was there");
    }
}
