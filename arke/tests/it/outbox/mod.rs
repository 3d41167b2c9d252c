//! The ledger, sending, and what comes back: against a mail server of our own that does as it is told, and real ones.

mod aiosmtpd;
mod bounces;
mod keep;
mod kill;
mod ledger;
mod sending;
mod sendmail;
pub(crate) mod sink;
mod support;
mod tls;
