//! Fetches against scripted servers: what is sent, what is kept, where it ends.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use panopticon_model::observation::{Facts, Outcome};
use panopticon_sources::http::{Config, Fetcher, SetupError, Vantage, Way};
use sha2::{Digest, Sha256};

use super::world::{Flaw, Identity, Names, Server, authority, config, facts, fetch, fetcher, redirect, reply};

const PAGE: &str = "<title>Sign in</title><p>Sign in to your bank account";

#[tokio::test]
async fn a_page_and_what_is_kept_of_it() {
    let headers = ["Server: nginx/1\t(x)", "Content-Type: text/html", "Refresh: 3; url=/next", "Set-Cookie: a=b"];
    let server = Server::start(move |_| reply("200 OK", &headers, PAGE)).await;
    let names = Names::default().with("shop.xx", &["127.0.0.1"]);
    let fetcher = fetcher(config(), &names);
    let url = format!("http://user:pw@shop.xx:{}/a b?q#top", server.port());
    let (outcome, facts) = fetch(&fetcher, &url).await;
    assert_eq!(outcome, Outcome::Content);
    assert_eq!(facts.status, Some(200));
    assert_eq!(facts.server.as_deref(), Some("nginx/1 (x)"));
    assert_eq!(facts.content_type.as_deref(), Some("text/html"));
    assert_eq!(facts.title.as_deref(), Some("Sign in"));
    assert_eq!(facts.refresh.as_deref().map(|url| url.rsplit_once('/').unwrap().1), Some("next"));
    assert_eq!((facts.length, facts.body_sha256), (PAGE.len() as u64, Some(Sha256::digest(PAGE).into())));
    assert!(facts.similarity.is_some_and(|hash| hash != 0));
    assert_eq!((facts.address, facts.resolved_by_proxy), (Some("127.0.0.1".parse().unwrap()), false));
    assert_eq!(
        (facts.via.as_str(), facts.final_url, facts.left_domain, facts.tls, facts.detail),
        ("direct", None, false, None, None)
    );
    let [hop] = &facts.hops[..] else { panic!() };
    assert_eq!(*hop.url, *format!("http://user:pw@shop.xx:{}/a%20b?q#top", server.port()));
    assert_eq!((hop.status, hop.address), (Some(200), facts.address));
    let expected = format!(
        "GET /a%20b?q HTTP/1.1\r\nHost: shop.xx:{}\r\nUser-Agent: panopticon-test/1 (+https://example.org)\r\n\
         Accept-Encoding: gzip, deflate\r\nConnection: close\r\nAccept: */*\r\n\r\n",
        server.port()
    );
    assert_eq!(server.requests(), [expected]);
}

#[tokio::test]
async fn what_is_fetched_is_the_spelling() {
    let server = Server::start(|_| reply("200 OK", &[], PAGE)).await;
    let fetcher = fetcher(config(), &Names::default());
    let canonical = server.url("canonical");
    for (spelled, asked) in [
        (None, "/canonical"),
        (Some(server.url("A/%2e%2E/b//c?")), "/b//c?"),
        (Some(server.url("x").to_uppercase()), "/X"),
        // Not a URL on its own: then the target as it stands.
        (Some(format!("{}/x", server.address)), "/canonical"),
        (Some("nothing".to_owned()), "/canonical"),
    ] {
        let measured = fetcher.measure("here", &canonical, spelled.as_deref(), true).await;
        assert_eq!(measured.outcome, Outcome::Content, "{spelled:?}");
        let request = server.requests().pop().unwrap();
        assert!(request.starts_with(&format!("GET {asked} HTTP/1.1\r\n")), "{request}");
        assert!(request.contains("\r\nUser-Agent: Mozilla/5.0 (a browser)\r\n"), "{request}");
    }
}

#[tokio::test]
async fn statuses_and_their_bodies() {
    for (status, expected) in [
        ("200 OK", "content"),
        ("206 Partial Content", "content"),
        ("404 Not Found", "not-found"),
        ("410 Gone", "not-found"),
        ("403 Forbidden", "forbidden"),
        ("451 Unavailable", "forbidden"),
        ("429 Too Many", "client-error"),
        ("407 Proxy", "client-error"),
        ("503 Busy", "server-error"),
        ("302 Found", "bad-redirect"),
        ("300 Choices", "bad-redirect"),
        ("101 Switching Protocols", "malformed"),
        ("999 x", "malformed"),
    ] {
        let server = Server::start(move |_| reply(status, &["Content-Encoding: gzip"], PAGE)).await;
        let (outcome, facts) = fetch(&fetcher(config(), &Names::default()), &server.url("")).await;
        // What cannot be unpacked is a failure only where the content is what was asked for.
        let expected = if expected == "content" { "malformed" } else { expected };
        assert_eq!(outcome.as_str(), expected, "{status}");
        assert_eq!(facts.status.map(|code| code.to_string()).as_deref(), Some(&status[..3]));
        let server = Server::start(move |_| reply(status, &[], PAGE)).await;
        let (outcome, _) = fetch(&fetcher(config(), &Names::default()), &server.url("")).await;
        assert_eq!(outcome == Outcome::Content, status.starts_with('2'), "{status}");
    }
}

#[tokio::test]
async fn redirects_are_followed_across_names_and_schemes() {
    let names = Names::default()
        .with("a.xx", &["127.0.0.1"])
        .with("www.a.xx", &["127.0.0.1"])
        .with("b.xx", &["127.0.0.1"]);
    let secure = Identity::new("b.xx", Flaw::None).acceptor();
    for (target, left_domain) in [("www.a.xx", false), ("b.xx", true), ("127.0.0.1", true)] {
        let plain = Server::start(|_| reply("200 OK", &["Server: last"], PAGE)).await;
        let last = format!("http://{target}:{}/last", plain.port());
        let location = last.clone();
        // The same port at another address: only one port beside the usual ones may be used.
        let first =
            Server::start_at(&format!("127.0.0.2:{}", plain.port()), None, move |_| redirect(&location)).await;
        let names = names.clone().with("start.a.xx", &["127.0.0.2"]);
        let fetcher = fetcher(config(), &names);
        let (outcome, facts) = fetch(&fetcher, &format!("http://start.a.xx:{}/", first.port())).await;
        assert_eq!((outcome, facts.hops.len()), (Outcome::Content, 2), "{facts:?}");
        assert_eq!((facts.final_url.as_deref(), facts.left_domain), (Some(last.as_str()), left_domain));
        assert_eq!(facts.hops.iter().map(|hop| hop.status).collect::<Vec<_>>(), [Some(302), Some(200)]);
        assert_eq!(facts.server.as_deref(), Some("last"));
    }
    // From https to http: allowed, and to be seen in the hops. The certificate is that of the last step.
    let plain = Server::start(|_| reply("200 OK", &[], PAGE)).await;
    let location = format!("http://a.xx:{}/", plain.port());
    let first =
        Server::start_at(&format!("127.0.0.2:{}", plain.port()), Some(secure), move |_| redirect(&location)).await;
    let names = names.with("b.xx", &["127.0.0.2"]);
    let (outcome, facts) = fetch(&fetcher(config(), &names), &format!("https://b.xx:{}/", first.port())).await;
    assert_eq!((outcome, facts.tls), (Outcome::Content, None));
    assert_eq!(facts.hops.iter().map(|hop| &hop.url[..6]).collect::<Vec<_>>(), ["https:", "http:/"]);
}

#[tokio::test]
async fn redirects_end() {
    let endless = Server::start(|head| {
        let number: u32 = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        redirect(&format!("/{}", number + 1))
    })
    .await;
    let (outcome, facts) = fetch(&fetcher(config(), &Names::default()), &endless.url("0")).await;
    assert_eq!((outcome, facts.hops.len(), endless.requests().len()), (Outcome::TooManyRedirects, 11, 11));
    assert_eq!(facts.detail.as_deref(), Some("more than 10 redirects"));
    // What is kept of endless URLs has an end.
    let long = Server::start(|head| match head.len() {
        ..3000 => redirect(&format!("/{}", "x".repeat(7000))),
        _ => reply("200 OK", &[&format!("Refresh: 0;url={}", "x".repeat(7000))], PAGE),
    })
    .await;
    let (outcome, facts) = fetch(&fetcher(config(), &Names::default()), &long.url("")).await;
    assert_eq!(outcome, Outcome::Content, "{facts:?}");
    assert_eq!([facts.hops[1].url.len(), facts.final_url.unwrap().len(), facts.refresh.unwrap().len()], [2048; 3]);
    let circle = Server::start(|head| redirect(if head.starts_with("GET /a ") { "/b" } else { "/a" })).await;
    let (outcome, facts) = fetch(&fetcher(config(), &Names::default()), &circle.url("a")).await;
    assert_eq!((outcome, facts.hops.len()), (Outcome::RedirectLoop, 2));
}

#[tokio::test]
async fn certificates_are_facts() {
    for (flaw, error) in [
        (Flaw::None, None),
        (Flaw::Expired, Some("expired")),
        (Flaw::NotYetValid, Some("not-yet-valid")),
        (Flaw::SelfSigned, Some("self-signed")),
        (Flaw::UnknownIssuer, Some("unknown-issuer")),
        (Flaw::WrongName, Some("wrong-name")),
    ] {
        let acceptor = Identity::new("shop.xx", flaw).acceptor();
        let server = Server::start_at("127.0.0.1:0", Some(acceptor), |_| reply("200 OK", &[], PAGE)).await;
        let names = Names::default().with("shop.xx", &["127.0.0.1"]);
        let (outcome, facts) =
            fetch(&fetcher(config(), &names), &format!("https://shop.xx:{}/", server.port())).await;
        assert_eq!(outcome, Outcome::Content, "{flaw:?} {facts:?}");
        let tls = facts.tls.unwrap();
        assert_eq!(tls.error.as_deref(), error, "{flaw:?}");
        let name = if flaw == Flaw::WrongName { "another.xx" } else { "shop.xx" };
        assert_eq!(tls.subject, format!("CN={name}, O=Example"));
        assert!(tls.not_before < tls.not_after || flaw == Flaw::NotYetValid);
    }
    // An authority's own certificate, as `openssl req -x509` makes it; and a literal address, which has no SNI.
    let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    for (flaw, error) in [(Flaw::SelfSigned, Some("self-signed")), (Flaw::None, Some("not-trusted"))] {
        let acceptor = Identity::of(&params, flaw).acceptor();
        let server = Server::start_at("127.0.0.1:0", Some(acceptor), |_| reply("200 OK", &[], PAGE)).await;
        let url = format!("https://{}/", server.address);
        let (outcome, facts) = fetch(&fetcher(config(), &Names::default()), &url).await;
        assert_eq!((outcome, facts.tls.unwrap().error.as_deref()), (Outcome::Content, error));
    }
}

#[tokio::test]
async fn nobody_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let names = Names::default().with("refused.xx", &["127.0.0.1,127.0.0.3"]).with("gone.xx", &["no-address"]);
    let fetcher = fetcher(config(), &names);
    let (outcome, facts) = fetch(&fetcher, &format!("http://refused.xx:{}/", free.port())).await;
    assert_eq!(outcome, Outcome::ConnectRefused);
    assert_eq!(facts.detail, Some(format!("connecting: 127.0.0.1:{}: connection refused", free.port()).into()));
    assert_eq!((facts.status, facts.address, facts.hops.len()), (None, None, 1));
    let (outcome, facts) = fetch(&fetcher, "http://gone.xx/").await;
    assert_eq!(
        (outcome, facts.detail.as_deref()),
        (Outcome::Unresolved, Some("resolving the host: the name has no address"))
    );
    // The second address answers.
    let server = Server::start(|_| reply("200 OK", &[], PAGE)).await;
    let names = Names::default().with("two.xx", &["127.0.0.9,127.0.0.1"]);
    let (outcome, facts) =
        fetch(&super::world::fetcher(config(), &names), &format!("http://two.xx:{}/", server.port())).await;
    assert_eq!((outcome, facts.address), (Outcome::Content, Some("127.0.0.1".parse().unwrap())));
    // What this machine cannot do says nothing of the target: there is no way to the broadcast address.
    let everywhere = Config { allow_private: vec!["0.0.0.0/0".parse().unwrap()], ..config() };
    let (outcome, facts) = fetch(&super::world::fetcher(everywhere, &names), "http://255.255.255.255/").await;
    assert_eq!(outcome, Outcome::ProxyFailure, "{facts:?}");
}

#[tokio::test]
async fn an_unknown_vantage_says_nothing_of_the_target() {
    let fetcher = fetcher(config(), &Names::default());
    let measured = fetcher.measure("there", "http://127.0.0.1/", None, false).await;
    assert_eq!(measured.outcome, Outcome::ProxyFailure);
    assert_eq!(facts(&measured).detail.as_deref(), Some("there is no vantage `there`"));
    assert!(
        matches!(measured.facts, Facts::Http(_)) && measured.not_before.is_none() && measured.not_after.is_none()
    );
}

#[tokio::test]
async fn nobody_is_asked_faster_than_the_pace() {
    let server =
        Server::start(
            |head| if head.starts_with("GET /0 ") { redirect("/1") } else { reply("200 OK", &[], PAGE) },
        )
        .await;
    let names = Names::default().with("a.xx", &["127.0.0.1"]).with("b.xx", &["127.0.0.1"]);
    let hosts = Config { host_per_second: 20.0, ..config() };
    let addresses = Config { address_per_second: 20.0, ..config() };
    // Each hop needs a turn of its own. It may take longer, but never less.
    for (config, urls) in [(hosts, ["a.xx/0", "a.xx/2", "a.xx/3"]), (addresses, ["a.xx/0", "b.xx/2", "a.xx/3"])] {
        let fetcher = fetcher(config, &names);
        let start = Instant::now();
        for url in urls {
            let (name, path) = url.split_once('/').unwrap();
            let (outcome, _) = fetch(&fetcher, &format!("http://{name}:{}/{path}", server.port())).await;
            assert_eq!(outcome, Outcome::Content);
        }
        assert!(start.elapsed() >= Duration::from_millis(150), "{:?}", start.elapsed());
    }
}

#[test]
fn what_is_wrong_with_a_configuration_is_said() {
    let new = |config| Fetcher::new(config, Names::default(), |_| None).map(|_| ());
    let folder = tempfile::tempdir().unwrap();
    let (good, missing, empty) =
        (folder.path().join("ca.pem"), folder.path().join("none"), folder.path().join("empty"));
    std::fs::write(&good, authority().pem()).unwrap();
    std::fs::write(&empty, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let with = |ca: &std::path::Path| Config { ca: Some(ca.to_owned()), ..config() };
    assert_eq!(new(with(&good)), Ok(()));
    assert_eq!(new(with(&missing)), Err(SetupError::Ca(missing.clone())));
    assert_eq!(new(with(&empty)), Err(SetupError::Ca(empty.clone())));
    let agent = Config { user_agent: "a\nb".to_owned(), ..with(&good) };
    assert_eq!(new(agent), Err(SetupError::Agent));
    let twice = vec![Vantage::new("a", "", vec![Way::Direct]).unwrap(); 2];
    assert_eq!(new(Config { vantages: twice, ..with(&good) }), Err(SetupError::Twice("a".into())));
}
