//! `records.sql`, as arke reads it: the whole file or nothing of it.

use arke::records::{Records, RecordsError, read};
use panopticon_model::time::Epoch;

/// Any bytes as a script; and once more with the digest that it should have stated, so that more is reached.
pub fn records_sql(data: &[u8]) {
    match read(data) {
        Ok(records) => check(&records),
        Err(RecordsError::Digest { stated, found }) if !stated.is_empty() => {
            let mended = String::from_utf8_lossy(data).replace(&stated, &found);
            if let Ok(records) = read(mended.as_bytes()) {
                check(&records);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// What is made of a script: an answer or an error.
fn check(records: &Records) {
    let _ = records.check_age(Epoch(0), 26);
    assert!(records.entries.is_sorted_by_key(|entry| (&entry.case.subject, &entry.case.abuse_class)));
}
