//! Zones from a primary server: asked for when they are due, and when the server says that they changed.
//!
//! What changed is logged as it came, without reading the zone again; the snapshot beside it is what the next change is
//! applied to. A transfer that breaks, lies or shrinks the zone too much leaves everything as it was.

use std::net::SocketAddr;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use panopticon_model::time::Epoch;
use panopticon_sources::capped::Faults;
use panopticon_sources::zone::transfer::{Notified, Primary, TransferKey, Transferred, Watch, Watched};
use panopticon_sources::zone::{Diff, Meta, Name, Settings, Snapshot};
use tokio::sync::mpsc;

use super::feeds::one_line;
use super::probing::Wake;
use super::zones::guard;
use super::{FeedReport, House, WireError};
use crate::config::secrets::Secrets;
use crate::config::{Zone, ZoneFrom};

/// The stamp of a snapshot that came from a primary: only to such a one changes are applied, since it was told of every
/// record once.
const STAMP: &str = "transfer";
/// How long a primary may be silent.
const SILENT: Duration = Duration::from_secs(30);

impl House {
    /// Asks the primary of a zone, and takes over what is newer.
    pub(super) fn transfer_zone(
        &mut self,
        now: Epoch,
        zone: &Zone,
        address: SocketAddr,
        key: Option<&str>,
        report: &mut FeedReport,
    ) -> Result<(), WireError> {
        let source = report.id.clone();
        let before = self.zone_snapshot(&zone.apex)?;
        report.rows = before.as_ref().map_or(0, |snapshot| snapshot.meta().rows);
        if self.offline {
            report.outcome = "offline: last good state kept".to_owned();
            return Ok(());
        }
        let secrets = Secrets::read(self.config.secrets.as_deref())?;
        let (apex, key) = match (apex_of(zone), transfer_key(&secrets, key)) {
            (Ok(apex), Ok(key)) => (apex, key),
            (Err(message), _) | (_, Err(message)) => return self.source_failed(now, &source, &message, report),
        };
        let primary = Primary { address, key, timeout: SILENT, max_bytes: self.config.max_decoded_bytes };
        let stamped = self.zone_setting(&zone.apex).is_some_and(|(_, stamp)| stamp == STAMP);
        let known = before.as_ref().filter(|_| stamped);
        let settings = Settings::new(self.store.layout().zones());
        let aside = self.zone_aside(&zone.apex);
        let io = |source| WireError::Io { path: "the network".into(), source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
        let done = match runtime.block_on(primary.follow(&apex, known, &settings, &aside)) {
            Ok(done) => done,
            Err(error) => return self.source_failed(now, &source, &one_line(&error), report),
        };
        let held = |meta: &Meta| guard(zone).check(before.as_ref().map(Snapshot::meta), meta);
        let meta = match done {
            Transferred::Current => return self.source_recovered(now, &source),
            Transferred::Changes(meta, updates) => {
                if let Err(held) = held(&meta) {
                    return self.source_failed(now, &source, &format!("held back: {held}"), report);
                }
                let changes = |_: &Snapshot| Ok(updates.iter().cloned().map(Ok));
                report.updates = self.take_zone(now, &zone.apex, STAMP, &aside, changes)?;
                meta
            }
            Transferred::Whole(meta) => {
                if let Err(held) = held(&meta) {
                    return self.source_failed(now, &source, &format!("held back: {held}"), report);
                }
                let changes = |after: &Snapshot| Diff::between(before.as_ref(), Some(after));
                report.updates = self.take_zone(now, &zone.apex, STAMP, &aside, changes)?;
                meta
            }
        };
        (report.rows, report.kept) = (meta.rows, meta.rows);
        report.outcome = format!("serial {}", meta.serial.unwrap_or_default());
        self.source_read(now, &source, &Faults::default())
    }

    /// Listens for primary servers that say that a zone changed, if that is configured. What is heard wakes whoever
    /// waits at the other end of `wake`. A zone of which the key cannot be had is not listened for; reading it says why.
    pub(crate) fn hear(
        &self,
        wake: SyncSender<Wake>,
        clock: impl Fn() -> Epoch + Clone + Send + Sync + 'static,
    ) -> Result<(), WireError> {
        let Some(address) = self.config.notify.filter(|_| !self.offline) else { return Ok(()) };
        let secrets = Secrets::read(self.config.secrets.as_deref())?;
        let (mut places, mut watched) = (Vec::new(), Vec::new());
        for (tld, config) in self.config.tlds.iter().enumerate() {
            for (place, zone) in config.zones.iter().enumerate() {
                let ZoneFrom::Primary(primary, key) = &zone.from else { continue };
                let (Ok(apex), Ok(key)) = (apex_of(zone), transfer_key(&secrets, key.as_deref())) else {
                    continue;
                };
                places.push((tld, place));
                watched.push(Watched { apex, primary: primary.ip(), key });
            }
        }
        let io = |source| WireError::Io { path: format!("the address {address}").into(), source };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(io)?;
        let listening = runtime.block_on(Watch::new(watched).bind(address)).map_err(io)?;
        let thread = std::thread::Builder::new().name("notify".to_owned()).spawn(move || {
            let (heard, mut hears) = mpsc::channel(64);
            runtime.spawn(listening.run(heard, clock));
            while let Some(Notified(place)) = hears.blocking_recv() {
                let Some((tld, zone)) = places.get(place) else { continue };
                if wake.send(Wake::Zone(*tld, *zone)).is_err() {
                    break;
                }
            }
            runtime.shutdown_background();
        });
        thread.map(drop).map_err(io)
    }
}

fn apex_of(zone: &Zone) -> Result<Name, String> {
    Name::parse(format!("{}.", zone.apex).as_bytes(), None).map_err(|fault| format!("`{}`: {fault}", zone.apex))
}

/// The key of that name, if one is named.
fn transfer_key(secrets: &Secrets, name: Option<&str>) -> Result<Option<TransferKey>, String> {
    let Some(name) = name else { return Ok(None) };
    let secret =
        secrets.get(name).ok_or_else(|| format!("there is no secret `{name}`: write it into `secrets`"))?;
    TransferKey::parse(&secret).map(Some).map_err(|error| format!("secret `{name}`: {error}"))
}
