//! Delegations, asked of Knot and NSD.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use panopticon_model::observation::{Facts, Outcome};
use panopticon_sources::dns::delegation::{Config, Delegations};
use panopticon_sources::dns::exchange::Client;
use panopticon_sources::dns::resolve::Resolver;
use panopticon_sources::probe::pace::Pace;
use tokio::task::JoinSet;

use super::super::script::host;
use super::super::world::{LONG, SHORT, client, no_trust};
use super::{Peer, free_port, installed, knot, nsd};

/// The zone: delegations, names without one, and what hides between names.
const ZZ: &str = "\
$ORIGIN zz.
$TTL 3600
@ SOA ns1 hostmaster 7 3600 900 604800 300
@ NS ns1
@ NS ns2
ns1 A 127.0.0.1
ns2 A 127.0.0.2
good NS ns.good
ns.good A 127.0.0.3
signed NS ns.good
signed DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
hosted NS ns.good
refused NS ns.good
dead NS ns.dead
ns.dead A 127.0.0.4
inside NS ns.inside
ns.inside A 10.1.2.3
host A 192.0.2.1
alias CNAME host
a.ent A 192.0.2.1
com NS ns.com
ns.com A 127.0.0.3
";

/// A zone that answers for everything.
const WZ: &str = "\
$ORIGIN wz.
$TTL 3600
@ SOA ns1 hostmaster 3 3600 900 604800 300
@ NS ns1
ns1 A 127.0.0.1
good NS ns.good.zz.
* A 192.0.2.1
";

/// A zone of a domain.
fn own(domain: &str) -> (&str, String) {
    let content = format!(
        "$ORIGIN {domain}.\n$TTL 300\n@ SOA ns.good.zz. hostmaster 1 3600 900 604800 300\n@ NS ns.good.zz.\n\
         @ A 192.0.2.7\n@ AAAA 2001:db8::7\n@ MX 10 mail\nmail A 192.0.2.8\nns A 127.0.0.3\n"
    );
    (domain, content)
}

fn below_com() -> (&'static str, String) {
    let content = "$ORIGIN com.zz.\n$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\n\
                   ns A 127.0.0.3\ngood NS ns.good.zz.\n";
    ("com.zz", content.to_owned())
}

fn loopback(last: u8) -> IpAddr {
    [127, 0, 0, last].into()
}

/// Knot on 127.0.0.1 and NSD on 127.0.0.2 with the zones, another Knot on 127.0.0.3 with the domains.
struct Zones {
    port: u16,
    _peers: [Peer; 3],
}

impl Zones {
    async fn start() -> Zones {
        let port = free_port(&[loopback(1), loopback(2), loopback(3), loopback(4)]).await;
        let at = |last| SocketAddr::new(loopback(last), port);
        let zones = [("zz", ZZ.to_owned()), ("wz", WZ.to_owned()), own("hosted.zz")];
        let domains =
            [own("good.zz"), own("signed.zz"), own("hosted.zz"), own("good.wz"), below_com(), own("good.com.zz")];
        let peers = [knot(at(1), &zones).await, nsd(at(2), 0, &zones).await, knot(at(3), &domains).await];
        Zones { port, _peers: peers }
    }

    fn delegations(&self, servers: &[u8], client: Arc<Client>) -> Delegations {
        let addresses: Vec<SocketAddr> =
            servers.iter().map(|last| SocketAddr::new(loopback(*last), self.port)).collect();
        let com = vec![SocketAddr::new(loopback(3), self.port)];
        let config = Config {
            servers: BTreeMap::from([
                (host("zz"), addresses.clone()),
                (host("wz"), addresses),
                (host("com.zz"), com),
            ]),
            allow_private: vec!["127.0.0.0/8".parse().unwrap()],
            port: self.port,
            seed: 1,
        };
        Delegations::new(client, self.resolver(), config)
    }

    /// The domains' own server in the place of a resolver: it has the address of `ns.good.zz`, and refuses the rest.
    fn resolver(&self) -> Resolver {
        let good = format!("127.0.0.3:{}", self.port).parse().unwrap();
        Resolver::new(client(LONG), vec![good])
    }
}

#[tokio::test]
async fn what_knot_and_nsd_say() {
    if !installed(&["knotd", "nsd"]) {
        return;
    }
    let zones = Zones::start().await;
    // Both, and each of them alone.
    for servers in [&[1, 2][..], &[1], &[2]] {
        let delegations = zones.delegations(servers, client(LONG));
        let check = async |domain: &str, outcome| {
            let measured = delegations.measure(domain).await;
            assert_eq!(measured.outcome, outcome, "{domain} of {servers:?}: {measured:?}");
            measured
        };
        let good = check("good.zz", Outcome::Delegated).await;
        let Facts::Delegation(facts) = good.facts else { panic!("{good:?}") };
        assert_eq!((facts.working, facts.glue, facts.signed), ((1, 1), true, None));
        assert_eq!(facts.name_servers, [host("ns.good.zz")]);
        let addresses: Vec<String> = facts.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["192.0.2.7", "2001:db8::7"]);
        assert_eq!(facts.mail_servers, ["mail.good.zz"]);

        check("signed.zz", Outcome::Delegated).await;
        check("refused.zz", Outcome::Lame).await;
        check("nowhere.zz", Outcome::Undelegated).await;
        check("host.zz", Outcome::NoData).await;
        check("alias.zz", Outcome::NoData).await;
        check("ent.zz", Outcome::NoData).await;
        check("a.ent.zz", Outcome::NoData).await;
        check("b.ent.zz", Outcome::Undelegated).await;
        let hosted = check("hosted.zz", Outcome::Delegated).await;
        let Facts::Delegation(facts) = hosted.facts else { panic!("{hosted:?}") };
        assert_eq!(facts.signed, Some(false), "as DS told");
        // A private address that is not allowed, and nobody else gives one.
        check("inside.zz", Outcome::Lame).await;
        check("good.com.zz", Outcome::Delegated).await;
        check("nowhere.com.zz", Outcome::Undelegated).await;
        check("good.wz", Outcome::Delegated).await;
        check("nowhere.wz", Outcome::Wildcard).await;
    }
    let quick = zones.delegations(&[1, 2], client(SHORT));
    assert_eq!(quick.measure("dead.zz").await.outcome, Outcome::Lame);
    // Servers that do not have the zone.
    let wrong = zones.delegations(&[3], client(LONG));
    assert_eq!(wrong.measure("x.wz").await.outcome, Outcome::Refused);
}

/// How many names are asked for: at 50 a second of each server, they take eight seconds.
const NAMES: usize = 400;

#[tokio::test]
async fn names_that_are_not_there_within_the_limit_of_nsd() {
    if !installed(&["nsd"]) {
        return;
    }
    let port = free_port(&[loopback(1), loopback(2)]).await;
    let addresses = [1, 2].map(|last| SocketAddr::new(loopback(last), port));
    // Its own default: 200 in a second.
    let zones = [("zz", ZZ.to_owned())];
    let _peers = [nsd(addresses[0], 200, &zones).await, nsd(addresses[1], 200, &zones).await];
    let config = Config {
        servers: BTreeMap::from([(host("zz"), addresses.to_vec())]),
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        ..Config::default()
    };
    let client = Arc::new(Client::new(&no_trust(), Arc::new(Pace::new(50.0, 1)), LONG));
    let delegations =
        Arc::new(Delegations::new(client, Resolver::new(super::super::world::client(LONG), Vec::new()), config));
    let mut tasks = JoinSet::new();
    for number in 0..NAMES {
        let delegations = Arc::clone(&delegations);
        tasks.spawn(async move { delegations.measure(&format!("nowhere{number}.zz")).await.outcome });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Undelegated).count(), NAMES);
}
