//! Exports: what one TLD says, in the form that a resolver, an ad blocker or a spreadsheet reads. Pure: rows in, text out.
//!
//! Lists that block hold only hosts that were listed as hosts: whoever lists a page does not list a site. Never in them is a
//! platform, whose customers are not to blame, a ranked name, or one that the registry holds critical.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use serde::Serialize;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A spreadsheet: RFC 4180, formulas made harmless.
    Csv,
    /// An object a line.
    Jsonl,
    /// A hosts file.
    Hosts,
    /// A response policy zone (draft-vixie-dnsop-dns-rpz).
    Rpz,
    /// Filters of ad blockers.
    Adblock,
}

/// An indicator that is exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The canonical URL, host or address.
    pub observable: String,
    /// `url`, `host`, `address`.
    pub kind: String,
    /// Its host.
    pub host: String,
    /// The registered domain.
    pub registrable_domain: Option<String>,
    /// What it is used for.
    pub abuse_class: String,
    /// Feeds that uphold it and may be passed on.
    pub feed_ids: Vec<String>,
    /// When the first interval that counts began.
    pub first_seen: String,
    /// Whether it is validated.
    pub validated: bool,
    /// Whether its host is a platform's, ranked or protected.
    #[serde(skip)]
    pub guarded: bool,
}

/// The export of a TLD. Rows come in any order and go out sorted; `as_of` is the last instant that is included.
#[must_use]
pub fn write(form: Form, tld: &str, as_of: Epoch, rows: &[Exported]) -> String {
    match form {
        Form::Csv => csv(rows),
        Form::Jsonl => {
            sorted(rows).into_iter().filter_map(|row| Some(serde_json::to_string(row).ok()? + "\n")).collect()
        }
        Form::Hosts => {
            let lines = blocked(rows).into_iter().map(|(host, class)| format!("0.0.0.0 {host} # {class}\n"));
            format!("# Names under .{tld} that are used for abuse, as of {as_of}\n") + &lines.collect::<String>()
        }
        Form::Adblock => {
            let lines = blocked(rows).into_keys().map(|host| format!("||{host}^\n"));
            let head = format!("! Title: names under .{tld} that are used for abuse\n! Last modified: {as_of}\n");
            head + &lines.collect::<String>()
        }
        Form::Rpz => rpz(tld, as_of, rows),
    }
}

/// The hosts that a list may block, each with its class.
fn blocked(rows: &[Exported]) -> BTreeMap<&str, &str> {
    let listed = rows.iter().filter(|row| row.kind == "host" && !row.guarded && is_host(&row.host));
    listed.map(|row| (row.host.as_str(), row.abuse_class.as_str())).collect()
}

/// Whether a text is a host name and nothing else, whatever file it is written to.
fn is_host(text: &str) -> bool {
    HostName::parse(text).is_ok_and(|host| host.as_str() == text) && text.contains('.')
}

fn rpz(tld: &str, as_of: Epoch, rows: &[Exported]) -> String {
    let serial = as_of.0 / 1000;
    let mut text = format!(
        "; Names under .{tld} that are used for abuse, as of {as_of}\n$TTL 300\n\
         @ SOA localhost. nobody.localhost. {serial} 3600 900 604800 300\n@ NS localhost.\n"
    );
    for (host, class) in blocked(rows) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{host} CNAME . ; {class}");
    }
    text
}

fn sorted(rows: &[Exported]) -> Vec<&Exported> {
    let mut rows: Vec<&Exported> = rows.iter().collect();
    rows.sort_by(|a, b| (&a.host, &a.observable, &a.abuse_class).cmp(&(&b.host, &b.observable, &b.abuse_class)));
    rows
}

fn csv(rows: &[Exported]) -> String {
    let mut text =
        "observable,kind,host,registrable_domain,abuse_class,feed_ids,first_seen,validated\r\n".to_owned();
    for row in sorted(rows) {
        let fields = [
            row.observable.as_str(),
            &row.kind,
            &row.host,
            row.registrable_domain.as_deref().unwrap_or_default(),
            &row.abuse_class,
            &row.feed_ids.join(" "),
            &row.first_seen,
            if row.validated { "yes" } else { "no" },
        ]
        .map(field);
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field in quotes; what a spreadsheet would take for a formula stands behind an apostrophe (OWASP, CSV injection).
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']);
    let apostrophe = if is_formula { "'" } else { "" };
    format!("\"{apostrophe}{}\"", text.replace('"', "\"\"").replace(['\r', '\n', '\0'], " "))
}
