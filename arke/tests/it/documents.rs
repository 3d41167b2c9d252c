//! What the documents tell people to type: every command of arke in them is one.

use std::collections::BTreeSet;
use std::process::Command;

const DOCUMENTS: [&str; 6] = [
    include_str!("../../../docs/arke.md"),
    include_str!("../../../docs/notices.md"),
    include_str!("../../../docs/legal/clauses.md"),
    include_str!("../../../docs/legal/dpia.md"),
    include_str!("../../../docs/legal/privacy-notice.md"),
    include_str!("../../../README.md"),
];

/// The commands of a text: lines of console blocks, and words between back-ticks.
fn commands(text: &str) -> impl Iterator<Item = String> + '_ {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("$ "));
    let spans = text.split('`').skip(1).step_by(2).filter(|span| !span.contains('\n'));
    lines.chain(spans).filter_map(|command| Some(command.rsplit_once("arke ")?.1)).map(str::to_owned)
}

/// Each is typed into an empty folder, with words in the places of words. A command that is none ends with code 2; these
/// find no configuration there, or do what they can without one.
#[test]
fn every_command_in_the_documents_is_one() {
    let all: BTreeSet<String> = DOCUMENTS.into_iter().flat_map(commands).collect();
    let typed =
        all.iter().filter(|command| !command.starts_with(['-', '/', '.', '&']) && !command.contains("..."));
    let mut count = 0;
    for command in typed {
        let folder = tempfile::tempdir().unwrap();
        let replaced = command.replace("ADDRESS", "a@b.example").replace("me@…", "me@b.example");
        let replaced = replaced.replace("/etc/arke", "etc").replace("/var/backups/", "");
        let args = replaced
            .split(' ')
            .take_while(|word| !word.starts_with(['>', '|']))
            .map(|word| word.trim_matches('"'));
        let done =
            Command::new(env!("CARGO_BIN_EXE_arke")).args(args).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(matches!(done.status.code(), Some(0 | 1)), "`arke {command}`: {}\n{said}", done.status);
        assert!(!said.contains("panicked"), "`arke {command}`: {said}");
        count += 1;
    }
    assert!(count > 25, "{count} commands");
}
