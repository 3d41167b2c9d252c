//! Vantages on loopback for the demo: SOCKS5 proxies behind which all pages of the sample world are.
//!
//! Nothing is connected to beyond them: whatever address is asked for, the proxy itself answers in its place.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use panopticon_datasets::world::TLS;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

/// The vantages: their names, countries and addresses. Two on one address would count as one.
pub(super) const VANTAGES: [(&str, &str, Ipv4Addr); 2] =
    [("ch", "CH", Ipv4Addr::new(127, 0, 0, 1)), ("nz", "NZ", Ipv4Addr::new(127, 0, 0, 2))];

/// The running proxies. They end with the process.
pub(super) struct Pages {
    /// What pages answer on the day: lines of the sample world.
    web: Arc<Mutex<&'static str>>,
    pub(super) proxies: Vec<SocketAddr>,
}

impl Pages {
    /// Starts to listen on free ports.
    pub(super) fn start() -> anyhow::Result<Pages> {
        let web = Arc::<Mutex<&'static str>>::default();
        let tls = Arc::new(tls()?);
        let mut proxies = Vec::new();
        for (vantage, _, address) in VANTAGES {
            let listener =
                TcpListener::bind((address, 0)).with_context(|| format!("cannot listen on {address}"))?;
            proxies.push(listener.local_addr()?);
            let (web, tls) = (Arc::clone(&web), Arc::clone(&tls));
            std::thread::Builder::new().name("demo vantage".to_owned()).spawn(move || {
                for stream in listener.incoming().flatten() {
                    let (web, tls) = (*web.lock().unwrap_or_else(PoisonError::into_inner), Arc::clone(&tls));
                    // Who goes away in the middle of an answer has had enough of it.
                    std::thread::spawn(move || drop(serve(stream, vantage, web, tls)));
                }
            })?;
        }
        Ok(Pages { web, proxies })
    }

    /// Puts the pages of a day in place.
    pub(super) fn put(&self, web: &'static str) {
        *self.web.lock().unwrap_or_else(PoisonError::into_inner) = web;
    }
}

fn tls() -> anyhow::Result<ServerConfig> {
    let certificate =
        CertificateDer::from_pem_slice(TLS.as_bytes()).context("the certificate of the sample world")?;
    let key = PrivateKeyDer::from_pem_slice(TLS.as_bytes()).context("the key of the sample world")?;
    Ok(ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?)
}

/// One connection: the handshake of SOCKS5 (RFC 1928), then HTTP as the host that was asked for.
fn serve(mut stream: TcpStream, vantage: &str, web: &'static str, tls: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut methods = [0; 2];
    stream.read_exact(&mut methods)?;
    stream.read_exact(&mut vec![0; usize::from(methods[1])])?;
    stream.write_all(&[5, 0])?;
    // Version, command, reserved, IPv4, address, port.
    let mut request = [0; 10];
    stream.read_exact(&mut request)?;
    let port = u16::from_be_bytes([request[8], request[9]]);
    let (granted, refused) = ([5, 0, 0, 1, 0, 0, 0, 0, 0, 0], [5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);
    match port {
        80 => {
            stream.write_all(&granted)?;
            answer(&mut stream, "http", vantage, web)
        }
        443 if web.contains("https://") => {
            stream.write_all(&granted)?;
            let connection = ServerConnection::new(tls).map_err(std::io::Error::other)?;
            let mut secured = rustls::StreamOwned::new(connection, stream);
            answer(&mut secured, "https", vantage, web)?;
            secured.conn.send_close_notify();
            secured.flush()
        }
        _ => stream.write_all(&refused),
    }
}

fn answer(stream: &mut (impl Read + Write), scheme: &str, vantage: &str, web: &str) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(&mut *stream);
    while reader.read_line(&mut head)? > 2 {}
    let path = head.split(' ').nth(1).unwrap_or("/");
    let host = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    });
    let url = format!("{scheme}://{}{path}", host.unwrap_or_default());
    let line = web.lines().map(|line| line.split('\t').collect::<Vec<_>>()).find(|line| {
        line.first() == Some(&url.as_str()) && line.get(1).is_some_and(|from| *from == "*" || *from == vantage)
    });
    let (status, title) = match line.as_deref() {
        Some([_, _, status, title]) => (*status, *title),
        _ => ("404", "Not found"),
    };
    let body =
        format!("<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{url}</p></body></html>\n");
    write!(
        stream,
        "HTTP/1.1 {status} -\r\nServer: sample\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}
