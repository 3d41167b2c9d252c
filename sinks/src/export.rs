//! Exports: what one TLD says, in the form that a resolver, an ad blocker or a spreadsheet reads. Pure: rows in, text out.
//!
//! Lists that block hold only hosts that were listed as hosts: whoever lists a page does not list a site. Never in them is a
//! platform, whose customers are not to blame, a ranked name, or one that the registry holds critical. They say who is to
//! be named for them, on what terms, and how far they may go.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use panopticon_model::tlp::Tlp;
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
    /// How far it may go: as far as what all of these feeds say of it.
    #[serde(serialize_with = "label")]
    pub tlp: Tlp,
    /// When the first interval that counts began.
    pub first_seen: String,
    /// Whether it is validated.
    pub validated: bool,
    /// Whether its host is a platform's, ranked or protected.
    #[serde(skip)]
    pub guarded: bool,
}

fn label<S: serde::Serializer>(tlp: &Tlp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(tlp.as_str())
}

/// What an export is of.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The TLD.
    pub tld: &'a str,
    /// The last instant that is included.
    pub as_of: Epoch,
    /// The indicators, in any order; they go out sorted.
    pub rows: &'a [Exported],
    /// The terms of feeds, by their names.
    pub terms: &'a BTreeMap<String, String>,
}

impl Export<'_> {
    /// Its text in a form.
    #[must_use]
    pub fn write(&self, form: Form) -> String {
        match form {
            Form::Csv => csv(self.rows),
            Form::Jsonl => {
                let rows = sorted(self.rows).into_iter();
                rows.filter_map(|row| Some(serde_json::to_string(row).ok()? + "\n")).collect()
            }
            Form::Hosts => self.list("#", "", |host, class| format!("0.0.0.0 {host} # {class}\n")),
            Form::Adblock => self.list("!", "", |host, _| format!("||{host}^\n")),
            Form::Rpz => {
                let zone = format!(
                    "$TTL 300\n@ SOA localhost. nobody.localhost. {} 3600 900 604800 300\n@ NS localhost.\n",
                    self.as_of.0 / 1000
                );
                self.list(";", &zone, |host, class| format!("{host} CNAME . ; {class}\n"))
            }
        }
    }

    /// A list that blocks: comments behind a mark that say what it is and whose, then what its form wants ahead of its
    /// lines, then a line a host.
    fn list(&self, mark: &str, ahead: &str, line: impl Fn(&str, &str) -> String) -> String {
        let rows: Vec<&Exported> = self.rows.iter().filter(|row| may_be_blocked(row)).collect();
        let tlp = rows.iter().map(|row| row.tlp).max().unwrap_or_default();
        let mut text = format!(
            "{mark} Title: names under .{} that are used for abuse\n{mark} Last modified: {}\n{mark} {}\n",
            self.tld,
            self.as_of,
            tlp.as_str()
        );
        for feed in rows.iter().flat_map(|row| &row.feed_ids).collect::<BTreeSet<_>>() {
            let terms = self.terms.get(feed).filter(|terms| !terms.is_empty());
            let terms = terms.map(|terms| format!(" ({})", one_line(terms))).unwrap_or_default();
            text += &format!("{mark} From: {feed}{terms}\n");
        }
        text += ahead;
        let hosts: BTreeMap<&str, &str> =
            rows.iter().map(|row| (row.host.as_str(), row.abuse_class.as_str())).collect();
        text.extend(hosts.into_iter().map(|(host, class)| line(host, class)));
        text
    }
}

/// A text that ends no comment.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Whether a list may block the host of an indicator.
fn may_be_blocked(row: &Exported) -> bool {
    row.kind == "host" && !row.guarded && is_host(&row.host)
}

/// Whether a text is a host name and nothing else, whatever file it is written to.
fn is_host(text: &str) -> bool {
    HostName::parse(text).is_ok_and(|host| host.as_str() == text) && text.contains('.')
}

fn sorted(rows: &[Exported]) -> Vec<&Exported> {
    let mut rows: Vec<&Exported> = rows.iter().collect();
    rows.sort_by(|a, b| (&a.host, &a.observable, &a.abuse_class).cmp(&(&b.host, &b.observable, &b.abuse_class)));
    rows
}

fn csv(rows: &[Exported]) -> String {
    let mut text =
        "observable,kind,host,registrable_domain,abuse_class,feed_ids,tlp,first_seen,validated\r\n".to_owned();
    for row in sorted(rows) {
        let fields = [
            row.observable.as_str(),
            &row.kind,
            &row.host,
            row.registrable_domain.as_deref().unwrap_or_default(),
            &row.abuse_class,
            &row.feed_ids.join(" "),
            row.tlp.as_str(),
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
