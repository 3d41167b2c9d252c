//! `marks`: what people decided, and the decisions of a registry's desk, as `arke marks export --format json` writes them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use panopticon_datasets::tables::Tables;
use panopticon_model::time::Epoch;
use panopticon_model::update::Mark;
use serde::Deserialize;
use serde_json::Value;

use super::output::Row;
use super::{Format, Global, Printer, wall_clock};
use crate::wire::House;

/// What people decided on names and URLs
#[derive(Debug, Subcommand)]
pub(crate) enum Marks {
    /// The marks that hold: of what, why, until when
    List {
        /// How to print the rows
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Take over the marks of a registry's desk: those of the file hold, those of an earlier file end
    #[command(
        after_long_help = "Example:\n  arke --config arke.json marks export --format json >marks.json\n  panopticon marks import marks.json --tld xx\n\nThe file is the whole list of the TLD. What operators marked with `panopticon mark` stays as it is."
    )]
    Import {
        /// What `arke marks export --format json` wrote
        file: PathBuf,
        /// The TLD of the registry; names of others are passed over
        #[arg(long)]
        tld: String,
        /// The instant of the decision, instead of the clock's
        #[arg(long, value_name = "INSTANT")]
        now: Option<Epoch>,
    },
}

/// The file of marks, as far as it is read: later versions may say more.
#[derive(Deserialize)]
struct Document {
    schema: String,
    rows: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    mark: String,
    reason: String,
    until: Option<Epoch>,
}

/// The schema that is read.
const SCHEMA: &str = "arke.marks/v1";
/// A longer file is no list of decisions that people took.
const MOST_BYTES: u64 = 16 << 20;

impl Marks {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        match self {
            Marks::List { format } => list(House::open(global.config()?, true)?.tables(), *format, printer),
            Marks::Import { file, tld, now } => import(global, printer, file, tld, *now),
        }
    }
}

fn list(tables: &Tables, format: Format, printer: &Printer) -> anyhow::Result<ExitCode> {
    let columns = ["marked", "mark", "reason", "since", "until"].map(str::to_owned);
    let rows = tables.marks.iter().map(|(target, mark)| {
        let values: [Value; 5] = [
            target.marked().into(),
            "false-positive".into(),
            mark.reason.as_str().into(),
            mark.since.to_string().into(),
            mark.until.map(|until| until.to_string()).into(),
        ];
        columns.iter().cloned().zip(values).collect()
    });
    printer.rows(format, &columns, &rows.collect::<Vec<Row>>())?;
    Ok(ExitCode::SUCCESS)
}

fn import(
    global: &Global,
    printer: &Printer,
    file: &Path,
    tld: &str,
    now: Option<Epoch>,
) -> anyhow::Result<ExitCode> {
    let tld = tld.trim_matches('.').to_ascii_lowercase();
    let lines = read(file)?;
    let mut house = House::open(global.config()?, true)?;
    let now = house.start(now, wall_clock())?;
    let (wanted, passed_over) = choose(lines, &tld, now);
    let outcome = house.import_marks(now, &tld, wanted)?;
    house.publish_today(now)?;
    for error in &outcome.refused {
        printer.remark(&error.to_string());
    }
    let (set, ended, kept) = (outcome.set, outcome.ended, outcome.kept);
    let passed_over = passed_over + outcome.refused.len();
    printer.remark(&format!(
        "marks of .{tld}: {set} set, {ended} ended, {kept} as before, {passed_over} passed over"
    ));
    Ok(ExitCode::SUCCESS)
}

/// The rows of a file of marks.
fn read(file: &Path) -> anyhow::Result<Vec<Line>> {
    let shown = file.display();
    let open = File::open(file).with_context(|| format!("cannot read `{shown}`"))?;
    let document: Document = serde_json::from_reader(BufReader::new(open.take(MOST_BYTES)))
        .with_context(|| format!("`{shown}` is no `{SCHEMA}` in JSON"))?;
    anyhow::ensure!(document.schema == SCHEMA, "`{shown}` is `{}`, not `{SCHEMA}`", document.schema);
    Ok(document.rows)
}

/// The false positives of a TLD that hold now, by name, and how many rows were passed over.
fn choose(lines: Vec<Line>, tld: &str, now: Epoch) -> (BTreeMap<String, Mark>, usize) {
    let is_ours = |name: &str| {
        name.trim_end_matches('.').rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(tld))
    };
    let mut wanted = BTreeMap::new();
    let mut passed_over = 0;
    for line in lines {
        let holds = line.mark == "false-positive" && line.until.is_none_or(|until| now < until);
        if holds && is_ours(&line.name) {
            let mark = Mark { reason: line.reason.as_str().into(), since: now, until: line.until };
            wanted.insert(line.name, mark);
        } else {
            passed_over += 1;
        }
    }
    (wanted, passed_over)
}
