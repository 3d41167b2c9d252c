//! The fuzz targets of `records.sql` and of what vouches for it, over their corpora.

#[allow(unreachable_pub, reason = "the fuzzer calls it from another crate")]
#[path = "../../../fuzz/replay.rs"]
mod replay;
#[allow(unreachable_pub, reason = "the fuzzer calls it from another crate")]
#[path = "../../../fuzz/targets/signed.rs"]
mod signed;
#[allow(unreachable_pub, reason = "the fuzzer calls it from another crate")]
#[path = "../../../fuzz/targets/records_sql.rs"]
mod target;

#[test]
fn records_sql() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "records_sql", target::records_sql);
}

#[test]
fn signed_records() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "signed_records", signed::signed_records);
}
