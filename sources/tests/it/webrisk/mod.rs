//! Web Risk: expressions, packed numbers, requests and answers, diffs, and lists in a file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod answers;
mod diffs;
mod expressions;
mod file;
mod rice;

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}
