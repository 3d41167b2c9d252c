//! The allocator: mimalloc, told to keep for a while what is freed.
//!
//! The engine makes many small blocks on several threads; glibc's allocator costs a third more time on them. While
//! it merges, gigabytes are freed and soon wanted again. Given back to the system after a second, as mimalloc does
//! if nobody says otherwise, they come back as pages that have to be zeroed: a fifth of the time to load a zone.

use std::ffi::c_long;

use libmimalloc_sys::{mi_option_get, mi_option_set, mi_option_t};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc.h (stable since version 2.1), which the bindings do not name.
const PURGE_DELAY: mi_option_t = 15;
/// What mimalloc does by itself, in milliseconds.
const USUAL_DELAY: c_long = 1000;
/// What we ask for.
const OUR_DELAY: c_long = 10_000;

/// Sets the delay. Does nothing when the option is not what we take it for, or somebody has set it by the
/// environment (`MIMALLOC_PURGE_DELAY`). Returns whether ours holds.
#[expect(unsafe_code, reason = "options of the allocator are set by a C function; it takes two integers")]
pub(crate) fn keep_freed_memory() -> bool {
    // SAFETY: both functions read or write one integer of mimalloc's table, which has more than 15 of them.
    unsafe {
        if mi_option_get(PURGE_DELAY) == USUAL_DELAY {
            mi_option_set(PURGE_DELAY, OUR_DELAY);
        }
        mi_option_get(PURGE_DELAY) == OUR_DELAY
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_option_is_the_one_that_is_meant() {
        assert!(super::keep_freed_memory());
    }
}
