//! `demo`: a few days of a small sample world, through the real fetcher, log, engine and sinks.

mod measured;
mod names;
mod pages;
mod server;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use panopticon_datasets::world::{DAYS, RANKS, SIGNING_KEY, SIGNING_PUB, SUFFIXES, WorldDay};
use panopticon_model::time::Epoch;
use panopticon_model::update::Mark;

use super::{Format, Global, Printer, create_new, create_private, diff};
use crate::config::Config;
use crate::wire::House;
use names::NameServers;
use pages::{Pages, VANTAGES};
use server::Server;

/// A few days of a small sample world, from feeds to files
///
/// Two TLDs, one without a zone. Feeds, name servers, resolvers, pages behind two proxies, Web Risk and RDAP are played
/// on loopback by the demo itself; nothing else is asked.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  panopticon demo --output panopticon-demo")]
pub(crate) struct Demo {
    /// The folder for everything that the demo leaves behind; it must not be there yet
    #[arg(long, value_name = "DIR", default_value = "panopticon-demo")]
    output: PathBuf,
    /// How many days
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=5))]
    days: u8,
}

impl Demo {
    pub(crate) fn run(&self, _global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        std::fs::create_dir(&self.output).with_context(|| {
            format!(
                "cannot create `{}`: if it is from an earlier demo, remove it or give --output",
                self.output.display()
            )
        })?;
        let world = World {
            feeds: Server::start().context("cannot listen on 127.0.0.1")?,
            names: NameServers::start().context("cannot answer on 127.0.0.1 and 127.0.0.2")?,
            pages: Pages::start()?,
        };
        let file = self.output.join("panopticon.toml");
        create_new(&file, &config(&world))?;
        create_new(&self.output.join("protected.txt"), PROTECTED)?;
        // Any key opens the Web Risk of the sample world.
        create_private(&self.output.join("secrets.toml"), "web-risk = \"sample\"\n")?;
        create_private(&self.output.join("signing.key"), SIGNING_KEY)?;
        create_new(&self.output.join("signing.pub"), SIGNING_PUB)?;
        create_new(&self.output.join("suffixes.dat"), SUFFIXES)?;
        create_new(&self.output.join("ranks.csv"), RANKS)?;
        let mut days = DAYS.iter().take(usize::from(self.days));
        for day in days.clone() {
            self.live(day, &world, &file, printer)?;
        }
        if let Some(last) = days.next_back() {
            printer.data("\n== what the open cases are, and why\n")?;
            measured::judged(&self.output.join("out"), last.date.parse()?, printer)?;
            printer.data("\n== names of the zone that no feed has, and that imitate somebody\n")?;
            measured::high_risk(&self.output.join("out"), last.date.parse()?, printer)?;
        }
        printer.data(&closing(&self.output))?;
        Ok(ExitCode::SUCCESS)
    }

    /// One day: the feeds say what they say, and a run takes place at six in the morning.
    fn live(&self, day: &WorldDay, world: &World, file: &Path, printer: &Printer) -> anyhow::Result<()> {
        printer.data(&format!("\n== {}: {}", day.date, day.story))?;
        for (name, text) in day.feeds {
            world.feeds.put(name, text);
        }
        world.names.put(day.zone);
        world.pages.put(day.web);
        std::fs::write(self.output.join("xx.zone"), day.zone)?;
        let config = Config::read(file)?;
        let output = config.output.clone();
        let mut house = House::open(config, false)?;
        let now: Epoch = format!("{}T06:00:00Z", day.date).parse()?;
        let now = house.start(Some(now), now)?;
        for report in house.read_all(now, &mut |_| {})? {
            printer.data(&format!(
                "   {}: {}, {} rows, {} ours, {} faulty",
                report.id, report.outcome, report.rows, report.kept, report.errors
            ))?;
        }
        if day.date == "2025-03-04" {
            let reason = "checked by hand: a firmware mirror".into();
            house.mark(now, "media.co.zz", Some(Mark { reason, since: now, until: None }))?;
            printer.data("   mark: media.co.zz is a false positive (a firmware mirror)")?;
        }
        if let Some(prober) = house.prober(0)? {
            let measuring = house.measure(prober, move || now, LONGEST, &mut |_| {})?;
            printer.data(&format!(
                "   measured: {}, {} of them could not be told",
                measuring.done, measuring.untold
            ))?;
        }
        house.publish_today(now)?;
        let open = house.standing().cases.values().filter(|case| case.status.is_open()).count();
        printer.data(&format!(
            "   {} indicators, {open} open cases; what changed:\n",
            house.standing().indicators.len()
        ))?;
        diff::show(&output, None, Some(now.day()), Format::Table, printer)?;
        printer.data("\n   what the probes said of it:\n")?;
        measured::show(&output, now.day(), printer)
    }
}

/// What plays the world.
struct World {
    feeds: Server,
    names: NameServers,
    pages: Pages,
}

/// How long a day may be measured.
const LONGEST: Duration = Duration::from_secs(120);
/// A name that the registry of the sample world holds critical.
const PROTECTED: &str = "# names that the registry holds critical\nshop.xx\n";

fn config(world: &World) -> String {
    let World { feeds: server, names, pages } = world;
    let vantages: Vec<String> = VANTAGES
        .iter()
        .zip(&pages.proxies)
        .map(|((id, country, _), proxy)| {
            format!("[[vantage]]\nid = \"{id}\"\ncountry = \"{country}\"\nproxy = \"socks5://{proxy}\"\n")
        })
        .collect();
    format!(
        r#"# The demo's configuration. Everything that it asks was played on loopback while the demo ran.
version = "v1"
state   = "state"
output  = "out"
secrets = "secrets.toml"
signing_key = "signing.key"      # a sample that everybody has: never sign with it
suffix_list = "suffixes.dat"

[[tld]]
name = "xx"
zone = {{ file = "xx.zone" }}
servers = ["{tld}"]
rdap = {{ url = "{rdap}" }}

[[tld]]
name = "zz"
registrable_at = ["zz", "co.zz"]
servers = ["{tld}"]
rdap = {{ url = "{rdap}" }}

[[feed]]
id      = "urlhaus"
format  = "urlhaus-csv"
url     = "{}"
trusted = true
absence = "retract"

[[feed]]
id      = "openphish"
format  = "openphish-txt"
url     = "{}"
trusted = true
absence = {{ lease = "2d" }}

[[feed]]
id          = "desk"
format      = "plain"
url         = "{}"
abuse_class = "phishing"

[ranks]
path = "ranks.csv"

[[protected]]
id   = "critical"
path = "protected.txt"

[probe]
resolver = ["{unfiltered}"]
allow_private = ["127.0.0.0/8", "192.0.2.0/24"]   # the sample world is nowhere else
dns      = {{ port = {port}, per_server = 0 }}
quad9    = {{ filtered = "{filtered}", unfiltered = "{unfiltered}", per_second = 0 }}
http     = {{ per_host = 0 }}
web_risk = {{ secret = "web-risk", url = "{web_risk}" }}
rdap     = {{ per_second = 0 }}

{vantages}"#,
        server.url("urlhaus.csv"),
        server.url("openphish.txt"),
        server.url("desk.txt"),
        tld = names.tld,
        port = names.tld.port(),
        filtered = names.filtered,
        unfiltered = names.unfiltered,
        rdap = server.url("rdap/"),
        web_risk = server.url(""),
        vantages = vantages.join("\n"),
    )
}

fn closing(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "\n== what is left in `{folder}`\n   out/view=*/tld=*/date=*/*.parquet   every view, day by day\n   out/records/<tld>/records.sql       for SQLite, PostgreSQL, MariaDB, and for arke\n   out/records/<tld>/manifest.json     their digests, signed: `minisign -V -p signing.pub -m` verifies it\n   out/changes/<tld>/<day>.jsonl       what changed, line by line\n\nThree questions:\n   panopticon --config {folder}/panopticon.toml explain bank-secure.xx\n   (cd {folder}/out && duckdb -init views.sql -c 'FROM cases')\n   sqlite3 :memory: '.read {folder}/out/records/xx/records.sql' 'SELECT subject, status FROM cases'\n\nWhom the registry would tell on these days: `arke demo` (cargo run --release -p arke -- demo)"
    )
}
