//! `notify --replay`: whom it would have mailed, before it is switched on.
//!
//! The dated scripts beside records.sql are played, the oldest first, against a ledger in a folder that is thrown away.
//! Every message is taken as accepted at once. RDAP is asked as of today: it remembers no other day.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use arke::config::{Config, RecordsFrom, Tld};
use arke::ledger::{Happening, Ledger, State};
use arke::records::{Records, read_file};
use arke::round::{House, look, write};
use arke::send::outcome::Note;
use panopticon_model::time::{Day, HOUR_MS};
use tokio::runtime::Runtime;

use super::notify::show_plan;
use super::work::Desk;
use super::{Done, FormatName};

/// A number of days: `90d`, or `90`.
pub(super) fn days(text: &str) -> Result<u32, String> {
    text.trim_end_matches('d').parse().map_err(|_| "expected a number of days, as 90d".to_owned())
}

/// Plays the last days of every TLD.
pub(super) fn replay(desk: &mut Desk<'_>, config: &Config, days: u32, runtime: &Runtime) -> anyhow::Result<Done> {
    for tld in &config.tlds {
        let house = House::open(config, tld)?;
        let scripts = scripts(tld, desk.now().day().back(days))?;
        let folder = tempfile::tempdir().context("no folder for the ledger of the replay")?;
        let (mut notices, mut recipients, mut played) = (0, BTreeSet::new(), 0);
        for script in scripts {
            let records = read_file(&script).with_context(|| format!("`{}` is refused", script.display()))?;
            let plan = one_day(desk, &house, &records, folder.path(), runtime)?;
            notices += plan.0;
            recipients.extend(plan.1);
            played += 1;
        }
        desk.print(&format!(
            "\n{played} days played: {notices} notices to {} recipients. Nothing was sent, nothing is kept; RDAP was asked \
             as of today.\n",
            recipients.len()
        ))?;
    }
    Ok(Done::Well)
}

/// Prints what a day would have told, and takes it as told; gives how many notices, and to which addresses.
fn one_day(
    desk: &mut Desk<'_>,
    house: &House<'_>,
    records: &Records,
    folder: &Path,
    runtime: &Runtime,
) -> anyhow::Result<(usize, BTreeSet<String>)> {
    let now = records.head.as_of.plus(HOUR_MS / 2);
    let mut ledger = Ledger::open(folder, now)?;
    let plan = look(house, &ledger, records, runtime.handle(), now, false)?;
    desk.print("\n")?;
    show_plan(desk, records, &plan, None, FormatName::Table)?;
    write(house, &mut ledger, records, &plan, now)?;
    for state in [State::Held, State::Queued] {
        let waiting = ledger.in_state(state, u32::MAX)?;
        for line in waiting {
            let id = line.message_id;
            if state == State::Held {
                ledger.commit(now, &[(id.clone(), Happening::Release)])?;
            }
            let taken = [(id.clone(), Happening::Claim), (id, Happening::Accept(Note::of("replay")))];
            ledger.commit(now, &taken)?;
        }
    }
    Ok((plan.lines.len(), plan.lines.into_iter().map(|line| line.recipient).collect()))
}

/// The dated scripts of a TLD from a day on, the oldest first.
fn scripts(tld: &Tld, first: Day) -> anyhow::Result<Vec<PathBuf>> {
    let RecordsFrom::Path(path) = &tld.records else {
        bail!("a replay needs the dated scripts in a folder; fetch them, and name the folder in `records`");
    };
    let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(Path::new(".")) };
    let mut found = Vec::new();
    let about = || format!("cannot read the folder `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(about)? {
        let path = entry.with_context(about)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let day = name.strip_prefix("records-").and_then(|rest| rest.strip_suffix(".sql")?.parse::<Day>().ok());
        if day.is_some_and(|day| day >= first) {
            found.push(path);
        }
    }
    found.sort_unstable();
    if found.is_empty() {
        bail!("there is no records-YYYY-MM-DD.sql since {first} in `{}`", folder.display());
    }
    Ok(found)
}
