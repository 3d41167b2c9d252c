#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| panopticon_fuzz::targets::feeds::feed_csv(data));
