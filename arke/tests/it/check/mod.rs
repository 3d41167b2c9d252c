//! `arke init` and `arke config`: a check in which all is well, one in which all is wrong, and each part by itself.

mod names;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use arke::notice::{DEFAULT, Signer};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::names::Zone;
use crate::golden;
use crate::outbox::sink::{Deed, Sink};
use crate::rdap::server::{Reply, Server, reply};

/// Runs arke in a folder; gives exit code, output and errors.
fn arke(folder: &Path, arguments: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arke"));
    let done = command.args(arguments.split(' ')).current_dir(folder).output().unwrap();
    let (out, err) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    format!("exit {}\n{out}{err}", done.status.code().unwrap())
}

/// A registry: its folder, and all that it reaches.
struct Registry {
    folder: TempDir,
    config: Value,
    rdap: Server,
    sink: Sink,
    _runtime: Runtime,
}

fn zone(dkim: &(String, String)) -> Zone {
    let mut zone = Zone::default();
    let mut say = |name: &str, text: &str| zone.texts.entry(name.to_owned()).or_default().push(text.to_owned());
    say("nic.xx", "v=spf1 ip4:192.0.2.25 -all");
    say("nic.xx", "a text that proves something to somebody");
    say("bounce.nic.xx", "v=spf1 ip4:192.0.2.25 -all");
    say("_dmarc.nic.xx", "v=DMARC1; p=reject; rua=mailto:postmaster@nic.xx");
    say(&dkim.0, &dkim.1);
    zone.takers.insert("nic.xx".to_owned(), vec!["mx2.nic.xx".to_owned(), "mx1.nic.xx".to_owned()]);
    zone.takers.insert("bounce.nic.xx".to_owned(), vec!["mx1.nic.xx".to_owned()]);
    zone
}

fn dkim_key() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dkim/rsa.pem")).unwrap()
}

impl Registry {
    /// One in which all is well, but for what the RDAP service answers, the mail server does and the DNS says.
    fn new(answer: Reply, deed: Deed, zone: Zone) -> Registry {
        let runtime = Runtime::new().unwrap();
        let rdap = runtime.block_on(Server::start(vec![answer]));
        let sink = Sink::start(move |_, _| deed.clone());
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::copy(golden(), folder.path().join("records.sql")).unwrap();
        write("xx.zone", "xx. 300 IN NS ns.nic.xx.\n");
        write("notices.xml", DEFAULT);
        write("resellers.csv", "domain,registrar,name,url\n,Registrar One,Shop & Co,https://shop.example/\n");
        write("registrars.csv", "registrar,address,format,hour\n9994,abuse@registrar.example,xarf,6\n");
        for name in ["rdap.password", "dkim.pem"] {
            write(name, &if name == "dkim.pem" { dkim_key() } else { "s3cret".to_owned() });
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        for name in ["mail/new", "mail/cur", "copies/new", "copies/cur"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let config = json!({
            "records": "records.sql", "zone": "xx.zone", "template": "notices.xml",
            "rdap": { "url": rdap.url(""), "auth": { "type": "basic", "user": "arke", "password_file": "rdap.password" } },
            "sender": { "name": "Registry of .xx", "address": "abuse@nic.xx", "phone": "+1 555 0100" },
            "smtp": { "host": "127.0.0.1", "port": sink.address.port(), "tls": "none", "bounce_domain": "bounce.nic.xx",
                "maildir": "mail", "copy_to": "copies@nic.xx", "copies": "copies",
                "dkim": { "domain": "nic.xx", "selector": "arke", "key_file": "dkim.pem" } },
            "resellers": "resellers.csv", "registrars": "registrars.csv",
            "resolver": [names::serve(zone).to_string()],
        });
        Registry { folder, config, rdap, sink, _runtime: runtime }
    }

    fn well() -> Registry {
        let signer = Signer::new("nic.xx", "arke", &dkim_key()).unwrap();
        Registry::new(domain(), Deed::Take, zone(&signer.record()))
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// What the check says, without ports and free space, which differ from run to run.
    fn check(&self) -> String {
        fs::write(self.path("arke.json"), self.config.to_string()).unwrap();
        let mut said = arke(self.folder.path(), "--config arke.json --now 2026-11-24T01:00:00Z config check");
        for port in [self.rdap.address.port(), self.sink.address.port()] {
            said = said.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:PORTS");
        }
        let hide = |line: &str| match line.find(" MiB are free") {
            Some(at) => format!("{}N{}", line[..at].trim_end_matches(|it: char| it.is_ascii_digit()), &line[at..]),
            None => line.to_owned(),
        };
        let lines: Vec<String> = said.lines().map(hide).collect();
        assert!(!said.contains("s3cret") && !said.contains("PRIVATE KEY"));
        lines.join("\n")
    }

    /// The line of a part.
    fn line(&self, part: &str) -> String {
        let said = self.check();
        let is_part =
            |line: &&str| line.split("  ").map(str::trim).filter(|it| !it.is_empty()).nth(1) == Some(part);
        said.lines().find(is_part).unwrap_or_else(|| panic!("no {part}: {said}")).to_owned()
    }
}

fn domain() -> Reply {
    let body =
        json!({ "objectClassName": "domain", "ldhName": "bank-it.xx", "rdapConformance": ["rdap_level_0"] });
    reply("200 OK", &["Content-Type: application/rdap+json"], body.to_string())
}

#[test]
fn all_is_well() {
    let registry = Registry::well();
    insta::assert_snapshot!("well", registry.check());
    assert!(registry.rdap.asked()[0].head.starts_with("GET /domain/bank-it.xx "));
    assert!(registry.sink.taken().is_empty(), "nobody is written to");
}

#[test]
fn all_is_wrong() {
    let mut zone = Zone::default();
    zone.texts.insert("nic.xx".to_owned(), vec!["v=spf1 +all".to_owned()]);
    zone.texts.insert("arke._domainkey.nic.xx".to_owned(), vec!["v=DKIM1; k=rsa; p=AAAA".to_owned()]);
    zone.takers.insert("nic.xx".to_owned(), vec![String::new()]);
    zone.refused.push("mailer.example".to_owned());
    let mut registry =
        Registry::new(reply("401 Unauthorized", &[], ""), Deed::Answer("CONNECT", "554 go away"), zone);
    registry.config["smtp"]["bounce_domain"] = json!("mailer.example");
    registry.config["smtp"]["dkim"]["domain"] = json!("other.example");
    fs::remove_file(registry.path("xx.zone")).unwrap();
    fs::write(registry.path("notices.xml"), DEFAULT.replacen("{{", "{{ nonsense }}{{", 1)).unwrap();
    fs::write(registry.path("resellers.csv"), "domain,registrar,name,url\nx.xx,One,Both,\n").unwrap();
    fs::write(registry.path("registrars.csv"), "registrar,address\n9994,nobody\n").unwrap();
    for (name, mode) in [("rdap.password", 0o644), ("dkim.pem", 0o644)] {
        fs::set_permissions(registry.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::create_dir(registry.path("arke-state")).unwrap();
    fs::set_permissions(registry.path("arke-state"), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["mail", "copies/cur"] {
        fs::remove_dir_all(registry.path(name)).unwrap();
    }
    insta::assert_snapshot!("wrong", registry.check());
}

#[test]
fn each_answer_of_rdap_says_what_to_do() {
    let mut said = String::new();
    for (name, answer) in [
        ("401", reply("401 Unauthorized", &[], "")),
        ("403", reply("403 Forbidden", &[], "")),
        ("404", reply("404 Not Found", &[], "")),
        ("a page", reply("200 OK", &["Content-Type: text/html"], "<html>")),
        ("cut", Reply::Bytes(Vec::new())),
    ] {
        let line = Registry::new(answer, Deed::Take, Zone::default()).line("rdap");
        said.push_str(&format!("{name}: {}\n", line.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    insta::assert_snapshot!("rdap", said);
}

#[test]
fn records_that_cannot_be_used() {
    let mut registry = Registry::well();
    registry.config["records"] = json!("nowhere.sql");
    let mut said = registry.line("records") + "\n" + &registry.line("rdap") + "\n";
    registry.config["records"] = json!("records.sql");
    registry.config["tld"] = json!("zz");
    said += &registry.line("records");
    insta::assert_snapshot!("records", said);
}

#[test]
fn what_counts_is_shown() {
    let registry = Registry::well();
    fs::write(registry.path("arke.json"), registry.config.to_string()).unwrap();
    let mut said = arke(registry.folder.path(), "--config arke.json config show");
    for (name, port) in [("PORTA", registry.rdap.address.port()), ("PORTB", registry.sink.address.port())] {
        said = said.replace(&port.to_string(), name);
    }
    let resolver = registry.config["resolver"][0].as_str().unwrap();
    insta::assert_snapshot!("show", said.replace(resolver, "127.0.0.1:PORTC"));
    assert_eq!(arke(registry.folder.path(), "config schema"), format!("exit 0\n{}", arke::config::SCHEMA));
}

#[test]
fn a_configuration_to_begin_with() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!("init", arke(folder.path(), "init here"));
    let here = folder.path().join("here");
    arke::config::read(&here.join("arke.json")).unwrap();
    assert_eq!(fs::read_to_string(here.join("notices.xml")).unwrap(), DEFAULT);
    fs::remove_file(here.join("arke.json")).unwrap();
    insta::assert_snapshot!("init_again", arke(folder.path(), "init here"));
    assert!(!here.join("arke.json").exists());
}
