//! Transfers from servers of other people on loopback: Knot, NSD and BIND, each with a key.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use panopticon_model::time::Epoch;
use panopticon_model::update::Update;
use panopticon_sources::fetch::Secret;
use panopticon_sources::zone::transfer::{
    Notified, Primary, TransferError, TransferKey, Transferred, Watch, Watched,
};
use panopticon_sources::zone::{Diff, Snapshot};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{content, name, snapshot_in};
use crate::dns::peers::{Peer, free_port, installed};

const KEY: &str = "c2VjcmV0IG9mIHR3byBzaWRlcyBvbmx5ISEhISEhISE=";
/// How long anything may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// The zone with a serial. Some names only some versions have; some differ in nothing but case and time to live.
fn zone(serial: u32) -> String {
    let mut zone =
        format!("$ORIGIN zz.\n$TTL 3600\n@ SOA ns1 hostmaster {serial} 3600 900 604800 300\n@ NS ns1\n");
    zone.push_str("ns1 A 127.0.0.1\nalias CNAME ns1\n_t TXT \"; ( x\"\n");
    for n in 0..2000u32 {
        match (n % 97, serial % 2) {
            (0, 0) => continue,
            (1, 1) => zone.push_str(&format!("name{n} NS ns.other.example.\n")),
            (2, 0) => zone.push_str(&format!("NAME{n} 60 NS NS1\n")),
            (3, 0) => zone.push_str(&format!("name{n} DS 1 13 2 {n:064x}\n")),
            _ => {}
        }
        zone.push_str(&format!("name{n} NS ns{}.example.org.\n", n % 7));
        zone.push_str(&format!("name{n} NS ns.name{}\n", n % 11));
    }
    if serial.is_multiple_of(2) {
        zone.push_str("new NS ns1\nns.name5 AAAA 2001:db8::5\n");
    }
    zone
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Knot,
    Nsd,
    Bind,
}

/// A server of `zz` that tells `notify` of changes.
async fn start(kind: Kind, address: SocketAddr, notify: SocketAddr, zone: &str) -> Peer {
    let (port, told) = (address.port(), notify.port());
    let (program, arguments, config): (_, &[&str], _) = match kind {
        Kind::Knot => (
            "knotd",
            &["-c", "{D}/config"],
            format!(
                "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{{D}}\"\n  udp-workers: 1\n  tcp-workers: 1\n\
                 \x20 background-workers: 1\n\
                 log:\n  - target: stderr\n    any: info\n\
                 database:\n  storage: \"{{D}}\"\n\
                 key:\n  - id: arke\n    algorithm: hmac-sha256\n    secret: {KEY}\n\
                 remote:\n  - id: told\n    address: 127.0.0.1@{told}\n    key: arke\n\
                 acl:\n  - id: xfr\n    key: arke\n    action: transfer\n  - id: open\n    action: query\n\
                 template:\n  - id: default\n    storage: \"{{D}}\"\n    zonefile-load: difference\n\
                 \x20   zonefile-sync: -1\n    journal-content: changes\n    semantic-checks: off\n\
                 zone:\n  - domain: zz.\n    file: zone\n    acl: [xfr]\n    notify: told\n"
            ),
        ),
        Kind::Nsd => (
            "nsd",
            &["-d", "-c", "{D}/config"],
            format!(
                "server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{{D}}\"\n\
                 \x20 database: \"\"\n  pidfile: \"{{D}}/pid\"\n  xfrdfile: \"{{D}}/xfrd\"\n\
                 \x20 zonelistfile: \"{{D}}/list\"\n  server-count: 1\n  rrl-ratelimit: 0\n\
                 remote-control:\n  control-enable: no\n\
                 key:\n  name: \"arke\"\n  algorithm: hmac-sha256\n  secret: \"{KEY}\"\n\
                 zone:\n  name: \"zz\"\n  zonefile: \"zone\"\n  provide-xfr: 127.0.0.1 arke\n\
                 \x20 notify: 127.0.0.1@{told} arke\n  create-ixfr: yes\n  store-ixfr: yes\n"
            ),
        ),
        Kind::Bind => (
            "named",
            &["-4", "-g", "-c", "{D}/config"],
            format!(
                "key arke {{ algorithm hmac-sha256; secret \"{KEY}\"; }};\n\
                 options {{ directory \"{{D}}\"; pid-file none; listen-on port {port} {{ 127.0.0.1; }};\n\
                 listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; notify explicit;\n\
                 allow-transfer {{ key arke; }}; also-notify {{ 127.0.0.1 port {told} key arke; }};\n\
                 notify-delay 0; ixfr-from-differences yes; }};\n\
                 controls {{ }};\n\
                 zone zz {{ type primary; file \"zone\"; check-names ignore; check-integrity no; }};\n"
            ),
        ),
    };
    let files = [("config", config), ("zone", zone.to_owned())];
    Peer::start(program, arguments, &files).ready(address, "zz").await
}

/// A primary at an address, under the right key or none.
fn primary(address: SocketAddr, key: Option<&str>) -> Primary {
    let key = key.map(|key| TransferKey::parse(&Secret::new(key)).unwrap());
    Primary { address, key, timeout: DEADLINE, max_bytes: 64 << 20 }
}

async fn follow(
    primary: &Primary,
    known: Option<&Snapshot>,
    folder: &Path,
) -> Result<(Transferred, Option<Snapshot>), TransferError> {
    let settings = panopticon_sources::zone::Settings::new(folder);
    let out = folder.join("transferred");
    let done = primary.follow(&name("zz"), known, &settings, &out).await?;
    let snapshot = match &done {
        Transferred::Current => None,
        Transferred::Whole(_) | Transferred::Changes(..) => {
            let kept = folder.join("kept");
            std::fs::rename(&out, &kept).unwrap();
            Some(Snapshot::open(kept).unwrap())
        }
    };
    Ok((done, snapshot))
}

/// A listener for NOTIFY that knows the key.
async fn listener() -> (SocketAddr, mpsc::Receiver<Notified>) {
    let localhost = Ipv4Addr::LOCALHOST.into();
    let key = TransferKey::parse(&Secret::new(&format!("hmac-sha256:arke:{KEY}"))).unwrap();
    let watch = Watch::new(vec![Watched { apex: name("zz"), primary: localhost, key: Some(key) }]);
    let (heard, hears) = mpsc::channel(8);
    let clock = || {
        let since = std::time::UNIX_EPOCH.elapsed().unwrap();
        Epoch(u64::try_from(since.as_millis()).unwrap())
    };
    let address = SocketAddr::new(localhost, free_port(&[localhost]).await);
    let listening = watch.bind(address).await.unwrap();
    tokio::spawn(listening.run(heard, clock));
    (address, hears)
}

async fn all_of(kind: Kind) {
    let localhost = Ipv4Addr::LOCALHOST.into();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (told, mut hears) = listener().await;
    let address = SocketAddr::new(localhost, free_port(&[localhost]).await);
    let server = start(kind, address, told, &zone(11)).await;
    let right = primary(address, Some(&format!("hmac-sha256:arke:{KEY}")));
    let of_file = |file: &str, serial| snapshot_in(folder, file, zone(serial).as_bytes(), 1 << 20);
    let (old, new) = (of_file("old", 11), of_file("new", 12));

    // The whole zone, as its file says.
    let (done, first) = follow(&right, None, folder).await.unwrap();
    assert!(matches!(done, Transferred::Whole(_)), "{done:?}");
    let first = first.unwrap();
    assert_eq!(content(&first), content(&old));
    assert_eq!((first.meta().serial, first.meta().apex.as_deref()), (Some(11), Some("zz")));
    std::fs::rename(folder.join("kept"), folder.join("first")).unwrap();
    let first = Snapshot::open(folder.join("first")).unwrap();
    let (done, _) = follow(&right, Some(&first), folder).await.unwrap();
    assert!(matches!(done, Transferred::Current), "{done:?}");

    // Those who may not.
    for key in ["hmac-sha256:arke:d3Jvbmc=".to_owned(), format!("hmac-sha256:nobody:{KEY}")] {
        let error = follow(&primary(address, Some(&key)), None, folder).await.unwrap_err();
        assert!(matches!(error, TransferError::Unauthentic { .. }), "{error:?}");
    }
    let error = follow(&primary(address, None), None, folder).await.unwrap_err();
    assert!(matches!(error, TransferError::Refused { .. }), "{error:?}");

    // An older serial than ours is held back; one that is too old to tell the changes from gives the whole zone.
    let ahead = of_file("ahead", 13);
    let error = follow(&right, Some(&ahead), folder).await.unwrap_err();
    assert!(matches!(error, TransferError::SerialBack { before: 13, after: 11, .. }), "{error:?}");
    let ancient = of_file("ancient", 3);
    let (done, _) = follow(&right, Some(&ancient), folder).await.unwrap();
    assert!(matches!(done, Transferred::Whole(_)), "{done:?}");

    // A change is told, signed, and comes as what changed.
    server.reload("zone", &zone(12));
    let heard = async {
        // A server may tell of the version that it began with.
        loop {
            assert_eq!(hears.recv().await, Some(Notified(0)));
            let (done, snapshot) = follow(&right, Some(&first), folder).await.unwrap();
            if !matches!(done, Transferred::Current) {
                return (done, snapshot.unwrap());
            }
        }
    };
    let (done, second) = timeout(DEADLINE, heard).await.unwrap();
    let Transferred::Changes(_, updates) = done else { panic!("{done:?}") };
    let expected: Vec<Update> = Diff::between(Some(&old), Some(&new)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(updates, expected);
    assert_eq!(content(&second), content(&new));

    // What breaks off or stops in the middle counts for nothing.
    for stop in [Stop::Close, Stop::Silence] {
        let way = cut(address, stop).await;
        let timeout = if matches!(stop, Stop::Silence) { Duration::from_millis(500) } else { DEADLINE };
        let cut = Primary { address: way, timeout, ..right.clone() };
        let error = follow(&cut, None, folder).await.unwrap_err();
        let expected = match stop {
            Stop::Close => matches!(error, TransferError::Broken { .. } | TransferError::Silent { .. }),
            Stop::Silence => matches!(error, TransferError::Silent { .. }),
        };
        assert!(expected, "{error:?}");
        assert!(Snapshot::open(folder.join("transferred")).is_err());
    }
    let small = Primary { max_bytes: 10_000, ..right.clone() };
    let error = follow(&small, None, folder).await.unwrap_err();
    assert!(matches!(error, TransferError::TooLarge { limit: 10_000 }), "{error:?}");
    drop(server);
    assert!(matches!(follow(&right, Some(&first), folder).await, Err(TransferError::Connect { .. })));
}

#[derive(Clone, Copy)]
enum Stop {
    Close,
    Silence,
}

/// A way to a server that ends in the middle of a long answer.
async fn cut(server: SocketAddr, stop: Stop) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(server).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            tokio::spawn(async move {
                let mut buffer = vec![0; 20_000];
                let mut left = buffer.len();
                while left > 0 {
                    let Ok(length @ 1..) = from_server.read(&mut buffer[..left]).await else { return };
                    left -= length;
                    if to_client.write_all(&buffer[..length]).await.is_err() {
                        return;
                    }
                }
                if matches!(stop, Stop::Silence) {
                    // Until the client goes.
                    let () = std::future::pending().await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn knot() {
    if installed(&["knotd"]) {
        all_of(Kind::Knot).await;
    }
}

#[tokio::test]
async fn nsd() {
    if installed(&["nsd"]) {
        all_of(Kind::Nsd).await;
    }
}

#[tokio::test]
async fn bind() {
    if installed(&["named"]) {
        all_of(Kind::Bind).await;
    }
}
