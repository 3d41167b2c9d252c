//! Bad input on the second day: what is said, what stands, and that the third day goes on as if nothing had been.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use panopticon_datasets::world::{DAYS, WorldDay};

use crate::common::{
    calm, fails, failures, goes_on, known, live, ok, panopticon, put_day, query, run_of, settle_world,
};
use crate::server::{Page, Server};

/// The sources of the sample world: their names among the errors, and their files.
const SOURCES: [(&str, &str); 5] = [
    ("urlhaus", "feeds/urlhaus.csv"),
    ("openphish", "feeds/openphish.txt"),
    ("desk", "feeds/desk.txt"),
    ("zone:xx", "xx.zone"),
    ("ranks", "ranks.csv"),
];

/// Spoils every source on the second day. Each must be refused with the words that are given for it, and what the
/// first day said stands.
fn refused(spoil: impl Fn(&Path, &str), words: [&str; 5]) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    let before = known(folder);
    put_day(folder, &DAYS[1]);
    for (_, file) in SOURCES {
        spoil(folder, file);
    }
    let said = fails(run_of(folder, &DAYS[1]).arg("--strict"), 3);
    for ((source, _), words) in SOURCES.iter().zip(words) {
        let line = said.lines().find(|line| line.starts_with(&format!("warning: {source}: failed")));
        assert!(line.is_some_and(|line| line.contains(words)), "{source} should say `{words}`:\n{said}");
        let rows = failures(folder, source);
        assert!(rows.len() == 1 && rows[0].contains(words), "{source}: {rows:?}");
    }
    assert_eq!(known(folder), before, "the last good state is kept");
    goes_on(folder);
}

/// Writes a key at the head of the configuration, unless it is there.
fn set(folder: &Path, line: &str) {
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    if !config.starts_with(line) {
        std::fs::write(file, format!("{line}\n{config}")).unwrap();
    }
}

fn instead(bytes: &[u8]) -> impl Fn(&Path, &str) {
    move |folder, file| std::fs::write(folder.join(file), bytes).unwrap()
}

#[test]
fn binary() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let feed = "not text: check the feed's address and format";
    refused(instead(&bytes), [feed, feed, feed, "line 1", "no line is `rank,domain`"]);
}

#[test]
fn a_web_page() {
    let page =
        b"\n <!DOCTYPE html>\n<html><head><title>504 Gateway Time-out</title></head>\n<body>nginx</body></html>\n";
    let feed = "a web page, not a list: check the feed's address and its key";
    refused(instead(page), [feed, feed, feed, "line 2", "no line is `rank,domain`"]);
}

#[test]
fn cut_off_in_the_packing() {
    let gzip = |folder: &Path, file: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        let packed = packed.finish().unwrap();
        std::fs::write(folder.join(file), &packed[..packed.len() - 10]).unwrap();
    };
    let words = "cannot be used";
    refused(gzip, [words, words, words, "cannot read on", words]);
}

#[test]
fn a_gzip_bomb() {
    // Two gigabytes in two megabytes: members of a megabyte each.
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    member.write_all(&vec![b'\n'; 1 << 20]).unwrap();
    let bomb = member.finish().unwrap().repeat(2048);
    let words = "more than 16777216 bytes after decoding; raise `max_decoded_bytes`";
    let spoil = |folder: &Path, file: &str| {
        set(folder, "limits = { max_decoded_bytes = 16777216 }");
        std::fs::write(folder.join(file), &bomb).unwrap();
    };
    refused(spoil, [words; 5]);
}

#[test]
fn another_charset() {
    let utf16: Vec<u8> =
        "\u{feff}http://www.parcel-fee.xx/pay\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let feed = "not text: check the feed's address and format";
    refused(instead(&utf16), [feed, feed, feed, "line 1", "no line is `rank,domain`"]);
}

#[test]
fn other_columns() {
    let rows = "when;what;who\n2025-03-02;bank secure dot xx;me\n2025-03-02;shop dot xx;me\n";
    let feed = "not one of 3 lines can be read, line 1";
    refused(instead(rows.as_bytes()), [feed, feed, feed, "line 1", "no line is `rank,domain`"]);
}

#[test]
fn gone() {
    let remove = |folder: &Path, file: &str| std::fs::remove_file(folder.join(file)).unwrap();
    refused(remove, ["cannot read"; 5]);
}

#[test]
fn nothing_where_something_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    let before = known(folder);
    put_day(folder, &DAYS[1]);
    for (_, file) in SOURCES {
        std::fs::write(folder.join(file), "").unwrap();
    }
    let said = fails(run_of(folder, &DAYS[1]).arg("--strict"), 3);
    for feed in ["urlhaus", "openphish", "desk"] {
        let held = format!("warning: {feed}: held back: 0 rows are too few; `panopticon feeds accept {feed}`");
        assert!(said.contains(&held), "{said}");
    }
    assert!(said.contains("warning: zone:xx: failed") && said.contains("warning: ranks: failed"), "{said}");
    assert_eq!(known(folder), before);
    assert_eq!(ok(panopticon(folder).args(["feeds", "list"])).matches("held back").count(), 3);
    goes_on(folder);
}

#[test]
fn lines_that_cannot_be_read_are_rows_and_cost_themselves_only() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    put_day(folder, &DAYS[1]);
    // A row in another charset, one with other columns, one twice, one too long: in each source, beside the good ones.
    for (_, file) in SOURCES.iter().filter(|(_, file)| *file != "xx.zone") {
        let good = std::fs::read(folder.join(file)).unwrap();
        let last = good.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap();
        let bad = [b"b\xFCcher.xx\n", &b"2025,03,02,\"a\",b,c\n"[..], &[b'a'; 100_000], b"\n", last, b"\n"];
        std::fs::write(folder.join(file), [&good, &bad.concat()[..]].concat()).unwrap();
    }
    ok(run_of(folder, &DAYS[1]).arg("--strict"));
    assert_eq!(known(folder), *calm(2));
    let errors = query(folder, "errors");
    for (source, file) in SOURCES.iter().filter(|(_, file)| *file != "xx.zone") {
        let of: Vec<_> = errors.iter().filter(|row| row["feed_id"] == *source).collect();
        assert_eq!(of.len(), 3, "{source}: {of:?}");
        let lines = std::fs::read(folder.join(file)).unwrap();
        let lines: Vec<_> = lines.split(|byte| *byte == b'\n').collect();
        for row in of {
            let line = lines[row["line_number"].as_u64().unwrap() as usize - 1];
            let sample = row["sample"].as_str().unwrap();
            assert!(String::from_utf8_lossy(line).starts_with(sample) && !sample.is_empty(), "{source}: {row}");
        }
    }
    goes_on(folder);
}

#[test]
fn a_line_of_a_gigabyte_is_not_held() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    put_day(folder, &DAYS[1]);
    // Frames of 50 MB, one behind the other.
    let line = zstd::encode_all(&vec![b'a'; 50_000_000][..], 1).unwrap().repeat(20);
    let list = std::fs::read(folder.join("feeds/openphish.txt")).unwrap();
    let list = zstd::encode_all(&[b"\n", &list[..]].concat()[..], 1).unwrap();
    std::fs::write(folder.join("feeds/openphish.txt"), [line, list].concat()).unwrap();
    ok(&mut within(600, run_of(folder, &DAYS[1]).arg("--strict")));
    let errors = query(folder, "errors");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0]["message"].as_str().unwrap().contains("longer than 65536 octets"), "{errors:?}");
    assert_eq!(known(folder), *calm(2), "the lines after it are read");
    goes_on(folder);
}

/// The command, with so many megabytes of address space.
fn within(megabytes: u64, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {}; exec \"$0\" \"$@\"", megabytes << 10)]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.current_dir(command.get_current_dir().unwrap()).env_remove("PANOPTICON_CONFIG");
    shell
}

#[test]
fn servers_that_misbehave() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start();
    settle_world(folder);
    let file = folder.join("panopticon.toml");
    let mut config = std::fs::read_to_string(&file).unwrap();
    for (name, _) in DAYS[0].feeds {
        config = config.replace(&format!("path = \"feeds/{name}\""), &format!("url = \"{}\"", server.url(name)));
    }
    std::fs::write(&file, config).unwrap();
    let serve = |day: &WorldDay| {
        put_day(folder, day);
        for (name, text) in day.feeds {
            server.put(name, Page::Text(text.to_owned()));
        }
    };
    serve(&DAYS[0]);
    ok(run_of(folder, &DAYS[0]).arg("--strict"));
    let before = known(folder);
    serve(&DAYS[1]);
    let page = "<html><body>please log in</body></html>";
    let page = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}", page.len());
    server.put("urlhaus.csv", Page::Raw(page.into_bytes()));
    server.put("openphish.txt", Page::Line(1_000_000_000));
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nhttp://shop.xx/\n";
    server.put("desk.txt", Page::Raw(short.into()));
    let said = fails(&mut within(600, run_of(folder, &DAYS[1]).arg("--strict")), 3);
    for (feed, words) in [
        ("urlhaus", "a web page, not a list"),
        ("openphish", "more than 268435456 bytes before decoding; raise `max_bytes`"),
        ("desk", "cannot fetch"),
    ] {
        let line = said.lines().find(|line| line.starts_with(&format!("warning: {feed}: failed")));
        assert!(line.is_some_and(|line| line.contains(words)), "{feed} should say `{words}`:\n{said}");
        assert!(failures(folder, feed)[0].contains(words));
    }
    assert_eq!(known(folder), before);
    serve(&DAYS[2]);
    goes_on(folder);
}

#[test]
fn a_publisher_with_a_wrong_clock() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    put_day(folder, &DAYS[1]);
    let csv = folder.join("feeds/urlhaus.csv");
    let text = std::fs::read_to_string(&csv).unwrap();
    std::fs::write(&csv, text.replace("updated: 2025-03-02", "updated: 2099-03-02")).unwrap();
    ok(run_of(folder, &DAYS[1]).arg("--strict"));
    assert_eq!(known(folder), *calm(2), "a stamp that lies ahead counts as of the fetch");
    // A stamp of long ago is too late to count, and says so.
    std::fs::write(&csv, text.replace("updated: 2025-03-02", "updated: 1999-03-02")).unwrap();
    let said = fails(panopticon(folder).args(["run", "--once", "--strict", "--now", "2025-03-02T07:00:00Z"]), 3);
    assert!(said.contains("warning: urlhaus: too late"), "{said}");
    assert!(failures(folder, "urlhaus")[0].contains("more than 7 days late"));
    assert_eq!(known(folder), *calm(2));
    goes_on(folder);
}

#[test]
fn a_list_of_names_with_faults() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace("zone = { file = \"xx.zone\" }", "zone = { names = \"names.txt\" }"))
        .unwrap();
    let names = folder.join("names.txt");
    let list = "shop.xx\nbank-secure.xx\nplat.xx\n";
    let run = |hour: u8, list: &str| {
        std::fs::write(&names, list).unwrap();
        let mut command = panopticon(folder);
        command.args(["run", "--once", "--strict", "--now", &format!("2025-03-02T{hour:02}:00:00Z")]);
        command
    };
    let errors = || {
        let errors = query(folder, "errors").into_iter().filter(|row| row["feed_id"] == "zone:xx");
        errors.map(|row| (row["line_number"].as_u64().unwrap(), row["sample"].clone())).collect::<Vec<_>>()
    };
    ok(&mut run(1, list));
    let before = known(folder);
    let said = ok(&mut run(2, &format!("not a name\n{list}b\u{fc}cher..xx\nsomeone@example.xx\n")));
    assert_eq!(said, "");
    let mut found = errors();
    found.sort_by_key(|(line, _)| *line);
    assert_eq!(found, [(1, "not a name".into()), (5, "b\u{fc}cher..xx".into()), (6, "[email]".into())]);
    assert_eq!(known(folder), before);
    // The same again says the same; mended, the rows go.
    ok(run(3, &std::fs::read_to_string(&names).unwrap()).arg("--quiet"));
    assert_eq!(errors().len(), 3);
    ok(&mut run(4, &format!("not a name\n{list}")));
    assert_eq!(errors().len(), 1);
    let said = fails(&mut run(5, "<html>\n<body>busy</body>\n</html>\n"), 3);
    assert!(said.contains("zone:xx: failed: not one of 3 lines is a name"), "{said}");
    assert_eq!((errors().len(), known(folder)), (2, before));
    ok(&mut run(6, list));
    assert_eq!(errors(), []);
    // What is no longer configured has no errors.
    fails(&mut run(7, "<html>\n"), 3);
    std::fs::write(&file, config.replace("zone = { file = \"xx.zone\" }", "")).unwrap();
    ok(&mut run(8, list));
    assert_eq!(errors(), []);
}

#[test]
fn a_ranking_that_is_no_longer_configured() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    let ranked = || query(folder, "cases").iter().filter(|row| !row["rank"].is_null()).count();
    assert_eq!(ranked(), 2);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.split("[ranks]").next().unwrap()).unwrap();
    put_day(folder, &DAYS[1]);
    ok(&mut run_of(folder, &DAYS[1]));
    assert_eq!(ranked(), 0);
    std::fs::write(&file, config).unwrap();
    goes_on(folder);
}

#[test]
fn a_drop_folder_with_bad_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    let before = known(folder);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace("feeds/desk.txt", "drop")).unwrap();
    let drop = folder.join("drop");
    std::fs::create_dir(&drop).unwrap();
    put_day(folder, &DAYS[0]);
    let [_, _, (_, list)] = DAYS[0].feeds;
    let put = |name: &str, bytes: &[u8]| std::fs::write(drop.join(name), bytes).unwrap();
    put("2025-03-01T0630.txt", list.as_bytes());
    put("2025-03-01T0640.txt", &zstd::encode_all(list.as_bytes(), 1).unwrap()[..20]);
    put("2025-03-01T0650.txt", b"<html>busy</html>");
    put("2025-03-01T0700.txt", format!("{list}parcel-fee.xx\n").as_bytes());
    std::os::unix::fs::symlink("nowhere", drop.join("2025-03-01T0655.txt")).unwrap();
    let run = |now: &str| {
        let mut command = panopticon(folder);
        command.args(["run", "--once", "--strict", "--now", now]);
        command
    };
    let errors = || {
        let errors = query(folder, "errors").into_iter().filter(|row| row["line_number"] == 0);
        errors.map(|row| row["sample"].as_str().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    // Twice the same: what was refused stays refused, and nothing is forgotten.
    for now in ["2025-03-01T08:00:00Z", "2025-03-01T09:00:00Z"] {
        let said = fails(&mut run(now), 3);
        assert!(said.contains("warning: desk: failed: 3 files cannot be used, `2025-03-01T0640.txt`"), "{said}");
        let refused = ["2025-03-01T0640.txt", "2025-03-01T0650.txt", "2025-03-01T0655.txt"];
        assert_eq!(errors(), refused.map(str::to_owned).into());
        let new: Vec<_> = known(folder).difference(&before).cloned().collect();
        assert!(new.iter().any(|row| row.starts_with("\"parcel-fee.xx\"")), "the last file was read: {new:?}");
    }
    std::fs::remove_file(drop.join("2025-03-01T0655.txt")).unwrap();
    put("2025-03-01T0650.txt", list.as_bytes());
    fails(&mut run("2025-03-01T10:00:00Z"), 3);
    assert_eq!(errors(), ["2025-03-01T0640.txt".to_owned()].into());
    std::fs::remove_file(drop.join("2025-03-01T0640.txt")).unwrap();
    ok(&mut run("2025-03-01T11:00:00Z"));
    assert_eq!(errors(), [].into());
    std::fs::write(&file, config).unwrap();
    put_day(folder, &DAYS[1]);
    ok(run_of(folder, &DAYS[1]).arg("--strict"));
    goes_on(folder);
}
