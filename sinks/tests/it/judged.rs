//! What is confirmed and what cases are, as readers find it.

use std::sync::Arc;

use panopticon_model::judgement::{Party, Reason, Remedy, RemedyKind, Signal, Validated};
use panopticon_model::time::HOUR_MS;
use panopticon_model::view::{Standing, View};
use serde_json::json;

use crate::measured::rows;

/// Every indicator but those of platforms is validated, and every open case has a remedy, with texts that want to break out.
pub(crate) fn judge(standing: &mut Standing) {
    let as_of = standing.as_of;
    for (id, row) in &standing.indicators {
        if row.observable.place.subject().is_some() && row.observable.place.platform().is_none() {
            let validated = Validated {
                indicator: Arc::clone(row),
                confirmed_by: vec!["http ch".into(), "it's, \"nz\"".into()],
                confirmed_at: as_of.minus(HOUR_MS),
                valid_until: as_of.plus(HOUR_MS),
            };
            standing.validated.insert(*id, Arc::new(validated));
        }
    }
    for (id, case) in standing.cases.iter().filter(|(_, case)| case.status.is_open()) {
        let remedy = Remedy {
            case_id: *id,
            subject: case.subject.clone(),
            registrable_domain: case.registrable_domain.clone(),
            abuse_class: case.abuse_class,
            kind: RemedyKind::Compromised,
            validated: case.platform.is_none(),
            denied: case.platform.as_ref().map(|_| "not-confirmed".into()),
            score: -25,
            held_back: None,
            reasons: vec![
                Reason { signal: Signal::OrdinaryRoot, detail: "it's <a@b.example>, \\ \u{e9}".into() },
                Reason { signal: Signal::SubordinateHost, detail: "".into() },
            ],
            parties: vec![Party::Registrant, Party::Hoster],
            registrar: Some("Registrar, it's \"one\"".into()),
            addresses: vec!["192.0.2.1".into(), "2001:db8::1".into()],
            name_servers: Vec::new(),
        };
        standing.remedies.insert(*id, Arc::new(remedy));
    }
}

#[test]
fn what_is_confirmed_is_read_as_it_was_written() {
    let rows = rows(View::ValidatedIndicators);
    let evil = rows.iter().find(|row| row["subject"] == "evil.xx").unwrap();
    assert_eq!(evil["observable"], "http://evil.xx/a.exe");
    assert_eq!(evil["confirmed_by"], json!(["http ch", "it's, \"nz\""]));
    assert_eq!(evil["confirmed_at"], "2026-11-22T23:00:00.000Z");
    assert_eq!(evil["valid_until"], "2026-11-23T01:00:00.000Z");
    assert!(rows.iter().all(|row| !row["observable"].as_str().unwrap().contains('@')));
}

#[test]
fn what_a_case_is_is_read_as_it_was_written() {
    let rows = rows(View::Remedies);
    let evil = rows.iter().find(|row| row["subject"] == "evil.xx").unwrap();
    assert_eq!(
        (&evil["remedy"], &evil["score"], &evil["validated"]),
        (&json!("compromised"), &json!(-25), &json!(true))
    );
    assert_eq!(evil["reasons"], json!(["-20 ordinary-root it's <[email]>, \\ é", "-5 subordinate-host"]));
    assert_eq!(evil["parties"], json!(["registrant", "hoster"]));
    let customer = rows.iter().find(|row| row["subject"] == "shop.pages.xx").unwrap();
    assert_eq!(customer["denied"], "not-confirmed");
}
