//! Made-up facts, for `arke template check` and `preview`. Nobody of these names exists.

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};

use super::data::{
    Case, Change, Confirmation, Desk, Domain, Indicator, NoticeData, Organisation, Recipient, Registry,
};
use super::template::{Audience, Kind};
use crate::contact::Personal;

/// The samples: a hacked shop of which all is known; a case of which nothing is known that may be missing; cases of
/// every class and every change, of two names.
pub const SAMPLES: [&str; 3] = ["full", "sparse", "many"];

/// 2026-11-24T21:40:00Z.
const NOW: Epoch = Epoch(1_795_556_400_000);

/// A sample for a kind and an audience.
#[must_use]
pub fn sample(name: &str, kind: Kind, audience: Audience) -> NoticeData {
    let (sparse, many) = (name == "sparse", name == "many");
    let change = match kind {
        Kind::Reminder => Change::Open,
        Kind::AllClear => Change::Over,
        Kind::Correction => Change::Withdrawn,
        _ => Change::New,
    };
    let mut cases = Vec::new();
    if many {
        let changes = [change, Change::Open, Change::Over, Change::Withdrawn];
        let domains = [domain("bakery", false), domain("xn--mller-kva", true)];
        for (at, class) in AbuseClass::ALL.into_iter().enumerate() {
            let change = changes.get(at % 4).copied().unwrap_or(change);
            cases.extend(domains.get(at % 2).cloned().map(|domain| case(domain, class, change, at % 3 == 0)));
        }
        cases.sort_by(|a, b| a.domain.ascii.cmp(&b.domain.ascii));
    } else if audience != Audience::Desk || !sparse {
        cases.push(case(domain("bakery", sparse), AbuseClass::Phishing, change, sparse));
    }
    NoticeData {
        registry: Registry {
            name: "Registry of Example".to_owned(),
            tld: "xx".to_owned(),
            url: (!sparse).then(|| "https://registry.example".to_owned()),
            verify_url: (!sparse).then(|| "https://registry.example/verify".to_owned()),
            phone: Some("+1 555 0100".to_owned()),
        },
        reference: "XX-7K3F-9Q2M".to_owned(),
        kind,
        audience,
        round: if kind == Kind::Reminder { 2 } else { 1 },
        deadline: (!sparse).then(|| NOW.plus(4 * DAY_MS)),
        date: NOW,
        contact: recipient(audience, sparse),
        cases,
        desk: (audience == Audience::Desk).then(|| desk(sparse)),
    }
}

fn recipient(audience: Audience, sparse: bool) -> Recipient {
    let (name, role) = match audience {
        Audience::Registrant => ("Jörg Müller", if sparse { "technical" } else { "registrant" }),
        Audience::Registrar => ("Example Registrar Ltd", "abuse"),
        Audience::Hoster => ("Example Hosting", "abuse"),
        Audience::Desk => ("Abuse desk", "abuse"),
    };
    Recipient { name: Personal::new(name).filter(|_| !sparse), role: role.to_owned(), language: None }
}

fn organisation(name: &str, abuse_email: Option<&str>) -> Organisation {
    Organisation { name: name.to_owned(), url: None, abuse_email: abuse_email.and_then(|it| it.parse().ok()) }
}

fn domain(label: &str, sparse: bool) -> Domain {
    let unicode = if label == "bakery" { "bakery.xx" } else { "müller.xx" };
    Domain {
        ascii: format!("{label}.xx"),
        unicode: unicode.to_owned(),
        // 2019-05-03.
        created: (!sparse).then_some(Epoch(1_556_841_600_000)),
        registrar: (!sparse).then(|| organisation("Example Registrar Ltd", Some("abuse@registrar.example"))),
        reseller: (!sparse).then(|| organisation("Sunny Web", None)),
    }
}

fn case(domain: Domain, abuse_class: AbuseClass, change: Change, sparse: bool) -> Case {
    let host = format!("www.{}", domain.ascii);
    let ended = matches!(change, Change::Over | Change::Withdrawn);
    let page = Indicator {
        indicator_id: "00f1d2c3b4a5968778695a4b3c2d1e0f".to_owned(),
        observable: format!("https://{host}/wp-content/uploads/bank/login.php?m=[email]"),
        host: host.clone(),
        kind: "url".to_owned(),
        first_seen: NOW.minus(40 * HOUR_MS),
        last_seen: NOW.minus(HOUR_MS),
        sources: vec!["openphish".to_owned(), "phishtank".to_owned()],
        confirmed_by: vec![Confirmation::Visit, Confirmation::SecondFeed],
        confirmed_at: Some(NOW.minus(2 * HOUR_MS)),
    };
    let whole = Indicator {
        indicator_id: "10f1d2c3b4a5968778695a4b3c2d1e0f".to_owned(),
        observable: host.clone(),
        host,
        kind: "host".to_owned(),
        first_seen: NOW.minus(30 * HOUR_MS),
        last_seen: NOW.minus(HOUR_MS),
        sources: vec!["openphish".to_owned()],
        confirmed_by: if sparse { Vec::new() } else { vec![Confirmation::Filter, Confirmation::WebRisk] },
        confirmed_at: (!sparse).then(|| NOW.minus(3 * HOUR_MS)),
    };
    Case {
        case_id: "20f1d2c3b4a5968778695a4b3c2d1e0f".to_owned(),
        domain,
        abuse_class,
        change,
        first_seen: NOW.minus(40 * HOUR_MS),
        ended_at: ended.then(|| NOW.minus(5 * HOUR_MS)),
        remedy: if sparse { "unclear" } else { "compromised" }.to_owned(),
        hoster: (!sparse).then(|| organisation("Example Hosting", Some("abuse@hosting.example"))),
        indicators: if sparse { vec![whole] } else { vec![page, whole] },
    }
}

fn desk(sparse: bool) -> Desk {
    let day = NOW.day();
    if sparse {
        return Desk { day, problems: vec!["no file came since 2026-11-22".to_owned()], ..Desk::default() };
    }
    Desk {
        day,
        problems: Vec::new(),
        accepted: 14,
        held: 2,
        deferred: 1,
        uncertain: 1,
        bounced: 1,
        cancelled: 3,
        report: vec!["31 cases are open, 12 confirmed".to_owned(), "2 are new, 1 was measured gone".to_owned()],
        waiting: vec!["news[.]xx: rank 812".to_owned(), "example-shop[.]xx: form only".to_owned()],
        high_risk: vec!["bamk-example[.]xx: 1 letter from a protected name, 2 days old".to_owned()],
    }
}
