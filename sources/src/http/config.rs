//! How a fetcher behaves; one for a configuration.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::vantage::Vantage;
use crate::fetch::USER_AGENT;

/// Everything that a fetcher needs to be told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who asks: the name of the program, its version, and where to complain.
    pub user_agent: String,
    /// Who asks where we look as a browser would, because two vantages disagree.
    pub other_agent: String,
    /// From where.
    pub vantages: Vec<Vantage>,
    /// What the choice between the ways of a vantage begins with: the same seed, the same ways.
    pub seed: u64,
    /// Networks that are not public and may be connected to. Default none.
    pub allow_private: Vec<IpNet>,
    /// A PEM file with root certificates to trust besides those of the system.
    pub ca: Option<PathBuf>,
    /// Requests in a second to one host, whatever its addresses. Default 1.
    pub host_per_second: f64,
    /// Requests in a second to one address, whatever the host. Default 2.
    pub address_per_second: f64,
    /// How long and how much.
    pub limits: Limits,
}

/// The limits of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time for opening a connection, to each address, and for the way through a proxy. Default 5 s.
    pub connect: Duration,
    /// The longest silence of the other end. Default 5 s.
    pub silence: Duration,
    /// The time for everything, redirects included, waiting for a turn not included. Default 20 s.
    pub total: Duration,
    /// Octets of the decoded body that are read. Default 1 MiB.
    pub body: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(5),
            total: Duration::from_secs(20),
            body: 1 << 20,
        }
    }
}

impl Default for Config {
    /// No vantage; nothing that is not public; a request a second to each host.
    fn default() -> Config {
        Config {
            user_agent: USER_AGENT.to_owned(),
            other_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/140.0.0.0 Safari/537.36"
                .to_owned(),
            vantages: Vec::new(),
            seed: 0,
            allow_private: Vec::new(),
            ca: None,
            host_per_second: 1.0,
            address_per_second: 2.0,
            limits: Limits::default(),
        }
    }
}

/// Why there is no fetcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// No root certificates at all: nothing could be said of any certificate.
    #[error("there are no root certificates; install ca-certificates or set `ca`")]
    NoRoots,
    /// The file with further ones cannot be read.
    #[error("`{0}` is not a PEM file with root certificates; correct `ca`")]
    Ca(PathBuf),
    /// A user agent that cannot be sent.
    #[error("the user agent has a character that no header can have; correct `user_agent` or `other_agent`")]
    Agent,
    /// Two vantages with one id.
    #[error("the vantage `{0}` is there twice; rename one")]
    Twice(compact_str::CompactString),
    /// The TLS library refuses its own defaults.
    #[error("tls cannot be set up")]
    Tls,
}
