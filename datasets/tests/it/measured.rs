//! Observations in which nothing is left out: each outcome, each kind of fact.

use std::sync::Arc;

use compact_str::format_compact;
use panopticon_model::name::HostName;
use panopticon_model::observable::Place;
use panopticon_model::observation::{
    BlocklistFacts, DelegationFacts, Facts, FilterFacts, Gone, Hop, HttpFacts, Observation, ObservationKey,
    Outcome, ProbeKind, RdapFacts, Signal, TlsFacts, WebRiskFacts,
};
use panopticon_model::update::Update;

use crate::support::at;

/// In the order in which they are encoded.
const OUTCOMES: [Outcome; 40] = [
    Outcome::Delegated,
    Outcome::Lame,
    Outcome::Undelegated,
    Outcome::NoData,
    Outcome::Wildcard,
    Outcome::Inconsistent,
    Outcome::NoServer,
    Outcome::Blocked,
    Outcome::BlockedAndNonexistent,
    Outcome::Nonexistent,
    Outcome::Clear,
    Outcome::DnssecFailure,
    Outcome::CanaryFailed,
    Outcome::Listed,
    Outcome::Content,
    Outcome::NotFound,
    Outcome::Forbidden,
    Outcome::ClientError,
    Outcome::ServerError,
    Outcome::TooLarge,
    Outcome::Unresolved,
    Outcome::ConnectRefused,
    Outcome::ConnectTimeout,
    Outcome::TlsFailure,
    Outcome::RedirectLoop,
    Outcome::TooManyRedirects,
    Outcome::BadRedirect,
    Outcome::Denied,
    Outcome::Reset,
    Outcome::ProxyFailure,
    Outcome::Match,
    Outcome::Found,
    Outcome::Unauthorized,
    Outcome::RateLimited,
    Outcome::Mismatch,
    Outcome::Timeout,
    Outcome::Refused,
    Outcome::ServFail,
    Outcome::Malformed,
    Outcome::ServiceError,
];

/// An observation for each outcome, with the facts of one kind after the other.
pub(crate) fn rows() -> Vec<Update> {
    let kinds = facts();
    let row = |(n, outcome): (usize, &Outcome)| {
        let (kind, facts) = &kinds[n % kinds.len()];
        let key = ObservationKey { target: format_compact!("host{n}.xx"), kind: *kind, vantage: "there".into() };
        Update::Observation(key, Some(Arc::new(observation(*outcome, facts.clone()))))
    };
    OUTCOMES.iter().enumerate().map(row).collect()
}

fn observation(outcome: Outcome, facts: Facts) -> Observation {
    Observation {
        place: Place::of_address("192.0.2.1".parse().unwrap()),
        outcome,
        observed_at: at(0, 1),
        refresh_at: at(0, 2),
        valid_until: at(0, 3),
        failures: 4,
        failure: Some(Outcome::Timeout),
        gone: [Gone { since: at(0, 5), confirmed_at: Some(at(0, 6)), until: Some(at(0, 7)) }].into(),
        facts,
    }
}

fn facts() -> Vec<(ProbeKind, Facts)> {
    let host = |text: &str| HostName::parse(text).unwrap();
    let delegation = DelegationFacts {
        answered: 1,
        asked: 2,
        serials: Some((3, 4)),
        name_servers: vec![host("ns1.host.xx"), host("ns2.host.xx")],
        signed: Some(true),
        glue: true,
        working: (5, 6),
        addresses: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
        mail_servers: vec!["mail.host.xx".into()],
    };
    let filter = |signal| FilterFacts {
        server: "tls://192.0.2.1".into(),
        rcode: "NXDOMAIN".into(),
        unfiltered_rcode: Some("NOERROR".into()),
        signal,
        recursion_available: true,
        authoritative: false,
        authentic: true,
        authorities: 7,
        extended_error: Some((15, "blocked".into())),
    };
    let http = HttpFacts {
        hops: vec![Hop {
            url: "http://host.xx/".into(),
            status: Some(301),
            address: Some("192.0.2.1".parse().unwrap()),
            duration_ms: 8,
        }],
        status: Some(200),
        final_url: Some("https://host.xx/".into()),
        left_domain: true,
        server: Some("nginx".into()),
        content_type: Some("text/html".into()),
        length: 9,
        title: Some("a page".into()),
        refresh: Some("https://other.xx/".into()),
        body_sha256: Some([10; 32]),
        similarity: Some(11),
        tls: Some(Box::new(TlsFacts {
            subject: "CN=host.xx".into(),
            issuer: "CN=issuer".into(),
            not_before: Some(at(0, 12)),
            not_after: Some(at(0, 13)),
            error: Some("expired".into()),
        })),
        address: Some("2001:db8::1".parse().unwrap()),
        resolved_by_proxy: true,
        via: "socks5://192.0.2.2".into(),
        duration_ms: 14,
        detail: Some("a detail".into()),
    };
    let rdap = RdapFacts {
        created_at: Some(at(0, 15)),
        changed_at: Some(at(0, 16)),
        expires_at: Some(at(0, 17)),
        epp_statuses: vec!["ok".into()],
        registrar: Some("Registrar".into()),
        registrar_iana_id: Some("292".into()),
        registrar_abuse_email: Some("abuse@registrar.example".into()),
        registrar_abuse_phone: Some("tel:+1".into()),
        name_servers: vec!["ns1.host.xx".into()],
        signed: Some(false),
        redacted: vec!["Registrant Name".into()],
    };
    let risk = WebRiskFacts { threat_types: vec!["MALWARE".into()], expire_at: Some(at(0, 18)) };
    let listed = BlocklistFacts { codes: vec!["127.0.1.2".parse().unwrap()], meanings: vec!["spam".into()] };
    vec![
        (ProbeKind::Delegation, Facts::Delegation(Box::new(delegation))),
        (ProbeKind::Filter, Facts::Filter(Box::new(filter(Some(Signal::ExtendedError))))),
        (ProbeKind::Filter, Facts::Filter(Box::new(filter(Some(Signal::NoRecursion))))),
        (ProbeKind::Filter, Facts::Filter(Box::new(filter(Some(Signal::Inferred))))),
        (ProbeKind::Blocklist, Facts::Blocklist(listed)),
        (ProbeKind::Http, Facts::Http(Box::new(http))),
        (ProbeKind::Https, Facts::None),
        (ProbeKind::WebRisk, Facts::WebRisk(risk)),
        (ProbeKind::Rdap, Facts::Rdap(Box::new(rdap))),
    ]
}
