//! What is counted at the close of a day speaks on the next one.

use std::path::Path;

use panopticon_model::observation::Plan;
use panopticon_model::origin::Origin;
use serde_json::{Value, json};

use crate::common::query;
use crate::measuring::{column, run, settle};
use crate::names::Names;
use crate::scratch;
use crate::server::{Page, Server};

const NAMES: [&str; 6] = ["login-a.xx", "login-b.xx", "login-c.xx", "late.xx", "quiet.xx", "still.xx"];

/// An installation that reads a zone and trusts a feed of names that were registered for abuse.
fn settled(folder: &Path, names: &Names, listed: &str) {
    let more =
        "[policy]\ntrusted = [\"desk\"]\n[[vantage]]\nid = \"here\"\ncountry = \"CH\"\nproxy = \"direct\"\n";
    settle(folder, names, listed, more);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let config = config.replace("name = \"xx\"\n", "name = \"xx\"\nzone = { file = \"xx.zone\" }\n");
    let config = config.replace("id = \"desk\"\n", "id = \"desk\"\nlists = \"dedicated\"\n");
    std::fs::write(file, config).unwrap();
    let mut zone =
        "xx. 3600 IN SOA ns.host.example. desk.host.example. 7 7200 1800 1209600 3600\nxx. 3600 IN NS ns.xx.example.\n"
            .to_owned();
    zone.extend(NAMES.iter().map(|name| format!("{name}. 3600 IN NS ns.host.example.\n")));
    std::fs::write(folder.join("xx.zone"), zone).unwrap();
}

/// The reasons of the case of a name.
fn reasons(folder: &Path, name: &str) -> Value {
    column(folder, "remedies", "subject", "reasons")[name].clone()
}

#[test]
fn names_beside_those_that_were_registered_for_abuse() {
    let (folder, names, web) = (tempfile::tempdir().unwrap(), Names::start(&NAMES), Server::start());
    let folder = folder.path();
    web.put("a/page", Page::Text("<title>Log in</title>".to_owned()));
    let url = |name: &&str| format!("{}\n", web.url("a/page").replace("127.0.0.1", name));
    let listed = |names: &[&str]| names.iter().map(url).collect::<String>();

    settled(folder, &names, &listed(&NAMES[..3]));
    run(folder, "2025-03-01T06:00:00Z");
    let own = json!(["+20 lure-word login", "+20 feed-says-dedicated desk"]);
    assert_eq!(query(folder, "validated_indicators").len(), 3);
    for name in &NAMES[..3] {
        assert_eq!(reasons(folder, name), own, "nothing is counted before the close of a day");
    }

    settled(folder, &names, &listed(&NAMES[..4]));
    run(folder, "2025-03-02T06:00:00Z");
    let company = [
        "+20 feed-says-dedicated desk",
        "+15 bad-name-server ns.host.example 3 of 6",
        "+10 bad-address 127.0.0.1 3 of 3",
    ];
    assert_eq!(reasons(folder, "late.xx"), json!(company));
    assert_eq!(reasons(folder, "login-a.xx"), own, "two others do not convict it");

    // The three are taken off the zone: it is not forgotten what they were.
    names.delegate(&NAMES[3..]);
    let zone = std::fs::read_to_string(folder.join("xx.zone")).unwrap();
    let zone: String =
        zone.lines().filter(|line| !line.starts_with("login")).map(|line| format!("{line}\n")).collect();
    std::fs::write(folder.join("xx.zone"), zone).unwrap();
    run(folder, "2025-03-03T06:00:00Z");
    run(folder, "2025-03-04T06:00:00Z");
    assert!(
        reasons(folder, "late.xx").as_array().unwrap().contains(&json!("+10 bad-address 127.0.0.1 3 of 4")),
        "it is one of four now"
    );

    // What was published is what the oracle makes of the log, day by day.
    let mut policies = scratch::policies(&["desk"]);
    policies.usual.origins = [("desk".into(), Origin::Dedicated)].into();
    let plan = Plan { delegation: true, vantages: vec!["here".into()], ..Plan::default() };
    let (state, out) = (folder.join("state"), folder.join("out"));
    assert_eq!(scratch::check_measured(&state, &out, &["xx"], &["xx"], &plan, &policies), 4);
}
