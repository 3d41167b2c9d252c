#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| panopticon_fuzz::records_sql::records_sql(data));
