//! Handing over to a command, which here is a script that ends as it is told.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use arke::send::Transport;
use arke::send::run::Stop;
use arke::send::sendmail::Sendmail;
use panopticon_model::time::DAY_MS;

use super::support::{NOW, fill, message, open, run_at, standing};

/// Writes its arguments and input into files, and ends with the code in the file `code`.
const SCRIPT: &str =
    "#!/bin/sh\ncd \"$(dirname \"$0\")\"\nprintf '%s\\n' \"$@\" >args\ncat >input\nexit \"$(cat code)\"\n";

fn script(folder: &Path, code: i32) -> Arc<Transport> {
    let program = folder.join("sendmail");
    std::fs::write(&program, SCRIPT).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.join("code"), code.to_string()).unwrap();
    Arc::new(Transport::Sendmail(Sendmail { program, copy_to: Some("copies@nic.example".parse().unwrap()) }))
}

#[test]
fn the_command_gets_the_message_and_its_code_is_understood() {
    for (code, expected) in
        [(0, "accepted"), (67, "bounced"), (69, "bounced"), (75, "deferred"), (78, "queued"), (99, "uncertain")]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(&folder.path().join("state"));
        fill(&mut ledger, 1);
        let transport = script(folder.path(), code);
        let report = run_at(&mut ledger, &transport, NOW);
        assert_eq!(standing(&ledger), [(expected, 1)], "{code}");
        assert_eq!(matches!(report.stop, Some(Stop::Fault(_))), code == 78, "{code}");
        let suppressed = ledger.suppression(&message(1).recipient, NOW.plus(DAY_MS)).unwrap().is_some();
        assert_eq!(suppressed, code == 67, "{code}");
        let args = std::fs::read_to_string(folder.path().join("args")).unwrap();
        insta::assert_snapshot!("sendmail_arguments", args);
        let input = std::fs::read(folder.path().join("input")).unwrap();
        assert_eq!(
            String::from_utf8(input).unwrap(),
            String::from_utf8(message(1).bytes).unwrap().replace("\r\n", "\n")
        );
    }
}

#[test]
fn a_command_that_is_not_there_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 5);
    let program = folder.path().join("none");
    let transport = Arc::new(Transport::Sendmail(Sendmail { program, copy_to: None }));
    let report = run_at(&mut ledger, &transport, NOW);
    assert_eq!(standing(&ledger), [("queued", 5)]);
    insta::assert_snapshot!(format!("{:?}", report.stop), @"Some(Fault(Note(sendmail: no such program)))");
}
