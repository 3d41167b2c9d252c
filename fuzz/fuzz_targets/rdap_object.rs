#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| panopticon_fuzz::targets::rdap::rdap_object(data));
