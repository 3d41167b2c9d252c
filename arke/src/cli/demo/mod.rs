//! `demo`: five days of the world that `panopticon demo` plays, as the registry's side lives through them.

mod rdap;
mod smtp;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use arke::config;
use arke::ledger::{Happening, Ledger, State};
use arke::plan::Wait;
use arke::records::read_file;
use arke::round::{House, look, review};
use clap::Args;
use panopticon_model::time::{Epoch, HOUR_MS};
use serde_json::json;
use tokio::net::TcpListener;

use super::notify::{first_run, sent, show_plan};
use super::work::{Desk, runtime};
use super::{Done, FormatName};
use smtp::Mails;

/// The records of each day, as `panopticon demo` publishes them.
const DAYS: [(&str, [(&str, &str); 2]); 5] = [
    (
        "2025-03-01",
        [
            ("xx", include_str!("../../../assets/demo/xx-1.sql")),
            ("zz", include_str!("../../../assets/demo/zz-1.sql")),
        ],
    ),
    (
        "2025-03-02",
        [
            ("xx", include_str!("../../../assets/demo/xx-2.sql")),
            ("zz", include_str!("../../../assets/demo/zz-2.sql")),
        ],
    ),
    (
        "2025-03-03",
        [
            ("xx", include_str!("../../../assets/demo/xx-3.sql")),
            ("zz", include_str!("../../../assets/demo/zz-3.sql")),
        ],
    ),
    (
        "2025-03-04",
        [
            ("xx", include_str!("../../../assets/demo/xx-4.sql")),
            ("zz", include_str!("../../../assets/demo/zz-4.sql")),
        ],
    ),
    (
        "2025-03-05",
        [
            ("xx", include_str!("../../../assets/demo/xx-5.sql")),
            ("zz", include_str!("../../../assets/demo/zz-5.sql")),
        ],
    ),
];

/// Play several days of a made-up registry, on this machine alone
#[derive(Args)]
#[command(after_long_help = "Example:\n  arke demo --output arke-demo")]
pub(crate) struct Demo {
    /// A folder that is not there yet
    #[arg(long, default_value = "arke-demo", value_name = "DIR")]
    output: PathBuf,
}

impl Demo {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let folder = &self.output;
        let about = || format!("`{}` cannot be made; name a folder that is not there yet", folder.display());
        fs::create_dir(folder).with_context(about)?;
        let runtime = runtime()?;
        let mails = Mails::default();
        let (rdap, mail) = runtime.block_on(async {
            Ok::<_, anyhow::Error>((
                TcpListener::bind("127.0.0.1:0").await?,
                TcpListener::bind("127.0.0.1:0").await?,
            ))
        })?;
        let ports = (rdap.local_addr()?.port(), mail.local_addr()?.port());
        runtime.spawn(rdap::serve(rdap));
        runtime.spawn(smtp::serve(mail, mails.clone()));
        let path = configure(folder, ports)?;
        desk.config = Some(path.clone());
        desk.print(
            "Two TLDs, .xx and .zz, five days. RDAP and the mail server are played on loopback; nothing leaves this\n\
             machine. Mode `auto`, but a new ledger lets nothing go before a person has looked.\n",
        )?;
        let mut waiting = BTreeSet::new();
        for (day, scripts) in DAYS {
            desk.print(&format!("\n======== {day} ========\n"))?;
            for (tld, script) in scripts {
                fs::write(folder.join(format!("records-{tld}.sql")), script)?;
            }
            waiting.extend(one_day(desk, &path, &runtime)?);
        }
        keep(folder, &mails)?;
        conclude(desk, folder, &path, &mails, waiting.len())
    }
}

/// Writes `arke.json`, as a registry would.
fn configure(folder: &Path, (rdap, smtp): (u16, u16)) -> anyhow::Result<PathBuf> {
    let tld = |tld: &str| json!({ "tld": tld, "records": format!("records-{tld}.sql") });
    let file = json!({
        "rdap": { "url": format!("http://127.0.0.1:{rdap}/"), "rate_per_s": 100 },
        "sender": { "name": "Registry of Xx and Zz", "address": "abuse@registry.example",
            "desk": "desk@registry.example", "phone": "+1 555 0100" },
        "verify_url": "https://registry.example/verify",
        "smtp": { "host": "127.0.0.1", "port": smtp, "tls": "none", "bounce_domain": "bounce.registry.example" },
        "state": "state",
        "mode": "auto",
        "tlds": [tld("xx"), tld("zz")],
    });
    let path = folder.join("arke.json");
    fs::write(&path, serde_json::to_string_pretty(&file)? + "\n")?;
    Ok(path)
}

/// What `arke notify --send` does on a day, half an hour after the records are of. Gives the names that wait for a person.
fn one_day(desk: &mut Desk<'_>, path: &Path, runtime: &tokio::runtime::Runtime) -> anyhow::Result<Vec<String>> {
    let config = config::read(path)?;
    let mut waiting = Vec::new();
    for tld in &config.tlds {
        let config::RecordsFrom::Path(file) = &tld.records else { bail!("the records of the demo are files") };
        let records = read_file(file)?;
        let now = records.head.as_of.plus(HOUR_MS / 2);
        desk.now = Some(now);
        let mut ledger = Ledger::open(&config.state, now)?;
        let house = House::open(&config, tld)?;
        review(&house, &mut ledger, &records, now)?;
        let plan = look(&house, &ledger, &records, runtime.handle(), now, false)?;
        let for_a_person = plan.waits.iter().filter(|line| line.wait == Wait::Guarded.as_str());
        waiting.extend(for_a_person.map(|line| line.subject.clone()));
        desk.print("\n")?;
        show_plan(desk, &records, &plan, first_run(&config, &ledger)?, FormatName::Table)?;
        sent(desk, &house, &mut ledger, &records, &plan, runtime)?;
        if ledger.reviews_all()? {
            release(desk, &mut ledger, now)?;
            // What was let go leaves with the next run.
            let plan = look(&house, &ledger, &records, runtime.handle(), now, false)?;
            sent(desk, &house, &mut ledger, &records, &plan, runtime)?;
        }
    }
    Ok(waiting)
}

/// What a person does with a new ledger.
fn release(desk: &mut Desk<'_>, ledger: &mut Ledger, now: Epoch) -> anyhow::Result<()> {
    let held = ledger.in_state(State::Held, u32::MAX)?;
    desk.print(&format!(
        "\nA person looks at {} held messages and lets them go: `arke outbox release --all`\n",
        held.len()
    ))?;
    let released: Vec<_> = held.into_iter().map(|line| (line.message_id, Happening::Release)).collect();
    ledger.commit(now, &released)?;
    Ok(ledger.end_review_of_all(now)?)
}

/// Writes every mail into a file of its own.
fn keep(folder: &Path, mails: &Mails) -> anyhow::Result<()> {
    let mail_folder = folder.join("mail");
    fs::create_dir(&mail_folder)?;
    for (at, mail) in mails.all().iter().enumerate() {
        let mut file = super::work::private_file(&mail_folder.join(format!("{:02}.eml", at + 1)))?;
        file.write_all(mail.as_bytes())?;
    }
    Ok(())
}

/// Says what happened, and that each thing happened that the demo is there to show.
fn conclude(
    desk: &mut Desk<'_>,
    folder: &Path,
    path: &Path,
    mails: &Mails,
    waiting: usize,
) -> anyhow::Result<Done> {
    let mails = mails.all();
    let header = |text: &str, name: &str| {
        let line = text.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let kind = |text: &str| header(text, "Feedback-ID:").split(':').next().unwrap_or_default().to_owned();
    let count = |wanted: &str| mails.iter().filter(|mail| kind(mail) == wanted).count();
    let ids: BTreeSet<String> = mails.iter().map(|mail| header(mail, "Message-ID:")).collect();
    let config = config::read(path)?;
    let ledger = Ledger::open(&config.state, desk.now())?;
    let told_twice = ledger.told_twice()?;
    let rows = [
        ("mails that left", mails.len()),
        ("first notices to domain contacts", count("notice")),
        ("reminders", count("reminder")),
        ("all-clears", count("all-clear")),
        ("corrections", count("correction")),
        ("digests to registrars", count("digest")),
        ("names that wait for a person", waiting),
    ];
    let mut text = "\n======== what happened ========\n\n".to_owned();
    for (what, number) in rows {
        text.push_str(&format!("{what:<36} {number}\n"));
    }
    text.push_str(&format!("{:<36} {}\n", "mails with the same Message-ID", mails.len() - ids.len()));
    text.push_str(&format!("{:<36} {told_twice}\n", "told the same thing twice"));
    text.push_str(&format!(
        "\nWhat is left in `{folder}`:\n  arke.json   the configuration (its servers are gone now)\n  mail/       every mail as \
         it left\n  state/      the ledger\n\nThree commands:\n  arke --config {folder}/arke.json policy show\n  arke \
         --config {folder}/arke.json outbox list accepted\n  arke --config {folder}/arke.json told\n",
        folder = folder.display()
    ));
    desk.print(&text)?;
    let lacking: Vec<&str> = rows.iter().filter(|(_, number)| *number == 0).map(|(what, _)| *what).collect();
    if !lacking.is_empty() || mails.len() != ids.len() || told_twice > 0 {
        bail!("the demo did not show what it is there for: {}", lacking.join(", "));
    }
    Ok(Done::Well)
}
