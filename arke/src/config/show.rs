//! Every value that counts, defaults included. Secrets are named by their files.

use std::fmt::Display;
use std::path::Path;

use serde::Serialize;

use super::{Auth, Config, Mail, MailBy, Mode, RecordsFrom, Sender, Tld, Tls};
use crate::contact::Address;

/// A value of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its key, with the objects around it.
    pub key: String,
    /// What it is; empty if there is none.
    pub value: String,
}

impl Setting {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 2] = ["key", "value"];
}

/// All values of a configuration, in the order of the documents.
#[must_use]
pub fn show(config: &Config) -> Vec<Setting> {
    let mut list = List::default();
    for (index, tld) in config.tlds.iter().enumerate() {
        list.prefix = if config.tlds.len() > 1 { format!("tlds[{index}].") } else { String::new() };
        list.tld(tld);
    }
    list.prefix = String::new();
    list.add("state", config.state.display());
    match &config.mail {
        Some(mail) => list.mail(mail),
        None => list.add("smtp", "none: nothing is sent"),
    }
    let limits = config.limits;
    list.add("limits.mails_per_run", limits.mails_per_run);
    list.add("limits.per_recipient_per_day", 1);
    list.add("limits.per_host_per_minute", limits.per_host_per_minute);
    list.add("limits.max_indicator_age_h", limits.max_indicator_age_h);
    list.add("limits.max_records_age_h", limits.max_records_age_h);
    list.add("limits.first_run", limits.first_run);
    list.add("mode", if config.mode == Mode::Auto { "auto" } else { "review" });
    list.add("retention.messages_days", config.retention.messages_days);
    list.add(
        "resolver",
        match &config.resolver {
            Some(servers) => words(servers),
            None => "those of this machine".to_owned(),
        },
    );
    list.settings
}

fn words(list: &[impl Display]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[derive(Default)]
struct List {
    prefix: String,
    settings: Vec<Setting>,
}

impl List {
    fn add(&mut self, key: &str, value: impl Display) {
        self.settings.push(Setting { key: format!("{}{key}", self.prefix), value: value.to_string() });
    }

    fn path(&mut self, key: &str, path: Option<&Path>, without: &str) {
        self.add(key, path.map_or_else(|| without.to_owned(), |path| path.display().to_string()));
    }

    fn tld(&mut self, tld: &Tld) {
        self.add("tld", tld.name.as_deref().unwrap_or("what the records say"));
        self.add(
            "records",
            match &tld.records {
                RecordsFrom::Path(path) => path.display().to_string(),
                RecordsFrom::Url(url) => url.to_string(),
            },
        );
        self.path("key", tld.key.as_deref(), "none: no signature is checked");
        self.add("zone", words(&tld.zones.iter().map(|zone| zone.display()).collect::<Vec<_>>()));
        self.add("rdap.url", &tld.rdap.url);
        self.auth(&tld.rdap.auth);
        self.add("rdap.rate_per_s", tld.rdap.rate_per_s);
        self.add("rdap.concurrency", tld.rdap.concurrency);
        self.path("rdap.ca_file", tld.rdap.ca.as_deref(), "those of this machine");
        self.path("template", tld.template.as_deref(), "the one that is built in");
        match &tld.sender {
            Some(sender) => self.sender(sender),
            None => self.add("sender", "none"),
        }
        let policy = &tld.policy;
        self.add("policy.direct_contact", policy.direct_contact);
        self.add("policy.all_clear", policy.all_clear);
        self.add("policy.mail_resellers", policy.mail_resellers);
        self.add("policy.reminder_days", policy.reminder_days);
        self.add("policy.escalate_days", policy.escalate_days);
        self.add(
            "policy.trusted_feeds",
            match &policy.trusted_feeds {
                Some(feeds) => words(feeds),
                None => "those that the records trust".to_owned(),
            },
        );
        self.add(
            "policy.quiet_hours",
            match policy.quiet_hours {
                Some(quiet) => format!("{} to {} UTC", quiet.from, quiet.until),
                None => "none".to_owned(),
            },
        );
        self.path("resellers", tld.resellers.as_deref(), "none");
        self.path("registrars", tld.registrars.as_deref(), "none");
        self.path("platforms", tld.platforms.as_deref(), "the list that is built in");
        self.path("protected", tld.protected.as_deref(), "the list that is built in");
    }

    fn auth(&mut self, auth: &Auth) {
        let (kind, files): (_, Vec<(&str, &Path)>) = match auth {
            Auth::None => ("none", Vec::new()),
            Auth::Basic { password_file, .. } => ("basic", vec![("password_file", password_file)]),
            Auth::Bearer { token_file } => ("bearer", vec![("token_file", token_file)]),
            Auth::Certificate { cert_file, key_file } => {
                ("certificate", vec![("cert_file", cert_file), ("key_file", key_file)])
            }
        };
        self.add("rdap.auth.type", kind);
        if let Auth::Basic { user, .. } = auth {
            self.add("rdap.auth.user", user);
        }
        for (key, file) in files {
            self.add(&format!("rdap.auth.{key}"), file.display());
        }
    }

    fn sender(&mut self, sender: &Sender) {
        self.add("sender.name", &sender.name);
        self.add("sender.address", sender.address.reveal());
        self.add("sender.reply_to", sender.reply_to.reveal());
        self.add("sender.desk", sender.desk.reveal());
        self.add("sender.url", sender.url.as_deref().unwrap_or("none"));
        self.add("sender.phone", sender.phone.as_deref().unwrap_or("none"));
        self.add("sender.language", &sender.language);
        self.add("verify_url", sender.verify_url.as_deref().unwrap_or("none"));
    }

    fn mail(&mut self, mail: &Mail) {
        match &mail.by {
            MailBy::Sendmail(program) => self.add("smtp.sendmail", program.display()),
            MailBy::Smtp { host, port, tls, login, ca } => {
                self.add("smtp.host", host);
                self.add("smtp.port", port);
                self.add(
                    "smtp.tls",
                    match tls {
                        Tls::Required => "required",
                        Tls::Implicit => "implicit",
                        Tls::None => "none",
                    },
                );
                self.add("smtp.user", login.as_ref().map_or("none", |(user, _)| user.as_str()));
                self.path("smtp.password_file", login.as_ref().map(|(_, file)| file.as_path()), "none");
                self.path("smtp.ca_file", ca.as_deref(), "those of this machine");
            }
        }
        self.add("smtp.bounce_domain", &mail.bounce_domain);
        self.path("smtp.maildir", mail.maildir.as_deref(), "none: bounces and answers are not read");
        self.add("smtp.copy_to", mail.copy_to.as_ref().map_or_else(|| "none".to_owned(), Address::reveal));
        self.path("smtp.copies", mail.copies.as_deref(), "none");
        match &mail.dkim {
            None => self.add("smtp.dkim", "none: the mail server signs"),
            Some(dkim) => {
                self.add("smtp.dkim.domain", &dkim.domain);
                self.add("smtp.dkim.selector", &dkim.selector);
                self.add("smtp.dkim.key_file", dkim.key_file.display());
            }
        }
    }
}
