//! `cases` and `marks`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use arke::cases::CaseLine;
use arke::docket::Standing;
use arke::ledger::Mark;
use arke::records::{MAX_AGE_HOURS, Records, SIGNATURE, read_file, read_signed};
use arke::round::{EnrichedLine, House, enrich};
use arke::show::{Shown, render};
use clap::{Args, Subcommand};
use panopticon_model::time::{Day, Epoch};
use serde::Serialize;

use super::work::{Desk, private_file, records, runtime};
use super::{Done, Shape};

/// List cases, with what the registry knows of them; mark or release one
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  arke cases --records out/records/xx/records.sql         without a configuration: what the records say
  arke cases --contacts --format csv --output cases.csv   open cases with registrar, reseller, contacts
  arke cases mark shop.xx false-positive --reason 'our own test page'")]
pub(crate) struct Cases {
    #[command(subcommand)]
    command: Option<Command>,
    /// A records.sql, instead of those of the configuration
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// The public key that the manifest beside --records must be signed with
    #[arg(long, value_name = "FILE", requires = "records")]
    key: Option<PathBuf>,
    /// Ask RDAP for registrar, reseller and contacts of open cases: personal data
    #[arg(long, conflicts_with = "records")]
    contacts: bool,
    /// A new file for the rows, which only its owner reads
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

#[derive(Subcommand)]
enum Command {
    /// Say that a name is listed wrongly: nothing is sent any more, and who was told gets a correction
    Mark {
        /// The name
        name: String,
        /// What it is: false-positive; none takes a mark back
        #[arg(value_parser = ["false-positive", "none"])]
        mark: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Until when it holds
        #[arg(long, value_name = "INSTANT")]
        until: Option<Epoch>,
    },
    /// Let a popular, protected or old name go: its notice is written in the next run
    Release {
        /// The name
        name: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// Marks of cases, for panopticon to read; without personal data
#[derive(Subcommand)]
pub(crate) enum Marks {
    /// Print the marks that hold
    Export(Shape),
}

impl Cases {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        match (&self.command, &self.records) {
            (Some(command), _) => command.run(desk),
            (None, Some(path)) => {
                let records = self.named(path, desk)?;
                let text = self.plain(&records)?;
                self.put(desk, &text)
            }
            (None, None) => {
                let config = desk.config()?;
                let (runtime, now) = (runtime()?, desk.now());
                for tld in &config.tlds {
                    let records = records(&config, tld, &runtime, now)?;
                    let text = if self.contacts {
                        let house = House::open(&config, tld)?;
                        let rows = enrich(&house, &records, runtime.handle())?;
                        let shown = Shown {
                            schema: "arke.contacts/v1",
                            all: &EnrichedLine::COLUMNS,
                            columns: &["subject", "abuse_class", "status", "registrar", "reseller", "contacts"],
                            rows: &rows,
                        };
                        render(&records.head, &shown, self.shape.format.into())?
                    } else {
                        self.plain(&records)?
                    };
                    self.put(desk, &text)?;
                }
                Ok(Done::Well)
            }
        }
    }

    fn named(&self, path: &std::path::Path, desk: &mut Desk<'_>) -> anyhow::Result<Records> {
        let about = || format!("`{}` is refused", path.display());
        let records = match &self.key {
            Some(key) => read_signed(path, key).with_context(about)?,
            None => {
                let records = read_file(path).with_context(about)?;
                if path.with_file_name(SIGNATURE).exists() {
                    desk.say(&format!(
                        "note: nothing was verified beyond the digest; `--key` checks {SIGNATURE} too"
                    ))?;
                }
                records
            }
        };
        records.check_age(desk.now(), MAX_AGE_HOURS).with_context(about)?;
        Ok(records)
    }

    fn plain(&self, records: &Records) -> anyhow::Result<String> {
        let rows: Vec<&CaseLine> = records.entries.iter().map(|entry| &entry.case).collect();
        let columns = ["subject", "abuse_class", "status", "first_seen", "ended_at", "evidence_count", "feed_ids"];
        let shown = Shown { schema: "arke.cases/v1", all: &CaseLine::COLUMNS, columns: &columns, rows: &rows };
        Ok(render(&records.head, &shown, self.shape.format.into())?)
    }

    fn put(&self, desk: &mut Desk<'_>, text: &str) -> anyhow::Result<Done> {
        match &self.output {
            Some(path) => private_file(path)?.write_all(text.as_bytes())?,
            None => desk.print(text)?,
        }
        Ok(Done::Well)
    }
}

impl Command {
    fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let (name, mark, reason, until) = match self {
            Command::Mark { name, mark, reason, until } => (name, mark.as_str(), reason, *until),
            Command::Release { name, reason } => (name, "release", reason, None),
        };
        let config = desk.config()?;
        let (runtime, now) = (runtime()?, desk.now());
        let mut ledger = desk.ledger(&config)?;
        let name = name.trim_end_matches('.').to_lowercase();
        let mut marked = Vec::new();
        for tld in &config.tlds {
            let records = records(&config, tld, &runtime, now)?;
            for entry in records.entries.iter().filter(|entry| entry.standing == Standing::Open) {
                if entry.case.subject == name.as_str() {
                    let known = ledger.case(&entry.case.case_id.to_string())?;
                    let mut case = arke::plan::met(entry, known.as_ref(), &records.head.tld, records.head.as_of);
                    let (mark, reason) = (mark.to_owned(), arke::contact::clean(reason));
                    case.mark = (mark != "none").then_some(Mark { mark, reason, until });
                    marked.push(case);
                }
            }
        }
        if marked.is_empty() {
            bail!("`{name}` has no open case; `arke cases` lists them");
        }
        ledger.put_cases(&marked)?;
        desk.say(&format!(
            "{} marked; the next run acts on it",
            if marked.len() == 1 { "1 case" } else { "cases" }
        ))?;
        Ok(Done::Well)
    }
}

/// How many cases somebody was told of, day by day: counts for reports, no personal data
#[derive(Args)]
#[command(
    after_long_help = "Example:\n  arke told --format json > told.json; panopticon report --month 2025-03 --told told.json"
)]
pub(crate) struct Told {
    #[command(flatten)]
    shape: Shape,
}

#[derive(Serialize)]
struct ToldLine {
    tld: String,
    day: String,
    cases: u64,
}

impl Told {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let config = desk.config()?;
        let told = desk.ledger(&config)?.told_by_day()?;
        let line = |(tld, day, cases): (String, Day, u64)| ToldLine { tld, day: day.to_string(), cases };
        let lines: Vec<ToldLine> = told.into_iter().map(line).collect();
        let columns = ["tld", "day", "cases"];
        let text = super::rows("arke.told/v1", &columns, &columns, &lines, self.shape)?;
        desk.print(&text)?;
        Ok(Done::Well)
    }
}

/// A mark, as panopticon's own `mark` takes it.
#[derive(Serialize)]
struct MarkLine {
    name: String,
    mark: String,
    reason: String,
    until: Option<String>,
}

impl Marks {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let Marks::Export(shape) = self;
        let config = desk.config()?;
        let now = desk.now();
        let marks = desk.ledger(&config)?.marked()?;
        let lines = marks.into_iter().filter_map(|(name, mark)| {
            let holds = mark.until.is_none_or(|until| now < until) && mark.mark == "false-positive";
            let until = mark.until.map(|until| until.to_string());
            holds.then_some(MarkLine { name, mark: mark.mark, reason: mark.reason, until })
        });
        let lines: Vec<MarkLine> = lines.collect();
        let columns = ["name", "mark", "reason", "until"];
        let text = super::rows("arke.marks/v1", &columns, &columns, &lines, *shape)?;
        desk.print(&text)?;
        Ok(Done::Well)
    }
}
