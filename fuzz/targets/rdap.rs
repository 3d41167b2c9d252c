//! RDAP: answers, the bootstrap file, and the header that asks for patience.

use std::time::Duration;

use panopticon_model::name::{HostName, Label};
use panopticon_model::observation::RdapFacts;
use panopticon_model::time::Epoch;
use panopticon_model::url::mask_mail;
use panopticon_sources::rdap::error::{MAX_DEPTH, ObjectError};
use panopticon_sources::rdap::{bootstrap, object, status};
use panopticon_sources::retry_after::{RetryAfter, http_date};
use serde_json::{Value, json};

use super::world::text;

/// What a person would be known by; nothing that looks like it is in any seed.
const PERSON: [&str; 2] = ["markedperson", "602555123"];

/// An answer: of the name that was asked for, made of words that cannot be a person's, and the same if people are
/// added to it wherever they can stand.
pub fn rdap_object(data: &[u8]) {
    let answer = serde_json::from_slice::<Value>(data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data)).ok();
    let named = answer.as_ref().and_then(name);
    let question = named.clone().unwrap_or_else(|| HostName::parse("shop.xx").unwrap());
    let other = HostName::parse(&format!("not.{}", question.top_level())).unwrap();
    assert!(object::read(data, &other).is_err() || question == other, "an answer for another name");
    if let Ok(facts) = object::read(data, &question) {
        assert!(answer.is_none() || named == Some(question.clone()), "an answer for no name");
        check_facts(&facts);
    }
    let Some(mut answer) = answer.filter(|answer| PERSON.iter().all(|mark| !answer.to_string().contains(mark)))
    else {
        return;
    };
    let plain = object::read(answer.to_string().as_bytes(), &question);
    add_people(&mut answer, 0);
    let with_people = object::read(answer.to_string().as_bytes(), &question);
    let shown = format!("{with_people:?}");
    assert!(PERSON.iter().all(|mark| !shown.contains(mark)), "{shown}");
    match (plain, with_people) {
        (Ok(plain), Ok(facts)) => {
            check_facts(&facts);
            assert_eq!(RdapFacts { redacted: plain.redacted.clone(), ..facts }, plain);
        }
        (Ok(_), Err(error)) => assert!(matches!(error, ObjectError::TooMany(_)), "{error}"),
        (Err(_), with_people) => assert!(with_people.is_err()),
    }
}

/// The name of an answer, where it is a text.
fn name(answer: &Value) -> Option<HostName> {
    let name = answer.get("ldhName").filter(|name| !name.is_null()).or_else(|| answer.get("unicodeName"))?;
    HostName::parse(name.as_str()?.trim()).ok()
}

fn check_facts(facts: &RdapFacts) {
    for list in [&facts.epp_statuses, &facts.name_servers, &facts.redacted] {
        assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
    }
    assert!(facts.epp_statuses.iter().all(|word| status::epp(word) == word), "{:?}", facts.epp_statuses);
    for name in &facts.name_servers {
        assert_eq!(HostName::parse(name).as_ref().map(HostName::as_str), Ok(name.as_str()));
    }
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    assert!(facts.redacted.iter().all(|words| words.split(' ').count() <= 6 && words.split(' ').all(is_word)));
    if let Some(registrar) = &facts.registrar {
        assert!((1..=200).contains(&registrar.chars().count()) && !registrar.contains(char::is_control));
        assert_eq!(mask_mail(registrar), registrar.as_str(), "a registrar shows an address");
    }
    if let Some(id) = &facts.registrar_iana_id {
        assert!((1..=10).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    }
    if let Some(address) = &facts.registrar_abuse_email {
        let (local, domain) = address.split_once('@').unwrap();
        assert!(!local.is_empty() && address.len() <= 254 && !address.contains(char::is_whitespace), "{address}");
        assert_eq!(HostName::parse(domain).as_ref().map(HostName::as_str), Ok(domain));
    }
    if let Some(number) = &facts.registrar_abuse_phone {
        let bare = number.split(";ext=").next().unwrap_or_default();
        assert!(number.len() <= 40 && bare.chars().all(|c| "0123456789+-.() /x".contains(c)), "{number}");
    }
}

/// Adds a person to each list of entities, and people's words to what is said of each object.
fn add_people(object: &mut Value, depth: usize) {
    let Value::Object(members) = object else { return };
    members.insert("handle".to_owned(), json!(PERSON[0]));
    let words = json!({ "title": PERSON[0], "description": PERSON });
    for (list, added) in [
        ("remarks", words.clone()),
        ("notices", words),
        ("redacted", json!({ "name": { "type": PERSON[0], "description": PERSON[1] } })),
        ("entities", person()),
    ] {
        // No deeper than an entity may lie.
        if let Some(Value::Array(items)) = (depth < MAX_DEPTH).then(|| members.entry(list).or_insert(json!([]))) {
            if list == "entities" {
                items.iter_mut().for_each(|entity| add_people(entity, depth + 1));
            }
            items.insert(0, added);
        }
    }
}

/// The holder, who answers for abuse as well, on both kinds of card.
fn person() -> Value {
    let [name, number] = PERSON;
    let address = format!("{name}@person.example");
    json!({
        "objectClassName": "entity", "handle": address, "roles": ["registrant", "abuse"],
        "vcardArray": ["vcard", [
            ["version", {}, "text", "4.0"], ["fn", {}, "text", name], ["org", {}, "text", name],
            ["email", { "pref": "1" }, "text", address], ["tel", { "pref": "1" }, "uri", number],
        ]],
        "jscontact_card": {
            "name": { "full": name }, "organizations": { "o": { "name": name } },
            "emails": { "e": { "address": address, "pref": 1 } }, "phones": { "p": { "number": number } },
        },
    })
}

/// A bootstrap file: TLDs, and URLs to which a path can be joined; written down, it is read as the same.
pub fn rdap_bootstrap(data: &[u8]) {
    let Ok(bases) = bootstrap::read(data) else { return };
    for (tld, urls) in &bases {
        assert_eq!(Label::parse(tld).as_ref().map(Label::as_str), Ok(tld.as_str()));
        assert!(!urls.is_empty() && urls.is_sorted_by_key(|url| url.scheme() != "https"));
        for url in urls.iter() {
            assert!(matches!(url.scheme(), "http" | "https") && url.as_str().ends_with('/'), "{url}");
            assert!(url.username().is_empty() && url.password().is_none(), "{url}");
            let asked = url.join("domain/shop.xx").unwrap();
            assert_eq!(asked.as_str(), format!("{url}domain/shop.xx"));
        }
    }
    let services: Vec<Value> = bases
        .iter()
        .map(|(tld, urls)| json!([[tld.as_str()], urls.iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>()]))
        .collect();
    let written = json!({ "version": "1.0", "services": services }).to_string();
    assert_eq!(bootstrap::read(written.as_bytes()), Ok(bases));
}

/// `Retry-After`, and dates of HTTP: what is read is what stands there, and never another instant.
pub fn retry_after(data: &[u8]) {
    let text = text(data);
    if let Some(at) = http_date(&text) {
        // A leap second counts as the one before it.
        let date = text.split_once(", ").map(|(_, date)| date.replace(":60 ", ":59 "));
        assert_eq!(date, Some(written(at)));
    }
    let value = text.trim();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match RetryAfter::parse(&text) {
        Some(after @ RetryAfter::Seconds(seconds)) => {
            assert!(is_number && format!("{seconds:0>width$}", width = value.len()) == value, "{value:?}");
            assert_eq!(after.wait(Epoch(u64::MAX)), Duration::from_secs(seconds));
        }
        Some(after @ RetryAfter::At(at)) => {
            assert_eq!(http_date(value), Some(at));
            assert_eq!((after.wait(Epoch(0)), after.wait(at)), (Duration::from_millis(at.0), Duration::ZERO));
        }
        None => assert!((!is_number || value.len() > 19) && http_date(value).is_none(), "{value:?}"),
    }
}

/// An instant as HTTP has it (RFC 9110 5.6.7), without the day of the week.
fn written(at: Epoch) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.to_string();
    let (date, time) = text.split_once('T').unwrap();
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { panic!("{date}") };
    let month = MONTHS[month.parse::<usize>().unwrap() - 1];
    format!("{day} {month} {year} {} GMT", time.trim_end_matches(".000Z"))
}
