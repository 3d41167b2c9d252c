//! What was measured: the observations themselves, and the summary of them beside each indicator.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::name::{HostName, Places, SuffixList};
use panopticon_model::observable::Place;
use panopticon_model::observation::{
    BlocklistFacts, DelegationFacts, Facts, FilterFacts, Hop, HttpFacts, Measured, Observation, ObservationKey,
    Outcome, ProbeKind, RdapFacts, Request, Schedule, Signal, TlsFacts, WebRiskFacts, observe,
};
use panopticon_model::time::{Epoch, HOUR_MS};
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{self, Query, When};
use panopticon_sinks::records_sql;
use serde_json::{Map, Value, json};

use crate::world::world;

pub(crate) type Observations = BTreeMap<ObservationKey, Arc<Observation>>;

fn key(kind: ProbeKind, target: &str, vantage: &str) -> ObservationKey {
    ObservationKey { target: target.into(), kind, vantage: vantage.into() }
}

fn page(status: u16, title: &str) -> Facts {
    let hop = |url: &str, status| Hop { url: url.into(), status: Some(status), address: None, duration_ms: 12 };
    Facts::Http(Box::new(HttpFacts {
        hops: vec![hop("http://evil.xx/a.exe", 302), hop("http://evil.xx/?to=victim@example.com", status)],
        status: Some(status),
        final_url: Some("http://evil.xx/?to=victim@example.com".into()),
        title: (!title.is_empty()).then(|| title.into()),
        content_type: Some("text/html".into()),
        length: 77,
        body_sha256: Some([0xab; 32]),
        similarity: Some(0x0102),
        tls: Some(Box::new(TlsFacts {
            subject: "CN=evil.xx".into(),
            issuer: "CN=somebody".into(),
            not_before: None,
            not_after: Some(Epoch(1_800_000_000_000)),
            error: Some("expired".into()),
        })),
        address: Some([192, 0, 2, 1].into()),
        via: "socks5://192.0.2.9:1080".into(),
        duration_ms: 34,
        ..HttpFacts::default()
    }))
}

fn place(name: &str) -> Place {
    let host = HostName::parse(name).unwrap();
    let list = SuffixList::parse("// ===BEGIN ICANN DOMAINS===\nxx\n// ===END ICANN DOMAINS===\n").unwrap();
    Place::of_name(&host, &Places::new(list, Vec::new()).place(&host).unwrap())
}

/// What was measured of `evil.xx` by an instant.
pub(crate) fn observations(at: Epoch) -> Observations {
    let place = place("evil.xx");
    let delegation = DelegationFacts {
        answered: 2,
        asked: 3,
        serials: Some((7, 8)),
        name_servers: vec![HostName::parse("ns1.example").unwrap()],
        signed: Some(true),
        glue: false,
        working: (1, 2),
        addresses: vec![[192, 0, 2, 1].into()],
        mail_servers: vec!["mx.evil.xx".into()],
    };
    let filter = FilterFacts {
        server: "tls://9.9.9.9".into(),
        rcode: "NXDOMAIN".into(),
        signal: Some(Signal::ExtendedError),
        extended_error: Some((15, "Blocked".into())),
        ..FilterFacts::default()
    };
    let codes = BlocklistFacts { codes: vec![[127, 0, 1, 5].into()], meanings: vec!["malware".into()] };
    let risk = WebRiskFacts { threat_types: vec!["MALWARE".into()], expire_at: Some(at.plus(HOUR_MS)) };
    let rdap = RdapFacts {
        created_at: Some(Epoch(1_700_000_000_000)),
        epp_statuses: vec!["clientHold".into(), "serverHold".into()],
        registrar: Some("Registrar, it's \"one\"".into()),
        registrar_iana_id: Some("9999".into()),
        registrar_abuse_email: Some("abuse@registrar.example".into()),
        redacted: vec!["registrant name".into()],
        ..RdapFacts::default()
    };
    let url = "http://evil.xx/a.exe";
    [
        (key(ProbeKind::Delegation, "evil.xx", ""), Outcome::Delegated, Facts::Delegation(Box::new(delegation))),
        (key(ProbeKind::Filter, "evil.xx", "quad9"), Outcome::Blocked, Facts::Filter(Box::new(filter))),
        (key(ProbeKind::Blocklist, "evil.xx", "dbl"), Outcome::Listed, Facts::Blocklist(codes)),
        (key(ProbeKind::Http, url, "ch"), Outcome::Content, page(200, "mail me@example.com")),
        (key(ProbeKind::Http, url, "nz"), Outcome::NotFound, page(404, "")),
        (key(ProbeKind::Https, "https://evil.xx/a.exe", "ch"), Outcome::ProxyFailure, Facts::None),
        (key(ProbeKind::WebRisk, url, ""), Outcome::Match, Facts::WebRisk(risk)),
        (key(ProbeKind::Rdap, "evil.xx", ""), Outcome::Found, Facts::Rdap(Box::new(rdap))),
    ]
    .into_iter()
    .map(|(key, outcome, facts)| {
        let measured = Measured { facts, ..Measured::bare(outcome) };
        let before = at.minus(2 * HOUR_MS);
        let seen = observe(key.kind, place.clone(), None, measured, before, &Schedule::default());
        (key, Arc::new(seen))
    })
    .collect()
}

/// What is still to be measured.
pub(crate) fn requests() -> BTreeMap<ObservationKey, Arc<Request>> {
    let request =
        |key: ObservationKey, priority| (key.clone(), Arc::new(Request { key, priority, spelled: None }));
    [
        request(key(ProbeKind::Https, "https://evil.xx/", "ch"), 4),
        request(key(ProbeKind::Delegation, "bank-it.xx", ""), 0),
        request(key(ProbeKind::Filter, "elsewhere.yy", "quad9"), 1),
    ]
    .into()
}

pub(crate) fn rows(view: View) -> Vec<Map<String, Value>> {
    let out = tempfile::tempdir().unwrap();
    world(false).write(out.path()).unwrap();
    let query = Query { out: out.path(), view, tld: "xx", when: When::Latest, filters: &[] };
    let rows = read::open(&query).unwrap();
    let columns = rows.columns().to_vec();
    rows.map(|row| columns.iter().cloned().zip(row.unwrap()).collect()).collect()
}

/// The columns of a row that are not null, of those named.
fn some(row: &Map<String, Value>, columns: &[&str]) -> Value {
    let named = row.iter().filter(|(name, value)| columns.contains(&name.as_str()) && !value.is_null());
    Value::Object(named.map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[test]
fn an_indicator_has_its_summary() {
    let rows = rows(View::Indicators);
    let measured = [
        "delegation",
        "quad9",
        "http_a",
        "https_a",
        "http_b",
        "https_b",
        "web_risk",
        "rank",
        "created_at",
        "epp_statuses",
        "registrar",
        "cloaking",
        "protected",
    ];
    let of = |host: &str| some(rows.iter().find(|row| row["host"] == host).unwrap(), &measured);
    let evil = json!({
        "delegation": "delegated", "quad9": "blocked", "http_a": "content", "https_a": "proxy-failure",
        "http_b": "not-found", "web_risk": "match", "rank": 4711, "created_at": "2023-11-14T22:13:20.000Z",
        "epp_statuses": ["clientHold", "serverHold"], "registrar": "Registrar, it's \"one\"", "cloaking": true,
        "protected": true,
    });
    assert_eq!(of("evil.xx"), evil);
    assert_eq!(of("login.bank-it.xx"), json!({"protected": false}));
}

#[test]
fn observations_have_a_typed_column_for_every_fact() {
    let rows = rows(View::Observations);
    let of = |kind: &str, vantage: &str| {
        let row = rows.iter().find(|row| row["kind"] == kind && row["vantage"] == vantage).unwrap();
        let told = row.iter().filter(|(name, value)| {
            let common = ["kind", "target", "vantage", "observed_at", "refresh_at", "valid_until", "host"];
            !value.is_null()
                && !common.contains(&name.as_str())
                && *name != "registrable_domain"
                && **value != json!(0)
        });
        Value::Object(told.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    assert_eq!(rows.len(), 8);
    assert_eq!(
        of("delegation", ""),
        json!({
            "outcome": "delegated", "servers_asked": 3, "servers_answered": 2, "serial_min": 7, "serial_max": 8,
            "name_servers": ["ns1.example"], "signed": true, "glue": false, "name_servers_asked": 2,
            "name_servers_working": 1, "addresses": ["192.0.2.1"], "mail_servers": ["mx.evil.xx"],
        })
    );
    assert_eq!(
        of("filter", "quad9"),
        json!({
            "outcome": "blocked", "resolver": "tls://9.9.9.9", "rcode": "NXDOMAIN", "signal": "extended-error",
            "extended_error": 15, "extended_error_text": "Blocked", "recursion_available": false,
            "authoritative": false, "authentic": false,
        })
    );
    assert_eq!(
        of("blocklist", "dbl"),
        json!({
            "outcome": "listed", "blocklist_codes": ["127.0.1.5"], "blocklist_meanings": ["malware"],
        })
    );
    assert_eq!(
        of("http", "ch"),
        json!({
            "outcome": "content", "status": 200, "final_url": "http://evil.xx/?to=[email]", "left_domain": false,
            "hops": ["302 http://evil.xx/a.exe - 12 ms", "200 http://evil.xx/?to=[email] - 12 ms"],
            "content_type": "text/html", "content_length": 77, "title": "mail [email]", "body_sha256": "ab".repeat(32),
            "similarity": "0000000000000102", "tls_subject": "CN=evil.xx", "tls_issuer": "CN=somebody",
            "tls_not_after": "2027-01-15T08:00:00.000Z", "tls_error": "expired", "address": "192.0.2.1",
            "resolved_by_proxy": false, "via": "socks5://192.0.2.9:1080", "duration_ms": 34,
        })
    );
    assert_eq!(
        of("https", "ch"),
        json!({
            "outcome": "proxy-failure", "failures": 1, "failure": "proxy-failure",
        })
    );
    let risk = of("web-risk", "");
    assert_eq!((&risk["outcome"], &risk["threat_types"]), (&json!("match"), &json!(["MALWARE"])));
    assert_eq!(
        of("rdap", ""),
        json!({
            "outcome": "found", "created_at": "2023-11-14T22:13:20.000Z", "epp_statuses": ["clientHold", "serverHold"],
            "registrar": "Registrar, it's \"one\"", "registrar_iana_id": "9999", "name_servers": [],
            "registrar_abuse_email": "abuse@registrar.example", "redacted": ["registrant name"],
        })
    );
    let gone = &rows.iter().find(|row| row["vantage"] == "nz").unwrap()["gone_since"];
    assert_eq!(*gone, json!("2026-11-22T22:00:00.000Z"));
}

#[test]
fn what_is_to_be_measured_stands_by_priority_and_tld() {
    let shown: Vec<String> = rows(View::ProbeRequests)
        .iter()
        .map(|row| format!("{} {} {} {}", row["priority"], row["kind"], row["target"], row["vantage"]))
        .collect();
    assert_eq!(shown, ["0 \"delegation\" \"bank-it.xx\" \"\"", "4 \"https\" \"https://evil.xx/\" \"ch\""]);
}

#[test]
fn what_no_longer_counts_is_in_no_summary() {
    let out = tempfile::tempdir().unwrap();
    let mut world = world(false);
    world.observations = observations(world.as_of.minus(48 * HOUR_MS));
    world.write(out.path()).unwrap();
    let query = Query { out: out.path(), view: View::Indicators, tld: "xx", when: When::Latest, filters: &[] };
    let rows = read::open(&query).unwrap();
    let at: Vec<usize> = ["host", "delegation", "http_a", "https_a", "web_risk"]
        .map(|name| rows.columns().iter().position(|column| column == name).unwrap())
        .into();
    let rows: Vec<Vec<Value>> =
        rows.map(|row| at.iter().map(|at| row.as_ref().unwrap()[*at].clone()).collect()).collect();
    let evil = rows.iter().find(|row| row[0] == "evil.xx").unwrap();
    assert_eq!(evil[1..], [Value::Null, Value::Null, json!("proxy-failure"), Value::Null]);
}

#[test]
fn records_sql_has_what_counts_of_open_cases() {
    let out = tempfile::tempdir().unwrap();
    let mut world = world(true);
    // The case of `evil.xx` is closed; one of the two is too old to count.
    let open = world.standing.cases.values().find(|case| case.subject == "bank-it.xx").unwrap();
    let place = place(&open.subject);
    for (kind, hours) in [(ProbeKind::Delegation, 1), (ProbeKind::Rdap, 48)] {
        let (at, measured) = (world.as_of.minus(hours * HOUR_MS), Measured::bare(Outcome::Delegated));
        let seen = observe(kind, place.clone(), None, measured, at, &Schedule::default());
        world.observations.insert(key(kind, "bank-it.xx", ""), Arc::new(seen));
    }
    world.write(out.path()).unwrap();
    let text = std::fs::read_to_string(records_sql::latest(out.path(), "xx")).unwrap();
    let rows = text.split("INSERT INTO probe_summaries").nth(1).unwrap().lines().skip(1);
    let rows: Vec<&str> = rows.take_while(|line| line.starts_with('(')).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].contains("'delegation','bank-it.xx','','delegated',"), "{rows:?}");
}

/// The vantages of the world.
pub(crate) fn vantages() -> [CompactString; 2] {
    ["ch".into(), "nz".into()]
}
