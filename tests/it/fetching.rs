//! How servers are asked: one thing after the other.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::common::{ok, panopticon};

#[test]
fn a_server_is_asked_for_one_thing_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n[[tld]]\nname = \"xx\"\n".to_owned();
    for n in 0..3 {
        let address = listener.local_addr().unwrap();
        config.push_str(&format!(
            "[[feed]]\nid = \"feed{n}\"\nformat = \"plain\"\nurl = \"http://{address}/{n}.txt\"\n"
        ));
    }
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    let server = std::thread::spawn(move || {
        let mut others = 0;
        for n in 0..3 {
            let (mut stream, _) = listener.accept().unwrap();
            // Whoever else wants something now knocks while this one waits.
            listener.set_nonblocking(true).unwrap();
            let until = Instant::now() + Duration::from_millis(200);
            while Instant::now() < until {
                others += usize::from(listener.accept().is_ok());
            }
            listener.set_nonblocking(false).unwrap();
            let mut head = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while head.read_line(&mut line).unwrap() > 2 {}
            let text = format!("host{n}.xx\n");
            let length = text.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}")
                .unwrap();
        }
        others
    });
    ok(panopticon(folder).args(["run", "--once", "--quiet"]));
    assert_eq!(server.join().unwrap(), 0, "a second request came while the first was not answered");
    let listed = ok(panopticon(folder).args(["feeds", "list", "--format", "jsonl"]));
    for line in listed.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(row["rows"] == 1 && row["age"].as_str().is_some_and(|age| age.ends_with(" min")), "{row}");
        assert!(row["next_at"].as_str() > row["fetched_at"].as_str(), "{row}");
    }
}
