//! `scan`: which names of a zone imitate protected names, and which a machine made. Needs no configuration and keeps
//! nothing.

mod algorithmic;
mod input;
mod protected;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use panopticon_dataflow::lexical::{Context, Found, Suppression, Tier};
use panopticon_sinks::lookalikes::{self, LookalikeRow};
use panopticon_sinks::{SinkError, Written};
use serde::Serialize;
use serde_json::Value;

use super::output::{self, Format, Row, progress_bar};
use super::{Global, Printer};
use algorithmic::Algorithmic;
pub(super) use protected::{protected, scan};

/// Which names of a zone imitate protected names, and which look as if a machine had made them
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon scan xx.zone\n  panopticon scan xx.zone.gz --protected bank.xx paypal.com\n  panopticon scan names.txt --tld xx --protected protected.csv --format csv --output lookalikes.csv\n  panopticon scan xx.zone --only algorithmic --false-positives 0.0001\n\nA list of protected names has one name a line; behind a comma its sector (finance, parcel, shop, technology, blockchain,\ngovernment), behind another `word` if it is a common word as well. Without --protected a short list of names that are\nimitated everywhere is used.\n\nBoth kinds of rows stand in the table; a file, and JSON lines, have one: look-alikes, unless `--only algorithmic` is said. Names\nmade by a machine are those whose score is one of the highest of the zone: so many of its ordinary names may be among them.\n\nWhat is found is for a person to look at. Letters alone prove nothing."
)]
pub(crate) struct ScanCommand {
    /// A master file, or a list of names, one a line; plain, gzip or zstd
    zone: PathBuf,
    /// Files of protected names, or the names themselves
    #[arg(long, num_args = 1.., value_name = "FILE|NAME")]
    protected: Vec<String>,
    /// The TLD or zone of the names, if the file does not say it
    #[arg(long, value_name = "NAME")]
    tld: Option<String>,
    /// The TLD's own table of variants: label generation rules in XML (RFC 7940)
    #[arg(long, value_name = "FILE")]
    variants: Option<PathBuf>,
    /// Only one kind of rows
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// The share of ordinary names that may be held for made by a machine
    #[arg(long, value_name = "SHARE", default_value_t = 0.001, value_parser = share)]
    false_positives: f64,
    /// Pairs that a reason speaks against as well, with the reason; of names made by a machine, all names
    #[arg(long)]
    all: bool,
    /// How to write the rows
    #[arg(long, value_enum, default_value_t)]
    format: ScanFormat,
    /// Write the rows to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with 4 when something was found
    #[arg(long)]
    fail_on_match: bool,
}

/// What writes rows to a new Parquet file.
type ToParquet<R> = fn(&Path, &[R]) -> Result<Written, SinkError>;

/// Which kind of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Names that imitate protected names
    Typosquats,
    /// Names that look as if a machine had made them
    Algorithmic,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "write a share, such as 0.001".to_owned())?;
    if (0.0..=0.5).contains(&share) { Ok(share) } else { Err("a share lies between 0 and 0.5".to_owned()) }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ScanFormat {
    /// A table for people
    #[default]
    Table,
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line
    Jsonl,
    /// A Parquet file; needs --output
    Parquet,
}

impl ScanCommand {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            self.format != ScanFormat::Parquet || self.output.is_some(),
            "a Parquet file needs a name: add `--output FILE`"
        );
        let bar = progress_bar(global, "{bar:20} {human_pos}/{human_len} {elapsed} {msg}");
        bar.set_message("reading");
        let folder = tempfile::tempdir()?;
        let names = input::open(&self.zone, self.tld.as_deref(), &folder, printer)?;
        let protected = protected(&self.protected)?;
        let variants = self.variants.as_deref().map(input::variants).transpose()?.unwrap_or_default();
        let mut scan = scan(&protected, names.tld(), variants)?;
        // A file has rows of one kind.
        let is_table = self.format == ScanFormat::Table;
        let looks = self.only != Some(Only::Algorithmic);
        let scores = self.only == Some(Only::Algorithmic) || (self.only.is_none() && is_table);
        let mut generated =
            scores.then(|| Algorithmic::new(self.false_positives, self.all && !looks)).transpose()?;
        bar.set_length(names.rows());
        bar.set_message("looking at the names");
        let counted = names.each(&mut |domain| {
            if looks {
                scan.look(domain.name, domain.label, domain.name_servers);
            }
            if let Some(generated) = &mut generated {
                generated.look(domain.name, domain.label);
            }
            bar.inc(1);
        })?;
        bar.finish_and_clear();
        if counted.elsewhere > 0 {
            printer.warning(&format!(
                "{} names are not of .{} and were passed over",
                counted.elsewhere,
                names.tld()
            ));
        }
        let found = scan.judge(|_| Context::default());
        let mut is_found = found.iter().any(|pair| !pair.is_held_back());
        if looks {
            let listed: Vec<&Found> = found.iter().filter(|pair| self.all || !pair.is_held_back()).collect();
            let rows: Vec<LookalikeRow> = listed.iter().flat_map(|pair| rows_of(pair)).collect();
            self.write(&lookalikes::COLUMNS, &rows, lookalikes::write_parquet, false, printer)?;
            printer.remark(&summary(&found, counted.domains, names.tld(), protected.names().len(), self.all));
        }
        if let Some(generated) = generated.map(|generated| generated.judge(self.all && !looks)) {
            let (rows, columns) = (&generated.rows, &lookalikes::ALGORITHMIC_COLUMNS);
            if !looks || !rows.is_empty() {
                self.write(columns, rows, lookalikes::write_algorithmic, looks, printer)?;
            }
            printer.remark(&algorithmic::summary(&generated, counted.domains, names.tld()));
            is_found |= generated.flagged > 0;
        }
        Ok(ExitCode::from(if is_found && self.fail_on_match { 4 } else { 0 }))
    }

    /// Writes rows of one kind; `behind` others, to the same file or terminal.
    fn write<R: Serialize>(
        &self,
        columns: &[&str],
        rows: &[R],
        parquet: ToParquet<R>,
        behind: bool,
        printer: &Printer,
    ) -> anyhow::Result<()> {
        let format = match self.format {
            ScanFormat::Parquet => {
                let Some(output) = &self.output else { return Ok(()) };
                parquet(output, rows)?;
                return Ok(());
            }
            ScanFormat::Table => Format::Table,
            ScanFormat::Csv => Format::Csv,
            ScanFormat::Jsonl => Format::Jsonl,
        };
        let rows = rows.iter().map(as_row).collect::<Result<Vec<Row>, _>>()?;
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        let Some(output) = &self.output else {
            if behind {
                printer.data("")?;
            }
            return Ok(printer.rows(format, &columns, &rows)?);
        };
        let text = output::text(format, &columns, &rows)?;
        let cannot = || format!("cannot write `{}`", output.display());
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(!behind).append(behind);
        let mut file = options.open(output).with_context(cannot)?;
        let between = if behind { "\n" } else { "" };
        writeln!(file, "{between}{text}").with_context(cannot)
    }
}

/// A row for each technique of a pair.
pub(super) fn rows_of(found: &Found) -> impl Iterator<Item = LookalikeRow> + '_ {
    let judgement = &found.judgement;
    found.pair.findings.iter().map(|(technique, edit)| LookalikeRow {
        name: found.name.clone(),
        target: found.target.clone(),
        technique: technique.as_str(),
        edit: edit.to_string(),
        score: judgement.score,
        tier: judgement.tier.as_str(),
        suppressed_by: judgement.suppressed_by.map(Suppression::as_str),
    })
}

/// A row as the printer takes it.
pub(super) fn as_row<R: Serialize>(row: &R) -> serde_json::Result<Row> {
    match serde_json::to_value(row)? {
        Value::Object(row) => Ok(row),
        _ => Ok(Row::new()),
    }
}

/// What was found, in a line.
pub(super) fn summary(found: &[Found], names: u64, tld: &str, protected: usize, all: bool) -> String {
    let of = |tier| found.iter().filter(|pair| !pair.is_held_back() && pair.judgement.tier == tier).count();
    let (high, review, info) = (of(Tier::High), of(Tier::Review), of(Tier::Info));
    let held_back = found.iter().filter(|pair| pair.is_held_back()).count();
    let shows = if all || held_back == 0 { "" } else { " (`--all` shows them)" };
    format!(
        "{names} names of .{tld}, {protected} protected: {high} pairs high, {review} to review, {info} for information; \
         {held_back} held back{shows}"
    )
}
