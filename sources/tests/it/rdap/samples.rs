//! Answers of the world, where they are at hand: what servers and the makers of other readers wrote.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use panopticon_model::observation::RdapFacts;
use panopticon_sources::capped::{self, Caps};
use panopticon_sources::rdap::bootstrap;
use panopticon_sources::rdap::error::ObjectError;

use super::read;

/// The files of the archive by name; none where it is absent.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn samples() -> Option<BTreeMap<String, Vec<u8>>> {
    let folder = std::env::var_os("PANOPTICON_SHARED").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    let path = folder.join("rdap/rdap_samples.tar.zst");
    if !path.is_file() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    let mut archive = Vec::new();
    let file = File::open(path).unwrap();
    capped::open(file, Caps::default(), None).unwrap().read_to_end(&mut archive).unwrap();
    Some(unpack(&archive))
}

/// The files of an archive (POSIX ustar): a header of 512 octets, then the content in blocks of as many.
fn unpack(mut archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let text = |field: &[u8]| String::from_utf8_lossy(field).trim_matches(['\0', ' ']).to_owned();
    let mut files = BTreeMap::new();
    while let Some((header, rest)) = archive.split_at_checked(512) {
        let length = usize::from_str_radix(&text(&header[124..136]), 8).unwrap_or(0);
        if header[156] == b'0' {
            files.insert(text(&header[..100]), rest[..length].to_vec());
        }
        archive = rest.get(length.next_multiple_of(512)..).unwrap_or_default();
    }
    files
}

/// The file whose name ends so.
fn file<'a>(files: &'a BTreeMap<String, Vec<u8>>, end: &str) -> &'a [u8] {
    files.iter().find(|(name, _)| name.ends_with(end)).unwrap_or_else(|| panic!("no {end}")).1
}

fn line(facts: &RdapFacts) -> String {
    let text = |text: &Option<compact_str::CompactString>| text.as_deref().unwrap_or("-").to_owned();
    let date = |at: Option<panopticon_model::time::Epoch>| at.map_or("-".to_owned(), |at| at.day().to_string());
    let dates = [facts.created_at, facts.changed_at, facts.expires_at].map(date).join(" ");
    let registrar =
        [&facts.registrar, &facts.registrar_iana_id, &facts.registrar_abuse_email, &facts.registrar_abuse_phone]
            .map(text);
    format!(
        "{dates} | {} | {} | {} | {:?} | {}",
        facts.epp_statuses.join(" "),
        registrar.join(", "),
        facts.name_servers.join(" "),
        facts.signed,
        facts.redacted.join(", ")
    )
}

#[test]
fn domains_of_the_world() {
    let Some(files) = samples() else { return };
    for (end, question, expected) in [
        (
            "home.moscow.json",
            "home.moscow",
            "2021-10-19 2023-11-20 2024-10-19 | clientTransferProhibited \
             | Limited Liability Company \"Registrar of domain names REG.RU\", 1606, abuse@reg.ru, 5801111 \
             | ns1.reg.ru ns2.reg.ru | Some(false) | administrative, administrative email, registrant, \
             registrant email, technical, technical email",
        ),
        (
            "microsoft.click.json",
            "microsoft.click",
            "2014-11-12 2023-10-17 2024-11-12 | clientDeleteProhibited clientTransferProhibited clientUpdateProhibited \
             | MarkMonitor Inc., -, abusecomplaints@markmonitor.com, +1.2083895740 \
             | ns1-08.azure-dns.com ns2-08.azure-dns.net ns3-08.azure-dns.org ns4-08.azure-dns.info | Some(false) \
             | administrative, administrative email, registrant, registrant email, technical, technical email",
        ),
        (
            "lemonde.fr.json",
            "lemonde.fr",
            "2005-08-02 2024-06-12 2025-06-09 \
             | other serverDeleteProhibited serverTransferProhibited serverUpdateProhibited \
             | NAMESHIELD, 1251, -, - \
             | ns-cloud-b1.googledomains.com ns-cloud-b2.googledomains.com ns-cloud-b3.googledomains.com \
             ns-cloud-b4.googledomains.com | None | ",
        ),
        (
            "domain-example.cz.json",
            "example.cz",
            "2004-08-30 2007-01-25 2019-08-30 | ok | -, -, -, - | ns.pipni.cz ns2.pipni.cz ns3.pipni.cz | None | ",
        ),
        (
            "lookup_with_redaction.json",
            "example.com",
            "1997-06-03 2020-05-28 2021-06-03 \
             | clientTransferProhibited serverDeleteProhibited serverTransferProhibited serverUpdateProhibited \
             | Example Registrar Inc., 1, abuse@organization.example, +1.7035555555 \
             | ns1.example.com ns2.example.com | Some(false) | administrative contact, billing contact, registrant, \
             registrant city, registrant email, registrant name, registrant organization, registrant phone, \
             registrant postal code, registrant street, registry domain id, technical, technical email, \
             technical fax, technical name, technical phone",
        ),
    ] {
        assert_eq!(line(&read(file(&files, end), question).unwrap()), expected, "{end}");
        assert_eq!(read(file(&files, end), "another.example"), Err(ObjectError::Mismatch), "{end}");
    }
}

#[test]
fn people_of_the_world_stay_there() {
    let Some(files) = samples() else { return };
    let domain = file(&files, "domain_afnic_fr.json");
    let shown = format!("{:?}", read(domain, "afnic.fr").unwrap());
    for trace in ["Jean-Philippe", "nic@nic.fr", "NOMMAGE", "Stephenson", "AFNI30", "33.139308300"] {
        assert!(String::from_utf8_lossy(domain).contains(trace), "{trace} is not even in the answer");
        assert!(!shown.contains(trace), "{trace}: {shown}");
    }
}

#[test]
fn things_that_are_no_domains() {
    let Some(files) = samples() else { return };
    for (end, expected) in [
        ("error_ripe_net.json", ObjectError::Error(501)),
        ("entity_arin_hostmaster.json", ObjectError::Class),
        ("nameserver_ns1_nic_fr.json", ObjectError::Class),
        ("network_192_198_0_0.json", ObjectError::Class),
        ("autnum_16509.json", ObjectError::Class),
        ("help_nic_fr.json", ObjectError::Nameless),
        ("domains_ldhname_ns1_arin_net.json", ObjectError::Nameless),
        ("domain_search_with_redaction.json", ObjectError::Nameless),
    ] {
        assert_eq!(read(file(&files, end), "example.com"), Err(expected), "{end}");
    }
}

/// Every file as an answer, and every card as that of a registrar and of its desk.
#[test]
fn nothing_of_it_breaks_the_reader() {
    let Some(files) = samples() else { return };
    let json: Vec<_> = files.iter().filter(|(name, _)| name.ends_with(".json")).collect();
    assert!(json.len() >= 40, "{}", json.len());
    for (name, content) in json {
        let _ = bootstrap::read(content);
        let _ = read(content, "example.com");
        if name.contains("jcard") && serde_json::from_slice::<serde_json::Value>(content).is_ok() {
            let card = String::from_utf8_lossy(content);
            let answer = format!(
                r#"{{"ldhName":"example.com","entities":{{"roles":["registrar","abuse"],"vcardArray":{card}}}}}"#
            );
            let facts = read(answer, "example.com").unwrap();
            assert_eq!(facts.registrar.is_some(), name.ends_with("/example.json"), "{name}: {facts:?}");
        }
    }
}

#[test]
fn bootstrap_files_of_others() {
    let Some(files) = samples() else { return };
    let tlds = |end: &str| {
        let bases = bootstrap::read(file(&files, end)).map_err(|error| error.to_string())?;
        Ok::<_, String>(
            bases.iter().map(|(tld, urls)| format!("{tld} {}", urls[0])).collect::<Vec<_>>().join(", "),
        )
    };
    let ok = |text: &str| Ok(text.to_owned());
    let plain = "ar https://rdap.nic.ar/, br https://rdap.registro.br/, cz https://rdap.nic.cz/";
    assert_eq!(tlds("bootstrap/dns.json"), ok(plain));
    assert_eq!(tlds("bootstrap_complex/dns.json"), ok("com https://example.com/"));
    for end in ["dns_bad_services.json", "dns_empty.json", "dns_syntax_error.json"] {
        assert!(tlds(end).unwrap_err().contains("RFC 9224"), "{end}");
    }
    // Another reader takes `%%` in a path for an error; browsers do not.
    assert_eq!(tlds("dns_bad_url.json"), ok(&format!("{plain}, example http://example.org/%%/")));
}
