//! From what is written to [`Config`]: defaults, paths, and what cannot be.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use panopticon_model::hint::unknown_key;
use reqwest::Url;

use super::file::{AuthV1, DkimV1, FileV1, LimitsV1, PolicyV1, RdapV1, SenderV1, SmtpV1, TldV1};
use super::{
    Auth, Config, ConfigError, Dkim, Limits, Mail, MailBy, Mode, Policy, QuietHours, Rdap, RecordsFrom, Retention,
    Sender, Tld, Tls, is_loopback,
};
use crate::contact::Address;

/// The longest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// Reads a configuration.
///
/// # Errors
/// [`ConfigError`]: the file cannot be read, or says what cannot be.
pub fn read(path: &Path) -> Result<Config, ConfigError> {
    let failed = |source| ConfigError::Io { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
        let message = "is no configuration: it is longer than a MiB".to_owned();
        return Err(ConfigError::Wrong { path: path.to_owned(), message, hint: None });
    }
    parse(path, &fs::read_to_string(path).map_err(failed)?)
}

/// A configuration from its text. Paths in it are relative to the folder of `path`.
///
/// # Errors
/// [`ConfigError::Wrong`]: it says what cannot be.
pub fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let reader = Reader { path, folder: path.parent().unwrap_or(Path::new("")) };
    let file: FileV1 = serde_json::from_str(text).map_err(|error| reader.syntax(&error))?;
    reader.config(file)
}

struct Reader<'a> {
    path: &'a Path,
    folder: &'a Path,
}

impl Reader<'_> {
    fn config(&self, file: FileV1) -> Result<Config, ConfigError> {
        if let Some(version) = file.version.as_deref().filter(|version| *version != "1") {
            return Err(self.wrong(&format!("version `{version}` is not known here"), "this program reads \"1\""));
        }
        let top = TldV1 {
            tld: file.tld,
            records: file.records,
            key: file.key,
            zone: file.zone,
            rdap: file.rdap,
            template: file.template,
            sender: file.sender,
            verify_url: file.verify_url,
            policy: file.policy,
            resellers: file.resellers,
            registrars: file.registrars,
            platforms: file.platforms,
            protected: file.protected,
        };
        let tlds = if file.tlds.is_empty() { vec![top] } else { self.merged(&top, file.tlds)? };
        let tlds = tlds.into_iter().map(|tld| self.tld(tld)).collect::<Result<Vec<_>, _>>()?;
        let mail = file.smtp.map(|smtp| self.mail(smtp)).transpose()?;
        let mode = match file.mode.as_deref() {
            None | Some("review") => Mode::Review,
            Some("auto") => Mode::Auto,
            Some(other) => {
                return Err(self.wrong(&format!("mode `{other}` is not known"), "write \"review\" or \"auto\""));
            }
        };
        let messages_days = file.retention.and_then(|retention| retention.messages_days).unwrap_or(90);
        Ok(Config {
            tlds,
            state: self.folder.join(file.state.unwrap_or_else(|| "arke-state".to_owned())),
            mail,
            limits: self.limits(file.limits)?,
            mode,
            retention: Retention { messages_days },
            resolver: file.resolver.map(|list| self.resolver(&list)).transpose()?,
        })
    }

    /// Elements of `tlds` with what they take from the top.
    fn merged(&self, top: &TldV1, tlds: Vec<TldV1>) -> Result<Vec<TldV1>, ConfigError> {
        if top.tld.is_some() || top.records.is_some() {
            let hint = "write them into each element of `tlds`";
            return Err(self.wrong("`tld` and `records` stand beside `tlds`", hint));
        }
        let merge = |tld: TldV1| TldV1 {
            tld: tld.tld,
            records: tld.records,
            key: tld.key.or_else(|| top.key.clone()),
            zone: tld.zone.or_else(|| top.zone.clone()),
            rdap: tld.rdap.or_else(|| top.rdap.clone()),
            template: tld.template.or_else(|| top.template.clone()),
            sender: tld.sender.or_else(|| top.sender.clone()),
            verify_url: tld.verify_url.or_else(|| top.verify_url.clone()),
            policy: tld.policy.or_else(|| top.policy.clone()),
            resellers: tld.resellers.or_else(|| top.resellers.clone()),
            registrars: tld.registrars.or_else(|| top.registrars.clone()),
            platforms: tld.platforms.or_else(|| top.platforms.clone()),
            protected: tld.protected.or_else(|| top.protected.clone()),
        };
        Ok(tlds.into_iter().map(merge).collect())
    }

    fn tld(&self, tld: TldV1) -> Result<Tld, ConfigError> {
        let records = tld.records.ok_or_else(|| {
            self.wrong("`records` is missing", "name the records.sql of your TLD: a path or an https URL")
        })?;
        let rdap = tld.rdap.ok_or_else(|| {
            self.wrong("`rdap` is missing", "name your RDAP server: \"rdap\": { \"url\": \"https://…\" }")
        })?;
        let name = tld.tld.map(|name| name.trim_matches('.').to_lowercase());
        let path = |path: String| self.folder.join(path);
        Ok(Tld {
            name,
            records: if records.contains("://") {
                RecordsFrom::Url(self.https(&records)?)
            } else {
                RecordsFrom::Path(path(records))
            },
            key: tld.key.map(path),
            zones: tld.zone.into_iter().flat_map(super::file::OneOrMany::into_vec).map(path).collect(),
            rdap: self.rdap(rdap)?,
            template: tld.template.map(path),
            sender: tld.sender.map(|sender| self.sender(sender, tld.verify_url)).transpose()?,
            policy: self.policy(tld.policy)?,
            resellers: tld.resellers.map(path),
            registrars: tld.registrars.map(path),
            platforms: tld.platforms.map(path),
            protected: tld.protected.map(path),
        })
    }

    fn resolver(&self, list: &[String]) -> Result<Vec<SocketAddr>, ConfigError> {
        let wrong = |text: &String| {
            self.wrong(&format!("`{text}` is no DNS server"), "write address and port: \"192.0.2.53:53\"")
        };
        list.iter().map(|text| text.parse().map_err(|_| wrong(text))).collect()
    }

    /// A URL that a password may go to.
    fn https(&self, url: &str) -> Result<Url, ConfigError> {
        let parsed =
            url.parse::<Url>().map_err(|error| self.wrong(&format!("`{url}`: {error}"), "write a whole URL"))?;
        let is_plain = parsed.scheme() == "http" && is_loopback(parsed.host_str().unwrap_or_default());
        if parsed.scheme() != "https" && !is_plain {
            return Err(
                self.wrong(&format!("`{url}` is not https"), "only a server on this machine may do without")
            );
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            let hint = "put the password into a file: \"password_file\"";
            return Err(self.wrong("a URL holds a user or a password", hint));
        }
        Ok(parsed)
    }

    fn rdap(&self, rdap: RdapV1) -> Result<Rdap, ConfigError> {
        let auth = rdap.auth.map_or(Ok(Auth::None), |auth| self.auth(&auth))?;
        Ok(Rdap {
            url: self.https(&rdap.url)?,
            auth,
            rate_per_s: rdap.rate_per_s.unwrap_or(2).max(1),
            concurrency: rdap.concurrency.unwrap_or(2).clamp(1, 64),
            ca: rdap.ca_file.map(|path| self.folder.join(path)),
        })
    }

    fn auth(&self, auth: &AuthV1) -> Result<Auth, ConfigError> {
        let path = |path: String| self.folder.join(path);
        let lacks = |what: &str| self.wrong(&format!("`auth` of type `{}` lacks `{what}`", auth.kind), "name it");
        match auth.kind.as_str() {
            "none" => Ok(Auth::None),
            "basic" => Ok(Auth::Basic {
                user: auth.user.clone().ok_or_else(|| lacks("user"))?,
                password_file: auth.password_file.clone().map(path).ok_or_else(|| lacks("password_file"))?,
            }),
            "bearer" => Ok(Auth::Bearer {
                token_file: auth.token_file.clone().map(path).ok_or_else(|| lacks("token_file"))?,
            }),
            "certificate" => Ok(Auth::Certificate {
                cert_file: auth.cert_file.clone().map(path).ok_or_else(|| lacks("cert_file"))?,
                key_file: auth.key_file.clone().map(path).ok_or_else(|| lacks("key_file"))?,
            }),
            other => Err(self.wrong(
                &format!("`auth` of type `{other}` is not known"),
                "write \"none\", \"basic\", \"bearer\" or \"certificate\"",
            )),
        }
    }

    fn mail(&self, smtp: SmtpV1) -> Result<Mail, ConfigError> {
        let path = |path: String| self.folder.join(path);
        let by = match (smtp.host, smtp.sendmail) {
            (Some(_), Some(_)) | (None, None) => {
                return Err(self.wrong("`smtp` needs `host` or `sendmail`, and not both", "remove one"));
            }
            (None, Some(command)) => MailBy::Sendmail(PathBuf::from(command)),
            (Some(host), None) => {
                let tls = match smtp.tls.as_deref() {
                    None | Some("required") => Tls::Required,
                    Some("implicit") => Tls::Implicit,
                    Some("none") if is_loopback(&host) => Tls::None,
                    Some("none") => {
                        let hint =
                            "write \"required\" or \"implicit\"; only a server on this machine may do without";
                        return Err(self.wrong(&format!("mail to `{host}` would go unprotected"), hint));
                    }
                    Some(other) => {
                        let hint = "write \"required\", \"implicit\" or \"none\"";
                        return Err(self.wrong(&format!("`tls` = `{other}` is not known"), hint));
                    }
                };
                let port = smtp.port.unwrap_or(if tls == Tls::Implicit { 465 } else { 587 });
                let login = match (smtp.user, smtp.password_file) {
                    (Some(user), Some(file)) => Some((user, path(file))),
                    (None, None) => None,
                    _ => {
                        return Err(
                            self.wrong("`user` and `password_file` of `smtp` go together", "add the other")
                        );
                    }
                };
                MailBy::Smtp { host, port, tls, login, ca: smtp.ca_file.map(path) }
            }
        };
        let copy_to = smtp.copy_to.map(|text| self.address("copy_to", &text)).transpose()?;
        let dkim = smtp.dkim.map(|DkimV1 { domain, selector, key_file }| Dkim {
            domain,
            selector,
            key_file: path(key_file),
        });
        Ok(Mail {
            by,
            bounce_domain: smtp.bounce_domain.to_ascii_lowercase(),
            maildir: smtp.maildir.map(path),
            copy_to,
            copies: smtp.copies.map(path),
            dkim,
        })
    }

    fn sender(&self, sender: SenderV1, verify_url: Option<String>) -> Result<Sender, ConfigError> {
        let address = self.address("address", &sender.address)?;
        let or_sender = |key: &str, text: Option<String>| match text {
            Some(text) => self.address(key, &text),
            None => Ok(address.clone()),
        };
        if verify_url.is_none() && sender.phone.is_none() {
            let hint = "name `verify_url`, or `phone` in `sender`: who gets a mail must be able to check it";
            return Err(self.wrong("nobody can tell whether a mail is genuine", hint));
        }
        Ok(Sender {
            name: crate::contact::clean(&sender.name),
            reply_to: or_sender("reply_to", sender.reply_to)?,
            desk: or_sender("desk", sender.desk)?,
            url: sender.url,
            verify_url: verify_url.map(|url| self.https(&url).map(|_| url)).transpose()?,
            phone: sender.phone,
            language: sender.language.unwrap_or_else(|| "en".to_owned()),
            address,
        })
    }

    fn address(&self, key: &str, text: &str) -> Result<Address, ConfigError> {
        text.parse().map_err(|_| self.wrong(&format!("`{key}` is no e-mail address"), "write name@domain"))
    }

    fn policy(&self, policy: Option<PolicyV1>) -> Result<Policy, ConfigError> {
        let default = Policy::default();
        let Some(found) = policy else { return Ok(default) };
        let quiet_hours = found.quiet_hours.map(|quiet| QuietHours { from: quiet.from, until: quiet.until });
        if quiet_hours.is_some_and(|quiet| quiet.from > 23 || quiet.until > 23) {
            return Err(self.wrong("`quiet_hours` are hours of a day in UTC", "write 0 to 23"));
        }
        let policy = Policy {
            direct_contact: found.direct_contact.unwrap_or(default.direct_contact),
            all_clear: found.all_clear.unwrap_or(default.all_clear),
            mail_resellers: found.mail_resellers.unwrap_or(default.mail_resellers),
            reminder_days: found.reminder_days.unwrap_or(default.reminder_days),
            escalate_days: found.escalate_days.unwrap_or(default.escalate_days),
            trusted_feeds: found.trusted_feeds,
            quiet_hours,
        };
        if policy.reminder_days == 0 || policy.escalate_days <= policy.reminder_days {
            return Err(self.wrong(
                "`escalate_days` must be more than `reminder_days`, and both more than 0",
                "the defaults are 3 and 7",
            ));
        }
        Ok(policy)
    }

    fn limits(&self, limits: Option<LimitsV1>) -> Result<Limits, ConfigError> {
        let found = limits.unwrap_or(LimitsV1 {
            mails_per_run: None,
            per_recipient_per_day: None,
            per_host_per_minute: None,
            max_indicator_age_h: None,
            max_records_age_h: None,
            first_run: None,
        });
        if found.per_recipient_per_day.is_some_and(|count| count != 1) {
            let hint = "who is written to gets one message a day that holds everything: leave it at 1";
            return Err(self.wrong("`per_recipient_per_day` cannot be changed", hint));
        }
        let age = found.max_indicator_age_h.unwrap_or(24);
        if age == 0 || age > 24 {
            let hint = "a mail rests on a confirmation of the last 24 hours";
            return Err(self.wrong("`max_indicator_age_h` must be 1 to 24", hint));
        }
        Ok(Limits {
            mails_per_run: found.mails_per_run.unwrap_or(500),
            per_host_per_minute: found.per_host_per_minute.unwrap_or(10).max(1),
            max_indicator_age_h: age,
            max_records_age_h: found.max_records_age_h.unwrap_or(crate::records::MAX_AGE_HOURS),
            first_run: found.first_run.unwrap_or(10),
        })
    }

    fn syntax(&self, error: &serde_json::Error) -> ConfigError {
        let text = error.to_string();
        let place = format!("line {}, column {}: ", error.line(), error.column());
        let text = text.split(" at line ").next().unwrap_or(&text);
        let (message, hint) = match unknown_key(text) {
            Some((message, hint)) => (message, Some(hint)),
            None => (text.to_owned(), None),
        };
        ConfigError::Wrong { path: self.path.to_owned(), message: format!("{place}{message}"), hint }
    }

    fn wrong(&self, message: &str, hint: &str) -> ConfigError {
        ConfigError::Wrong { path: self.path.to_owned(), message: message.to_owned(), hint: Some(hint.to_owned()) }
    }
}
