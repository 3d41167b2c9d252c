//! `observations`: what we measured ourselves, with a typed column for every fact. Facts of other kinds of probes
//! are null.

use std::borrow::Cow::{self, Borrowed, Owned};

use panopticon_model::observation::{
    BlocklistFacts, DelegationFacts, Facts, FilterFacts, Gone, Hop, HttpFacts, Observation, ObservationKey,
    RdapFacts, TlsFacts, WebRiskFacts,
};
use panopticon_model::url::mask_mail;

use super::Column;

/// A row, borrowed from the table.
#[derive(Clone, Copy)]
pub(crate) struct ObservationRow<'a> {
    pub(crate) key: &'a ObservationKey,
    pub(crate) seen: &'a Observation,
}

/// The columns; rows are sorted by target, kind and vantage.
pub(crate) fn columns<'a>() -> Vec<Column<ObservationRow<'a>>> {
    let mut columns = common_columns();
    columns.extend(delegation_columns());
    columns.extend(filter_columns());
    columns.extend(http_columns());
    columns.extend(service_columns());
    columns
}

/// What records.sql has of each: enough to tell what was found, and until when that counts.
pub(crate) fn summary_columns<'a>() -> Vec<Column<ObservationRow<'a>>> {
    let kept = ["kind", "target", "vantage", "outcome", "observed_at", "valid_until", "registrable_domain"];
    let mut columns =
        vec![Column::text("observation_id", |row: &ObservationRow<'a>| Owned(row.key.id().to_string()))];
    columns.extend(common_columns().into_iter().filter(|column| kept.contains(&column.name)));
    columns
}

/// Puts rows in the order of the file, which is that of the published texts.
pub(crate) fn sort(rows: &mut [ObservationRow<'_>]) {
    rows.sort_by_cached_key(|row| {
        (mask_mail(&row.key.target).into_owned(), row.key.kind.as_str(), row.key.vantage.clone())
    });
}

/// Of all.
fn common_columns<'a>() -> Vec<Column<ObservationRow<'a>>> {
    vec![
        Column::text("kind", |row| Borrowed(row.key.kind.as_str())),
        Column::text("target", |row| mask_mail(&row.key.target)),
        Column::text("vantage", |row| Borrowed(row.key.vantage.as_str())),
        Column::text("outcome", |row| Borrowed(row.seen.outcome.as_str())),
        Column::instant("observed_at", |row| row.seen.observed_at),
        Column::instant("refresh_at", |row| row.seen.refresh_at),
        Column::instant("valid_until", |row| row.seen.valid_until),
        Column::text("host", |row| Borrowed(row.key.host())),
        Column::maybe_text("registrable_domain", |row| row.seen.place.registrable_domain().map(Borrowed)),
        // How often in a row it could not be told since, and why not.
        Column::number("failures", |row| row.seen.failures.into()),
        Column::maybe_text("failure", |row| row.seen.failure.map(|outcome| Borrowed(outcome.as_str()))),
        // If it is gone now: since when, and when it was found so for the second time.
        Column::maybe_instant("gone_since", |row| last_gone(row.seen).map(|gone| gone.since)),
        Column::maybe_instant("gone_confirmed_at", |row| last_gone(row.seen)?.confirmed_at),
    ]
}

fn last_gone(seen: &Observation) -> Option<&Gone> {
    seen.gone.last().filter(|gone| gone.until.is_none())
}

/// Of delegations.
fn delegation_columns<'a>() -> Vec<Column<ObservationRow<'a>>> {
    vec![
        Column::maybe_number("servers_asked", |row| Some(delegation(row)?.asked.into())),
        Column::maybe_number("servers_answered", |row| Some(delegation(row)?.answered.into())),
        Column::maybe_number("serial_min", |row| Some(delegation(row)?.serials?.0.into())),
        Column::maybe_number("serial_max", |row| Some(delegation(row)?.serials?.1.into())),
        Column::maybe_list("name_servers", |row| match &row.seen.facts {
            Facts::Delegation(facts) => {
                Some(facts.name_servers.iter().map(|host| Borrowed(host.as_str())).collect())
            }
            Facts::Rdap(facts) => Some(texts(&facts.name_servers)),
            _ => None,
        }),
        Column::maybe_flag("signed", |row| match &row.seen.facts {
            Facts::Delegation(facts) => facts.signed,
            Facts::Rdap(facts) => facts.signed,
            _ => None,
        }),
        Column::maybe_flag("glue", |row| Some(delegation(row)?.glue)),
        Column::maybe_number("name_servers_asked", |row| Some(delegation(row)?.working.1.into())),
        Column::maybe_number("name_servers_working", |row| Some(delegation(row)?.working.0.into())),
        Column::maybe_list("addresses", |row| {
            Some(delegation(row)?.addresses.iter().map(|address| Owned(address.to_string())).collect())
        }),
        Column::maybe_list("mail_servers", |row| Some(texts(&delegation(row)?.mail_servers))),
    ]
}

/// Of filtering resolvers and blocklists.
fn filter_columns<'a>() -> Vec<Column<ObservationRow<'a>>> {
    vec![
        Column::maybe_text("resolver", |row| Some(Borrowed(filter(row)?.server.as_str()))),
        Column::maybe_text("rcode", |row| Some(Borrowed(answered(row)?.rcode.as_str()))),
        Column::maybe_text("unfiltered_rcode", |row| Some(Borrowed(filter(row)?.unfiltered_rcode.as_deref()?))),
        Column::maybe_text("signal", |row| Some(Borrowed(filter(row)?.signal?.as_str()))),
        Column::maybe_number("extended_error", |row| Some(filter(row)?.extended_error.as_ref()?.0.into())),
        Column::maybe_text("extended_error_text", |row| Some(mask_mail(&filter(row)?.extended_error.as_ref()?.1))),
        Column::maybe_flag("recursion_available", |row| Some(answered(row)?.recursion_available)),
        Column::maybe_flag("authoritative", |row| Some(answered(row)?.authoritative)),
        Column::maybe_flag("authentic", |row| Some(answered(row)?.authentic)),
        Column::maybe_number("authorities", |row| Some(answered(row)?.authorities.into())),
        Column::maybe_list("blocklist_codes", |row| {
            Some(blocklist(row)?.codes.iter().map(|code| Owned(code.to_string())).collect())
        }),
        Column::maybe_list("blocklist_meanings", |row| Some(texts(&blocklist(row)?.meanings))),
    ]
}

/// Of fetches.
fn http_columns<'a>() -> Vec<Column<ObservationRow<'a>>> {
    vec![
        Column::maybe_number("status", |row| Some(http(row)?.status?.into())),
        Column::maybe_text("final_url", |row| Some(mask_mail(http(row)?.final_url.as_deref()?))),
        Column::maybe_flag("left_domain", |row| Some(http(row)?.left_domain)),
        // One text a step: status, URL, address, milliseconds.
        Column::maybe_list("hops", |row| Some(http(row)?.hops.iter().map(hop).collect())),
        Column::maybe_text("server", |row| Some(mask_mail(http(row)?.server.as_deref()?))),
        Column::maybe_text("content_type", |row| Some(mask_mail(http(row)?.content_type.as_deref()?))),
        Column::maybe_number("content_length", |row| Some(http(row)?.length)),
        Column::maybe_text("title", |row| Some(mask_mail(http(row)?.title.as_deref()?))),
        Column::maybe_text("refresh", |row| Some(mask_mail(http(row)?.refresh.as_deref()?))),
        Column::maybe_text("body_sha256", |row| Some(Owned(hex(&http(row)?.body_sha256?)))),
        Column::maybe_text("similarity", |row| Some(Owned(hex(&http(row)?.similarity?.to_be_bytes())))),
        Column::maybe_text("tls_subject", |row| Some(mask_mail(&tls(row)?.subject))),
        Column::maybe_text("tls_issuer", |row| Some(mask_mail(&tls(row)?.issuer))),
        Column::maybe_instant("tls_not_before", |row| tls(row)?.not_before),
        Column::maybe_instant("tls_not_after", |row| tls(row)?.not_after),
        Column::maybe_text("tls_error", |row| Some(Borrowed(tls(row)?.error.as_deref()?))),
        Column::maybe_text("address", |row| Some(Owned(http(row)?.address?.to_string()))),
        Column::maybe_flag("resolved_by_proxy", |row| Some(http(row)?.resolved_by_proxy)),
        Column::maybe_text("via", |row| Some(Borrowed(http(row)?.via.as_str()))),
        Column::maybe_number("duration_ms", |row| Some(http(row)?.duration_ms.into())),
        Column::maybe_text("detail", |row| Some(mask_mail(http(row)?.detail.as_deref()?))),
    ]
}

/// Of Web Risk and RDAP.
fn service_columns<'a>() -> Vec<Column<ObservationRow<'a>>> {
    vec![
        Column::maybe_list("threat_types", |row| Some(texts(&web_risk(row)?.threat_types))),
        Column::maybe_instant("expire_at", |row| web_risk(row)?.expire_at),
        Column::maybe_instant("created_at", |row| rdap(row)?.created_at),
        Column::maybe_instant("changed_at", |row| rdap(row)?.changed_at),
        Column::maybe_instant("expires_at", |row| rdap(row)?.expires_at),
        Column::maybe_list("epp_statuses", |row| Some(texts(&rdap(row)?.epp_statuses))),
        Column::maybe_text("registrar", |row| Some(Borrowed(rdap(row)?.registrar.as_deref()?))),
        Column::maybe_text("registrar_iana_id", |row| Some(Borrowed(rdap(row)?.registrar_iana_id.as_deref()?))),
        // An office's address, which is there to be written to: it is not masked.
        Column::maybe_text("registrar_abuse_email", |row| {
            Some(Borrowed(rdap(row)?.registrar_abuse_email.as_deref()?))
        }),
        Column::maybe_text("registrar_abuse_phone", |row| {
            Some(Borrowed(rdap(row)?.registrar_abuse_phone.as_deref()?))
        }),
        Column::maybe_list("redacted", |row| Some(texts(&rdap(row)?.redacted))),
    ]
}

fn delegation<'a>(row: &ObservationRow<'a>) -> Option<&'a DelegationFacts> {
    if let Facts::Delegation(facts) = &row.seen.facts { Some(facts) } else { None }
}

fn filter<'a>(row: &ObservationRow<'a>) -> Option<&'a FilterFacts> {
    if let Facts::Filter(facts) = &row.seen.facts { Some(facts) } else { None }
}

/// The facts of an answer of a filter; none if there was no answer.
fn answered<'a>(row: &ObservationRow<'a>) -> Option<&'a FilterFacts> {
    filter(row).filter(|facts| !facts.rcode.is_empty())
}

fn blocklist<'a>(row: &ObservationRow<'a>) -> Option<&'a BlocklistFacts> {
    if let Facts::Blocklist(facts) = &row.seen.facts { Some(facts) } else { None }
}

fn http<'a>(row: &ObservationRow<'a>) -> Option<&'a HttpFacts> {
    if let Facts::Http(facts) = &row.seen.facts { Some(facts) } else { None }
}

fn tls<'a>(row: &ObservationRow<'a>) -> Option<&'a TlsFacts> {
    http(row)?.tls.as_deref()
}

fn web_risk<'a>(row: &ObservationRow<'a>) -> Option<&'a WebRiskFacts> {
    if let Facts::WebRisk(facts) = &row.seen.facts { Some(facts) } else { None }
}

fn rdap<'a>(row: &ObservationRow<'a>) -> Option<&'a RdapFacts> {
    if let Facts::Rdap(facts) = &row.seen.facts { Some(facts) } else { None }
}

fn texts<T: AsRef<str>>(texts: &[T]) -> Vec<Cow<'_, str>> {
    texts.iter().map(|text| Borrowed(text.as_ref())).collect()
}

fn hop(hop: &Hop) -> Cow<'_, str> {
    let status = hop.status.map_or("-".to_owned(), |status| status.to_string());
    let address = hop.address.map_or("-".to_owned(), |address| address.to_string());
    Owned(format!("{status} {} {address} {} ms", mask_mail(&hop.url), hop.duration_ms))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
