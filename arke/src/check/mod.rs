//! `arke config check`: every part of a configuration is tried before it is needed, and what must be mended is said.
//!
//! ```text
//! Config ──┬─ files ──► secrets, zones, lists, texts, maildirs, ledger, disk
//!          ├─ reach ──► RDAP, mail server                                     ──► [Finding]
//!          └─ sender ─► SPF, DKIM, DMARC, MX
//! ```

mod files;
mod reach;
mod sender;

use panopticon_model::time::Epoch;
use serde::Serialize;
use tokio::runtime::Handle;

use crate::config::{Config, Tld};
use crate::dns::Stub;
use crate::records::Records;

/// What a part is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// It works.
    #[serde(rename = "ok")]
    Good,
    /// It does not work: see what to do.
    #[serde(rename = "mend")]
    Mend,
    /// It is not used, or could not be tried.
    #[serde(rename = "left out")]
    LeftOut,
}

/// What was found of a part. It holds no secret and nothing of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is found to be.
    pub result: Verdict,
    /// The part, with its TLD if there are several.
    pub part: String,
    /// What was found.
    pub found: String,
    /// What to do; empty if nothing.
    pub to_do: String,
}

impl Finding {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 4] = ["result", "part", "found", "to_do"];

    fn good(part: &str, found: impl Into<String>) -> Finding {
        Finding { result: Verdict::Good, part: part.to_owned(), found: found.into(), to_do: String::new() }
    }

    fn mend(part: &str, found: impl Into<String>, to_do: impl Into<String>) -> Finding {
        Finding { result: Verdict::Mend, part: part.to_owned(), found: found.into(), to_do: to_do.into() }
    }

    fn left_out(part: &str, found: impl Into<String>) -> Finding {
        Finding { result: Verdict::LeftOut, part: part.to_owned(), found: found.into(), to_do: String::new() }
    }
}

/// Why there are no records: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRecords {
    /// What is wrong.
    pub says: String,
    /// What to do.
    pub hint: String,
}

/// Tries every part of a configuration. `records` reads the records of a TLD as a round would. Nobody is written to; one
/// question is asked of each RDAP service, a few of the DNS, and the mail server is greeted.
pub fn check(
    config: &Config,
    now: Epoch,
    runtime: &Handle,
    mut records: impl FnMut(&Tld) -> Result<Records, NoRecords>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for tld in &config.tlds {
        let read = records(tld);
        let mut own = vec![match &read {
            Ok(read) => files::records(read, tld, now),
            Err(no) => Finding::mend("records", no.says.clone(), no.hint.clone()),
        }];
        own.extend(files::of_tld(tld));
        own.push(runtime.block_on(reach::rdap(&tld.rdap, read.as_ref().ok())));
        if config.tlds.len() > 1 {
            let name = read.as_ref().ok().map(|read| read.head.tld.as_str()).or(tld.name.as_deref());
            for finding in &mut own {
                finding.part = format!("{} of {}", finding.part, name.unwrap_or("?"));
            }
        }
        findings.append(&mut own);
    }
    findings.extend(files::of_state(&config.state, now));
    findings.extend(mail(config, runtime));
    findings
}

/// What mail needs.
fn mail(config: &Config, runtime: &Handle) -> Vec<Finding> {
    let Some(mail) = &config.mail else {
        return vec![Finding::left_out("smtp", "there is no `smtp`: plans are printed, and nothing can be sent")];
    };
    let mut findings = files::of_mail(mail);
    findings.push(runtime.block_on(reach::mail_server(mail)));
    let stub = match &config.resolver {
        Some(servers) => Ok(Stub::new(servers.clone())),
        None => Stub::of_machine(),
    };
    match stub {
        Err(error) => findings.push(Finding::mend(
            "dns",
            error.to_string(),
            "name a DNS server there, or as `resolver` in the configuration",
        )),
        Ok(stub) => {
            for sender in config.tlds.iter().filter_map(|tld| tld.sender.as_ref()) {
                for finding in runtime.block_on(sender::look(&stub, sender, mail)) {
                    // TLDs that share a sender share what is found of it.
                    if !findings.contains(&finding) {
                        findings.push(finding);
                    }
                }
            }
        }
    }
    findings
}
