//! Filters: dnsdist with the flags of Quad9 and with faults, Unbound and PowerDNS Recursor with a response policy zone;
//! behind them Unbound without a filter, and Knot with all names that there are.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use panopticon_model::observation::{Facts, Outcome, Signal};
use panopticon_sources::dns::exchange::Client;
use panopticon_sources::dns::filter::{Canaries, Config, Filter};
use panopticon_sources::dns::server::Server;
use panopticon_sources::probe::pace::Pace;
use tokio::task::JoinSet;

use super::super::script::host;
use super::super::world::{Authority, LONG, SHORT, client, no_trust};
use super::{Peer, free_port, installed, knot};

/// Names that exist.
const NAMES: [&str; 6] = ["good", "bad", "refused", "slow", "drop", "tc"];

/// Zones that block `bad.zz` and `gone.zz`, which does not exist.
const POLICY: &str = "\
$ORIGIN rpz.test.
$TTL 60
@ SOA localhost. hostmaster 1 3600 900 604800 60
@ NS localhost.
bad.zz CNAME .
gone.zz CNAME .
";

/// A resolver without a filter, and what is behind it.
struct World {
    names: SocketAddr,
    unfiltered: SocketAddr,
    _peers: [Peer; 2],
}

impl World {
    async fn start() -> World {
        let mut root = ". 60 SOA ns. hostmaster. 1 3600 900 604800 60\n. 60 NS ns.\nns. 60 A 127.0.0.1\n\
                        zz. 60 TXT zone\n"
            .to_owned();
        for name in NAMES {
            writeln!(root, "{name}.zz. 60 A 192.0.2.1").unwrap();
        }
        for number in 0..100 {
            writeln!(root, "good{number}.zz. 60 A 192.0.2.1").unwrap();
        }
        let (names, unfiltered) = (address().await, address().await);
        let knot = knot(names, &[("", root)]).await;
        let unbound = unbound(unfiltered, names, "iterator", "").await;
        World { names, unfiltered, _peers: [knot, unbound] }
    }
}

async fn address() -> SocketAddr {
    let loopback = Ipv4Addr::LOCALHOST.into();
    SocketAddr::new(loopback, free_port(&[loopback]).await)
}

/// Unbound at an address, which asks `names` for everything.
async fn unbound(address: SocketAddr, names: SocketAddr, modules: &str, policy: &str) -> Peer {
    let config = format!(
        "server:\n  interface: {}@{}\n  access-control: 127.0.0.0/8 allow\n  do-not-query-localhost: no\n\
         \x20 qname-minimisation: no\n  module-config: \"{modules}\"\n  username: \"\"\n  chroot: \"\"\n  directory: \"{{D}}\"\n\
         \x20 pidfile: \"\"\n  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n  identity: \"a.rrdns.pch.net\"\n\
         forward-zone:\n  name: \".\"\n  forward-addr: {}@{}\n{policy}",
        address.ip(),
        address.port(),
        names.ip(),
        names.port()
    );
    let files = [("unbound.conf", config), ("rpz.zone", POLICY.to_owned())];
    Peer::start("unbound", &["-d", "-c", "{D}/unbound.conf"], &files).ready(address, "good.zz").await
}

fn config(filtered: Server, world: &World) -> Config {
    let config = Config::new(filtered, Server::udp(world.unfiltered));
    Config { repeat_after: Duration::ZERO, ..config }
}

/// The filter's verdict on a name, and its signal.
async fn verdict(filter: &Filter, name: &str) -> (Outcome, Option<Signal>) {
    let measured = filter.measure(name).await;
    let signal = match measured.facts {
        Facts::Filter(facts) => facts.signal,
        _ => None,
    };
    (measured.outcome, signal)
}

/// dnsdist in the place of Quad9, with faults; over TLS and HTTPS, too.
struct Quad9 {
    udp: SocketAddr,
    tls: SocketAddr,
    https: SocketAddr,
    authority: Authority,
    _peer: Peer,
}

impl Quad9 {
    async fn start(world: &World, rules: &str) -> Quad9 {
        let authority = Authority::new("dns.example");
        let (udp, tls, https) = (address().await, address().await, address().await);
        let config = format!(
            r#"
            setSecurityPollSuffix("") -- it would ask the Internet whether it is up to date
            setLocal("{udp}") setACL("127.0.0.0/8")
            addTLSLocal("{tls}", "cert.pem", "key.pem")
            addDOHLocal("{https}", "cert.pem", "key.pem", "/dns-query")
            newServer({{address="{unfiltered}", healthCheckMode="up"}})
            {rules}
            addAction("bad.zz.", RCodeAction(DNSRCode.NXDOMAIN, {{ra=false, aa=false, ad=true}}))
            addAction("gone.zz.", RCodeAction(DNSRCode.NXDOMAIN, {{ra=false, aa=false, ad=true}}))
            addAction("refused.zz.", RCodeAction(DNSRCode.REFUSED, {{ra=true}}))
            addAction("slow.zz.", DelayAction(800))
            addAction("drop.zz.", DropAction())
            addAction(AndRule({{QNameRule("tc.zz."), TCPRule(false)}}), TCAction())
            "#,
            unfiltered = world.unfiltered
        );
        let files = [
            ("dnsdist.conf", config),
            ("cert.pem", authority.certificate.pem()),
            ("key.pem", authority.key.serialize_pem()),
        ];
        let peer = Peer::start("dnsdist", &["-C", "{D}/dnsdist.conf", "--supervised", "--disable-syslog"], &files);
        Quad9 { udp, tls, https, authority, _peer: peer.ready(udp, "good.zz").await }
    }

    fn server(&self, scheme: &str) -> Server {
        let text = match scheme {
            "tls" => format!("tls://{}#dns.example", self.tls),
            "https" => format!("https://{}/dns-query#dns.example", self.https),
            "tcp" => format!("tcp://{}", self.udp),
            _ => self.udp.to_string(),
        };
        text.parse().unwrap()
    }
}

#[tokio::test]
async fn dnsdist_in_the_place_of_quad9() {
    if !installed(&["knotd", "unbound", "dnsdist"]) {
        return;
    }
    let world = World::start().await;
    let quad9 = Quad9::start(&world, "").await;
    let canaries = Canaries {
        blocked: Some(host("bad.zz")),
        nonexistent_in: Some(host("zz")),
        identity: Some(".rrdns.pch.net".into()),
    };
    let patient = quad9.authority.client(LONG);
    for scheme in ["", "tcp", "tls", "https"] {
        let config = Config { canaries: canaries.clone(), ..config(quad9.server(scheme), &world) };
        let filter = Filter::new(Arc::clone(&patient), config);
        let check =
            async |name: &str, expected| assert_eq!(verdict(&filter, name).await, expected, "{scheme} {name}");
        check("bad.zz", (Outcome::Blocked, Some(Signal::NoRecursion))).await;
        check("gone.zz", (Outcome::BlockedAndNonexistent, Some(Signal::NoRecursion))).await;
        check("good.zz", (Outcome::Clear, None)).await;
        check("nowhere.zz", (Outcome::Nonexistent, None)).await;
        check("refused.zz", (Outcome::Refused, None)).await;
        check("tc.zz", (Outcome::Clear, None)).await;
        check("slow.zz", (Outcome::Clear, None)).await;
    }
    let quick = Filter::new(client(SHORT), config(quad9.server(""), &world));
    assert_eq!(verdict(&quick, "slow.zz").await, (Outcome::Timeout, None));
    assert_eq!(verdict(&quick, "drop.zz").await, (Outcome::Timeout, None));
    let suspicious = Filter::new(client(LONG), config(quad9.server("tls"), &world));
    assert_eq!(verdict(&suspicious, "good.zz").await, (Outcome::TlsFailure, None));

    // A resolver that does not filter at all in its place.
    let hijacked = Config { canaries, ..config(Server::udp(world.unfiltered), &world) };
    let hijacked = Filter::new(client(LONG), hijacked);
    assert_eq!(hijacked.measure("bad.zz").await.outcome, Outcome::CanaryFailed);
}

#[tokio::test]
async fn a_filter_that_answers_so_often_only() {
    if !installed(&["knotd", "unbound", "dnsdist"]) {
        return;
    }
    let world = World::start().await;
    let quad9 = Quad9::start(&world, "addAction(MaxQPSIPRule(50), DropAction())").await;
    let measure_all = async |client: Arc<Client>, names: usize| {
        let filter = Arc::new(Filter::new(client, config(quad9.server(""), &world)));
        let mut tasks = JoinSet::new();
        for number in 0..names {
            let filter = Arc::clone(&filter);
            tasks.spawn(async move { filter.measure(&format!("good{}.zz", number % 100)).await.outcome });
        }
        tasks.join_all().await
    };
    // As fast as possible: what is dropped could not be told.
    let outcomes = measure_all(client(SHORT), 300).await;
    assert!(outcomes.contains(&Outcome::Timeout));
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Clear | Outcome::Timeout)), "{outcomes:?}");
    // At its pace.
    let paced = Arc::new(Client::new(&no_trust(), Arc::new(Pace::new(20.0, 1)), LONG));
    let outcomes = measure_all(paced, 40).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Clear), "{outcomes:?}");
}

#[tokio::test]
async fn unbound_with_a_policy_zone() {
    if !installed(&["knotd", "unbound"]) {
        return;
    }
    let world = World::start().await;
    let policy = "rpz:\n  name: \"rpz.test.\"\n  zonefile: \"{D}/rpz.zone\"\n  rpz-action-override: nxdomain\n\
                  \x20 rpz-signal-nxdomain-ra: yes\n";
    let at = address().await;
    let _peer = unbound(at, world.names, "respip iterator", policy).await;
    let filter = Filter::new(client(LONG), config(Server::udp(at), &world));
    // Authoritative, so it is no signal.
    assert_eq!(verdict(&filter, "bad.zz").await, (Outcome::Blocked, Some(Signal::Inferred)));
    assert_eq!(verdict(&filter, "gone.zz").await, (Outcome::Nonexistent, None));
    assert_eq!(verdict(&filter, "good.zz").await, (Outcome::Clear, None));
    assert_eq!(verdict(&filter, "nowhere.zz").await, (Outcome::Nonexistent, None));
}

#[tokio::test]
async fn powerdns_recursor_with_a_policy_zone() {
    if !installed(&["knotd", "unbound", "pdns_recursor"]) {
        return;
    }
    let world = World::start().await;
    let at = address().await;
    let config_file = format!(
        "local-address=127.0.0.1\nlocal-port={}\nsocket-dir={{D}}\nforward-zones=.={}\ndont-query=\ndnssec=off\n\
         extended-resolution-errors=yes\nlua-config-file={{D}}/policy.lua\nthreads=1\ndaemon=no\nwrite-pid=no\n\
         disable-syslog=yes\nsecurity-poll-suffix=\n",
        at.port(),
        world.names
    );
    let policy = "rpzFile(\"{D}/rpz.zone\", {policyName=\"fake\", extendedErrorCode=15, \
                  extendedErrorExtra=\"Blocked by fake\"})\n";
    let files =
        [("recursor.conf", config_file), ("policy.lua", policy.to_owned()), ("rpz.zone", POLICY.to_owned())];
    let peer = Peer::start("pdns_recursor", &["--config-dir={D}"], &files);
    let _peer = peer.ready(at, "good.zz").await;
    let filter = Filter::new(client(LONG), config(Server::udp(at), &world));
    let measured = filter.measure("bad.zz").await;
    let Facts::Filter(facts) = &measured.facts else { panic!("{measured:?}") };
    assert_eq!((measured.outcome, facts.signal), (Outcome::Blocked, Some(Signal::ExtendedError)));
    assert_eq!(facts.extended_error, Some((15, "Blocked by fake".into())));
    assert_eq!(verdict(&filter, "gone.zz").await, (Outcome::BlockedAndNonexistent, Some(Signal::ExtendedError)));
    assert_eq!(verdict(&filter, "good.zz").await, (Outcome::Clear, None));
    assert_eq!(verdict(&filter, "nowhere.zz").await, (Outcome::Nonexistent, None));
}
