//! The ledger, sending, and what comes back: against a mail server of our own that does as it is told, and real ones.

mod kill;
mod sink;
mod support;
