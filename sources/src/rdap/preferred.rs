//! Values of contact cards that one may prefer.

/// Values with their preference, 1 is best; those without one come last (RFC 6350 5.3, RFC 9553 1.5.4).
pub(super) type Preferred = Vec<(u64, String)>;

/// The preference of what has none: after all that have one, which go up to 100.
pub(super) const NO_PREFERENCE: u64 = 101;
