//! Rankings.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::collections::BTreeMap;
use std::io::Write;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::update::Update;
use panopticon_sources::capped::{self, Caps, Packing};
use panopticon_sources::ranks::{self, Ranking};

/// What is below `xx`: the last two labels.
fn below_xx(name: &HostName) -> Option<CompactString> {
    let labels: Vec<&str> = name.labels().rev().take(2).collect();
    match labels[..] {
        ["xx", label] => Some(format!("{label}.xx").into()),
        _ => None,
    }
}

fn map(rows: &[(&str, u32)]) -> BTreeMap<CompactString, u32> {
    rows.iter().map(|&(domain, rank)| (domain.into(), rank)).collect()
}

const LIST: &str =
    "1,google.com\r\n2,a.xx\r\n3,b.a.xx\n9,B.xx\n5,\"b.xx\"\nseven,c.xx\n0,c.xx\n8 c.xx\n\n10,no name.xx\n11,c.xx";

fn check(ranking: &Ranking) {
    assert_eq!(ranking.ranks, map(&[("a.xx", 2), ("b.xx", 5), ("c.xx", 11)]));
    assert_eq!((ranking.rows, ranking.faults.count), (6, 4));
    let lines: Vec<_> = ranking.faults.first.iter().map(|fault| fault.line_number).collect();
    assert_eq!(lines, [6, 7, 8, 10]);
}

#[test]
fn the_best_rank_of_a_domain_wins() {
    let ranking = ranks::read(LIST.as_bytes(), 3, below_xx).unwrap();
    check(&ranking);
    assert_eq!(
        ranking.top.iter().map(CompactString::as_str).collect::<Vec<_>>(),
        ["a.xx", "b.a.xx", "google.com"]
    );
    let none = ranks::read("rank,domain\n1,a.xx\n".as_bytes(), 0, below_xx).unwrap();
    assert_eq!((none.ranks, none.faults.count), (map(&[("a.xx", 1)]), 0));
    let long = format!("1,a.xx\n2,{}.xx\n3,b.xx\n", "x".repeat(5000));
    let long = ranks::read(long.as_bytes(), 0, below_xx).unwrap();
    assert_eq!((long.ranks, long.faults.count), (map(&[("a.xx", 1), ("b.xx", 3)]), 1));
}

#[test]
fn lists_come_packed() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(LIST.as_bytes()).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("top-1m.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(LIST.as_bytes()).unwrap();
    for (packing, bytes) in
        [(Packing::Gzip, gzip.finish().unwrap()), (Packing::Zip, zip.finish().unwrap().into_inner())]
    {
        let content = capped::open(bytes.as_slice(), Caps::default(), None).unwrap();
        assert_eq!(content.packing(), packing);
        check(&ranks::read(content, 0, below_xx).unwrap());
    }
}

#[test]
fn updates_lead_from_one_ranking_to_the_next() {
    let before = map(&[("a.xx", 1), ("b.xx", 2), ("c.xx", 3)]);
    let after = map(&[("a.xx", 1), ("b.xx", 4), ("d.xx", 3)]);
    let updates: Vec<_> = ranks::updates(&before, &after).collect();
    assert_eq!(
        updates,
        [
            Update::Rank("c.xx".into(), None),
            Update::Rank("b.xx".into(), Some(4)),
            Update::Rank("d.xx".into(), Some(3)),
        ]
    );
}
