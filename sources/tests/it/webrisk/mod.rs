//! Web Risk: expressions, packed numbers, diffs, lists in a file, and both ways of asking, against a server of our own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod answers;
mod confirm;
mod diffs;
mod expressions;
mod file;
mod lookup;
mod rice;
mod server;
mod update;

use std::error::Error;

use panopticon_sources::fetch::{Config, Secret};
use panopticon_sources::webrisk::Settings;

use server::{KEY, Server};

/// A network that is the loopback only.
fn network() -> Config {
    // A second installation fails, which is fine: it is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Config { system_proxy: false, ..Config::default() }
}

/// Look-ups at `server`, as fast as they come.
fn settings(server: &Server) -> Settings {
    Settings { base: server.url().parse().unwrap(), per_second: 0.0, ..Settings::new(Secret::new(KEY)) }
}

/// An error with all that it shows: its text, those of its causes, and its debug form.
fn shown(error: &dyn Error) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}
