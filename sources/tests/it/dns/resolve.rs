//! Addresses and name servers through resolvers.

use panopticon_sources::dns::error::AskError;
use panopticon_sources::dns::message::Rcode;
use panopticon_sources::dns::resolve::{MAX_ADDRESSES, ResolveError, Resolver};

use super::script::host;
use super::stub::{Act, Stub};
use super::world::{LONG, SHORT, client, resolver};

/// The addresses of shop.zz, where A and AAAA are answered like that.
async fn addresses(a: &'static str, aaaa: &'static str) -> Result<Vec<String>, ResolveError> {
    let stub = Stub::saying(move |asked| match asked.question().as_str() {
        "shop.zz A" => Some(a),
        "shop.zz AAAA" => Some(aaaa),
        other => panic!("{other}"),
    })
    .await;
    let addresses = resolver(stub.server()).addresses(&host("shop.zz")).await?;
    Ok(addresses.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn addresses_over_both_protocols() {
    let none = "NOERROR ra; au: zz SOA 7";
    let v4 = "NOERROR ra; an: shop.zz A 192.0.2.2, shop.zz A 192.0.2.1";
    let v6 = "NOERROR ra; an: shop.zz AAAA 2001:db8::1";
    assert_eq!(addresses(v4, v6).await.unwrap(), ["192.0.2.2", "192.0.2.1", "2001:db8::1"]);
    assert_eq!(addresses(none, v6).await.unwrap(), ["2001:db8::1"]);
    assert_eq!(addresses(none, none).await.unwrap().len(), 0);
    let nonexistent = "NXDOMAIN ra; au: zz SOA 7";
    assert_eq!(addresses(nonexistent, nonexistent).await.unwrap().len(), 0);
    // One half is enough for an address, but not for none.
    assert_eq!(addresses(v4, "SERVFAIL ra").await.unwrap(), ["192.0.2.2", "192.0.2.1"]);
    assert_eq!(addresses("REFUSED", v6).await.unwrap(), ["2001:db8::1"]);
    assert_eq!(addresses(none, "SERVFAIL ra").await, Err(ResolveError::Failed(Rcode::SERVFAIL)));
    assert_eq!(addresses("REFUSED", none).await, Err(ResolveError::Failed(Rcode::REFUSED)));
}

#[tokio::test]
async fn aliases_as_the_resolver_gives_them() {
    let none = "NOERROR ra";
    let chain = "NOERROR ra; an: b.zz A 192.0.2.1, shop.zz CNAME a.zz, a.zz CNAME b.zz, other.zz A 192.0.2.66";
    assert_eq!(addresses(chain, none).await.unwrap(), ["192.0.2.1"]);
    assert_eq!(addresses("NOERROR ra; an: shop.zz CNAME a.zz", none).await.unwrap().len(), 0);
    let round = "NOERROR ra; an: shop.zz CNAME a.zz, a.zz CNAME shop.zz";
    assert_eq!(addresses(round, none).await.unwrap().len(), 0);
}

#[tokio::test]
async fn not_more_addresses_than_anybody_needs() {
    let stub = Stub::start(|asked| {
        let records: Vec<String> = (0..200).map(|last| format!("shop.zz A 192.0.2.{last}")).collect();
        vec![Act::Say(asked.reply(&format!("NOERROR ra; an: {}", records.join(", "))))]
    })
    .await;
    let addresses = resolver(stub.server()).addresses(&host("shop.zz")).await.unwrap();
    assert_eq!(addresses.len(), MAX_ADDRESSES);
}

#[tokio::test]
async fn name_servers_of_a_zone() {
    let stub = Stub::saying(|asked| match asked.name().as_str() {
        "zz" => Some("NOERROR ra; an: zz NS ns2.zz, zz NS NS1.zz, zz NS ns1.zz, other NS ns3.zz"),
        _ => Some("NXDOMAIN ra; au: . SOA 7"),
    })
    .await;
    let resolver = resolver(stub.server());
    assert_eq!(resolver.name_servers(&host("zz")).await.unwrap(), [host("ns1.zz"), host("ns2.zz")]);
    assert_eq!(resolver.name_servers(&host("yy")).await.unwrap().len(), 0);
}

#[tokio::test]
async fn the_next_resolver_is_asked_if_one_fails() {
    let silent = Stub::saying(|_| None).await;
    let failing = Stub::saying(|_| Some("SERVFAIL ra")).await;
    let cut_off = Stub::saying(|_| Some("NOERROR ra tc")).await;
    let good = Stub::saying(|_| Some("NOERROR ra; an: zz NS ns1.zz")).await;
    let unasked = Stub::saying(|_| Some("NOERROR ra; an: zz NS ns2.zz")).await;
    let servers = [&silent, &failing, &cut_off, &good, &unasked].map(Stub::server);
    let resolver = Resolver::new(client(SHORT), servers.to_vec());
    assert_eq!(resolver.name_servers(&host("zz")).await.unwrap(), [host("ns1.zz")]);
    assert_eq!(silent.log().len(), 2, "asked twice, as a datagram gets lost");
    assert_eq!(unasked.log().len(), 0);

    let resolver = Resolver::new(client(SHORT), vec![failing.server(), silent.server()]);
    let error = resolver.name_servers(&host("zz")).await.unwrap_err();
    assert_eq!(error, ResolveError::Ask(AskError::Timeout(SHORT)));
    let nobody = Resolver::new(client(LONG), Vec::new());
    assert_eq!(nobody.name_servers(&host("zz")).await, Err(ResolveError::NoResolver));
}
