//! The fuzz targets over their corpora, with the stable compiler. The targets are those of the fuzzer, word for word.

use std::collections::BTreeSet;
use std::path::Path;

use panopticon_sources::feeds::FORMATS;

#[allow(unreachable_pub, reason = "the fuzzer calls it from another crate")]
#[path = "../../fuzz/replay.rs"]
mod replay;
#[allow(unreachable_pub, reason = "the fuzzer calls them from another crate")]
#[path = "../../fuzz/targets/mod.rs"]
mod targets;

use targets::{
    capped, config, dns, feeds, http, lgr, log, names, parquet, ranks, rdap, signing, tables, url, webrisk, words,
    zone,
};

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

macro_rules! replayed {
    ($($room:ident::$name:ident,)*) => {
        $(#[test]
        fn $name() {
            replay::replay(PACKAGE, stringify!($name), $room::$name);
        })*
        const HERE: &[&str] = &[$(stringify!($name)),*];
    };
}

replayed! {
    capped::capped,
    config::config,
    dns::dns_reply,
    feeds::feed_adblock,
    feeds::feed_blackbook_csv,
    feeds::feed_cert_pl_tsv,
    feeds::feed_cert_pl_json,
    feeds::feed_csv,
    feeds::feed_hosts,
    feeds::feed_maltrail,
    feeds::feed_misp,
    feeds::feed_openphish_json,
    feeds::feed_openphish_txt,
    feeds::feed_phishing_database,
    feeds::feed_phishtank_csv,
    feeds::feed_phishtank_json,
    feeds::feed_plain,
    feeds::feed_rbldnsd,
    feeds::feed_rpz,
    feeds::feed_stix,
    feeds::feed_threatfox_csv,
    feeds::feed_threatfox_json,
    feeds::feed_urlhaus_csv,
    feeds::feed_urlhaus_json,
    http::http_body,
    http::http_certificate,
    http::http_page,
    http::http_url,
    http::http_way,
    lgr::lgr,
    log::log_bytes,
    log::log_frames,
    names::host,
    names::names_list,
    names::suffix_list,
    parquet::parquet,
    ranks::ranks,
    rdap::rdap_bootstrap,
    rdap::rdap_object,
    rdap::retry_after,
    signing::signing_key,
    tables::manifest,
    tables::table_blocks,
    url::url,
    webrisk::webrisk_answer,
    webrisk::webrisk_expressions,
    webrisk::webrisk_lists,
    webrisk::webrisk_rice,
    words::words,
    zone::zone,
    zone::zone_name,
    zone::zone_names,
    zone::zone_notify,
    zone::zone_snapshot,
}

/// Targets that are replayed elsewhere: in the tests of arke.
const ELSEWHERE: [&str; 2] = ["records_sql", "signed_records"];

fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_target_is_built_replayed_and_has_a_corpus() {
    let fuzz = Path::new(PACKAGE).join("fuzz");
    let targets = entries(&fuzz.join("fuzz_targets"));
    let replayed: BTreeSet<String> = HERE.iter().chain(&ELSEWHERE).map(|name| (*name).to_owned()).collect();
    assert_eq!(targets, replayed);
    assert_eq!(targets, entries(&replay::corpora(PACKAGE)));
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let read: toml::Table = manifest.parse().unwrap();
    assert_eq!(read["bin"].as_array().map(Vec::len), Some(targets.len()));
    for target in &targets {
        assert!(manifest.contains(&format!("[[bin]]\nname = \"{target}\"\n")), "{target} is not built");
        let wrapper = std::fs::read_to_string(fuzz.join("fuzz_targets").join(format!("{target}.rs"))).unwrap();
        assert!(wrapper.contains(&format!("::{target}(data)")), "{target} runs another target");
    }
}

#[test]
fn every_feed_format_has_a_target() {
    for format in FORMATS {
        let target = format!("feed_{}", format.id.replace('-', "_"));
        assert!(HERE.contains(&target.as_str()), "no target {target}");
    }
}
