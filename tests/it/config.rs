//! The configuration: what `init` writes, what is refused, what is never shown, and what `--offline` never does.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use panopticon_datasets::world::{DAYS, SUFFIXES};

use crate::common::{fails, files, known, live, ok, panopticon, put_day, query, run_of};
use crate::server::{Page, Server};

const SECRET: &str = "sesame-4711-open";

#[test]
fn what_init_writes_is_in_order_and_says_what_each_key_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ok(panopticon(folder).args(["init", "xx"]));
    let check = panopticon(folder).args(["config", "check"]).output().unwrap();
    let said = String::from_utf8(check.stderr).unwrap();
    for remark in ["pages are not fetched", "RDAP of `.xx` is not asked", "`panopticon.toml` is in order"] {
        assert!(check.status.success() && said.contains(remark), "{said}");
    }
    ok(panopticon(folder).args(["config", "show"]));
    let written = std::fs::read_to_string(folder.join("panopticon.toml")).unwrap();
    // Every comment that looks like a key is one: taken in, the file is still accepted.
    let mut all = String::new();
    for line in written.lines() {
        let key = line.strip_prefix("# ").filter(|rest| {
            let key = rest.split(" = ").next().unwrap_or_default().trim_end();
            let is_key = key.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '9'));
            rest.starts_with("[[") || (rest.contains(" = ") && is_key)
        });
        all.push_str(key.unwrap_or(line));
        all.push('\n');
    }
    for key in ["zone", "retention", "secrets", "quad9", "country", "no_recursion", "codes"] {
        assert!(all.lines().any(|line| line.split(' ').next() == Some(key)), "{key}: {all}");
    }
    std::fs::write(folder.join("all.toml"), &all).unwrap();
    let said = fails(panopticon(folder).args(["config", "show", "--config", "all.toml"]), 1);
    assert!(said.contains("cannot read the suffix list `suffixes.dat`"), "{said}");
    std::fs::write(folder.join("suffixes.dat"), SUFFIXES).unwrap();
    let shown = ok(panopticon(folder).args(["config", "show", "--config", "all.toml"]));
    std::fs::write(folder.join("shown.toml"), &shown).unwrap();
    assert_eq!(ok(panopticon(folder).args(["config", "show", "--config", "shown.toml"])), shown);
    // What the comments give as values are those that count without them.
    let usual = ok(panopticon(folder).args(["config", "show"]));
    let probe = |text: &str| {
        let lines = text.lines().skip_while(|line| *line != "[probe]").skip(1);
        let own = ["allow_private", "http", "rdap", "web_risk", "resolver"];
        let lines = lines.take_while(|line| !line.is_empty());
        lines
            .filter(|line| !own.contains(&line.trim_start_matches("# ").split([' ', ':']).next().unwrap()))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(probe(&shown), probe(&usual));
    // Every key that may be written is in it, or in the table of the README.
    let readme = include_str!("../../README.md");
    for key in KEYS {
        let is_there = |text: &str| {
            text.split(|c: char| !matches!(c, '_' | '9') && !c.is_ascii_lowercase()).any(|word| word == key)
        };
        assert!(is_there(&written) || is_there(readme), "`{key}` is documented nowhere");
    }
    // It is not written over.
    assert!(fails(panopticon(folder).args(["init", "yy"]), 1).contains("cannot create `panopticon.toml`"));
}

/// Every key of the file.
const KEYS: [&str; 96] = [
    "version",
    "state",
    "output",
    "secrets",
    "redistributable",
    "licence",
    "tlp",
    "signing_key",
    "suffix_list",
    "user_agent",
    "ca",
    "workers",
    "publish_every",
    "retention",
    "max_bytes",
    "max_decoded_bytes",
    "max_line_bytes",
    "max_rows",
    "name",
    "registrable_at",
    "zone",
    "file",
    "names",
    "primary",
    "key",
    "final_soa",
    "notify",
    "apex",
    "max_shrink",
    "every",
    "id",
    "format",
    "path",
    "url",
    "secret",
    "secret_header",
    "absence",
    "lease",
    "trusted",
    "abuse_class",
    "lists",
    "columns",
    "separator",
    "kind",
    "value",
    "entry",
    "label",
    "brand",
    "reported_at",
    "last_seen",
    "confidence",
    "policy",
    "independent",
    "fresh",
    "guarded_rank",
    "allow",
    "protected",
    "servers",
    "rdap",
    "user",
    "probe",
    "dns",
    "per_server",
    "at_once",
    "timeout",
    "port",
    "quad9",
    "filtered",
    "unfiltered",
    "extended_errors",
    "no_recursion",
    "canary_blocked",
    "canary_nonexistent_in",
    "canary_identity",
    "per_second",
    "repeat",
    "http",
    "per_host",
    "max_body_bytes",
    "web_risk",
    "update",
    "bootstrap",
    "resolver",
    "allow_private",
    "refresh",
    "valid",
    "retry",
    "confirm",
    "longest",
    "vantage",
    "country",
    "proxy",
    "filter",
    "blocklist",
    "codes",
    "via",
];

#[test]
fn what_show_prints_is_a_configuration_that_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 0);
    let shown = ok(panopticon(folder).args(["config", "show"]));
    std::fs::write(folder.join("shown.toml"), &shown).unwrap();
    assert_eq!(ok(panopticon(folder).args(["config", "show", "--config", "shown.toml"])), shown);
}

#[test]
fn unknown_keys_are_named_with_their_line_and_the_nearest_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let head = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n";
    let feed = "[[feed]]\nid = \"a\"\nformat = \"plain\"\npath = \"x\"\n";
    for (text, line, words) in [
        (format!("{head}outptu = 1\n[[tld]]\nname = \"xx\"\n"), 4, "`outptu`, `output`"),
        (format!("{head}[[tld]]\nname = \"xx\"\nzones = 1\n"), 6, "`zones`, `zone`"),
        (format!("{head}[[tld]]\nname = \"xx\"\nzone = {{ fil = \"a\" }}\n"), 6, "`fil`, `file`"),
        (format!("{head}[[tld]]\nname = \"xx\"\nzone = [{{ name = \"a\" }}]\n"), 6, "`name`, `names`"),
        (format!("{head}[[tld]]\nname = \"xx\"\n{feed}evry = \"1h\"\n"), 10, "`evry`, `every`"),
        (format!("{head}[[tld]]\nname = \"xx\"\n{feed}absence = {{ leas = \"1h\" }}\n"), 10, "`leas`, `lease`"),
        (format!("{head}[[tld]]\nname = \"xx\"\n{feed}absence = {{ lease = \"1h\", x = 1 }}\n"), 10, "`x`, "),
        (format!("{head}[limits]\nmax_row = 1\n[[tld]]\nname = \"xx\"\n"), 5, "`max_row`, `max_rows`"),
        (format!("{head}[[tld]]\nname = \"xx\"\n[ranks]\npth = \"x\"\n"), 7, "`pth`, `path`"),
        (format!("{head}[[tld]]\nname = \"xx\"\n[probe]\nquad8 = true\n"), 7, "`quad8`, `quad9`"),
        (
            format!("{head}[[tld]]\nname = \"xx\"\n[probe]\nhttp = {{ per_hst = 1.0 }}\n"),
            7,
            "`per_hst`, `per_host`",
        ),
        (format!("{head}[[tld]]\nname = \"xx\"\n[policy]\nfrsh = \"1d\"\n"), 7, "`frsh`, `fresh`"),
        (format!("{head}[[tld]]\nname = \"xx\"\nrdap = {{ rul = \"x\" }}\n"), 6, "`rul`, "),
        (
            format!("{head}[[tld]]\nname = \"xx\"\n[[vantage]]\nid = \"a\"\ncontry = \"CH\"\n"),
            8,
            "`contry`, `country`",
        ),
    ] {
        std::fs::write(folder.join("panopticon.toml"), &text).unwrap();
        let (unknown, near) = words.split_once(", ").unwrap();
        for args in [&["config", "check"][..], &["run", "--once"], &["query", "cases"]] {
            let said = fails(panopticon(folder).args(args), 1);
            assert!(
                said.contains(&format!("`panopticon.toml`: line {line}: unknown key {unknown}")),
                "{text}{said}"
            );
            assert!(near.is_empty() || said.contains(&format!("hint: did you mean {near}?")), "{text}{said}");
        }
    }
    assert!(!folder.join("state").exists());
}

#[test]
fn what_is_said_of_measuring_and_makes_no_sense_is_refused_with_what_would() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let head = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n[[tld]]\nname = \"xx\"\n";
    let vantage = |proxy: &str| format!("[probe]\n[[vantage]]\nid = \"a\"\ncountry = \"CH\"\nproxy = {proxy}\n");
    for (text, wrong, right) in [
        ("[[vantage]]\nid = \"a\"\ncountry = \"CH\"\nproxy = \"direct\"\n".to_owned(), "without `[probe]`", "[probe]"),
        ("[[filter]]\nid = \"a\"\n".to_owned(), "`[[filter]]` stands without `[probe]`", "[probe]"),
        ("[policy]\ntrusted = [\"a\"]\n".to_owned(), "policy: there is no feed `a`", ""),
        ("[policy]\nallow = [\"a b\"]\n".to_owned(), "policy: `a b`", ""),
        ("[probe]\n[[filter]]\nid = \"a\"\n".to_owned(), "a filter needs an id", "`unfiltered`"),
        ("[probe]\n[[filter]]\nid = \"quad9\"\nfiltered = \"192.0.2.1\"\nunfiltered = \"192.0.2.2\"\n".to_owned(), "filter `quad9` is configured twice", ""),
        ("[probe]\nresolver = [\"quad9\"]\n".to_owned(), "resolver of probe: `quad9`", "tls://"),
        ("[probe]\nper_second = -1.0\n".to_owned(), "probe: `-1` is no budget", "not below 0"),
        ("[probe]\nhttp = {{ per_host = nan }}\n".replace("{{", "{").replace("}}", "}"), "http: `NaN` is no budget", "not below 0"),
        ("[probe]\nretry = \"soon\"\n".to_owned(), "retry of probe: `soon` is not a duration", "`30s`"),
        ("[probe]\nallow_private = [\"here\"]\n".to_owned(), "allow_private of probe: `here`", "10.1.0.0/16"),
        ("[probe]\nweb_risk = true\n".to_owned(), "web_risk needs your key", "secret = "),
        ("[probe]\nweb_risk = { secret = \"a\", url = \"ftp://x\" }\n".to_owned(), "neither https:// nor http://", ""),
        ("[probe]\n[[blocklist]]\nid = \"a\"\nzone = \"dbl.example\"\ncodes = \"some\"\nresolver = [\"192.0.2.1\"]\n".to_owned(), "codes `some` are not known", "spamhaus-dbl"),
        (vantage("\"here\""), "vantage `a`: a way is `direct` or the url of a proxy", ""),
        (vantage("[]"), "the vantage `a` has no way", ""),
        (vantage("\"ftp://192.0.2.1\"").to_owned(), "has the scheme `http`, `https` or `socks5`", ""),
        (vantage("\"direct\"").replace("\"CH\"", "\"Switzerland\""), "`Switzerland` is no country", "ISO 3166"),
        (vantage("\"direct\"").replace("\"a\"", "\"A B\""), "no usable id", "a-z"),
        (vantage("\"http://me:sesame@192.0.2.1:80\""), "a password is written out; write `{key}`", ""),
    ] {
        std::fs::write(folder.join("panopticon.toml"), format!("{head}{text}")).unwrap();
        let said = fails(panopticon(folder).args(["config", "check"]), 1);
        assert!(said.contains(wrong) && said.contains(right), "{text}{said}");
        assert!(!said.contains("sesame"), "{said}");
    }
    // What is right, and lacks something beside the file.
    let text = format!(
        "{head}rdap = {{ url = \"https://rdap.example/\", secret = \"rdap\" }}\n[probe]\n\
        web_risk = {{ secret = \"risk\" }}\nrdap = {{ bootstrap = \"dns.json\" }}\n\
        [[vantage]]\nid = \"a\"\ncountry = \"CH\"\nproxy = \"direct\"\n\
        [[vantage]]\nid = \"b\"\ncountry = \"CH\"\nproxy = \"http://me:{{key}}@192.0.2.1:80\"\nsecret = \"proxy\"\n"
    );
    std::fs::write(folder.join("panopticon.toml"), text).unwrap();
    let said = fails(panopticon(folder).args(["config", "check"]), 4);
    for lack in [
        "rdap of tld `xx`: there is no secret `rdap`",
        "web_risk: there is no secret `risk`",
        "vantage `b`: there is no secret `proxy`",
        "bootstrap of rdap: cannot read `dns.json`",
        "they count as one",
        "pages are fetched from `a` only",
    ] {
        assert!(said.contains(lack), "{lack}: {said}");
    }
}

/// A feed behind a header, and its secret.
fn guarded(folder: &Path, server: &Server, more: &str) {
    live(folder, 1);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let url = format!("url = \"{}\"\nsecret = \"desk\"\n{more}", server.url("list.txt"));
    let config = config.replace("path = \"feeds/desk.txt\"", &url);
    std::fs::write(&file, format!("secrets = \"secrets.toml\"\n{config}")).unwrap();
    secrets(folder, &format!("desk = \"{SECRET}\"\n"), 0o600);
    put_day(folder, &DAYS[1]);
}

fn secrets(folder: &Path, text: &str, mode: u32) {
    let file = folder.join("secrets.toml");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_secret_is_sent_and_is_nowhere_else() {
    for (more, path) in [("secret_header = \"Auth-Key\"\n", "list.txt"), ("", "list.txt?key={key}")] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let server = Server::start();
        guarded(folder, &server, more);
        let file = folder.join("panopticon.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, config.replace("list.txt", path)).unwrap();
        let page = path.replace("{key}", SECRET);
        server.put(&page, Page::Text(DAYS[1].feeds[2].1.to_owned()));
        let mut said = Vec::new();
        let mut run = |args: &[&str]| {
            let output = panopticon(folder).args(args).output().unwrap();
            said.extend([output.stdout, output.stderr].concat());
            output.status.code()
        };
        let once = ["run", "--once", "--strict", "--now"];
        assert_eq!(run(&[&once[..], &["2025-03-02T06:00:00Z"]].concat()), Some(0));
        assert!(server.asked().iter().all(|head| head.contains(SECRET)), "it is sent");
        // And now the server says no, breaks off, and sends elsewhere: messages that name the address.
        for (minute, answer) in [
            "403 Forbidden\r\nContent-Length: 0",
            "200 OK\r\nContent-Length: 9",
            "302 Found\r\nLocation: ftp://x/",
        ]
        .into_iter()
        .enumerate()
        {
            server.put(&page, Page::Raw(format!("HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n").into()));
            let now = format!("2025-03-02T06:{:02}:00Z", minute + 1);
            assert_eq!(run(&[&once[..], &[&now]].concat()), Some(3));
        }
        for args in [
            &["config", "show"][..],
            &["config", "check"],
            &["feeds", "list"],
            &["feeds", "check"],
            &["query", "errors"],
        ] {
            run(args);
        }
        let mut places = files(folder);
        assert!(places.remove(Path::new("secrets.toml")).is_some());
        places.insert("what was said".into(), said);
        assert!(places.len() > 30);
        for (path, bytes) in places {
            let bytes =
                if bytes.starts_with(b"\x28\xb5\x2f\xfd") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
            let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
            assert!(!found, "the secret is in {}", path.display());
        }
    }
}

#[test]
fn secrets_that_others_may_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start();
    guarded(folder, &server, "secret_header = \"Auth-Key\"\n");
    server.put("list.txt", Page::Text(DAYS[1].feeds[2].1.to_owned()));
    for mode in [0o644, 0o640, 0o604, 0o660, 0o601] {
        secrets(folder, &format!("desk = \"{SECRET}\"\n"), mode);
        for command in [panopticon(folder).args(["config", "check"]), &mut run_of(folder, &DAYS[1])] {
            let said = fails(command, 1);
            assert!(
                said.contains("others may read the secrets") && said.contains("hint: chmod 600 secrets.toml"),
                "{said}"
            );
        }
    }
    secrets(folder, &format!("desk = {SECRET}\n"), 0o600);
    let said = fails(panopticon(folder).args(["config", "check"]), 1);
    assert!(said.contains("not a list of secrets") && !said.contains(SECRET), "{said}");
    std::fs::remove_file(folder.join("secrets.toml")).unwrap();
    let said = fails(panopticon(folder).args(["config", "check"]), 1);
    assert!(
        said.contains("cannot read the secrets") && said.contains("hint: write the file, with mode 0600"),
        "{said}"
    );
    // A secret that is not there is not replaced by asking without it.
    secrets(folder, "other = \"x\"\n", 0o600);
    assert!(
        fails(panopticon(folder).args(["config", "check"]), 4).contains("feed `desk`: there is no secret `desk`")
    );
    let said = fails(run_of(folder, &DAYS[1]).arg("--strict"), 3);
    assert!(
        said.contains("warning: desk: failed") && said.contains("there is no secret for the header"),
        "{said}"
    );
    assert_eq!(server.connections(), 0);
    secrets(folder, &format!("desk = \"{SECRET}\"\n"), 0o400);
    ok(run_of(folder, &DAYS[1]).arg("--strict"));
    assert_eq!(server.connections(), 1);
}

#[test]
fn offline_opens_no_socket() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start();
    guarded(folder, &server, "");
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let ranks = format!("url = \"{}\"", server.url("ranks.csv"));
    std::fs::write(&file, config.replace("path = \"ranks.csv\"", &ranks)).unwrap();
    let before = known(folder);
    let said = run_of(folder, &DAYS[1]).args(["--offline", "--strict"]).output().unwrap();
    assert_eq!(said.status.code(), Some(0), "to be offline is no failure");
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("desk: offline: last good state kept") && said.contains("ranks: offline"), "{said}");
    assert!(query(folder, "errors").iter().all(|row| row["line_number"] != 0));
    // What comes from files is read, what comes from the network stands as it was.
    let (desk, others): (Vec<String>, Vec<String>) =
        known(folder).into_iter().partition(|row| row.contains("[\"desk\"]"));
    assert_eq!(desk, before.iter().filter(|row| row.contains("[\"desk\"]")).cloned().collect::<Vec<_>>());
    assert!(others.iter().any(|row| row.contains("confirm?mail")));
    ok(panopticon(folder).args(["feeds", "check", "--offline", "desk"]));
    assert_eq!(server.connections(), 0);
    ok(&mut run_of(folder, &DAYS[1]));
    assert!(server.connections() >= 2, "the same without it asks");
}

#[test]
fn a_csv_is_read_as_it_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |format: &str, columns: &str| {
        let text = format!(
            "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n[[tld]]\nname = \"xx\"\n\
             [[feed]]\nid = \"desk\"\nformat = \"{format}\"\npath = \"desk.csv\"\ncolumns = {{ {columns} }}\n"
        );
        std::fs::write(folder.join("panopticon.toml"), text).unwrap();
    };
    write("csv", "value = \"name\", kind = \"host\", entry = 1, label = \"why\", separator = \";\"");
    let shown = ok(panopticon(folder).args(["config", "show"]));
    std::fs::write(folder.join("shown.toml"), &shown).unwrap();
    assert_eq!(ok(panopticon(folder).args(["config", "show", "--config", "shown.toml"])), shown);
    std::fs::write(folder.join("desk.csv"), "no;name;why\n7;shop.xx;kit\n").unwrap();
    ok(panopticon(folder).args(["run", "--once", "--quiet", "--now", "2026-11-22T10:00:00Z"]));
    let rows = ok(panopticon(folder).args(["query", "evidence", "--format", "jsonl"]));
    assert!(rows.contains("\"shop.xx\"") && rows.contains("\"kit\""), "{rows}");

    for (format, columns, said) in [
        ("plain", "value = 1", "`columns` has no meaning here"),
        ("csv", "value = 0", "places count from 1"),
        ("csv", "value = 1, separator = \"x\"", "separator of feed `desk` is none that is known"),
        ("csv", "value = 1, kind = \"mail\"", "`mail` is not known"),
        ("csv", "entry = 1", "missing field `value`"),
    ] {
        write(format, columns);
        let told = fails(panopticon(folder).args(["config", "check"]), 1);
        assert!(told.contains(said), "{told}");
    }
}
