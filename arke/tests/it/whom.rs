//! Whom a case is told to, by the policy and by what RDAP shows; what goes into one letter; the lists of the registry.

use std::fs;
use std::path::Path;

use arke::config::{Audience, Policy};
use arke::docket::Entry;
use arke::ledger::Transition;
use arke::lists::{Form, Platforms, Registrars, Resellers};
use arke::plan::{Known, Target, Telling, choose, letters, parties};
use arke::rdap::answer;
use panopticon_model::id::Id;
use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use serde_json::{Value, json};

use crate::made::entry;

fn case(remedy: &str, platform: Option<&str>) -> Entry {
    let mut entry = entry("shop.xx", Epoch(0));
    entry.remedy.remedy = remedy.into();
    entry.case.platform = platform.map(Into::into);
    entry
}

/// A contact as RDAP shows it.
fn contact(role: &str, mail: &str) -> Value {
    let mut card = vec![json!(["version", {}, "text", "4.0"]), json!(["fn", {}, "text", "Somebody"])];
    let mut remarks = json!([]);
    match mail {
        "form" => card.push(json!(["contact-uri", {}, "uri", "https://form.example/"])),
        "none" => {}
        "withheld" => {
            remarks = json!([{ "title": "REDACTED FOR PRIVACY", "type": "object redacted due to authorization" }]);
        }
        "proxy" => {
            card[1] = json!(["fn", {}, "text", "Domains By Proxy, LLC"]);
            card.push(json!(["email", {}, "text", "x7@proxy.example"]));
        }
        mail => card.push(json!(["email", {}, "text", mail])),
    }
    json!({ "objectClassName": "entity", "roles": [role], "vcardArray": ["vcard", card], "remarks": remarks })
}

fn company(role: &str, name: Option<&str>, abuse: Option<&str>, iana: Option<&str>) -> Value {
    let name = name.map(|name| json!(["fn", {}, "text", name]));
    let card: Vec<Value> = std::iter::once(json!(["version", {}, "text", "4.0"])).chain(name).collect();
    json!({ "objectClassName": "entity", "roles": [role], "vcardArray": ["vcard", card],
        "publicIds": iana.map(|id| json!([{ "type": "IANA Registrar ID", "identifier": id }])).unwrap_or_else(|| json!([])),
        "entities": abuse.map(|mail| vec![contact("abuse", mail)]).unwrap_or_default() })
}

/// Who is written to, and what is left to the desk, of a row of the table.
fn told(row: &str) -> String {
    let value = |key: &str| row.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let is = |word: &str| row.split(' ').any(|it| it == word);
    let folder = tempfile::tempdir().unwrap();
    let mut entities: Vec<Value> = Vec::new();
    for (key, role) in [("registrant", "registrant"), ("admin", "administrative"), ("technical", "technical")] {
        entities.extend(value(key).map(|mail| contact(role, mail)));
    }
    let (name, abuse, iana) = (value("registrar-name"), value("registrar-abuse"), value("iana"));
    if name.is_some() || abuse.is_some() {
        entities.push(company("registrar", name, abuse, iana));
    }
    entities
        .extend(value("reseller-abuse").map(|mail| company("reseller", Some("Corner Shop"), Some(mail), None)));
    let answer = json!({ "objectClassName": "domain", "ldhName": "shop.xx", "entities": entities }).to_string();
    let registration = answer::read(answer.as_bytes(), &HostName::parse("shop.xx").unwrap()).unwrap();
    let registrars = value("wish").map(|mail| {
        let path = folder.path().join("registrars.csv");
        let form = value("wish-form").unwrap_or("human");
        fs::write(&path, format!("registrar,address,format,hour\n7,{mail},{form},\n")).unwrap();
        Registrars::read(&path).unwrap()
    });
    let known = Known {
        registration: (!is("unregistered")).then_some(&registration),
        registrars: &registrars.unwrap_or_default(),
        platforms: &Platforms::read(None).unwrap(),
    };
    let policy =
        Policy { direct_contact: !is("no-direct"), mail_resellers: is("mail-resellers"), ..Policy::default() };
    let what = Transition::from_word(value("what").unwrap_or("notice")).unwrap();
    let remedy = value("remedy").unwrap();
    let (targets, by_hand) = choose(&case(remedy, value("suffix")), &parties(&policy, remedy, what), &known);
    let shown = |target: &Target| {
        let form = if target.form == Form::Human { String::new() } else { format!(" {:?}", target.form) };
        format!("{} {} {}{form}", target.audience.as_str(), target.role, target.address.reveal())
    };
    let mut said: Vec<String> = targets.iter().map(shown).collect();
    // By role, as a table is read.
    let roles = ["registrant", "administrative", "technical", "registrar", "reseller", "platform"];
    said.sort_by_key(|line| roles.iter().position(|role| line.split(' ').nth(1) == Some(role)));
    said.extend(by_hand.iter().map(|line| format!("desk: {}", line.says)));
    if said.is_empty() { "nobody".to_owned() } else { said.join("; ") }
}

#[test]
fn whom_a_case_is_told_to() {
    let rows = include_str!("../data/whom.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut wrong = Vec::new();
    for row in rows {
        let (so, expected) = row.split_once('\t').unwrap();
        let said = told(so);
        if said != expected {
            wrong.push(format!("{so}\n  is      {said}\n  expects {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn telling(case: u8, transition: Transition, audience: Audience, address: &str) -> Telling {
    let target = Target {
        audience,
        address: address.parse().unwrap(),
        name: None,
        role: audience.as_str().to_owned(),
        language: None,
        form: Form::Human,
        hour: None,
    };
    Telling { case_id: Id([case; 16]), episode: 1, transition, target }
}

/// One letter holds all that a recipient is told in one part, the most urgent first; two parts are two letters.
#[test]
fn what_goes_into_one_letter() {
    use Transition::{AllClear, Correction, Escalation, Notice, Reminder};
    let told = [
        telling(3, AllClear, Audience::Holder, "a@m.example"),
        telling(1, Reminder, Audience::Holder, "A@m.example"),
        telling(2, Notice, Audience::Holder, "a@M.example"),
        telling(2, Notice, Audience::Holder, "a@m.example"),
        telling(2, Notice, Audience::Registrar, "a@m.example"),
        telling(5, Correction, Audience::Holder, "b@m.example"),
        telling(4, Escalation, Audience::Registrar, "r@r.example"),
        telling(6, Notice, Audience::Registrar, "r@r.example"),
    ];
    let letters = letters(told.into());
    let shown: Vec<String> = letters
        .iter()
        .map(|letter| {
            let tells: Vec<String> =
                letter.tells.iter().map(|(id, _, what)| format!("{} {}", id.0[0], what.as_str())).collect();
            let (audience, key) = (letter.target.audience.as_str(), letter.target.address.key());
            format!("{audience} {key}: {} ({})", tells.join(", "), letter.transition().as_str())
        })
        .collect();
    let expected = [
        "holder a@m.example: 2 notice, 1 reminder, 3 all-clear (notice)",
        "holder b@m.example: 5 correction (correction)",
        "registrar a@m.example: 2 notice (notice)",
        "registrar r@r.example: 6 notice, 4 escalation (notice)",
    ];
    assert_eq!(shown, expected);
}

/// Lists as people write them: what is read of them, and how a wrong line is told.
#[test]
fn lists_of_the_registry() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let resellers = write(
        "resellers.csv",
        "domain,registrar,name,url\n# ours\nshop.xx,,Corner Shop,https://corner.example/\n, ACME ,Acme Resale,\n",
    );
    let resellers = Resellers::read(&resellers).unwrap();
    let of = |domain: &str, registrar: Option<&str>| resellers.of(domain, registrar).map(|of| of.name.clone());
    assert_eq!(of("shop.xx", Some("acme")).as_deref(), Some("Corner Shop"), "a domain goes first");
    assert_eq!(of("other.xx", Some("Acme ")).as_deref(), Some("Acme Resale"));
    assert_eq!((of("other.xx", None), of("other.xx", Some("Else"))), (None, None));

    let registrars =
        write("registrars.csv", "registrar,address,format,hour\n7,a@r.example,csv,9\nAcme,b@r.example,,\n");
    let registrars = Registrars::read(&registrars).unwrap();
    let wish = registrars.of(Some(7), Some("Acme")).unwrap();
    assert_eq!((wish.form, wish.hour, wish.address.reveal().as_str()), (Form::Csv, Some(9), "a@r.example"));
    assert_eq!(registrars.of(Some(8), Some("ACME")).unwrap().address.reveal(), "b@r.example");
    assert!(registrars.of(None, None).is_none());

    let platforms =
        write("platforms.csv", "suffix,operator,address,form\nGitLab.io,Us,desk@nic.example,\nours.xx,Us,,\n");
    let platforms = Platforms::read(Some(&platforms)).unwrap();
    let operator = |suffix: &str| platforms.of(suffix).map(|of| of.operator.clone());
    assert_eq!(operator("gitlab.io").as_deref(), Some("Us"), "the registry's own list goes first");
    assert_eq!(operator("blogspot.co.uk").as_deref(), Some("Google Blogger"), "every TLD of it");
    assert_eq!((operator("blogspot"), operator("notblogspot.com")), (None, None));

    let refused =
        |text: &str, read: fn(&Path) -> Option<String>| read(&write("bad.csv", text)).unwrap_or_default();
    let registrar = |path: &Path| Registrars::read(path).err().map(|error| error.to_string());
    let reseller = |path: &Path| Resellers::read(path).err().map(|error| error.to_string());
    let platform = |path: &Path| Platforms::read(Some(path)).err().map(|error| error.to_string());
    let said = [
        refused("registrar,address\n7,nobody\n", registrar),
        refused("registrar,address,format\n7,a@r.example,fax\n", registrar),
        refused("registrar,address,format,hour\n7,a@r.example,csv,24\n", registrar),
        refused("registrar,mail\n7,a@r.example\n", registrar),
        refused("domain,registrar,name,url\n,,Nobody's,\n", reseller),
        refused("suffix,operator,address,form\nours.xx,Us,not an address,\n", platform),
    ];
    let folder = folder.path().display().to_string();
    insta::assert_snapshot!("lists", said.join("\n").replace(&folder, "FOLDER"));
}
