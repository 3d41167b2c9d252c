//! Reports of mail servers (RFC 3464) and complaints (RFC 5965).

use mailparse::{MailHeaderMap, ParsedMail};

use super::{About, Action, Incoming, bracketed};
use crate::send::outcome::{Reply, Status};
use crate::verp::{VerpKey, read_verp};

/// The report that a mail is; none if it is no report.
pub(super) fn read(mail: &ParsedMail<'_>, id: Option<&str>, key: &VerpKey) -> Option<Incoming> {
    let is_report = mail.ctype.mimetype == "multipart/report";
    let part = |kinds: &[&str]| mail.subparts.iter().find(|part| kinds.contains(&part.ctype.mimetype.as_str()));
    if !is_report {
        return None;
    }
    if let Some(feedback) = part(&["message/feedback-report"]) {
        let fields = fields(feedback);
        let from = value(&fields, "original-mail-from").and_then(|from| read_verp(&from, key));
        let about = from.or_else(|| id.map(str::to_owned)).map(About::Id).or_else(|| original(mail));
        return Some(about.map_or(Incoming::Other, |about| Incoming::Complaint { about }));
    }
    let Some(status) = part(&["message/delivery-status", "message/global-delivery-status"]) else {
        return Some(Incoming::Other);
    };
    // A report that did not come to an address of ours could be anybody's: the Message-ID in it proves nothing, since
    // every recipient of a forwarded notice knows it.
    let Some(about) = id.map(|id| About::Id(id.to_owned())) else { return Some(Incoming::Other) };
    let fields = fields(status);
    let status = value(&fields, "status").and_then(|text| Status::parse(text.split_whitespace().next()?));
    let action = match value(&fields, "action").unwrap_or_default().to_ascii_lowercase().as_str() {
        "failed" => Action::Failed { hard: is_hard(status, value(&fields, "diagnostic-code").as_deref()) },
        "delayed" => Action::Delayed,
        "delivered" | "relayed" | "expanded" => Action::Delivered,
        _ => return Some(Incoming::Other),
    };
    Some(Incoming::Report { about, action, status })
}

/// Whether the address itself is at fault. Exim writes 5.0.0 whatever it was: then the answer of the other mail server
/// counts (RFC 3464, 2.3.6).
fn is_hard(status: Option<Status>, diagnostic: Option<&str>) -> bool {
    if let Some(status) = status.filter(|status| *status != Status(5, 0, 0)) {
        return status.blames_address();
    }
    let answer = || {
        let (kind, text) = diagnostic?.split_once(';')?;
        let (code, text) = text.trim().split_at_checked(3)?;
        let text = text.trim_start_matches(['-', ' ']).to_owned();
        kind.trim().eq_ignore_ascii_case("smtp").then_some(Reply { code: code.parse().ok()?, text })
    };
    answer().is_some_and(|reply| reply.blames_address())
}

/// The fields of all groups of a report, names in lower case; continued lines are joined. A message of ours has one
/// recipient, and so has a report on it.
fn fields(part: &ParsedMail<'_>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in part.get_body().unwrap_or_default().lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

fn value(fields: &[(String, String)], name: &str) -> Option<String> {
    fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
}

/// The Message-ID of the message that a report returns, in whole or its header.
fn original(mail: &ParsedMail<'_>) -> Option<About> {
    let kinds = ["message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"];
    let part = mail.subparts.iter().find(|part| kinds.contains(&part.ctype.mimetype.as_str()))?;
    let body = part.get_body_raw().ok()?;
    let (headers, _) = mailparse::parse_headers(&body).ok()?;
    let text = headers.get_first_value("Message-ID")?;
    bracketed(&text).next().map(About::HeaderId)
}
