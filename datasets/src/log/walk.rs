//! A walk over the segments: every record in log order, the seams between segments checked.
//!
//! Recovery, replay, history and the base of delegations are all this walk with another visitor.

use std::fs::File;

use super::error::{Damage, LogError};
use super::frame::record_after;
use super::records::{Records, Step};
use super::segment::Segment;
use super::{Position, PublishIntent, Sealed};
use crate::durable::because;
use crate::layout::StateLayout;

/// Where a walk starts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// At the first of the segments; those before it are not needed.
    First,
    /// After the records that a base table includes.
    After(&'a Position),
}

/// How a walk treats the end of the last segment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tail {
    /// What an interrupted write left there does not count.
    Recover,
    /// The last segment counts up to this length, and all of that must be whole.
    Limit(u64),
}

/// Where a walk ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct End {
    /// The end of the last complete record; none when there is none.
    pub(crate) position: Option<Position>,
    /// The last record of a finished publication on the way.
    pub(crate) sealed: Option<Sealed>,
    /// The last record of a started publication on the way, when it was not finished.
    pub(crate) intent: Option<PublishIntent>,
    /// A last segment that holds no complete record.
    pub(crate) hollow: Option<Segment>,
}

/// Walks over `segments` and shows each step to `visit`, with the records to read rows from.
pub(crate) fn walk<E: From<LogError>>(
    layout: &StateLayout,
    segments: &[Segment],
    origin: Origin<'_>,
    tail: Tail,
    visit: &mut dyn FnMut(Step, &Records) -> Result<(), E>,
) -> Result<End, E> {
    let mut end = End::default();
    let mut rest = segments;
    if let Origin::After(position) = origin {
        let Ok(start) = segments.binary_search_by_key(&position.segment, |segment| segment.first) else {
            let needed_by = "a base table".to_owned();
            return Err(LogError::Missing { path: layout.segment(position.segment), needed_by }.into());
        };
        rest = segments.get(start..).unwrap_or_default();
        end.position = Some(position.clone());
    }
    for (index, segment) in rest.iter().enumerate() {
        let is_last = index + 1 == rest.len();
        let limit = match tail {
            Tail::Limit(length) if is_last => Some(length),
            _ => None,
        };
        let (mut records, resumed) = match (&end.position, origin) {
            (Some(position), Origin::After(_)) if index == 0 => (Records::resume(segment, position, limit)?, true),
            (before, _) => (open(layout, segment, before.as_ref(), limit)?, false),
        };
        let may_be_torn = is_last && matches!(tail, Tail::Recover);
        one(&mut records, may_be_torn, &mut end, visit)?;
        if records.complete() > 0 || resumed {
            end.position = Some(records.position().clone());
        } else if may_be_torn {
            end.hollow = Some(segment.clone());
        } else {
            return Err(records.damaged(Damage::Name).into());
        }
    }
    Ok(end)
}

/// Whether a segment continues another one.
pub(crate) fn continues(segment: &Segment) -> Result<bool, LogError> {
    Records::open(segment, None, None).map(|(_, header)| header.previous.is_some())
}

/// Opens a segment and checks the seam to the one before it.
fn open(
    layout: &StateLayout,
    segment: &Segment,
    before: Option<&Position>,
    limit: Option<u64>,
) -> Result<Records, LogError> {
    let (records, header) = Records::open(segment, before, limit)?;
    let missing = match (before, header.previous) {
        (Some(before), Some((previous, _))) if previous != before.segment => Some(previous),
        _ => None,
    };
    match missing {
        Some(previous) => Err(LogError::Missing {
            path: layout.segment(previous),
            needed_by: format!("`{}`", segment.path.display()),
        }),
        None if before.map(|before| before.chain) != header.previous.map(|(_, chain)| chain)
            && before.is_some() =>
        {
            Err(records.damaged(Damage::Chain))
        }
        None => Ok(records),
    }
}

/// Walks over one segment.
fn one<E: From<LogError>>(
    records: &mut Records,
    may_be_torn: bool,
    end: &mut End,
    visit: &mut dyn FnMut(Step, &Records) -> Result<(), E>,
) -> Result<(), E> {
    loop {
        let failure = match records.step() {
            Ok(Some(step)) => {
                match &step {
                    Step::Intent(intent) => end.intent = Some(intent.clone()),
                    Step::Sealed(sealed) => {
                        end.sealed = Some(sealed.clone());
                        end.intent = None;
                    }
                    Step::Epoch(_) | Step::Rows | Step::EndEpoch => {}
                }
                visit(step, records)?;
                continue;
            }
            Ok(None) if !records.is_inside() || may_be_torn => return Ok(()),
            Ok(None) => records.damaged(Damage::Torn),
            Err(failure) => failure,
        };
        return match failure {
            LogError::Damaged { ref path, offset, what } if may_be_torn && what.may_be_torn() => {
                let mut file = File::open(path).map_err(because("open", path)).map_err(LogError::from)?;
                let is_damage = record_after(&mut file, offset + 1).map_err(because("read", path));
                if is_damage.map_err(LogError::from)? { Err(failure.into()) } else { Ok(()) }
            }
            _ => Err(failure.into()),
        };
    }
}
