//! A Web Risk of our own on loopback: the documented API over a small list, with failures on demand.
//!
//! What is on it are expressions, each under a type and with a prefix of some length. A version of its lists is what
//! was on them at [`Server::publish`]; diffs lead from any version to the newest, raw or packed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use panopticon_sources::webrisk::hash::FullHash;
use panopticon_sources::webrisk::{ThreatType, expressions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::diffs::{List, compute_diff};

/// The key that it takes.
pub(super) const KEY: &str = "AIza-the-secret/key";

/// What it does with a question instead of answering it.
#[derive(Clone)]
pub(super) enum Fault {
    /// A status line, headers and a body.
    Reply(&'static str, &'static [&'static str], String),
    /// The good answer, changed.
    Changed(fn(&mut Value)),
    /// Nothing, with the connection open.
    Silence,
    /// A body without an end.
    Endless,
    /// A body that breaks off.
    Cut,
}

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// `uris:search`, `hashes:search` or `threatLists:computeDiff`.
    pub(super) method: String,
    pub(super) query: Vec<(String, String)>,
    /// The request line and the headers as they came.
    pub(super) head: String,
}

impl Asked {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// What is on the lists, and how it is told.
#[derive(Default)]
pub(super) struct State {
    /// Expressions, their types and the lengths of their prefixes.
    pub(super) listed: BTreeMap<(String, ThreatType), usize>,
    /// Prefixes without an expression: other URLs that we do not know.
    pub(super) others: BTreeMap<ThreatType, List>,
    versions: Vec<BTreeMap<ThreatType, List>>,
    /// Whether diffs are packed.
    pub(super) packed: bool,
    pub(super) expire: Option<String>,
    pub(super) negative_expire: Option<String>,
    pub(super) next_diff: Option<String>,
    pub(super) faults: VecDeque<Fault>,
    asked: Vec<Asked>,
}

pub(super) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(super) async fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server { address, state: Arc::default() };
        let state = Arc::clone(&server.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        server.publish();
        server
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Puts an expression on a list, with a prefix of `length` bytes.
    pub(super) fn list(&self, expression: &str, threat_type: ThreatType, length: usize) {
        self.state().listed.insert((expression.to_owned(), threat_type), length);
    }

    /// Makes a version of what is on the lists now.
    pub(super) fn publish(&self) {
        let mut state = self.state();
        let mut version = state.others.clone();
        for ((expression, threat_type), length) in &state.listed {
            let prefix = expressions::hash(expression)[..*length].to_vec();
            version.entry(*threat_type).or_default().insert(prefix);
        }
        state.versions.push(version);
    }

    pub(super) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// What was asked since this was called last.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state().asked)
    }

    /// The methods that were asked since the last call.
    pub(super) fn methods(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.method).collect()
    }
}

impl State {
    /// The answer to a question, or the status of a refusal.
    fn answer(&self, asked: &Asked) -> Result<Value, (&'static str, Value)> {
        let refused = |reason: &str| {
            let details = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason }]);
            (
                "400 Bad Request",
                json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "details": details } }),
            )
        };
        if !asked.head.to_lowercase().contains(&format!("\r\nx-goog-api-key: {KEY}\r\n").to_lowercase()) {
            return Err(refused("API_KEY_INVALID"));
        }
        match asked.method.as_str() {
            "uris:search" => self.uris(asked).ok_or(refused("MISSING")),
            "hashes:search" => self.hashes(asked).ok_or(refused("MISSING")),
            "threatLists:computeDiff" => self.diff(asked).ok_or(refused("MISSING")),
            _ => Err(("404 Not Found", json!({}))),
        }
    }

    /// Which of the types that are asked for an expression has.
    fn types(&self, asked: &Asked, is_it: impl Fn(&str) -> bool) -> Vec<&'static str> {
        let wanted = asked.all("threatTypes");
        let listed = self.listed.keys().filter(|(expression, _)| is_it(expression));
        listed.map(|(_, threat_type)| threat_type.as_str()).filter(|word| wanted.contains(word)).collect()
    }

    fn uris(&self, asked: &Asked) -> Option<Value> {
        let known = expressions::expressions(asked.get("uri")?).ok()?;
        let types = self.types(asked, |expression| known.iter().any(|known| known == expression));
        Some(match types.is_empty() {
            true => json!({}),
            false => json!({ "threat": { "threatTypes": types, "expireTime": self.expire } }),
        })
    }

    fn hashes(&self, asked: &Asked) -> Option<Value> {
        let prefix = URL_SAFE.decode(asked.get("hashPrefix")?).ok().filter(|prefix| prefix.len() >= 4)?;
        let hashes: BTreeSet<FullHash> =
            self.listed.keys().map(|(expression, _)| expressions::hash(expression)).collect();
        let threats: Vec<Value> = hashes
            .iter()
            .filter(|hash| hash.starts_with(&prefix))
            .map(|hash| {
                let types = self.types(asked, |expression| expressions::hash(expression) == *hash);
                json!({ "threatTypes": types, "hash": STANDARD.encode(hash), "expireTime": self.expire })
            })
            .collect();
        Some(json!({ "threats": threats, "negativeExpireTime": self.negative_expire }))
    }

    fn diff(&self, asked: &Asked) -> Option<Value> {
        let threat_type: ThreatType = asked.get("threatType")?.parse().ok()?;
        for constraint in ["constraints.maxDiffEntries", "constraints.maxDatabaseEntries"] {
            let entries: u32 = asked.get(constraint)?.parse().ok()?;
            (entries.is_power_of_two() && (1 << 10..=1 << 20).contains(&entries)).then_some(())?;
        }
        let codings = asked.all("constraints.supportedCompressions");
        let packed = self.packed && codings.contains(&"RICE");
        let version = |number: usize| self.versions.get(number)?.get(&threat_type).cloned().or(Some(List::new()));
        let newest = self.versions.len() - 1;
        let known = match asked.get("versionToken") {
            None => None,
            Some(token) => String::from_utf8(URL_SAFE.decode(token).ok()?).ok()?.parse().ok().and_then(version),
        };
        let mut answer = compute_diff(known.as_ref(), &version(newest)?, packed);
        answer["newVersionToken"] = json!(STANDARD.encode(newest.to_string()));
        answer["recommendedNextDiff"] = json!(self.next_diff);
        Some(answer)
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap();
    let url = Url::parse("http://localhost").unwrap().join(target).unwrap();
    let method = url.path().trim_start_matches("/v1/").to_owned();
    let asked = Asked { method, query: url.query_pairs().into_owned().collect(), head: head.clone() };
    let (fault, answer) = {
        let mut state = state.lock().unwrap();
        state.asked.push(asked.clone());
        (state.faults.pop_front(), state.answer(&asked))
    };
    let json = ["Content-Type: application/json; charset=UTF-8"];
    let bytes = match (fault, answer) {
        (Some(Fault::Reply(status, headers, body)), _) => reply(status, headers, &body),
        (Some(Fault::Changed(change)), Ok(mut answer)) => {
            change(&mut answer);
            reply("200 OK", &json, &answer.to_string())
        }
        (Some(Fault::Silence), _) => {
            let _ = stream.read_u8().await;
            return;
        }
        (Some(Fault::Endless), _) => {
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n").await;
            while sent.is_ok() {
                sent = stream.write_all(&[b' '; 4096]).await;
                tokio::task::yield_now().await;
            }
            return;
        }
        (Some(Fault::Cut), Ok(answer)) => {
            let mut bytes = reply("200 OK", &json, &answer.to_string());
            bytes.pop();
            bytes
        }
        (None, Ok(answer)) => reply("200 OK", &json, &serde_json::to_string_pretty(&answer).unwrap()),
        (_, Err((status, body))) => reply(status, &json, &body.to_string()),
    };
    // The client may have gone, which is what some tests are about.
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

fn reply(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    format!("{head}\r\n{body}").into_bytes()
}
