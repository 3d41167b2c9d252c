//! A web server on loopback with scripted answers. It counts who knocks, and remembers what was asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is answered under a path.
#[derive(Clone)]
pub(crate) enum Page {
    /// A text, well said.
    Text(String),
    /// The whole answer, head included, byte by byte.
    Raw(Vec<u8>),
    /// One line of so many bytes, made while it is sent.
    Line(u64),
}

#[derive(Default)]
struct Desk {
    pages: BTreeMap<String, Page>,
    asked: Vec<String>,
    connections: usize,
}

/// The running server. It ends with the test.
pub(crate) struct Server {
    desk: Arc<Mutex<Desk>>,
    port: u16,
}

impl Server {
    pub(crate) fn start() -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let desk: Arc<Mutex<Desk>> = Arc::default();
        let served = Arc::clone(&desk);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                served.lock().unwrap().connections += 1;
                let served = Arc::clone(&served);
                // Who hangs up in the middle of an answer has had enough of it.
                std::thread::spawn(move || drop(answer(&stream, &served)));
            }
        });
        Server { desk, port }
    }

    pub(crate) fn put(&self, name: &str, page: Page) {
        self.desk.lock().unwrap().pages.insert(format!("/{name}"), page);
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        self.desk.lock().unwrap().connections
    }

    /// The requests so far, each with its head.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.desk.lock().unwrap().asked.clone()
    }
}

fn answer(stream: &TcpStream, desk: &Mutex<Desk>) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream);
    while reader.read_line(&mut head)? > 2 {}
    let asked = head.split(' ').nth(1).unwrap_or_default();
    // Whoever takes us for a proxy names the host as well.
    let path = match asked.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
        Some((_, path)) => format!("/{path}"),
        None => asked.to_owned(),
    };
    let page = {
        let mut desk = desk.lock().unwrap();
        desk.asked.push(head);
        desk.pages.get(&path).cloned()
    };
    let mut out = stream;
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n";
    match page {
        None => out.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        Some(Page::Text(text)) => write!(out, "{ok}Content-Length: {}\r\n\r\n{text}", text.len()),
        Some(Page::Raw(bytes)) => out.write_all(&bytes),
        Some(Page::Line(length)) => {
            write!(out, "{ok}\r\n")?;
            let chunk = vec![b'a'; 1 << 20];
            for _ in 0..length.div_ceil(1 << 20) {
                out.write_all(&chunk)?;
            }
            Ok(())
        }
    }
}
