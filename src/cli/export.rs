//! `export`: what a TLD says, for resolvers, ad blockers, spreadsheets and programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use panopticon_datasets::durable::write_atomically;
use panopticon_model::time::{Day, Epoch};
use panopticon_model::tlp::Tlp;
use panopticon_model::view::View;
use panopticon_sinks::export::{self, Exported, Form};
use panopticon_sinks::parquet::read::{Query, When, open};
use serde_json::Value;

use super::output::Row;
use super::query::rows;
use super::{Global, Printer};
use crate::config::Config;

/// What is validated, as CSV, JSON lines, a hosts file, a response policy zone, or ad block filters
#[derive(Debug, Args)]
#[command(
    after_long_help = "Lists that block (hosts, rpz, adblock) hold hosts that were listed as hosts, and no platform, ranked or protected name. Rows are left out if none of their feeds may be passed on, or not as far as `--tlp`: see `redistributable` and `tlp` of a feed. Lists that block name their feeds and the terms of these.\n\nExamples:\n  panopticon export --tld xx --form rpz --output xx.rpz\n  panopticon export --tld xx --form csv --raw"
)]
pub(crate) struct Export {
    /// The TLD
    #[arg(long)]
    tld: String,
    /// The form
    #[arg(long, value_enum)]
    form: FormArgument,
    /// What feeds say, validated or not
    #[arg(long)]
    raw: bool,
    /// How far readers may see: rows of feeds that go less far are left out
    #[arg(long, value_name = "TLP", default_value = "clear", value_parser = tlp())]
    tlp: Tlp,
    /// The state at the close of this day, or at the last publication before
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
    /// Where it goes instead of stdout; the file is the old one or the new one
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Reads a label of the Traffic Light Protocol.
fn tlp() -> impl TypedValueParser<Value = Tlp> {
    PossibleValuesParser::new(Tlp::ALL.map(Tlp::word)).map(|word| Tlp::from_word(&word).unwrap_or_default())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormArgument {
    Csv,
    Jsonl,
    Hosts,
    Rpz,
    Adblock,
}

impl From<FormArgument> for Form {
    fn from(argument: FormArgument) -> Form {
        match argument {
            FormArgument::Csv => Form::Csv,
            FormArgument::Jsonl => Form::Jsonl,
            FormArgument::Hosts => Form::Hosts,
            FormArgument::Rpz => Form::Rpz,
            FormArgument::Adblock => Form::Adblock,
        }
    }
}

impl Export {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let config = global.config()?;
        let tld = self.tld.trim_matches('.').to_ascii_lowercase();
        let (found, withheld) = self.exported(&config, &tld)?;
        let terms = config.feeds.iter().map(|feed| (feed.id.clone(), feed.licence.clone())).collect();
        let as_of = self.as_of(&config, &tld)?;
        let text = export::Export { tld: &tld, as_of, rows: &found, terms: &terms }.write(self.form.into());
        match &self.output {
            Some(file) => {
                let fill = |file: &mut File| -> anyhow::Result<()> { Ok(file.write_all(text.as_bytes())?) };
                write_atomically(file, fill)?;
            }
            None => printer.data(text.trim_end_matches('\n'))?,
        }
        if withheld > 0 {
            printer.remark(&format!(
                "{withheld} indicators are left out: no feed that upholds them may be passed on as far as {}; if its \
                 terms allow it, say `redistributable = true` and `tlp` of the feed",
                self.tlp.as_str()
            ));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn as_of(&self, config: &Config, tld: &str) -> anyhow::Result<Epoch> {
        let when = self.as_of.map_or(When::Latest, When::AsOf);
        let answer = open(&Query { out: &config.output, view: View::Indicators, tld, when, filters: &[] })?;
        Ok(answer.as_of().unwrap_or_else(|| answer.day().end()))
    }

    /// The indicators that go out, and how many are withheld.
    fn exported(&self, config: &Config, tld: &str) -> anyhow::Result<(Vec<Exported>, u64)> {
        let read = |view| rows(&config.output, view, Some(tld), self.as_of, &[]);
        let validated: BTreeSet<String> =
            read(View::ValidatedIndicators)?.rows.iter().map(|row| text(row, "indicator_id")).collect();
        let passed_on: BTreeMap<&str, Tlp> = config
            .feeds
            .iter()
            .filter(|feed| feed.redistributable && feed.tlp <= self.tlp)
            .map(|feed| (feed.id.as_str(), feed.tlp))
            .collect();
        let (mut found, mut withheld) = (Vec::new(), 0);
        for row in &read(View::Indicators)?.rows {
            let is_validated = validated.contains(&text(row, "indicator_id"));
            if !is_validated && !self.raw {
                continue;
            }
            let feeds = row.get("feed_ids").and_then(Value::as_array).cloned().unwrap_or_default();
            let mut feeds: Vec<String> = feeds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            feeds.retain(|feed| passed_on.contains_key(feed.as_str()));
            let Some(tlp) = feeds.iter().filter_map(|feed| passed_on.get(feed.as_str())).max() else {
                withheld += 1;
                continue;
            };
            let has = |column: &str| row.get(column).is_some_and(|value| !value.is_null());
            let is_protected = row.get("protected").and_then(Value::as_bool).unwrap_or(false);
            found.push(Exported {
                observable: text(row, "observable"),
                kind: text(row, "kind"),
                host: text(row, "host"),
                registrable_domain: Some(text(row, "registrable_domain")).filter(|domain| !domain.is_empty()),
                abuse_class: text(row, "abuse_class"),
                tlp: *tlp,
                feed_ids: feeds,
                first_seen: text(row, "first_seen"),
                validated: is_validated,
                guarded: is_protected || has("platform") || has("rank"),
            });
        }
        Ok((found, withheld))
    }
}

fn text(row: &Row, column: &str) -> String {
    row.get(column).and_then(Value::as_str).unwrap_or_default().to_owned()
}
