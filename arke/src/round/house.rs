//! What a round works with: everything that the configuration names, opened.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{self, Config, ConfigError, Sender, Tld, read_secret};
use crate::lists::{ListError, Platforms, Registrars, Resellers};
use crate::notice::{DEFAULT, DkimError, Signer, TemplateError, Templates};
use crate::rdap::{self, Rdap, RdapError};
use crate::send::smtp::SmtpError;

/// What a round works with.
pub struct House<'a> {
    /// The whole configuration.
    pub config: &'a Config,
    /// The TLD.
    pub tld: &'a Tld,
    /// Who writes.
    pub sender: &'a Sender,
    /// The texts.
    pub templates: Templates,
    /// What registrars wish.
    pub registrars: Registrars,
    /// Who sold names.
    pub resellers: Resellers,
    /// Who runs platforms.
    pub platforms: Platforms,
    /// What signs mail.
    pub signers: Vec<Signer>,
    /// The RDAP service.
    pub rdap: Arc<Rdap>,
}

/// A part of the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// A file or an entry.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A list.
    #[error(transparent)]
    List(#[from] ListError),
    /// The texts.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The DKIM key.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// The RDAP service.
    #[error(transparent)]
    Rdap(#[from] RdapError),
    /// The mail server.
    #[error(transparent)]
    Smtp(#[from] SmtpError),
    /// Nobody is named who writes.
    #[error("`sender` is missing: name who writes, with `name`, `address` and `verify_url` or `phone`")]
    NoSender,
}

impl<'a> House<'a> {
    /// Opens what the configuration names for a TLD.
    ///
    /// # Errors
    /// [`HouseError`]: the first thing that cannot be used.
    pub fn open(config: &'a Config, tld: &'a Tld) -> Result<House<'a>, HouseError> {
        let dkim = config.mail.as_ref().and_then(|mail| mail.dkim.as_ref());
        let signer = dkim.map(|dkim| {
            let key = read_secret(&dkim.key_file)?;
            Ok::<_, HouseError>(Signer::new(&dkim.domain, &dkim.selector, key.reveal())?)
        });
        Ok(House {
            config,
            tld,
            sender: tld.sender.as_ref().ok_or(HouseError::NoSender)?,
            templates: match &tld.template {
                Some(path) => Templates::read_file(path)?,
                None => Templates::read(DEFAULT)?,
            },
            registrars: tld.registrars.as_deref().map(Registrars::read).transpose()?.unwrap_or_default(),
            resellers: tld.resellers.as_deref().map(Resellers::read).transpose()?.unwrap_or_default(),
            platforms: Platforms::read(tld.platforms.as_deref())?,
            signers: signer.transpose()?.into_iter().collect(),
            rdap: Arc::new(rdap(&tld.rdap)?),
        })
    }
}

/// The RDAP service of a TLD.
///
/// # Errors
/// [`HouseError`] when a file that the configuration names cannot be used.
pub(crate) fn rdap(found: &config::Rdap) -> Result<Rdap, HouseError> {
    let auth = match &found.auth {
        config::Auth::None => rdap::Auth::None,
        config::Auth::Basic { user, password_file } => {
            rdap::Auth::Basic { user: user.clone(), password: read_secret(password_file)? }
        }
        config::Auth::Bearer { token_file } => rdap::Auth::Bearer(read_secret(token_file)?),
        config::Auth::Certificate { cert_file, key_file } => {
            rdap::Auth::Certificate { chain: config::read_text(cert_file)?, key: read_secret(key_file)? }
        }
    };
    let roots = found.ca.as_deref().map(config::read_text).transpose()?;
    let interval = Duration::from_secs(1).checked_div(found.rate_per_s).unwrap_or_default();
    let settings = rdap::Settings {
        interval,
        concurrency: found.concurrency,
        roots,
        ..rdap::Settings::new(found.url.clone())
    };
    Ok(Rdap::new(settings, &auth)?)
}
