//! Marks: an operator's word on a name or URL.

use std::net::IpAddr;

use compact_str::CompactString;
use panopticon_model::name::{HostName, Places};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Mark, MarkTarget, Update};
use panopticon_model::url::{CanonicalUrl, UrlHost, refang};

use super::{House, WireError};

impl House {
    /// Sets a mark, or takes it back when `mark` is none. Answers what was marked.
    pub(crate) fn mark(&mut self, now: Epoch, value: &str, mark: Option<Mark>) -> Result<MarkTarget, WireError> {
        let target = target(&self.places, value)?;
        self.commit(now, Cause::Evidence, "mark", vec![Update::Mark(target.clone(), mark)])?;
        Ok(target)
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
