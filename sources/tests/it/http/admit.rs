//! The guard: addresses, URLs, hops, and names that change their mind.

use std::net::IpAddr;

use panopticon_model::observation::Outcome;
use panopticon_sources::address::is_public;
use panopticon_sources::http::admit::{Denial, Guard, Refusal, read, target};
use panopticon_sources::http::{Config, Resolve, ResolveError};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::tables::{rows, table};
use super::world::{Names, Server, config, fetch, fetcher, redirect, reply};

#[test]
fn urls_name_whom_they_name() {
    for (line, row) in rows(table!("http-urls.tsv")) {
        let [url, own_port, expected] = row[..] else { panic!("{line}") };
        let found = read(url).and_then(|url| target(&url, own_port.parse().ok()));
        let found = match found {
            Ok((host, port)) => format!("{host} {port}"),
            Err(denial) => denial.to_string(),
        };
        assert_eq!(found, expected, "{line}");
    }
    let long = format!("http://a.xx/{}", "x".repeat(8192));
    assert_eq!(read(&long), Err(Denial::TooLong));
}

#[tokio::test]
async fn addresses_of_a_name_are_looked_at_once_and_all() {
    let names = Names::default()
        .with("some.xx", &["10.0.0.1,2606:4700::1,8.8.8.8,8.8.4.4,9.9.9.9"])
        .with("private.xx", &["192.168.1.1,fe80::1"])
        .with("mapped.xx", &["::ffff:8.8.8.8"])
        .with("none.xx", &["no-address"]);
    let admit = async |guard: Guard, url: &str| {
        let admitted = guard.admit(&url.parse().unwrap(), None, &names).await?;
        Ok(admitted.addresses().iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    };
    let denied = |address: &str| Err(Refusal::Denied(Denial::Address(address.parse().unwrap())));
    let open = || Guard::new(vec!["192.168.0.0/16".parse().unwrap(), "10.0.0.0/8".parse().unwrap()]);
    for (guard, url, expected) in [
        (Guard::default(), "http://some.xx/", Ok("8.8.8.8,8.8.4.4,9.9.9.9".to_owned())),
        (open(), "http://some.xx/", Ok("10.0.0.1,8.8.8.8,8.8.4.4".to_owned())),
        (Guard::default(), "http://private.xx/", denied("192.168.1.1")),
        (open(), "http://private.xx/", Ok("192.168.1.1".to_owned())),
        (Guard::default(), "http://mapped.xx/", Ok("8.8.8.8".to_owned())),
        (Guard::default(), "http://none.xx/", Err(Refusal::Unresolved(ResolveError::NoAddress))),
        (Guard::default(), "http://10.1.1.1/", denied("10.1.1.1")),
        (open(), "http://10.1.1.1/", Ok("10.1.1.1".to_owned())),
        (open(), "http://[::ffff:10.1.1.1]/", Ok("10.1.1.1".to_owned())),
    ] {
        assert_eq!(admit(guard, url).await, expected, "{url}");
    }
}

/// The configuration of the table of hops: only 127.0.0.2 is allowed.
fn only_one() -> Config {
    Config { allow_private: vec!["127.0.0.2/32".parse().unwrap()], ..config() }
}

#[tokio::test]
async fn redirects_lead_nowhere_else() {
    let names = Names::default()
        .with("start.xx", &["127.0.0.2"])
        .with("other.xx", &["127.0.0.2"])
        .with("private.xx", &["10.0.0.1"])
        .with("local.xx", &["127.0.0.1"])
        .with("mixed.xx", &["127.0.0.1,127.0.0.2"])
        .with("gone.xx", &["no-address"])
        .with("late.xx", &["timed-out"])
        .with("broken.xx", &["failed"]);
    let fetcher = fetcher(only_one(), &names);
    for (line, row) in rows(table!("http-hops.tsv")) {
        let [location, expected] = row[..] else { panic!("{line}") };
        let trap = Server::start(|_| reply("200 OK", &[], "secret")).await;
        let location = location.replace("PORT", &trap.port().to_string());
        let _trap6 =
            Server::start_at(&format!("[::1]:{}", trap.port()), None, |_| reply("200 OK", &[], "x")).await;
        let start = Server::start_at(&format!("127.0.0.2:{}", trap.port()), None, move |head| {
            if head.starts_with("GET /here ") { redirect(&location) } else { reply("200 OK", &[], "next") }
        })
        .await;
        let (outcome, facts) = fetch(&fetcher, &format!("http://start.xx:{}/here", trap.port())).await;
        assert_eq!(outcome.as_str(), expected, "{line}: {facts:?}");
        assert_eq!(trap.requests(), Vec::<String>::new(), "{line}");
        assert_eq!(start.requests().len(), if expected == "content" { 2 } else { 1 }, "{line}");
        // What is never sent.
        let sent = start.requests().concat().to_ascii_lowercase();
        assert!(!["authorization", "cookie", "referer", "u:p"].iter().any(|word| sent.contains(word)), "{sent}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_leads_to_where_it_led_first() {
    let trap = Server::start(|_| reply("200 OK", &[], "secret")).await;
    let port = trap.port();
    let public = Server::start_at(&format!("127.0.0.2:{port}"), None, |head| {
        if head.starts_with("GET /again") { redirect("/second") } else { reply("200 OK", &[], "public") }
    })
    .await;
    // Once for each fetch: the second answer is never looked at.
    let names = Names::default().with("rebound.xx", &["127.0.0.2", "127.0.0.1"]);
    let fetcher = fetcher(only_one(), &names);
    let (outcome, facts) = fetch(&fetcher, &format!("http://rebound.xx:{port}/")).await;
    assert_eq!((outcome, facts.address), (Outcome::Content, Some("127.0.0.2".parse().unwrap())));
    // A hop is looked at anew, and denied.
    let names = Names::default().with("rebound.xx", &["127.0.0.2", "127.0.0.1"]);
    let fetcher = super::world::fetcher(only_one(), &names);
    let (outcome, facts) = fetch(&fetcher, &format!("http://rebound.xx:{port}/again")).await;
    assert_eq!(outcome, Outcome::BadRedirect, "{facts:?}");
    assert_eq!(facts.detail.as_deref(), Some("a redirect that is not followed: 127.0.0.1 is no public address"));
    assert_eq!((trap.requests().len(), public.requests().len()), (0, 2));
}

#[tokio::test]
async fn the_first_url_is_looked_at_as_well() {
    let trap = Server::start(|_| reply("200 OK", &[], "secret")).await;
    let names = Names::default().with("local.xx", &["127.0.0.1"]);
    let fetcher = fetcher(only_one(), &names);
    let port = trap.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://local.xx:{port}/"),
        format!("http://2130706433:{port}/"),
        "ftp://local.xx/".to_owned(),
        "http://local.xx:22/".to_owned(),
        "nothing".to_owned(),
    ] {
        let (outcome, facts) = fetch(&fetcher, &url).await;
        assert_eq!(outcome, Outcome::Denied, "{url}");
        assert!(facts.detail.unwrap().starts_with("not fetched: "), "{url}");
    }
    assert_eq!(trap.requests().len(), 0);
}

/// Resolves everything to the same addresses.
struct Everything(Vec<IpAddr>);

impl Resolve for Everything {
    async fn resolve(&self, _: &panopticon_model::name::HostName) -> Result<Vec<IpAddr>, ResolveError> {
        Ok(self.0.clone())
    }
}

proptest! {
    #[test]
    fn what_is_admitted_is_public(
        url in "(http|https|ftp)://([a-z0-9.]{0,12}@)?([a-z]{1,5}\\.xx|[0-9x.]{1,14}|\\[[0-9a-f:.]{2,20}\\])(:[0-9]{1,5})?/[ -~]{0,8}",
        addresses in proptest::collection::vec(any::<IpAddr>().prop_map(|address| address), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let Ok(url) = read(&url) else { return Ok(()) };
        if let Ok(admitted) = runtime.block_on(Guard::default().admit(&url, None, &Everything(addresses))) {
            prop_assert!((1..=3).contains(&admitted.addresses().len()));
            prop_assert!(admitted.addresses().iter().all(|address| is_public(*address)));
            prop_assert!([80, 443, 8080, 8443].contains(&admitted.port()));
            prop_assert_eq!((admitted.url().username(), admitted.url().password(), admitted.url().fragment()), ("", None, None));
        }
    }

    #[test]
    fn an_address_inside_of_another_is_as_public_as_by_itself(address in any::<std::net::Ipv4Addr>()) {
        let [a, b, c, d] = address.octets().map(u16::from);
        let (high, low) = (a << 8 | b, c << 8 | d);
        for outside in [
            address.to_ipv6_mapped(),
            std::net::Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            std::net::Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        ] {
            prop_assert_eq!(is_public(outside.into()), is_public(address.into()));
        }
    }
}
