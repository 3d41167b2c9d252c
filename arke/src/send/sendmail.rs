//! The command `sendmail`, as every mail server for Unix brings it. It takes the message into the queue of this machine;
//! its exit code says whether (`sysexits.h`).

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::outcome::{Note, Outcome};
use crate::contact::Address;
use crate::ledger::outbox::Letter;

/// The command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sendmail {
    /// The program, as `/usr/sbin/sendmail`.
    pub program: PathBuf,
    /// Who gets a blind copy of every message, from which uncertain ones are resolved.
    pub copy_to: Option<Address>,
}

impl Sendmail {
    /// Hands one message over; waits for the command to end.
    pub(crate) fn send(&self, letter: &Letter) -> Outcome {
        let mut command = Command::new(&self.program);
        command.args(["-i", "-f", &letter.envelope_from.reveal(), "--", &letter.recipient.reveal()]);
        command.args(self.copy_to.iter().map(Address::reveal));
        let started = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(mut child) = started else { return Outcome::Untouched(Note::of("sendmail")) };
        // A command that refuses early does not read all of it: its exit code says why. An end of input that comes too
        // early is an end all the same, therefore a message that was not written in full is not left to it.
        let mut input = child.stdin.take();
        let bytes = unix_lines(&letter.bytes);
        let written = input.as_mut().is_some_and(|input| input.write_all(&bytes).is_ok());
        if !written {
            let _ = child.kill();
        }
        drop(input);
        match child.wait() {
            Ok(status) if written || status.code().is_some_and(|code| code != 0) => of_exit(status.code()),
            _ => Outcome::Uncertain(Note::of("sendmail")),
        }
    }
}

/// Lines as programs for Unix have them: the mail server makes CRLF of them again.
fn unix_lines(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            lines.push(byte);
        }
    }
    lines
}

/// What an exit code means; none: ended by a signal.
fn of_exit(code: Option<i32>) -> Outcome {
    match code {
        Some(0) => Outcome::Accepted(Note::of("sendmail: ok")),
        // EX_NOUSER, EX_NOHOST: the address.
        Some(67 | 68) => Outcome::Bounced { hard: true, note: Note::of("sendmail: no such address") },
        // EX_DATAERR, EX_UNAVAILABLE: this message.
        Some(65 | 69) => Outcome::Bounced { hard: false, note: Note::of("sendmail: refused") },
        // EX_TEMPFAIL: later.
        Some(75) => Outcome::Deferred(Note::of("sendmail: later")),
        // EX_USAGE, EX_NOINPUT, EX_SOFTWARE to EX_IOERR, EX_PROTOCOL to EX_CONFIG, and those of a shell that finds no
        // program: the installation.
        Some(64 | 66 | 70..=74 | 76..=78 | 126 | 127) => Outcome::Untouched(Note::of("sendmail: does not work")),
        _ => Outcome::Uncertain(Note::of("sendmail: ended by surprise")),
    }
}

#[cfg(test)]
mod tests {
    use super::{of_exit, unix_lines};

    #[test]
    fn exit_codes_mean_what_sysexits_says() {
        let shown: Vec<String> = [0, 1, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 127]
            .iter()
            .map(|code| format!("{code} {:?}", of_exit(Some(*code))))
            .chain([format!("signal {:?}", of_exit(None))])
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn only_ends_of_lines_change() {
        assert_eq!(unix_lines(b"a\r\nb\rc\r\r\n.\r\n\r"), b"a\nb\rc\r\n.\n\r");
    }
}
