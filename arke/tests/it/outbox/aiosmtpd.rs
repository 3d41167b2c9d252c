//! A real mail server: aiosmtpd with STARTTLS and a login. `tests/readers/install` installs it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use arke::config::Secret;
use arke::send::run::Stop;
use arke::send::smtp::{Login, Tls};

use super::support::{NOW, case, message, open, run_at, smtp, standing};
use super::tls::{by_name, identity};

struct Server {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    port: u16,
}

impl Server {
    fn start(folder: &Path, certificate: &str, key: &str) -> Server {
        let (certificate_path, key_path) = (folder.join("certificate.pem"), folder.join("key.pem"));
        std::fs::write(&certificate_path, certificate).unwrap();
        std::fs::write(&key_path, key).unwrap();
        let installed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/readers-venv/bin/python");
        let python = std::env::var_os("READERS_PYTHON").map_or_else(installed, PathBuf::from);
        let mut child = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/outbox/aiosmtpd_server.py"))
            .args([certificate_path, key_path])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; `tests/readers/install` makes it", python.display()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(first) = lines.next() else {
            panic!("aiosmtpd did not start: `tests/readers/install` installs it")
        };
        let port = first.unwrap().strip_prefix("port ").unwrap().parse().unwrap();
        Server { child, lines, port }
    }

    /// Ends it; gives what it took, sorted.
    fn end(mut self) -> Vec<String> {
        drop(self.child.stdin.take());
        let mut taken: Vec<String> = self.lines.map(Result::unwrap).collect();
        assert!(self.child.wait().unwrap().success());
        taken.sort();
        taken
    }
}

#[test]
fn a_real_server_takes_refuses_defers_and_drops() {
    let folder = tempfile::tempdir().unwrap();
    let identity = identity();
    let server = Server::start(folder.path(), &identity.certificate, &identity.key);
    let mut ledger = open(&folder.path().join("state"));
    ledger.put_cases(&[case("c1")]).unwrap();
    for (number, name) in ["fine", "gone", "later", "drop", "fine-too"].into_iter().enumerate() {
        let mut message = message(number);
        message.recipient = format!("{name}@host.example").parse().unwrap();
        ledger.enqueue(NOW, &message).unwrap();
    }
    let login = |password: &str| Some(Login { user: "arke".to_owned(), password: Secret::new(password) });
    let address = ([127, 0, 0, 1], server.port).into();
    let mut config = by_name(address, Tls::Required, Some(&identity.authority));
    config.login = login("wrong");
    let report = run_at(&mut ledger, &smtp(config), NOW);
    insta::assert_snapshot!(format!("{:?}", report.stop), @"Some(Fault(Note(auth 535 5.7.8)))");
    assert_eq!(standing(&ledger), [("queued", 5)]);

    let mut config = by_name(address, Tls::Required, Some(&identity.authority));
    config.login = None;
    let report = run_at(&mut ledger, &smtp(config), NOW);
    assert!(matches!(report.stop, Some(Stop::Fault(_))), "{report:?}");
    assert_eq!(standing(&ledger), [("queued", 5)]);

    let mut config = by_name(address, Tls::Required, Some(&identity.authority));
    config.login = login("s3cret");
    let report = run_at(&mut ledger, &smtp(config), NOW);
    assert_eq!(report.stop, None);
    assert_eq!(standing(&ledger), [("accepted", 2), ("deferred", 1), ("bounced", 1), ("uncertain", 1)]);
    insta::assert_snapshot!(server.end().join("\n"));
}
