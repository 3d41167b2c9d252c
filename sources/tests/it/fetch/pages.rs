//! Content in pieces: collections of TAXII page by page, feeds of MISP event by event.

use panopticon_sources::fetch::{FetchError, Outcome, Pages, Request};
use tempfile::TempDir;

use super::http::{content, fetch, only, request, shown};
use super::server::{Reply, Server, reply};

fn asking(pages: Pages, server: &Server, path: &str, aside: &TempDir) -> Request {
    Request { pages, ..request(&server.url(path), aside) }
}

fn json(text: &str) -> Reply {
    reply("200 OK", &["Content-Type: application/json"], text)
}

/// What went wrong, with its causes.
async fn fails(request: &Request) -> String {
    let error: FetchError = fetch(request).await.unwrap_err();
    shown(&error)
}

#[tokio::test]
async fn a_collection_is_read_to_its_last_page() {
    let server = Server::answering(|_, head| {
        if head.starts_with("GET /c/objects/?match[type]=indicator&next=2%2F HTTP") {
            json("{\"more\":false,\"objects\":[{\"id\":\"b\"}]}")
        } else {
            json("{\"more\":true,\"next\":\"2/\",\"objects\":[{\"id\":\"a\"}]}")
        }
    })
    .await;
    let aside = tempfile::tempdir().unwrap();
    let mut asking = asking(Pages::Taxii, &server, "c/objects/?match[type]=indicator", &aside);
    let fetched = only(fetch(&asking).await);
    let expected = "{\"more\":true,\"next\":\"2/\",\"objects\":[{\"id\":\"a\"}]}\n{\"more\":false,\"objects\":[{\"id\":\"b\"}]}\n";
    assert_eq!(String::from_utf8(content(&fetched)).unwrap(), expected);
    let heads = server.requests();
    assert_eq!(heads.len(), 2, "{heads:?}");
    assert!(heads.iter().all(|head| head.contains("application/taxii+json;version=2.1")), "{heads:?}");
    // The same pages are nothing new.
    asking.known.digest = Some(fetched.digest);
    assert!(matches!(fetch(&asking).await, Ok(Outcome::NotModified { .. })));
}

#[tokio::test]
async fn what_is_no_collection_is_refused() {
    let aside = tempfile::tempdir().unwrap();
    for (answer, why) in [
        ("<html>", "no envelope of TAXII"),
        ("[1,2]", "no envelope of TAXII"),
        ("{\"more\":true,\"objects\":[]}", "and no `next`"),
    ] {
        let server = Server::start(vec![json(answer)]).await;
        let said = fails(&asking(Pages::Taxii, &server, "objects/", &aside)).await;
        assert!(said.contains(why), "{said}");
    }
    // An empty collection has no objects.
    let server = Server::start(vec![json("{}")]).await;
    let fetched = only(fetch(&asking(Pages::Taxii, &server, "objects/", &aside)).await);
    assert!(content(&fetched).is_empty());
    // A server that leads on and on is stopped by the caps.
    let server = Server::start(vec![json("{\"more\":true,\"next\":\"1\",\"objects\":[]}")]).await;
    let mut endless = asking(Pages::Taxii, &server, "objects/", &aside);
    endless.caps.max_decoded_bytes = 1000;
    assert!(fails(&endless).await.contains("1000"));
    // A page that is not there takes the others with it.
    let pages = vec![json("{\"more\":true,\"next\":\"1\",\"objects\":[]}"), reply("404 Not Found", &[], "")];
    let server = Server::start(pages).await;
    assert!(fails(&asking(Pages::Taxii, &server, "objects/", &aside)).await.contains("404"));
}

#[tokio::test]
async fn of_a_feed_of_misp_only_what_changed_is_asked_for() {
    let manifest = |second: &str| {
        format!("{{\"aaaa-1\":{{\"info\":\"x\",\"timestamp\":\"17\"}},\"bbbb-2\":{{\"timestamp\":{second}}}}}")
    };
    let serve = |second: &'static str, text: &'static str| {
        let manifest = manifest(second);
        move |_: usize, head: &str| {
            if head.starts_with("GET /feed/manifest.json ") {
                json(&manifest)
            } else if head.starts_with("GET /feed/aaaa-1.json ") {
                json("{\"Event\":\n {\"info\":\"a\"}}\n")
            } else if head.starts_with("GET /feed/bbbb-2.json ") {
                json(text)
            } else {
                reply("404 Not Found", &[], "")
            }
        }
    };
    let aside = tempfile::tempdir().unwrap();
    let server = Server::answering(serve("18", "{\"Event\":{\"info\":\"b\"}}")).await;
    let first = only(fetch(&asking(Pages::Misp, &server, "feed/manifest.json", &aside)).await);
    let expected =
        "# event aaaa-1 17\n{\"Event\":\n {\"info\":\"a\"}}\n# event bbbb-2 18\n{\"Event\":{\"info\":\"b\"}}\n";
    assert_eq!(String::from_utf8(content(&first)).unwrap(), expected);
    assert_eq!(server.requests().len(), 3);

    let server = Server::answering(serve("19", "{\"Event\":{\"info\":\"c\"}}")).await;
    let mut again = asking(Pages::Misp, &server, "feed/manifest.json", &aside);
    again.last = Some(first.file.to_path_buf());
    let second = only(fetch(&again).await);
    let expected = expected.replace("bbbb-2 18", "bbbb-2 19").replace("\"b\"", "\"c\"");
    assert_eq!(String::from_utf8(content(&second)).unwrap(), expected);
    let asked: Vec<String> =
        server.requests().iter().filter_map(|head| head.split(' ').nth(1).map(str::to_owned)).collect();
    assert_eq!(asked, ["/feed/manifest.json", "/feed/bbbb-2.json"]);
}

#[tokio::test]
async fn lists_by_state_are_put_together() {
    let server = Server::answering(|_, head| {
        let list = head.split(' ').nth(1).and_then(|path| path.strip_prefix("/lists/phishing-domains-")).unwrap();
        match list {
            "ACTIVE.txt" => reply("200 OK", &[], "a.xx\nb.xx\n"),
            "INACTIVE.txt" => reply("200 OK", &[], "c.xx"),
            "INVALID.txt" => reply("200 OK", &[], ""),
            _ => reply("404 Not Found", &[], ""),
        }
    })
    .await;
    let aside = tempfile::tempdir().unwrap();
    let fetched = only(fetch(&asking(Pages::States, &server, "lists/phishing-domains-ACTIVE.txt", &aside)).await);
    let expected = "# list ACTIVE\na.xx\nb.xx\n# list INACTIVE\nc.xx\n# list INVALID\n\n";
    assert_eq!(String::from_utf8(content(&fetched)).unwrap(), expected);
}

#[tokio::test]
async fn an_event_that_is_not_what_the_manifest_says_is_refused() {
    let aside = tempfile::tempdir().unwrap();
    let sum = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    for (sum, text, is_right) in [(sum, "a", true), (sum, "b", false)] {
        let manifest = format!("{{\"aaaa\":{{\"timestamp\":1,\"integrity:sha256\":\"{sum}\"}}}}");
        let server = Server::start(vec![json(&manifest), json(text)]).await;
        let asking = asking(Pages::Misp, &server, "manifest.json", &aside);
        if is_right {
            assert_eq!(content(&only(fetch(&asking).await)), b"# event aaaa 1\na\n");
        } else {
            assert!(fails(&asking).await.contains("is not what the manifest says"));
        }
    }
    for manifest in ["{\"../x\":{}}", "{\"\":{}}", "[]", "no"] {
        let server = Server::start(vec![json(manifest)]).await;
        let said = fails(&asking(Pages::Misp, &server, "manifest.json", &aside)).await;
        assert!(said.contains("manifest"), "{said}");
    }
}
