//! Exponential and logarithm by the four operations alone: IEEE 754 fixes those to the last bit, and `f64::exp` not.

const LN_2: f64 = std::f64::consts::LN_2;

/// e^x to about 15 digits; x is held within ±700.
#[must_use]
pub fn exp(x: f64) -> f64 {
    let x = if x.is_nan() { 0.0 } else { x.clamp(-700.0, 700.0) };
    let power = (x / LN_2).round_ties_even();
    let rest = x - power * LN_2;
    // The series of e^rest, |rest| <= 0.35, from its end.
    let series = (1..=16).rev().fold(1.0, |sum, n| 1.0 + sum * rest / f64::from(n));
    series * f64::from_bits(((1023 + power as i64) as u64) << 52)
}

/// The logarithm of a positive number to about 15 digits; of anything else that of the smallest one.
#[must_use]
pub fn ln(x: f64) -> f64 {
    let x = if x >= f64::MIN_POSITIVE { x.min(f64::MAX) } else { f64::MIN_POSITIVE };
    let bits = x.to_bits();
    let mut power = ((bits >> 52) as i64 - 1023) as f64;
    let mut part = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if part > 1.42 {
        (part, power) = (part / 2.0, power + 1.0);
    }
    // ln(part) = 2 artanh((part - 1) / (part + 1)).
    let z = (part - 1.0) / (part + 1.0);
    let square = z * z;
    let series = (0..=14).rev().fold(0.0, |sum, n| sum * square + 1.0 / f64::from(2 * n + 1));
    power * LN_2 + 2.0 * z * series
}

/// The probability of log-odds.
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}
