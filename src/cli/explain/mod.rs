//! `explain`: why a name or URL is listed, as a tree of cases, the rule that decided, the evidence, and what was
//! measured.

mod measured;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use panopticon_model::name::HostName;
use panopticon_model::time::Day;
use panopticon_model::url::{CanonicalUrl, mask_mail, refang};
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::ReadError;
use serde_json::{Value, json};

use super::output::{Row, plain};
use super::query::rows;
use super::{Global, Printer};

/// Why a name or URL is listed: its evidence, the rule that decided, and what was measured
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon explain shop.xx\n  panopticon explain 'hxxp://shop[.]xx/login' --as-of 2025-03-01\n  panopticon explain shop.xx --format json"
)]
pub(crate) struct Explain {
    /// The name or URL; defanged is fine
    value: String,
    /// The state at the close of this day, or at the last publication before
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: TreeFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum TreeFormat {
    /// A tree for people
    #[default]
    Tree,
    /// One JSON object
    Json,
}

/// What is asked about.
struct Question {
    host: HostName,
    /// The canonical URL as it is published, when a URL was given.
    url: Option<String>,
}

impl Question {
    /// Whether an observation is of what is asked about, of a name above it, or of one below.
    fn is_about(&self, observation: &Row) -> bool {
        let target = observation.get("target").and_then(Value::as_str).unwrap_or_default();
        let host = observation.get("host").and_then(Value::as_str).unwrap_or_default();
        let is_below = host == self.host.as_str() || host.ends_with(&format!(".{}", self.host));
        match (target.split_once("://"), self.url.as_deref().and_then(|url| url.split_once("://"))) {
            (None, _) => is_below || self.host.is_at_or_below(host),
            (Some(_), None) => is_below,
            (Some((_, page)), Some((_, asked))) => page == asked,
        }
    }
}

impl Explain {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let config = global.config()?;
        let question = question(&self.value)?;
        let places = config.places()?;
        anyhow::ensure!(
            places.in_scope(&question.host),
            "`.{}` is not a TLD of this installation",
            question.host.top_level()
        );
        let placement = places.place(&question.host)?;
        let domain = placement.registrable_domain.as_str();
        let tld = Some(question.host.top_level());
        let filter = [("registrable_domain".to_owned(), domain.to_owned())];
        let of = |view| rows(&config.output, view, tld, self.as_of, &filter).map(|found| found.rows);
        let concerns = |row: &Row| {
            let subject = row.get("subject").and_then(Value::as_str).unwrap_or_default();
            question.host.is_at_or_below(subject) || subject.ends_with(&format!(".{}", question.host))
        };
        let mut cases: Vec<Row> = of(View::Cases)?.into_iter().filter(|row| concerns(row)).collect();
        let evidence: Vec<Row> = of(View::Evidence)?
            .into_iter()
            .filter(|row| concerns(row))
            .filter(|row| question.url.as_deref().is_none_or(|url| row.get("observable") == Some(&url.into())))
            .collect();
        let remedies = of(View::Remedies)?;
        let validated = of(View::ValidatedIndicators)?;
        let indicators = of(View::Indicators)?;
        let diffs = rows(&config.output, View::DailyDiffs, tld, self.as_of, &[])?.rows;
        for case in &mut cases {
            let own = |row: &&Row| row.get("subject") == case.get("subject") && joins(case, row);
            let mine: Vec<Value> = evidence.iter().filter(own).cloned().map(Value::Object).collect();
            let today = diffs.iter().find(|diff| diff.get("subject_id") == case.get("case_id")).cloned();
            let is_upheld = indicators.iter().any(|row| own(&row));
            let confirmed: Vec<Value> = validated.iter().filter(own).cloned().map(Value::Object).collect();
            let remedy = remedies.iter().find(|row| row.get("case_id") == case.get("case_id")).cloned();
            case.insert("rule".to_owned(), rule(case, &mine, is_upheld).into());
            case.insert("evidence".to_owned(), mine.into());
            case.insert("remedy".to_owned(), remedy.map_or(Value::Null, Value::Object));
            case.insert("validated_indicators".to_owned(), confirmed.into());
            case.insert("last_change".to_owned(), today.map_or(Value::Null, Value::Object));
        }
        // Days before these views were published have none of their rows.
        let names = [("name".to_owned(), domain.to_owned())];
        let own_rows = |view| match rows(&config.output, view, tld, self.as_of, &names) {
            Err(ReadError::NothingPublished { .. } | ReadError::BeyondRetention { .. }) => Ok(Vec::new()),
            found => found.map(|found| found.rows),
        };
        let observations: Vec<Row> =
            of(View::Observations)?.into_iter().filter(|row| question.is_about(row)).collect();
        let answer = json!({
            "schema": "panopticon.explain/v1",
            "name": question.host.as_str(),
            "url": question.url,
            "registrable_domain": domain,
            "subject": placement.subject.as_str(),
            "host_role": placement.role.as_str(),
            "platform": placement.platform.as_ref().map(HostName::as_str),
            "cases": cases,
            "typosquats": own_rows(View::Typosquats)?,
            "algorithmic_names": own_rows(View::AlgorithmicNames)?,
            "high_risk_names": own_rows(View::HighRiskNames)?,
            "campaigns": own_rows(View::Campaigns)?,
            "observations": observations,
        });
        match self.format {
            TreeFormat::Json => printer.data(&serde_json::to_string_pretty(&answer)?)?,
            TreeFormat::Tree => {
                let mut lines = tree(&answer);
                if !observations.is_empty() {
                    lines.push("  measured".to_owned());
                    lines.extend(measured::lines(&observations).iter().map(|line| format!("    {line}")));
                }
                printer.data(&lines.join("\n"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn question(value: &str) -> anyhow::Result<Question> {
    let text = refang(value);
    if text.contains('/') {
        let url = CanonicalUrl::parse(&text)?;
        let host = url.host.name().cloned();
        let host =
            host.ok_or_else(|| anyhow::anyhow!("an address has no TLD and no case: see `panopticon query`"))?;
        return Ok(Question { host, url: Some(mask_mail(&url.canonical).into_owned()) });
    }
    Ok(Question { host: HostName::parse(&text)?, url: None })
}

/// Whether evidence counts for a case: it has its class, or class `other`, which joins the specific ones.
fn joins(case: &Row, evidence: &Row) -> bool {
    let class = evidence.get("abuse_class");
    class == case.get("abuse_class") || class == Some(&"other".into())
}

/// The rule that gave a case its status, as its evidence shows.
fn rule(case: &Row, evidence: &[Value], is_upheld: bool) -> &'static str {
    let offline = |row: &Value| row.get("end") == Some(&"offline".into());
    match case.get("status").and_then(Value::as_str) {
        Some("new") => "a feed upholds it, and all of its evidence began on this day",
        Some("active") if is_upheld => "at least one feed upholds it, by presence or by a running lease",
        Some("active") => "no feed upholds it any more, but a target was found to answer still",
        Some("recurred") => "it is there again after every target was stated offline, or measured gone",
        Some("remediated") if !is_upheld && evidence.iter().any(offline) => {
            "no feed upholds it, and the last word on every target was that it is offline"
        }
        Some("remediated") => {
            "its name was found undelegated, or every target gone from both places, twice at six hours or more"
        }
        Some("expired") => "no feed upholds it any more, and whether the targets are gone could not be told",
        Some("withdrawn") => "its feeds took everything back, or an operator marked it a false positive",
        _ => "",
    }
}

fn tree(answer: &Value) -> Vec<String> {
    let text = |value: &Value, key: &str| value.get(key).map(plain).unwrap_or_default();
    let mut lines = vec![format!("{} ({})", text(answer, "name"), text(answer, "host_role"))];
    lines.push(format!(
        "  registrable domain {}, judged as {}",
        text(answer, "registrable_domain"),
        text(answer, "subject")
    ));
    if answer.get("platform").is_some_and(Value::is_string) {
        lines.push(format!("  a customer of the platform {}", text(answer, "platform")));
    }
    let cases = answer.get("cases").and_then(Value::as_array).cloned().unwrap_or_default();
    if cases.is_empty() {
        lines.push("  no case: no feed has said anything of it that is kept".to_owned());
    }
    lines.extend(looks(answer));
    for case in &cases {
        lines.push(format!(
            "  case {} {}: {}",
            text(case, "subject"),
            text(case, "abuse_class"),
            text(case, "status")
        ));
        lines.push(format!("    because {}", text(case, "rule")));
        let ended = text(case, "ended_at");
        let until = if ended.is_empty() { String::new() } else { format!(" until {ended}") };
        lines.push(format!("    since {}{until}; feeds {}", text(case, "first_seen"), text(case, "feed_ids")));
        let change = case.get("last_change").filter(|change| change.is_object());
        if let Some(change) = change {
            lines.push(format!("    this day: {}, cause {}", text(change, "change"), text(change, "cause")));
        }
        lines.extend(verdict(case));
        for row in case.get("evidence").and_then(Value::as_array).into_iter().flatten() {
            let ended = text(row, "ended_at");
            let state =
                if ended.is_empty() { "upheld".to_owned() } else { format!("{} {ended}", text(row, "end")) };
            let label = text(row, "label");
            let label = if label.is_empty() { String::new() } else { format!(" [{label}]") };
            lines.push(format!("    - {} says {}{label}", text(row, "feed_id"), text(row, "observable")));
            lines.push(format!("      since {}, {state}", text(row, "first_seen")));
        }
    }
    lines
}

/// What the letters of the name say.
fn looks(answer: &Value) -> Vec<String> {
    let text = |value: &Value, key: &str| value.get(key).map(plain).unwrap_or_default();
    let all = |key: &str| answer.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for row in all("typosquats") {
        let held = text(&row, "suppressed_by");
        let held = if held.is_empty() { held } else { format!("; held back: {held}") };
        let terms = text(&row, "terms").replace(',', ", ");
        lines.push(format!(
            "  imitates {} by {}: {}",
            text(&row, "target"),
            text(&row, "technique"),
            text(&row, "edit")
        ));
        lines.push(format!("    {}, score {} = {terms}{held}", text(&row, "tier"), text(&row, "score")));
    }
    for row in all("algorithmic_names") {
        let (score, cut_off) = (text(&row, "score"), text(&row, "cut_off"));
        let reasons = text(&row, "reasons").replace(',', ", ");
        lines.push(format!(
            "  looks as if a machine had made it: {score}, from {cut_off} on that counts; {reasons}"
        ));
    }
    for row in all("campaigns") {
        let what = if text(&row, "kind") == "shape" { "the shape " } else { "" };
        lines.push(format!(
            "  came on {} with {} names that share {what}`{}`, which {} others of the zone have",
            text(&row, "day"),
            text(&row, "names"),
            text(&row, "shared"),
            text(&row, "others")
        ));
    }
    if !all("high_risk_names").is_empty() {
        lines.push("  on the list of high-risk names: no feed has it".to_owned());
    }
    lines
}

/// What a case is, the sum that says so, and whether it is confirmed.
fn verdict(case: &Value) -> Vec<String> {
    let text = |value: &Value, key: &str| value.get(key).map(plain).unwrap_or_default();
    let Some(remedy) = case.get("remedy").filter(|remedy| remedy.is_object()) else { return Vec::new() };
    let reasons = remedy.get("reasons").and_then(Value::as_array).cloned().unwrap_or_default();
    let sum: Vec<String> = reasons.iter().map(plain).collect();
    let sum = if sum.is_empty() { "no signal".to_owned() } else { sum.join(", ") };
    let mut lines = vec![format!("    remedy {}: {} = {sum}", text(remedy, "remedy"), text(remedy, "score"))];
    let held_back = text(remedy, "held_back");
    if !held_back.is_empty() {
        lines.push(format!("    held back as {held_back}: a human has to decide"));
    }
    let registrar = text(remedy, "registrar");
    let parties = text(remedy, "parties").replace(',', ", ");
    let registrar = if registrar.is_empty() { registrar } else { format!(" (registrar {registrar})") };
    lines.push(format!("    can be fixed by {parties}{registrar}"));
    let confirmed = case.get("validated_indicators").and_then(Value::as_array).cloned().unwrap_or_default();
    for row in &confirmed {
        let by = text(row, "confirmed_by").replace(',', ", ");
        lines.push(format!("    validated {}: {by}, until {}", text(row, "observable"), text(row, "valid_until")));
    }
    if confirmed.is_empty() {
        lines.push(format!("    not validated: {}", text(remedy, "denied")));
    }
    lines
}
