//! Pages from two places, and what becomes of it when places, suffixes or lists change.

use std::path::Path;

use panopticon_model::observation::Plan;
use serde_json::Value;

use crate::common::query;
use crate::measuring::{checked, column, run, settle};
use crate::names::Names;
use crate::server::{Page, Server};

const GONE: &[u8] = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Two places that see the same web server: one directly, one through another server that stands for a proxy.
struct Web {
    here: Server,
    there: Server,
}

impl Web {
    fn start() -> Web {
        Web { here: Server::start(), there: Server::start() }
    }

    fn put(&self, page: &Page) {
        self.here.put("login", page.clone());
        self.there.put("login", page.clone());
    }

    /// A URL that is listed.
    fn url(&self, host: &str) -> String {
        self.here.url("login").replace("127.0.0.1", host)
    }

    fn vantages(&self) -> [String; 2] {
        let proxy = self.there.url("");
        let vantage = |id: &str, country: &str, proxy: &str| {
            format!("[[vantage]]\nid = \"{id}\"\ncountry = \"{country}\"\nproxy = \"{proxy}\"\n")
        };
        [vantage("here", "CH", "direct"), vantage("there", "NZ", proxy.trim_end_matches('/'))]
    }
}

fn plan(vantages: &[&str]) -> Plan {
    let vantages: Vec<_> = vantages.iter().copied().map(Into::into).collect();
    Plan {
        delegation: true,
        tie: (vantages.len() > 1).then(|| "here+browser".into()),
        vantages,
        ..Plan::default()
    }
}

/// What both places saw of the one indicator.
fn seen(folder: &Path) -> [Value; 2] {
    let rows = query(folder, "indicators");
    ["http_a", "http_b"].map(|column| rows[0][column].clone())
}

#[test]
fn two_places_see_a_page_and_two_that_are_one_see_it_once() {
    let (folder, names, web) = (tempfile::tempdir().unwrap(), Names::start(&["shop.xx"]), Web::start());
    let folder = folder.path();
    let [here, there] = web.vantages();
    web.put(&Page::Text("<title>Log in</title>".to_owned()));
    let at = |vantages: &str, now: &str| {
        settle(folder, &names, &web.url("shop.xx"), vantages);
        run(folder, now)
    };
    let said = at(&[here.as_str(), &there].concat(), "2025-03-01T06:00:00Z");
    assert!(!said.contains("count as one"), "{said}");
    assert_eq!(seen(folder), ["content", "content"]);
    assert_eq!(query(folder, "indicators")[0]["cloaking"], false);

    // One of them is shown something else: it is asked a third time, and both answers are kept.
    web.there.put("login", Page::Raw(GONE.into()));
    run(folder, "2025-03-01T09:00:00Z");
    assert_eq!(seen(folder), ["content", "not-found"]);
    assert_eq!(query(folder, "indicators")[0]["cloaking"], true);
    let listed = |row: &&Value| row["target"] == web.url("shop.xx").as_str();
    let rows = query(folder, "observations");
    let from: Vec<_> = rows.iter().filter(listed).map(|row| row["vantage"].as_str().unwrap()).collect();
    assert_eq!(from, ["here", "here+browser", "there"]);
    assert_eq!(checked(folder, &plan(&["here", "there"])), 1);

    // In one country they are one place, and it says so.
    let said = at(&[here.as_str(), &there.replace("NZ", "CH")].concat(), "2025-03-01T12:00:00Z");
    assert!(said.contains("the vantages `here` and `there` count as one place: both are in CH"), "{said}");
    assert_eq!(seen(folder), [Value::from("content"), Value::Null]);
    assert_eq!(checked(folder, &plan(&["here"])), 1);
}

#[test]
fn a_page_that_is_gone_from_both_places_is_remediated_and_one_place_is_not_enough() {
    let (folder, names, web) = (tempfile::tempdir().unwrap(), Names::start(&["shop.xx"]), Web::start());
    let folder = folder.path();
    let both = web.vantages().concat();
    settle(folder, &names, &web.url("shop.xx"), &both);
    web.put(&Page::Text("log in".to_owned()));
    run(folder, "2025-03-01T06:00:00Z");
    web.put(&Page::Raw(GONE.into()));
    let mut told = Vec::new();
    for now in ["01T12:00", "01T18:00", "02T06:00"] {
        run(folder, &format!("2025-03-{now}:00Z"));
        told.push(column(folder, "cases", "subject", "status")["shop.xx"].clone());
    }
    assert_eq!(told, ["new", "remediated", "remediated"]);
    assert_eq!(query(folder, "cases")[0]["ended_at"], "2025-03-01T18:00:00.000Z");
    assert_eq!(checked(folder, &plan(&["here", "there"])), 2);

    // Who gives up a place knows less. That is a change of policy, not of the world.
    settle(folder, &names, &web.url("shop.xx"), &web.vantages()[0]);
    run(folder, "2025-03-02T07:00:00Z");
    assert_eq!(column(folder, "cases", "subject", "status")["shop.xx"], "active");
    assert_eq!(column(folder, "daily_diffs", "subject", "cause")["shop.xx"], "policy");
}

#[test]
fn what_was_measured_moves_with_the_suffixes_and_lists_of_protected_names_come_and_go() {
    let (folder, names, web) = (tempfile::tempdir().unwrap(), Names::start(&["co.xx", "a.co.xx"]), Web::start());
    let folder = folder.path();
    let more = [&web.vantages()[0], "[[protected]]\nid = \"critical\"\npath = \"critical.txt\"\n"].concat();
    let protect = |text: &str| std::fs::write(folder.join("critical.txt"), text).unwrap();
    settle(folder, &names, &web.url("a.co.xx"), &more);
    web.put(&Page::Text("log in".to_owned()));
    protect("a.co.xx\n");
    run(folder, "2025-03-01T06:00:00Z");
    let domains = || column(folder, "observations", "target", "registrable_domain");
    assert_eq!(domains()[&web.url("a.co.xx")], "co.xx");
    assert_eq!(domains()["co.xx"], "co.xx");
    assert_eq!(query(folder, "indicators")[0]["protected"], true, "its registrable domain is");

    std::fs::write(folder.join("suffixes.dat"), "xx\nco.xx\n").unwrap();
    run(folder, "2025-03-01T07:00:00Z");
    assert_eq!(domains()[&web.url("a.co.xx")], "a.co.xx");
    assert_eq!(domains()["a.co.xx"], "a.co.xx", "the new registrable domain is asked for");
    assert_eq!(query(folder, "indicators")[0]["protected"], true);
    assert_eq!(checked(folder, &plan(&["here"])), 1);

    protect("other.xx\n");
    run(folder, "2025-03-01T08:00:00Z");
    assert_eq!(query(folder, "indicators")[0]["protected"], false);
}
