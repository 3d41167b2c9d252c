//! Following a primary server: what is newer there is taken over, as changes if it can be had so, else whole.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use domain::base::iana::Class;
use domain::base::name::{Label, ToLabelIter};
use domain::net::xfr::protocol::{IterationError, ParsedRecord, XfrResponseInterpreter};
use domain::rdata::ZoneRecordData;
use domain::zonetree::types::ZoneUpdate;
use panopticon_model::update::Update;

use super::super::build::Builder;
use super::super::delta::{Delta, DeltaError};
use super::super::diff::is_older;
use super::super::snapshot::{Kind, Meta, Settings, Snapshot};
use super::super::{Fault, Name, Record};
use super::connection::Connection;
use super::{TransferError, TransferKey};

/// A server that has a zone before we do.
#[derive(Clone, Debug)]
pub struct Primary {
    /// Where it answers over TCP.
    pub address: SocketAddr,
    /// The key that signs, if there is one.
    pub key: Option<TransferKey>,
    /// How long it may be silent.
    pub timeout: Duration,
    /// The most that a transfer may have, in bytes of messages.
    pub max_bytes: u64,
}

/// What came of asking.
#[derive(Debug)]
pub enum Transferred {
    /// The zone is what it was.
    Current,
    /// What changed, and the new snapshot.
    Changes(Meta, Vec<Update>),
    /// A snapshot of the whole zone, to be compared with the one before.
    Whole(Meta),
}

/// Owners that may change at once; beyond it the zone is read whole, in bounded memory.
const MAX_OWNERS: usize = 1 << 20;

/// Where the records of a stream go.
enum Intake<'s> {
    /// Nothing came yet but the first SOA record.
    Waiting,
    Delta(Delta),
    Whole(Box<Builder<'s>>),
}

/// What a stream came to.
enum Streamed<'s> {
    Delta(Delta, u32),
    Whole(Box<Builder<'s>>, u32),
    /// It is no increment of what is known.
    Unfit,
}

impl Primary {
    /// Asks for the zone `apex`. If it is newer than `known`, its snapshot is written to `out`, which the caller then
    /// renames.
    ///
    /// # Errors
    /// [`TransferError`]; `out` is then worth nothing.
    pub async fn follow(
        &self,
        apex: &Name,
        known: Option<&Snapshot>,
        settings: &Settings,
        out: &Path,
    ) -> Result<Transferred, TransferError> {
        let connection = Connection::open(self, apex).await?;
        let serial = connection.serial().await?;
        let known = known.and_then(|snapshot| Some((snapshot, snapshot.meta().serial?)));
        if let Some((_, before)) = known {
            self.not_back(before, serial)?;
            if before == serial {
                return Ok(Transferred::Current);
            }
        }
        if let Some((snapshot, before)) = known
            && snapshot.meta().counts_at.is_some()
        {
            match stream(&connection, self.max_bytes, apex, Some(before), settings).await {
                Ok(Streamed::Delta(delta, serial)) => {
                    self.not_back(before, serial)?;
                    match delta.apply(snapshot, apex, serial, out) {
                        Ok((meta, updates)) => return Ok(Transferred::Changes(meta, updates)),
                        Err(DeltaError::Contradiction { .. } | DeltaError::NoCounts) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(Streamed::Whole(builder, serial)) => {
                    self.not_back(before, serial)?;
                    return whole(*builder, apex, serial, out);
                }
                // What is no increment, or not to be had as one, is asked for whole.
                Ok(Streamed::Unfit) | Err(TransferError::Refused { .. } | TransferError::NoTransfer { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let connection = Connection::open(self, apex).await?;
        match stream(&connection, self.max_bytes, apex, None, settings).await? {
            Streamed::Whole(builder, serial) => {
                if let Some((_, before)) = known {
                    self.not_back(before, serial)?;
                }
                whole(*builder, apex, serial, out)
            }
            _ => Err(connection.no_transfer("it is not the whole zone")),
        }
    }

    fn not_back(&self, before: u32, after: u32) -> Result<(), TransferError> {
        if is_older(after, before) {
            return Err(TransferError::SerialBack { primary: self.address, before, after });
        }
        Ok(())
    }
}

fn whole(builder: Builder<'_>, apex: &Name, serial: u32, out: &Path) -> Result<Transferred, TransferError> {
    let mut meta = Meta::empty(Kind::Zone);
    meta.serial = Some(serial);
    meta.apex = Some(apex.text());
    meta.ends_in_soa = true;
    Ok(Transferred::Whole(builder.write(meta, Some(apex), out)?))
}

/// Takes a transfer to its end.
async fn stream<'s>(
    connection: &Connection<'_>,
    max_bytes: u64,
    apex: &Name,
    since: Option<u32>,
    settings: &'s Settings,
) -> Result<Streamed<'s>, TransferError> {
    let mut messages = connection.transfer(since)?;
    let mut interpreter = XfrResponseInterpreter::new();
    // A whole zone comes without a word before it when it was asked for.
    let new = || Box::new(Builder::new(settings));
    let mut intake = if since.is_some() { Intake::Waiting } else { Intake::Whole(new()) };
    let mut names = Names::default();
    let (mut last, mut is_current, mut is_fit, mut bytes) = (None, false, true, 0u64);
    while let Some(message) = messages.next().await? {
        bytes += message.as_slice().len() as u64;
        if bytes > max_bytes {
            return Err(TransferError::TooLarge { limit: max_bytes });
        }
        if interpreter.is_finished() {
            // A message behind the end that carries nothing but the last signature would do no harm; records would.
            return Err(connection.no_transfer("it goes on behind its end"));
        }
        let updates = interpreter
            .interpret_response(message)
            .map_err(|_| connection.no_transfer("a message of it cannot be read"))?;
        for update in updates {
            let record = match update {
                Ok(ZoneUpdate::DeleteAllRecords) => {
                    intake = Intake::Whole(new());
                    continue;
                }
                Ok(ZoneUpdate::BeginBatchDelete(soa)) => {
                    if matches!(intake, Intake::Waiting) {
                        intake = Intake::Delta(Delta::default());
                        is_fit = serial_of(&soa) == since;
                    }
                    continue;
                }
                Ok(ZoneUpdate::BeginBatchAdd(_)) => continue,
                Ok(ZoneUpdate::Finished(soa)) => {
                    names.read(&soa).map_err(|_| connection.no_transfer("a name of it cannot be read"))?;
                    if names.owner != *apex {
                        return Err(connection.no_transfer("it is of another zone"));
                    }
                    last = serial_of(&soa);
                    continue;
                }
                Ok(update) => update,
                Err(IterationError::SingleSoaIxfrTcpRetrySignal) => {
                    is_current = true;
                    continue;
                }
                Err(_) => {
                    return Err(connection.no_transfer("its records do not follow each other as they should"));
                }
            };
            let (record, is_added) = match &record {
                ZoneUpdate::AddRecord(record) => (record, true),
                ZoneUpdate::DeleteRecord(record) => (record, false),
                _ => continue,
            };
            if record.class() != Class::IN {
                continue;
            }
            let Some(record) =
                names.read(record).map_err(|_| connection.no_transfer("a name of it cannot be read"))?
            else {
                continue;
            };
            match &mut intake {
                Intake::Whole(builder) => builder.record(record, Some(apex))?,
                Intake::Delta(delta) if is_fit && is_added => delta.add(record),
                Intake::Delta(delta) if is_fit => delta.delete(record),
                Intake::Delta(_) => {}
                Intake::Waiting => return Err(connection.no_transfer("it does not begin as it should")),
            }
        }
        if let Intake::Delta(delta) = &mut intake
            && delta.owners() > MAX_OWNERS
        {
            is_fit = false;
            *delta = Delta::default();
        }
    }
    match (intake, last) {
        (Intake::Whole(builder), Some(serial)) => Ok(Streamed::Whole(builder, serial)),
        (Intake::Delta(delta), Some(serial)) if is_fit => Ok(Streamed::Delta(delta, serial)),
        (Intake::Delta(_), Some(_)) => Ok(Streamed::Unfit),
        // One SOA record says that there is nothing newer; the SOA question just said that there is.
        (Intake::Waiting, _) if is_current => Ok(Streamed::Unfit),
        _ => Err(connection.no_transfer("it ends before its end")),
    }
}

fn serial_of(record: &ParsedRecord) -> Option<u32> {
    match record.data() {
        ZoneRecordData::Soa(soa) => Some(soa.serial().into_int()),
        _ => None,
    }
}

/// Buffers for the names of a record.
#[derive(Default)]
struct Names {
    owner: Name,
    target: Name,
}

impl Names {
    /// A record as those of master files; none if its type does not matter.
    fn read(&mut self, record: &ParsedRecord) -> Result<Option<Record<'_>>, Fault> {
        read_name(&mut self.owner, record.owner())?;
        Ok(match record.data() {
            ZoneRecordData::Ns(ns) => {
                read_name(&mut self.target, ns.nsdname())?;
                Some(Record::Ns { owner: &self.owner, target: &self.target })
            }
            ZoneRecordData::Ds(_) => Some(Record::Ds { owner: &self.owner }),
            ZoneRecordData::A(_) | ZoneRecordData::Aaaa(_) => Some(Record::Address { owner: &self.owner }),
            _ => None,
        })
    }
}

fn read_name(into: &mut Name, name: &domain::base::ParsedName<Bytes>) -> Result<(), Fault> {
    into.read_labels(name.iter_labels().map(Label::as_slice))
}
