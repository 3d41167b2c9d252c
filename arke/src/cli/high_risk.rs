//! `high-risk`: names that no feed has yet.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use arke::round::{HighRisk, HighRiskLine, House, high_risk, protected};
use arke::show::{Format, Shown, render};
use clap::{Args, ValueEnum};

use super::Done;
use super::work::{Desk, private_file, records, runtime};

/// List names of the zone that imitate a protected name and that no feed has yet; nobody is written to
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  arke high-risk                                          names that imitate one that the records protect
  arke high-risk --protected protected.csv bank.xx
  arke high-risk --format html --output high-risk.html
  arke high-risk --format letters --output letters.csv    with the holders, for letters that people write

Likeness alone proves nothing: somebody looks at each name. Registrations of the holder of the protected name, and those
of more than five years, are held back; --all shows them.")]
pub(crate) struct HighRiskCommand {
    /// Files of protected names (`name[,sector[,word]]`), or the names themselves
    #[arg(long, num_args = 1.., value_name = "FILE|NAME")]
    protected: Vec<String>,
    /// Names that a reason speaks against as well, with the reason
    #[arg(long)]
    all: bool,
    /// At most so many names, the highest scores first; each is asked for in RDAP
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    most: usize,
    /// How rows are shown
    #[arg(long, value_enum, default_value_t)]
    format: HighRiskFormat,
    /// A new file for the rows, which only its owner reads
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum HighRiskFormat {
    /// For people
    #[default]
    Table,
    /// One document
    Json,
    /// A header and a line a row
    Csv,
    /// A page that needs nothing else
    Html,
    /// CSV with the holders, for letters: personal data, only into a file
    Letters,
}

/// The page; every value is escaped.
const PAGE: &str = include_str!("../../assets/high-risk.html");
/// The columns for letters.
const LETTERS: [&str; 9] =
    ["name", "target", "edits", "created", "holder", "holder_email", "registrar", "registrar_abuse", "reseller"];

impl HighRiskCommand {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let letters = self.format == HighRiskFormat::Letters;
        ensure!(!letters || self.output.is_some(), "letters hold personal data: add `--output FILE`");
        let config = desk.config()?;
        let (runtime, now) = (runtime()?, desk.now());
        let mut text = String::new();
        for tld in &config.tlds {
            let records = records(&config, tld, &runtime, now)?;
            let list = protected(&self.protected, tld, &records.lists)?;
            let house = House::open(&config, tld)?;
            let mut risk = high_risk(&house, &records, &list, self.most, runtime.handle(), now)?;
            let all = risk.lines.len();
            risk.lines.retain(|line| self.all || line.held_back.is_none());
            if !letters {
                for line in &mut risk.lines {
                    (line.holder, line.holder_email) = (None, None);
                }
            }
            text.push_str(&self.shown(&records.head, &risk)?);
            desk.say(&said(&records.head.tld, &risk, all, list.names().len()))?;
        }
        match &self.output {
            Some(path) => private_file(path)?.write_all(text.as_bytes()).context("cannot write the file")?,
            None => desk.print(&text)?,
        }
        Ok(Done::Well)
    }

    fn shown(&self, head: &arke::records::Head, risk: &HighRisk) -> anyhow::Result<String> {
        // Who holds a name is for letters alone.
        let public = HighRiskLine::COLUMNS.into_iter().filter(|column| !column.starts_with("holder")).collect();
        let (format, all) = match self.format {
            HighRiskFormat::Table => (Format::Table, public),
            HighRiskFormat::Csv => (Format::Csv, public),
            HighRiskFormat::Json => (Format::Json, public),
            HighRiskFormat::Letters => (Format::Csv, LETTERS.to_vec()),
            HighRiskFormat::Html => return page(head, risk),
        };
        let columns = ["name", "target", "techniques", "score", "tier", "created", "registrar", "held_back"];
        let shown = Shown { schema: "arke.high-risk/v1", all: &all, columns: &columns, rows: &risk.lines };
        Ok(render(head, &shown, format)?)
    }
}

/// What was looked at, in a line.
fn said(tld: &str, risk: &HighRisk, all: usize, protected: usize) -> String {
    let shown = risk.lines.len();
    let looked_at = match risk.domains {
        0 => "what the records have".to_owned(),
        domains => format!("{domains} names of the zone"),
    };
    let mut said = format!("{tld}: {looked_at}, {protected} protected: {shown} to look at");
    for (count, what) in [
        (all - shown, "held back (`--all` shows them)"),
        (risk.listed, "are cases already"),
        (risk.allowed, "are marked as harmless"),
        (risk.left_out, "more with lower scores (`--most`)"),
    ] {
        if count > 0 {
            said.push_str(&format!(", {count} {what}"));
        }
    }
    said
}

fn page(head: &arke::records::Head, risk: &HighRisk) -> anyhow::Result<String> {
    let mut environment = minijinja::Environment::new();
    environment.add_template("page.html", PAGE)?;
    let template = environment.get_template("page.html")?;
    Ok(template.render(minijinja::context! {
        tld => head.tld.as_str(),
        as_of => head.as_of.to_string(),
        lines => minijinja::Value::from(minijinja::value::Serde(&risk.lines)),
        domains => risk.domains,
        listed => risk.listed,
        left_out => risk.left_out,
    })?)
}
