//! The mail sink of the benches: smtp-sink of Postfix, as `tests/peers/install` unpacks it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// smtp-sink of Postfix, until it is dropped.
pub(crate) struct Sink {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Sink {
    pub(crate) fn start() -> anyhow::Result<Sink> {
        let postfix = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/postfix");
        let program: PathBuf = postfix.join("usr/sbin/smtp-sink");
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        // As root it wants a name to go on as.
        let user = String::from_utf8(Command::new("id").arg("-u").output()?.stdout)?;
        let as_nobody: &[&str] = if user.trim() == "0" { &["-u", "nobody"] } else { &[] };
        let mut child = Command::new(&program)
            .env("LD_LIBRARY_PATH", postfix.join("usr/lib/postfix"))
            .args(as_nobody)
            .args([&address.to_string(), "100"])
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot run {}: `tests/peers/install` unpacks it", program.display()))?;
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if child.try_wait()?.is_some() || start.elapsed() > Duration::from_secs(60) {
                bail!("smtp-sink did not start");
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(Sink { child, address })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
