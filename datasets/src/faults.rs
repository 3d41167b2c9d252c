//! Named points at which a test may end the process or let a file operation fail.
//!
//! In goes the name of a point, out comes `Ok` or the armed error. Without the feature `faults` every function
//! here is empty and costs nothing; a release is built without it.
//!
//! With the feature, the environment of the process is read once:
//! - `PANOPTICON_CRASH_AT=seal.before` ends the process (abort: no clean-up, no destructor) when it first reaches
//!   that point; `seal.before:3` when it reaches it for the third time.
//! - `PANOPTICON_FAIL_AT=log.write:2` lets the second write to the log fail as if the disk were full.
//!
//! Inside one process, `arm` lets the calling thread meet an error, and leaves other threads alone.
//!
//! | point | stands |
//! |---|---|
//! | `durable.write` `durable.sync` `durable.rename` `durable.folder` | before each step of [`crate::durable::write_atomically`] |
//! | `segment.create` `segment.created` | around the creation of a segment of the log |
//! | `log.write` | before each write to the log; as an error, half of the bytes arrive |
//! | `log.barrier` `log.commit` `log.sync` `log.synced` | before rows are synced, before the commit is written, before and after it is synced |
//! | `log.rollback` | before a failed epoch is cut off |
//! | `intent.before` `intent.after` `seal.before` `seal.after` | around these records |
//! | `base.file` `base.manifest` `base.done` | before each table, before the manifest, after it |
//! | `expire.remove` | before each file or folder that retention removes |

use std::fs::File;
use std::io::{self, Write};

/// Passes the point `name`.
///
/// # Errors
/// The armed one; never without the feature `faults`.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn at(_name: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(feature = "faults")]
pub use armed::{Armed, arm, at};

/// Writes all of `bytes`; an error that is armed at `name` strikes when half of them are written.
pub(crate) fn write_all(name: &str, file: &mut File, bytes: &[u8]) -> io::Result<()> {
    if let Err(error) = at(name) {
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(error);
    }
    file.write_all(bytes)
}

#[cfg(feature = "faults")]
mod armed {
    use std::cell::RefCell;
    use std::io;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    thread_local! {
        static ARMED: RefCell<Vec<(String, u32, io::ErrorKind)>> = const { RefCell::new(Vec::new()) };
    }

    /// Lets the calling thread meet an error of `kind` when it passes the point `name` for the `nth` time (from 1),
    /// and each time after that, until the answer is dropped.
    #[must_use]
    pub fn arm(name: &str, nth: u32, kind: io::ErrorKind) -> Armed {
        ARMED.with_borrow_mut(|armed| armed.push((name.to_owned(), nth, kind)));
        Armed { name: name.to_owned() }
    }

    /// An armed point; disarmed on drop.
    #[derive(Debug)]
    pub struct Armed {
        name: String,
    }

    impl Drop for Armed {
        fn drop(&mut self) {
            ARMED.with_borrow_mut(|armed| armed.retain(|(name, ..)| *name != self.name));
        }
    }

    /// Passes the point `name`.
    ///
    /// # Errors
    /// The armed one.
    pub fn at(name: &str) -> io::Result<()> {
        static CRASH: OnceLock<Option<Trigger>> = OnceLock::new();
        static FAIL: OnceLock<Option<Trigger>> = OnceLock::new();
        if CRASH.get_or_init(|| Trigger::from_env("PANOPTICON_CRASH_AT")).as_ref().is_some_and(|t| t.strikes(name))
        {
            std::process::abort();
        }
        if FAIL.get_or_init(|| Trigger::from_env("PANOPTICON_FAIL_AT")).as_ref().is_some_and(|t| t.strikes(name)) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        ARMED.with_borrow_mut(|armed| {
            for (point, left, kind) in armed.iter_mut().filter(|(point, ..)| point == name) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    return Err(io::Error::new(*kind, format!("armed at {point}")));
                }
            }
            Ok(())
        })
    }

    struct Trigger {
        name: String,
        left: AtomicU32,
    }

    impl Trigger {
        fn from_env(variable: &str) -> Option<Trigger> {
            let text = std::env::var(variable).ok()?;
            let (name, nth) = text.rsplit_once(':').unwrap_or((&text, "1"));
            Some(Trigger { name: name.to_owned(), left: AtomicU32::new(nth.parse().unwrap_or(1)) })
        }

        fn strikes(&self, name: &str) -> bool {
            self.name == name && self.left.fetch_sub(1, Ordering::Relaxed) == 1
        }
    }
}
