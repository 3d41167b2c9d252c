//! Marks: an operator's word on a name or URL.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use compact_str::CompactString;
use panopticon_model::name::{HostName, Places};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Mark, MarkTarget, Update};
use panopticon_model::url::{CanonicalUrl, UrlHost, mask_mail, refang};

use super::{House, WireError};

/// The beginning of the reason of a mark that a registry's desk set.
const FROM_DESK: &str = "registry's desk: ";

/// What became of a list of marks.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// New or changed.
    pub(crate) set: usize,
    /// Of an earlier list, and not in this one.
    pub(crate) ended: usize,
    /// As they were.
    pub(crate) kept: usize,
    /// Names that cannot be marked here.
    pub(crate) refused: Vec<WireError>,
}

impl House {
    /// Sets a mark, or takes it back when `mark` is none. Answers what was marked.
    pub(crate) fn mark(&mut self, now: Epoch, value: &str, mark: Option<Mark>) -> Result<MarkTarget, WireError> {
        let target = target(&self.places, value)?;
        self.commit(now, Cause::Evidence, "mark", vec![Update::Mark(target.clone(), mark)])?;
        Ok(target)
    }

    /// Makes the marks of a registry's desk hold: sets those that are new or changed, and ends those that an earlier
    /// list of the same TLD had. Marks that operators set here are left alone, and count before those of a list.
    pub(crate) fn import_marks(
        &mut self,
        now: Epoch,
        tld: &str,
        wanted: BTreeMap<String, Mark>,
    ) -> Result<Imported, WireError> {
        let mut imported = Imported::default();
        let mut updates = Vec::new();
        let mut listed = BTreeSet::new();
        for (name, mut mark) in wanted {
            let target = match target(&self.places, &name) {
                Ok(target) => target,
                Err(error) => {
                    imported.refused.push(error);
                    continue;
                }
            };
            mark.reason = format!("{FROM_DESK}{}", mask_mail(&mark.reason)).into();
            let before = self.tables().marks.get(&target);
            let is_known = before.is_some_and(|before| {
                !before.reason.starts_with(FROM_DESK)
                    || (&before.reason, before.until) == (&mark.reason, mark.until)
            });
            listed.insert(target.clone());
            if is_known {
                imported.kept += 1;
            } else {
                imported.set += 1;
                updates.push(Update::Mark(target, Some(mark)));
            }
        }
        for (target, mark) in &self.tables().marks {
            let is_ours = target.subject().rsplit('.').next() == Some(tld);
            if is_ours && mark.reason.starts_with(FROM_DESK) && !listed.contains(target) {
                imported.ended += 1;
                updates.push(Update::Mark(target.clone(), None));
            }
        }
        self.commit(now, Cause::Evidence, "marks", updates)?;
        Ok(imported)
    }
}

/// What a name, address or URL given by an operator stands for.
fn target(places: &Places, value: &str) -> Result<MarkTarget, WireError> {
    let wrong =
        |reason: &dyn std::fmt::Display| WireError::Mark { value: value.to_owned(), reason: reason.to_string() };
    let refanged = refang(value);
    let text = refanged.as_ref();
    if text.contains("://") || text.contains('/') {
        let url = CanonicalUrl::parse(text).map_err(|error| wrong(&error))?;
        let subject = match &url.host {
            UrlHost::Name(host) => subject(places, host)?,
            UrlHost::Address(address) => address.to_string().into(),
        };
        let id = Observable::id_of(ObservableKind::Url, &url.canonical);
        return Ok(MarkTarget::Observable { id, canonical: url.canonical.as_str().into(), subject });
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        let place = Place::of_address(address);
        let id = Observable::id_of(ObservableKind::Address, place.host());
        return Ok(MarkTarget::Observable { id, canonical: place.host().into(), subject: place.host().into() });
    }
    let name = HostName::parse(text).map_err(|error| wrong(&error))?;
    let subject = subject(places, &name)?;
    Ok(MarkTarget::Name { name, subject })
}

fn subject(places: &Places, host: &HostName) -> Result<CompactString, WireError> {
    let wrong = |reason: String| WireError::Mark { value: host.to_string(), reason };
    if !places.in_scope(host) {
        return Err(wrong(format!("`.{}` is not a TLD of this installation", host.top_level())));
    }
    let placement = places.place(host).map_err(|error| wrong(error.to_string()))?;
    Ok(placement.subject.as_str().into())
}
