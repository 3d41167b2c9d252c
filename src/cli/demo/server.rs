//! A web server on loopback for the demo: feeds that change from day to day, with validators; and beside them what Web
//! Risk and RDAP say of the sample world.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use panopticon_datasets::world::{RDAP, WEB_RISK};

/// What is served, by path.
type Pages = Arc<Mutex<BTreeMap<String, String>>>;

/// The running server. It ends with the process.
pub(super) struct Server {
    pages: Pages,
    port: u16,
}

impl Server {
    /// Starts to listen on a free port of 127.0.0.1.
    pub(super) fn start() -> std::io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let pages = Pages::default();
        let served = Arc::clone(&pages);
        std::thread::Builder::new().name("demo feeds".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is its own business.
                let _ = answer(&stream, &served);
            }
        })?;
        Ok(Server { pages, port })
    }

    /// The address of a page.
    pub(super) fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    /// Puts a text under a name.
    pub(super) fn put(&self, name: &str, text: &str) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.insert(format!("/{name}"), text.to_owned());
    }
}

fn answer(stream: &TcpStream, pages: &Pages) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut known = String::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("if-none-match")
        {
            value.trim().clone_into(&mut known);
        }
    }
    let (kind, page) = match path.split_once("?") {
        Some(("/v1/uris:search", query)) => ("application/json", Some(web_risk(query))),
        _ => match path.strip_prefix("/rdap/domain/") {
            Some(domain) => ("application/rdap+json", rdap(domain)),
            None => ("text/plain", pages.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned()),
        },
    };
    let (status, etag, body) = match page {
        None => ("404 Not Found", String::new(), "no such feed\n".to_owned()),
        Some(text) => {
            let etag = format!("\"{}\"", &blake3::hash(text.as_bytes()).to_hex()[..16]);
            if etag == known { ("304 Not Modified", etag, String::new()) } else { ("200 OK", etag, text) }
        }
    };
    let etag = if etag.is_empty() { etag } else { format!("ETag: {etag}\r\n") };
    let length = body.len();
    let mut out = stream;
    write!(
        out,
        "HTTP/1.1 {status}\r\n{etag}Content-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// What Web Risk says of the URL in a query (Lookup API, `uris:search`).
fn web_risk(query: &str) -> String {
    let is_about = |host: &str| query.contains(&format!("%2F{host}%2F"));
    let threat = WEB_RISK.lines().filter_map(|line| line.split_once('\t')).find(|(host, _)| is_about(host));
    match threat {
        Some((_, threat)) => {
            format!(r#"{{"threat": {{"threatTypes": ["{threat}"], "expireTime": "2125-01-01T00:00:00Z"}}}}"#)
        }
        None => "{}".to_owned(),
    }
}

/// What RDAP says of a domain (RFC 9083), if it has it.
fn rdap(domain: &str) -> Option<String> {
    let fields = RDAP.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let row = fields.into_iter().find(|row| row.first() == Some(&domain))?;
    let [_, created, registrar, number, statuses] = row.as_slice() else { return None };
    let statuses: Vec<&str> = statuses.split(", ").collect();
    let card = serde_json::json!([
        "vcard",
        [["version", {}, "text", "4.0"], ["fn", {}, "text", registrar], ["kind", {}, "text", "org"]]
    ]);
    // A holder, as public services of some registries show one: nobody here may keep it.
    let holder = serde_json::json!([
        "vcard",
        [
            ["version", {}, "text", "4.0"],
            ["fn", {}, "text", "Jane Planted"],
            ["email", {}, "text", "jane.planted@private.example"],
            ["tel", {}, "text", "+1 555 0177"],
            ["adr", {}, "text", ["", "", "7 Planted Street", "Springfield", "", "1000", "Xx"]]
        ]
    ]);
    let answer = serde_json::json!({
        "rdapConformance": ["rdap_level_0"],
        "objectClassName": "domain",
        "ldhName": domain,
        "status": statuses,
        "events": [{"eventAction": "registration", "eventDate": created}],
        "entities": [
            {"objectClassName": "entity", "roles": ["registrant"], "vcardArray": holder},
            {
                "objectClassName": "entity",
                "roles": ["registrar"],
                "publicIds": [{"type": "IANA Registrar ID", "identifier": number}],
                "vcardArray": card,
            }
        ],
    });
    Some(answer.to_string())
}
