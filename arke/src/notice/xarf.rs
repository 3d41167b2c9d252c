//! XARF v4.2 reports for registrars and desks: one JSON document an indicator, without data of registrants.
//!
//! | class | report |
//! |---|---|
//! | `phishing`, `pharming` | `content/phishing` |
//! | `malware` | `content/malware` |
//! | `scam` | `content/fraud` |
//! | `botnet` | `infrastructure/botnet` |
//! | `spam` | `messaging/spam`, by a protocol that is not known |
//! | `other` | `reputation/blocklist` |

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use panopticon_model::sighting::AbuseClass;
use serde_json::{Map, Value, json};

use super::compose::{Attachment, Sender};
use super::data::{Case, Change, Indicator, NoticeData};
use crate::contact::clean;

/// The most reports that go with one message; who wants all has the CSV as well.
const MOST: usize = 50;

/// The reports of the open cases of a message, as attachments: `xarf.json`, or `xarf-1.json` and so on.
///
/// # Errors
/// [`serde_json::Error`] when a report cannot be written: a fault of the program.
pub fn xarf(data: &NoticeData, sender: &Sender) -> Result<Vec<Attachment>, serde_json::Error> {
    let open = data.cases.iter().filter(|case| matches!(case.change, Change::New | Change::Open));
    let all: Vec<(&Case, &Indicator)> =
        open.flat_map(|case| case.indicators.iter().map(move |it| (case, it))).take(MOST).collect();
    let mut files = Vec::new();
    for (at, (case, indicator)) in all.iter().enumerate() {
        let name = if all.len() == 1 { "xarf.json".to_owned() } else { format!("xarf-{}.json", at + 1) };
        let mut bytes = serde_json::to_vec_pretty(&report(data, sender, case, indicator))?;
        bytes.push(b'\n');
        files.push(Attachment { name, content_type: "application/json", bytes });
    }
    Ok(files)
}

fn report(data: &NoticeData, sender: &Sender, case: &Case, indicator: &Indicator) -> Value {
    let us = json!({
        "org": clean(&data.registry.name),
        "contact": sender.reply_to.reveal(),
        "domain": sender.address.domain(),
    });
    let (category, kind) = sort(case.abuse_class);
    let sources = indicator.sources.iter().map(|it| clean(it)).collect::<Vec<_>>().join(", ");
    let evidence = format!(
        "{} is listed for {} by {sources} since {}; last seen {}",
        indicator.observable,
        case.abuse_class.as_str(),
        indicator.first_seen,
        indicator.last_seen
    );
    let mut report = Map::new();
    let mut set = |key: &str, value: Value| {
        report.insert(key.to_owned(), value);
    };
    set("xarf_version", json!("4.2.0"));
    set("report_id", json!(report_id(data, indicator)));
    set("timestamp", json!(indicator.last_seen.to_string()));
    set("reporter", us.clone());
    set("sender", us);
    set("source_identifier", json!(clean(&indicator.host)));
    set("category", json!(category));
    set("type", json!(kind));
    set("evidence_source", json!(if kind == "spam" { "reputation_feed" } else { "threat_intelligence" }));
    set("evidence", json!([{ "content_type": "text/plain", "payload": BASE64.encode(evidence) }]));
    set("tags", json!([format!("panopticon:{}", case.abuse_class.as_str())]));
    if category == "content" {
        set("url", json!(url(indicator)));
        set("verification_method", json!("threat_intelligence"));
        if is_xarf_domain(&case.domain.ascii) {
            set("domain", json!(case.domain.ascii));
        }
        if let Some(registrar) = &case.domain.registrar {
            set("registrar", json!(clean(&registrar.name)));
        }
        if let Some(hoster) = &case.hoster {
            set("hosting_provider", json!(clean(&hoster.name)));
        }
        if let Some(at) = indicator.confirmed_at {
            set("verified_at", json!(at.to_string()));
        }
    }
    match kind {
        "fraud" => set("fraud_type", json!("other")),
        "botnet" => {
            set("compromise_evidence", json!(format!("listed by {sources}")));
            set("c2_server", json!(clean(&indicator.host)));
        }
        "spam" => {
            set("protocol", json!("other"));
            set("spam_indicators", json!({ "suspicious_links": [url(indicator)] }));
        }
        "blocklist" => set("threat_type", json!(case.abuse_class.as_str())),
        _ => {}
    }
    Value::Object(report)
}

/// Category and type.
fn sort(class: AbuseClass) -> (&'static str, &'static str) {
    match class {
        AbuseClass::Phishing | AbuseClass::Pharming => ("content", "phishing"),
        AbuseClass::Malware => ("content", "malware"),
        AbuseClass::Scam => ("content", "fraud"),
        AbuseClass::Botnet => ("infrastructure", "botnet"),
        AbuseClass::Spam => ("messaging", "spam"),
        AbuseClass::Other => ("reputation", "blocklist"),
    }
}

/// Where only a host is known, its root: the schema wants a URL. What stands in the place of an address in a published
/// URL, `[email]`, is escaped: brackets are for hosts (RFC 3986, 3.2.2).
fn url(indicator: &Indicator) -> String {
    let observable = super::context::url(&indicator.observable);
    let Some((scheme, rest)) = observable.split_once("://") else {
        return format!("http://{}/", clean(&indicator.host));
    };
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(host);
    let mut url = format!("{scheme}://{host}");
    for c in path.chars() {
        match c {
            '[' | ']' | '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                url.push_str(&format!("%{:02X}", c as u32));
            }
            c => url.push(c),
        }
    }
    url
}

/// The schema's pattern knows neither A-labels with two hyphens nor internationalised zones.
fn is_xarf_domain(name: &str) -> bool {
    let label = |it: &str| {
        let alphanumeric =
            |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        it.split('-').all(alphanumeric)
    };
    let Some((rest, zone)) = name.rsplit_once('.') else { return false };
    rest.split('.').all(label) && zone.len() > 1 && zone.bytes().all(|it| it.is_ascii_lowercase())
}

/// The same report has the same id: a UUID of version 8 (RFC 9562, 5.8) from the reference and the indicator.
fn report_id(data: &NoticeData, indicator: &Indicator) -> String {
    let text = format!("{} {}", data.reference, indicator.indicator_id);
    let hash = blake3::derive_key("panopticon 2026-11-25 v1 xarf report id", text.as_bytes());
    let mut octets: [u8; 16] = std::array::from_fn(|at| hash.get(at).copied().unwrap_or_default());
    octets[6] = octets[6] & 0x0f | 0x80;
    octets[8] = octets[8] & 0x3f | 0x80;
    let digits: String = octets.iter().map(|it| format!("{it:02x}")).collect();
    let part = |from, to| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::sample;
    use crate::notice::template::{Audience, Kind};

    #[test]
    fn names_that_the_schema_refuses_are_left_out() {
        let rows = [
            ("bakery.xx", true),
            ("a-b.co.xx", true),
            ("xn--mller-kva.xx", false),
            ("a.xn--p1ai", false),
            ("xx", false),
        ];
        for (name, fits) in rows {
            assert_eq!(is_xarf_domain(name), fits, "{name}");
        }
    }

    #[test]
    fn reports_hold_nothing_of_the_recipient_and_are_the_same_each_time() {
        let sender = Sender {
            name: "Registry".to_owned(),
            address: "abuse@registry.example".parse().unwrap(),
            reply_to: "desk@registry.example".parse().unwrap(),
            bounce_domain: "bounce.registry.example".to_owned(),
            tld: "xx".to_owned(),
        };
        let data = sample("full", Kind::Digest, Audience::Registrar);
        let files = xarf(&data, &sender).unwrap();
        assert_eq!(files.len(), 2);
        assert!(files == xarf(&data, &sender).unwrap());
        insta::assert_snapshot!("xarf", String::from_utf8(files[0].bytes.clone()).unwrap());
    }
}
