//! Whose failure it was: the tables, row by row.

use std::io::ErrorKind;

use panopticon_model::observation::{Finding, Outcome, ProbeKind};
use panopticon_sources::http::ResolveError;
use panopticon_sources::http::failure::{Maker, Peer, Phase, Sign, answered, outcome};

use super::tables::{rows, table};

fn phase(text: &str) -> Phase {
    match text {
        "resolve" => Phase::Resolve,
        "connect" => Phase::Connect,
        "tunnel" => Phase::Tunnel,
        "secure" => Phase::Secure,
        "ask" => Phase::Ask,
        "read" => Phase::Read,
        other => panic!("{other}"),
    }
}

fn peer(text: &str) -> Peer {
    match text {
        "origin" => Peer::Origin,
        "proxy" => Peer::Proxy,
        other => panic!("{other}"),
    }
}

const KINDS: [ErrorKind; 14] = [
    ErrorKind::ConnectionRefused,
    ErrorKind::ConnectionReset,
    ErrorKind::ConnectionAborted,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::NetworkDown,
    ErrorKind::AddrNotAvailable,
    ErrorKind::AddrInUse,
    ErrorKind::PermissionDenied,
    ErrorKind::OutOfMemory,
    ErrorKind::BrokenPipe,
    ErrorKind::TimedOut,
    ErrorKind::InvalidData,
    ErrorKind::Other,
];

fn sign(text: &str) -> Sign {
    match text.split_once(':') {
        Some(("io", kind)) => Sign::Io(*KINDS.iter().find(|known| known.to_string() == kind).unwrap()),
        Some(("socks", code)) => Sign::Socks(code.parse().unwrap()),
        Some(("connect", status)) => Sign::Connect(status.parse().unwrap()),
        _ => match text {
            "no-address" => Sign::Resolve(ResolveError::NoAddress),
            "timed-out" => Sign::Resolve(ResolveError::TimedOut),
            "failed" => Sign::Resolve(ResolveError::Failed),
            "silence" => Sign::Silence,
            "out-of-time" => Sign::OutOfTime,
            "tls" => Sign::Tls,
            "garbage" => Sign::Garbage,
            "cut" => Sign::Cut,
            "flood" => Sign::Flood,
            "full" => Sign::Full,
            other => panic!("{other}"),
        },
    }
}

#[test]
fn failures_are_of_whoever_failed() {
    for (line, row) in rows(table!("http-failures.tsv")) {
        let [phase_text, peer_text, sign_text, expected] = row[..] else { panic!("{line}") };
        let found = outcome(phase(phase_text), peer(peer_text), sign(sign_text));
        assert_eq!(found.as_str(), expected, "{line}");
    }
}

#[test]
fn answers_are_of_whoever_made_them() {
    for (line, row) in rows(table!("http-statuses.tsv")) {
        let [status, maker, expected] = row[..] else { panic!("{line}") };
        let maker = match maker {
            "origin" => Maker::Origin,
            "passed" => Maker::Passed,
            "proxy" => Maker::Proxy,
            "either" => Maker::Either,
            other => panic!("{other}"),
        };
        assert_eq!(answered(status.parse().unwrap(), maker).as_str(), expected, "{line}");
    }
}

/// Every sign in every phase, with a proxy at the other end.
fn through_proxies() -> impl Iterator<Item = (Phase, Sign)> {
    let phases = [Phase::Connect, Phase::Tunnel, Phase::Secure, Phase::Ask, Phase::Read];
    let signs = [Sign::Silence, Sign::OutOfTime, Sign::Tls, Sign::Garbage, Sign::Cut, Sign::Flood]
        .into_iter()
        .chain(KINDS.map(Sign::Io))
        .chain((100..=999).map(Sign::Connect))
        .chain((0..=255).filter(|code| ![4, 5, 6].contains(code)).map(Sign::Socks));
    phases.into_iter().flat_map(move |phase| signs.clone().map(move |sign| (phase, sign)))
}

#[test]
fn nothing_that_a_proxy_does_itself_says_that_a_target_is_gone() {
    for (phase, sign) in through_proxies() {
        let found = outcome(phase, Peer::Proxy, sign);
        for kind in [ProbeKind::Http, ProbeKind::Https] {
            assert_ne!(found.finding(kind), Finding::Gone, "{phase:?} {sign:?}");
        }
    }
    assert!((100..1000).all(|status| answered(status, Maker::Proxy) == Outcome::ProxyFailure));
}
