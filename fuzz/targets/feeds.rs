//! Snapshots of feeds, through the door: one target a format.

use std::io::{BufRead, BufReader};

use panopticon_model::name::HostName;
use panopticon_model::observable::{Observable, ObservableKind};
use panopticon_model::sighting::FeedId;
use panopticon_model::url::{CanonicalUrl, mask_mail};
use panopticon_sources::door::Claim;
use panopticon_sources::feeds::snapshot::{Snapshot, read_snapshot};
use panopticon_sources::feeds::{FeedSpec, Format, Limits};

use super::world::places;

macro_rules! targets {
    ($($name:ident $format:literal,)*) => {
        $(#[doc = concat!("The format `", $format, "`.")]
        pub fn $name(data: &[u8]) {
            feed($format, data);
        })*
    };
}

targets! {
    feed_adblock "adblock",
    feed_blackbook_csv "blackbook-csv",
    feed_cert_pl_tsv "cert-pl-tsv",
    feed_cert_pl_json "cert-pl-json",
    feed_csv "csv",
    feed_hosts "hosts",
    feed_maltrail "maltrail",
    feed_misp "misp",
    feed_openphish_json "openphish-json",
    feed_openphish_txt "openphish-txt",
    feed_phishing_database "phishing-database",
    feed_phishtank_csv "phishtank-csv",
    feed_phishtank_json "phishtank-json",
    feed_plain "plain",
    feed_rbldnsd "rbldnsd",
    feed_rpz "rpz",
    feed_stix "stix",
    feed_threatfox_csv "threatfox-csv",
    feed_threatfox_json "threatfox-json",
    feed_urlhaus_csv "urlhaus-csv",
    feed_urlhaus_json "urlhaus-json",
}

/// Small, so that each of them is reached.
const LIMITS: Limits = Limits { max_line_bytes: 700, max_rows: 60, max_errors: 8 };

fn feed(format: &str, data: &[u8]) {
    let spec = FeedSpec::new(FeedId::from("test"), Format::from_id(format).unwrap());
    let whole = read(&spec, &mut { data });
    for size in [1, 7, 61] {
        assert_eq!(read(&spec, &mut BufReader::with_capacity(size, data)), whole, "buffers of {size}");
    }
    let Ok(snapshot) = whole else { return };
    let faults = u64::try_from(snapshot.errors.len()).unwrap();
    assert_eq!(snapshot.rows, snapshot.kept() + snapshot.out_of_scope + snapshot.duplicates);
    assert!(snapshot.rows + snapshot.faulty <= LIMITS.max_rows);
    assert!(faults <= snapshot.faulty && snapshot.errors.len() <= LIMITS.max_errors + 1);
    assert_eq!(faults == 0, snapshot.faulty == 0);
    assert!(snapshot.claims.is_sorted_by(|(a, _), (b, _)| a < b));
    for (entry, of) in &snapshot.claims {
        assert_eq!(snapshot.claim(entry), Some(of));
        check_claim(of);
    }
    for error in snapshot.errors.values() {
        assert!(error.sample.chars().count() <= 200 && !error.sample.contains(char::is_control));
        assert_eq!(mask_mail(&error.sample), error.sample.as_str(), "a sample shows an address");
        assert_eq!(mask_mail(&error.message), error.message.as_str(), "a message shows an address");
    }
}

fn read(spec: &FeedSpec, mut input: &mut dyn BufRead) -> Result<Snapshot, String> {
    read_snapshot(spec, &mut input, places(), &LIMITS).map_err(|error| error.to_string())
}

fn check_claim(of: &Claim) {
    assert!(of.label.chars().count() <= 256 && !of.label.contains(char::is_control));
    assert_eq!(mask_mail(&of.label), of.label.as_str(), "a label shows an address");
    let seen = &of.observable;
    assert_eq!(seen.id, Observable::id_of(seen.kind, &seen.canonical));
    assert_ne!(seen.original.as_deref(), Some(&*seen.canonical));
    match seen.kind {
        ObservableKind::Url => {
            let again = CanonicalUrl::parse(&seen.canonical).unwrap();
            assert_eq!(again.canonical, *seen.canonical);
        }
        ObservableKind::Host => {
            let again = HostName::parse(&seen.canonical).unwrap();
            assert_eq!(again.as_str(), &*seen.canonical);
        }
        ObservableKind::Address => {
            let address: std::net::IpAddr = seen.canonical.parse().unwrap();
            assert!(address.to_string() == *seen.canonical && !address.is_loopback() && !address.is_unspecified());
        }
    }
    if let Some(domain) = seen.place.registrable_domain() {
        let host = HostName::parse(seen.place.host()).unwrap();
        assert!(host.is_at_or_below(domain) && places().in_scope(&host));
        assert!(seen.place.subject().is_some_and(|subject| host.is_at_or_below(subject)));
    }
}
