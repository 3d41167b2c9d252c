//! What lies on this machine: records, secrets, zones, lists, texts, maildirs, the ledger and its disk.

use std::error::Error;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use panopticon_model::time::Epoch;

use super::Finding;
use crate::config::{Auth, Mail, MailBy, Tld, read_secret, read_text};
use crate::ledger::{Ledger, LedgerError};
use crate::lists::{ListError, Platforms, Registrars, Resellers};
use crate::notice::{DEFAULT, Signer, Templates};
use crate::records::Records;

/// A ledger with less space around it may fill its disk within a few rounds.
const FREE_MIB: u64 = 256;

/// An error with its causes, in one line.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Records that were read.
pub(super) fn records(records: &Records, tld: &Tld, now: Epoch) -> Finding {
    let (head, cases) = (&records.head, records.entries.len());
    if head.as_of > now {
        let to_do = "set the clock of this machine, or of the one that publishes";
        return Finding::mend("records", format!("they are from {}, and it is {now} here", head.as_of), to_do);
    }
    let signed = if tld.key.is_some() { "signature verified" } else { "without `key` no signature is checked" };
    Finding::good("records", format!("{}, as of {}, {cases} cases; {signed}", head.tld, head.as_of))
}

/// The files of a TLD.
pub(super) fn of_tld(tld: &Tld) -> Vec<Finding> {
    let mut findings: Vec<Finding> = tld.zones.iter().map(|zone| readable("zone", zone)).collect();
    if findings.is_empty() {
        findings.push(Finding::left_out("zone", "no `zone` is named"));
    }
    findings.extend(match &tld.rdap.auth {
        Auth::None => {
            vec![Finding::left_out("rdap.auth", "nobody logs in: the RDAP service may then show no contacts")]
        }
        Auth::Basic { password_file, .. } => vec![secret("rdap.auth.password_file", password_file)],
        Auth::Bearer { token_file } => vec![secret("rdap.auth.token_file", token_file)],
        Auth::Certificate { cert_file, key_file } => {
            vec![text("rdap.auth.cert_file", cert_file), secret("rdap.auth.key_file", key_file)]
        }
    });
    findings.extend(tld.rdap.ca.as_deref().map(|ca| text("rdap.ca_file", ca)));
    findings.push(match &tld.sender {
        Some(sender) => Finding::good("sender", sender.name.clone()),
        None => Finding::mend("sender", "nobody is named who writes", "add `sender`: name, address, phone"),
    });
    findings.extend(template(tld.template.as_deref()));
    findings.push(list("resellers", tld.resellers.as_deref(), |path| Resellers::read(path).map(drop)));
    findings.push(list("registrars", tld.registrars.as_deref(), |path| Registrars::read(path).map(drop)));
    findings.push(list("platforms", tld.platforms.as_deref(), |path| Platforms::read(Some(path)).map(drop)));
    findings
}

fn readable(part: &str, path: &Path) -> Finding {
    let file = File::open(path).and_then(|file| file.metadata());
    match file {
        Ok(found) if found.is_file() && found.len() > 0 => Finding::good(part, path.display().to_string()),
        Ok(_) => Finding::mend(part, format!("`{}` is empty or no file", path.display()), "name the file"),
        Err(error) => {
            let found = format!("cannot read `{}`: {error}", path.display());
            Finding::mend(part, found, "check the path and who may read it")
        }
    }
}

fn secret(part: &str, path: &Path) -> Finding {
    match read_secret(path) {
        Ok(_) => Finding::good(part, format!("`{}`, which others cannot read", path.display())),
        Err(error) => Finding::mend(part, error.to_string(), error.hint()),
    }
}

fn text(part: &str, path: &Path) -> Finding {
    match read_text(path) {
        Ok(_) => Finding::good(part, format!("`{}`", path.display())),
        Err(error) => Finding::mend(part, error.to_string(), error.hint()),
    }
}

fn template(path: Option<&Path>) -> Vec<Finding> {
    let read = match path {
        Some(path) => Templates::read_file(path),
        None => Templates::read(DEFAULT),
    };
    match read.map(|templates| templates.check()) {
        Err(error) => {
            vec![Finding::mend("template", whole(&error), "`arke template default` prints one that is good")]
        }
        Ok(complaints) if complaints.is_empty() => {
            let name =
                path.map_or_else(|| "the one that is built in".to_owned(), |path| format!("`{}`", path.display()));
            vec![Finding::good("template", name)]
        }
        Ok(complaints) => {
            let mend = |complaint: &crate::notice::Complaint| {
                Finding::mend("template", complaint.to_string(), "change that line, then `arke template check`")
            };
            complaints.iter().map(mend).collect()
        }
    }
}

fn list(part: &str, path: Option<&Path>, read: impl FnOnce(&Path) -> Result<(), ListError>) -> Finding {
    let Some(path) = path else { return Finding::left_out(part, format!("no `{part}` is named")) };
    match read(path) {
        Ok(()) => Finding::good(part, format!("`{}`", path.display())),
        Err(error) => Finding::mend(part, whole(&error), "correct the file, or take it out of the configuration"),
    }
}

/// The ledger and its disk.
pub(super) fn of_state(state: &Path, now: Epoch) -> Vec<Finding> {
    let ledger = match Ledger::open(state, now) {
        Ok(_) => mode(state),
        Err(error @ LedgerError::InUse(_)) => Finding::left_out("state", error.to_string()),
        Err(error) => Finding::mend(
            "state",
            whole(&error),
            "name a folder in `state` that this user can write, with its ledger",
        ),
    };
    vec![ledger, disk(state)]
}

/// Whether others can look into the folder.
fn mode(state: &Path) -> Finding {
    let open = fs::metadata(state).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if open {
        let found = format!("others can look into `{}`, where personal data is kept", state.display());
        return Finding::mend("state", found, format!("chmod 700 {}", state.display()));
    }
    Finding::good("state", format!("the ledger in `{}` can be written", state.display()))
}

fn disk(state: &Path) -> Finding {
    let Ok(found) = rustix::fs::statvfs(state) else {
        return Finding::left_out("disk", "how much space is free cannot be told");
    };
    let free = found.f_bavail.saturating_mul(found.f_frsize) >> 20;
    if free < FREE_MIB {
        return Finding::mend(
            "disk",
            format!("{free} MiB are free"),
            format!("make room: {FREE_MIB} MiB at least"),
        );
    }
    Finding::good("disk", format!("{free} MiB are free"))
}

/// The files of mail.
pub(super) fn of_mail(mail: &Mail) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let MailBy::Smtp { login, ca, .. } = &mail.by {
        findings.extend(login.as_ref().map(|(_, file)| secret("smtp.password_file", file)));
        findings.extend(ca.as_deref().map(|ca| text("smtp.ca_file", ca)));
    }
    findings.push(maildir("smtp.maildir", mail.maildir.as_deref(), "bounces and answers are not read"));
    findings.push(maildir("smtp.copies", mail.copies.as_deref(), "uncertain messages wait for a person"));
    findings.extend(mail.dkim.as_ref().map(|dkim| match read_secret(&dkim.key_file) {
        Err(error) => Finding::mend("smtp.dkim", error.to_string(), error.hint()),
        Ok(key) => match Signer::new(&dkim.domain, &dkim.selector, key.reveal()) {
            Err(error) => {
                Finding::mend("smtp.dkim", whole(&error), "make a key, and name its domain and selector")
            }
            Ok(_) => Finding::good("smtp.dkim", format!("`{}` signs", dkim.key_file.display())),
        },
    }));
    findings
}

fn maildir(part: &str, path: Option<&Path>, without: &str) -> Finding {
    let Some(path) = path else { return Finding::left_out(part, format!("none is named: {without}")) };
    let lacks = ["new", "cur"].into_iter().find(|folder| fs::read_dir(path.join(folder)).is_err());
    match lacks {
        None => Finding::good(part, format!("`{}`", path.display())),
        Some(folder) => {
            let found = format!("cannot read `{}`", path.join(folder).display());
            let to_do = "let the mail server deliver there as a maildir (new, cur, tmp), readable for this user";
            Finding::mend(part, found, to_do)
        }
    }
}
