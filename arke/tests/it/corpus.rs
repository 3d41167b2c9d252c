//! The fuzz target of `records.sql` over its corpus.

#[allow(unreachable_pub, reason = "the fuzzer calls it from another crate")]
#[path = "../../../fuzz/replay.rs"]
mod replay;
#[allow(unreachable_pub, reason = "the fuzzer calls it from another crate")]
#[path = "../../../fuzz/targets/records_sql.rs"]
mod target;

#[test]
fn records_sql() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "records_sql", target::records_sql);
}
