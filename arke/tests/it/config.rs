//! `arke.json`: what is read, what is refused, and that the schema that is shipped says the same.

use std::path::Path;

use arke::config::{self, Auth, ConfigError, MailBy, Mode, RecordsFrom, SCHEMA, Tls};
use serde_json::{Value, json};

fn parse(value: &Value) -> Result<config::Config, ConfigError> {
    config::parse(Path::new("/etc/arke/arke.json"), &value.to_string())
}

fn small() -> Value {
    json!({
        "records": "/srv/in/records.sql",
        "zone": "xx.zone",
        "rdap": { "url": "https://rdap.nic.xx/" },
        "template": "notices.xml",
    })
}

fn full() -> Value {
    let mut full = small();
    full["version"] = json!("1");
    full["tld"] = json!(".XX");
    full["key"] = json!("signing.pub");
    full["rdap"] = json!({ "url": "https://rdap.nic.xx/", "rate_per_s": 5, "concurrency": 3, "ca_file": "ca.pem",
        "auth": { "type": "basic", "user": "arke", "password_file": "rdap.pw" } });
    full["smtp"] = json!({ "host": "mail.nic.xx", "user": "arke", "password_file": "smtp.pw", "bounce_domain": "Bounce.nic.xx",
        "maildir": "bounces", "copy_to": "copies@nic.xx", "copies": "copies",
        "dkim": { "domain": "nic.xx", "selector": "arke", "key_file": "dkim.pem" } });
    full["sender"] = json!({ "name": "Registry of .xx", "address": "abuse@nic.xx", "phone": "+1 555 0100" });
    full["verify_url"] = json!("https://nic.xx/verify");
    full["policy"] = json!({ "direct_contact": false, "quiet_hours": { "from": 22, "until": 6 } });
    full["limits"] = json!({ "mails_per_run": 50, "max_indicator_age_h": 12 });
    full["mode"] = json!("auto");
    full["retention"] = json!({ "messages_days": 30 });
    full
}

#[test]
fn four_entries_are_enough() {
    let config = parse(&small()).unwrap();
    let tld = &config.tlds[0];
    assert_eq!(tld.records, RecordsFrom::Path("/srv/in/records.sql".into()));
    assert_eq!(tld.zones, [Path::new("/etc/arke/xx.zone")]);
    assert_eq!((tld.rdap.rate_per_s, tld.rdap.concurrency), (2, 2));
    assert!(matches!(tld.rdap.auth, Auth::None));
    assert_eq!((config.mode, config.mail.is_none()), (Mode::Review, true));
    assert_eq!(config.state, Path::new("/etc/arke/arke-state"));
}

#[test]
fn everything_can_be_said() {
    let config = parse(&full()).unwrap();
    let tld = &config.tlds[0];
    assert_eq!(tld.name.as_deref(), Some("xx"));
    assert!(matches!(&tld.rdap.auth, Auth::Basic { user, .. } if user == "arke"));
    let mail = config.mail.unwrap();
    assert_eq!(mail.bounce_domain, "bounce.nic.xx");
    assert!(matches!(mail.by, MailBy::Smtp { port: 587, tls: Tls::Required, login: Some(_), .. }));
    assert_eq!((config.mode, config.limits.max_indicator_age_h), (Mode::Auto, 12));
    assert!(!tld.policy.direct_contact);
}

#[test]
fn what_an_element_of_tlds_does_not_say_is_taken_from_the_top() {
    let mut value = full();
    for key in ["tld", "records"] {
        value.as_object_mut().unwrap().remove(key);
    }
    value["tlds"] = json!([
        { "tld": "xx", "records": "https://panopticon.example/records/xx" },
        { "tld": "zz", "records": "zz.sql", "policy": { "all_clear": false } },
    ]);
    let config = parse(&value).unwrap();
    let [xx, zz] = config.tlds.as_slice() else { panic!("{config:?}") };
    assert_eq!(xx.records, RecordsFrom::Url("https://panopticon.example/records/xx".parse().unwrap()));
    assert!(!xx.policy.direct_contact && zz.policy.direct_contact && !zz.policy.all_clear);
    assert_eq!(zz.sender.as_ref().unwrap().name, "Registry of .xx");
}

#[test]
fn what_cannot_be_is_refused_with_what_to_do() {
    let rows: [(&str, Value); 17] = [
        ("/recrods", json!("x")),
        ("/rdap/auth", json!({ "type": "basic", "user": "arke" })),
        ("/rdap/auth", json!({ "type": "kerberos" })),
        ("/rdap/url", json!("http://rdap.nic.xx/")),
        ("/rdap/url", json!("https://arke:s3cret@rdap.nic.xx/")),
        ("/rdap", json!(null)),
        ("/records", json!(null)),
        ("/version", json!("2")),
        ("/mode", json!("automatic")),
        ("/smtp/tls", json!("none")),
        ("/smtp/sendmail", json!("/usr/sbin/sendmail")),
        ("/smtp/user", json!(null)),
        ("/sender", json!({ "name": "Registry", "address": "abuse.nic.xx", "phone": "+1" })),
        ("/verify_url", json!("http://nic.xx/verify")),
        ("/policy", json!({ "reminder_days": 7, "escalate_days": 7 })),
        ("/limits", json!({ "max_indicator_age_h": 48 })),
        ("/limits", json!({ "per_recipient_per_day": 3 })),
    ];
    let mut said = String::new();
    for (pointer, value) in rows {
        let mut file = full();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        file.pointer_mut(parent).unwrap()[key] = value;
        let error = parse(&file).unwrap_err();
        said += &format!("{pointer}: {error}\n    {}\n", error.hint());
    }
    assert!(!said.contains("s3cret"));
    insta::assert_snapshot!(said);
}

#[test]
fn nobody_can_check_a_mail_without_a_page_or_a_number() {
    let mut file = full();
    file["sender"].as_object_mut().unwrap().remove("phone");
    file.as_object_mut().unwrap().remove("verify_url");
    let error = parse(&file).unwrap_err();
    insta::assert_snapshot!(format!("{error}\n    {}", error.hint()), @r"
    `/etc/arke/arke.json`: nobody can tell whether a mail is genuine
        name `verify_url`, or `phone` in `sender`: who gets a mail must be able to check it
    ");
}

/// Each object of the schema, with a file in which an unknown key stands at that place.
#[test]
fn the_schema_knows_the_keys_that_the_program_knows() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut checked = 0;
    let mut places = vec![(String::new(), &schema)];
    while let Some((place, object)) = places.pop() {
        if let Some(items) = object.get("items") {
            places.push((format!("{place}/0"), items));
        }
        let Some(properties) = object.get("properties").and_then(Value::as_object) else { continue };
        places.extend(properties.iter().map(|(key, value)| (format!("{place}/{key}"), value)));
        let mut file = if place.starts_with("/tlds") { json!({ "tlds": [{}] }) } else { json!({}) };
        let mut at = &mut file;
        for key in place.split('/').skip(1) {
            at = match key.parse::<usize>() {
                Ok(index) => &mut at[index],
                Err(_) => &mut at[key],
            };
            if at.is_null() {
                *at = json!({});
            }
        }
        at["qqqqqqqqqqqqqqqqqqqqqqqqq"] = json!(1);
        let error = parse(&file).unwrap_err();
        let hint = error.hint();
        let mut known: Vec<&str> =
            hint.strip_prefix("known keys: ").unwrap_or_else(|| panic!("{place}: {error}")).split(", ").collect();
        let mut stated: Vec<&str> = properties.keys().map(String::as_str).collect();
        known.sort_unstable();
        stated.sort_unstable();
        assert_eq!(known, stated, "{place}");
        checked += 1;
    }
    assert!(checked >= 12, "{checked}");
}
