//! The file as it is written, before defaults and paths.

use serde::Deserialize;

/// One or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn into_vec(self) -> Vec<String> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileV1 {
    /// A word for whoever reads the file; the schema, for editors.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    pub(super) version: Option<String>,
    pub(super) tld: Option<String>,
    pub(super) records: Option<String>,
    pub(super) key: Option<String>,
    pub(super) zone: Option<OneOrMany>,
    pub(super) rdap: Option<RdapV1>,
    pub(super) template: Option<String>,
    pub(super) smtp: Option<SmtpV1>,
    pub(super) sender: Option<SenderV1>,
    pub(super) verify_url: Option<String>,
    pub(super) policy: Option<PolicyV1>,
    pub(super) resellers: Option<String>,
    pub(super) registrars: Option<String>,
    pub(super) platforms: Option<String>,
    pub(super) protected: Option<String>,
    pub(super) state: Option<String>,
    pub(super) limits: Option<LimitsV1>,
    pub(super) mode: Option<String>,
    pub(super) retention: Option<RetentionV1>,
    pub(super) resolver: Option<Vec<String>>,
    #[serde(default)]
    pub(super) tlds: Vec<TldV1>,
}

/// An element of `tlds`: what it does not say is taken from the top.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TldV1 {
    pub(super) tld: Option<String>,
    pub(super) records: Option<String>,
    pub(super) key: Option<String>,
    pub(super) zone: Option<OneOrMany>,
    pub(super) rdap: Option<RdapV1>,
    pub(super) template: Option<String>,
    pub(super) sender: Option<SenderV1>,
    pub(super) verify_url: Option<String>,
    pub(super) policy: Option<PolicyV1>,
    pub(super) resellers: Option<String>,
    pub(super) registrars: Option<String>,
    pub(super) platforms: Option<String>,
    pub(super) protected: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RdapV1 {
    pub(super) url: String,
    pub(super) auth: Option<AuthV1>,
    pub(super) rate_per_s: Option<u32>,
    pub(super) concurrency: Option<usize>,
    pub(super) ca_file: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthV1 {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<String>,
    pub(super) token_file: Option<String>,
    pub(super) cert_file: Option<String>,
    pub(super) key_file: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SmtpV1 {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) tls: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<String>,
    pub(super) ca_file: Option<String>,
    pub(super) sendmail: Option<String>,
    pub(super) bounce_domain: String,
    pub(super) maildir: Option<String>,
    pub(super) copy_to: Option<String>,
    pub(super) copies: Option<String>,
    pub(super) dkim: Option<DkimV1>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DkimV1 {
    pub(super) domain: String,
    pub(super) selector: String,
    pub(super) key_file: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SenderV1 {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) reply_to: Option<String>,
    pub(super) desk: Option<String>,
    pub(super) url: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) language: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyV1 {
    pub(super) direct_contact: Option<bool>,
    pub(super) all_clear: Option<bool>,
    pub(super) mail_resellers: Option<bool>,
    pub(super) reminder_days: Option<u64>,
    pub(super) escalate_days: Option<u64>,
    pub(super) trusted_feeds: Option<Vec<String>>,
    pub(super) quiet_hours: Option<QuietHoursV1>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuietHoursV1 {
    pub(super) from: u64,
    pub(super) until: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsV1 {
    pub(super) mails_per_run: Option<usize>,
    pub(super) per_recipient_per_day: Option<u32>,
    pub(super) per_host_per_minute: Option<u32>,
    pub(super) max_indicator_age_h: Option<u64>,
    pub(super) max_records_age_h: Option<u64>,
    pub(super) first_run: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetentionV1 {
    pub(super) messages_days: Option<u32>,
}
