//! Who must be reached: the RDAP service and the mail server.

use std::time::Duration;

use panopticon_model::name::HostName;
use tokio::time::timeout;

use super::Finding;
use crate::config::{self, Mail, MailBy};
use crate::docket::Standing;
use crate::rdap::RdapError;
use crate::records::Records;
use crate::round;
use crate::send::outcome::Note;

/// How long a mail server may take to greet: some make strangers wait.
const GREETING: Duration = Duration::from_secs(30);

/// Asks the RDAP service for a name of the records: of an open case, if there is one.
pub(super) async fn rdap(of: &config::Rdap, records: Option<&Records>) -> Finding {
    const PART: &str = "rdap";
    let entries = || records.iter().flat_map(|records| &records.entries);
    let entry = entries().find(|entry| entry.standing == Standing::Open).or_else(|| entries().next());
    let name = entry.and_then(|entry| HostName::parse(&entry.case.registrable_domain).ok());
    let Some(name) = name else {
        let found = match records {
            Some(_) => "there is no case in the records to ask for",
            None => "without records there is no name to ask for",
        };
        return Finding::left_out(PART, found);
    };
    let service = match round::rdap(of) {
        Ok(service) => service,
        Err(error) => return Finding::mend(PART, error.to_string(), "correct `rdap` in the configuration"),
    };
    match service.domain(&name).await {
        Ok(_) => Finding::good(PART, format!("{} answers for {name}", of.url)),
        // A name that is gone is an answer; which of both it is, a person sees best.
        Err(error @ RdapError::NotFound) => Finding::mend(
            PART,
            format!("{name}: {error} (404)"),
            "see that `rdap.url` is the base to which `domain/NAME` is joined, and that the name is still registered",
        ),
        Err(error) => Finding::mend(PART, format!("{name}: {error}"), error.hint()),
    }
}

/// Greets the mail server and logs in; a command is only looked for.
pub(super) async fn mail_server(mail: &Mail) -> Finding {
    const PART: &str = "smtp";
    let transport = match round::transport(mail) {
        Ok(transport) => transport,
        Err(error) => return Finding::mend(PART, error.to_string(), "correct `smtp` in the configuration"),
    };
    let name = match &mail.by {
        MailBy::Sendmail(program) => program.display().to_string(),
        MailBy::Smtp { host, port, .. } => format!("{host}:{port}"),
    };
    match timeout(GREETING, transport.greet()).await {
        Ok(Ok(())) => Finding::good(PART, format!("{name} is ready")),
        Ok(Err(note)) => Finding::mend(PART, refused(&name, &note), to_do(note.phase)),
        Err(_) => Finding::mend(PART, format!("{name} does not answer in time"), to_do("connect")),
    }
}

fn refused(name: &str, note: &Note) -> String {
    match &note.reply {
        Some(reply) => format!("{name} says {} ({})", reply.code, note.phase),
        None => format!("{name} does not answer ({})", note.phase),
    }
}

fn to_do(phase: &str) -> &'static str {
    match phase {
        "tls" => {
            "see that the server speaks STARTTLS (`required`) or TLS (`implicit`) on this port, with a certificate of its name"
        }
        "auth" => "correct `smtp.user` and its password",
        "connect" => "see that `smtp.host` and `smtp.port` are right, and that this machine may connect",
        _ => "see that `smtp.sendmail` is the path of the program",
    }
}
