//! A stub resolver: TXT and MX questions to a resolver, over UDP, and over TCP where an answer is too long for that
//! (RFC 1035, 4.2; RFC 7766, 5).

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a machine says whom it asks.
const RESOLV_CONF: &str = "/etc/resolv.conf";

/// A question without an answer. That there is no such record is an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DnsError {
    /// The machine names no resolver.
    #[error("`/etc/resolv.conf` names no DNS server")]
    NoServer,
    /// No name.
    #[error("`{0}` is no name")]
    Name(String),
    /// No server answered.
    #[error("no DNS server answers")]
    Silent,
    /// The last server that answered could not tell.
    #[error("the DNS server answers {0}")]
    Refused(String),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Txt,
    /// Who takes mail.
    Mx,
}

/// Asks resolvers, one after the other until one answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    servers: Vec<SocketAddr>,
}

impl Stub {
    /// Asks these servers.
    #[must_use]
    pub fn new(servers: Vec<SocketAddr>) -> Stub {
        Stub { servers }
    }

    /// Asks whom this machine asks.
    ///
    /// # Errors
    /// [`DnsError::NoServer`].
    pub fn of_machine() -> Result<Stub, DnsError> {
        let servers = servers(&fs::read_to_string(RESOLV_CONF).unwrap_or_default());
        if servers.is_empty() { Err(DnsError::NoServer) } else { Ok(Stub { servers }) }
    }

    /// What stands under a name, sorted: texts put together (RFC 7208, 3.3), or the names of mail servers, of which an
    /// empty one says that no mail is taken (RFC 7505). Nothing if there is no such name or record.
    ///
    /// # Errors
    /// [`DnsError`] if no server could tell.
    pub async fn ask(&self, name: &str, kind: Kind) -> Result<Vec<String>, DnsError> {
        let absolute = Name::from_ascii(format!("{}.", name.trim_end_matches('.')))
            .map_err(|_| DnsError::Name(name.to_owned()))?;
        let record_type = match kind {
            Kind::Txt => RecordType::TXT,
            Kind::Mx => RecordType::MX,
        };
        let query = Query::query(absolute, record_type);
        let mut failed = DnsError::Silent;
        for server in &self.servers {
            match exchange(*server, &query).await {
                None => {}
                Some(reply) => match reply.metadata.response_code {
                    ResponseCode::NoError => return Ok(found(&reply, kind)),
                    ResponseCode::NXDomain => return Ok(Vec::new()),
                    other => failed = DnsError::Refused(other.to_string()),
                },
            }
        }
        Err(failed)
    }
}

/// The servers that a `resolv.conf` names (resolv.conf(5)); an address with a zone is left out.
fn servers(text: &str) -> Vec<SocketAddr> {
    let address = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next()? == "nameserver").then_some(words.next()?)?.parse::<IpAddr>().ok()
    };
    text.lines().filter_map(address).map(|address| SocketAddr::new(address, 53)).collect()
}

/// What a reply says.
fn found(reply: &Message, kind: Kind) -> Vec<String> {
    let read = |data: &RData| match (data, kind) {
        (RData::TXT(text), Kind::Txt) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
        (RData::MX(mx), Kind::Mx) => Some(mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
        _ => None,
    };
    let mut found: Vec<String> = reply.answers.iter().filter_map(|record| read(&record.data)).collect();
    found.sort_unstable();
    found
}

/// The reply of a server to a question; none without one.
async fn exchange(server: SocketAddr, query: &Query) -> Option<Message> {
    let mut id = [0; 2];
    SystemRandom::new().fill(&mut id).ok()?;
    let mut message = Message::new(u16::from_be_bytes(id), MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(query.clone());
    let bytes = message.to_vec().ok()?;
    let reply = timeout(PATIENCE, over_udp(server, &bytes, &message)).await.ok()??;
    if !reply.metadata.truncation {
        return Some(reply);
    }
    timeout(PATIENCE, over_tcp(server, &bytes, &message)).await.ok()?
}

async fn over_udp(server: SocketAddr, bytes: &[u8], asked: &Message) -> Option<Message> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    socket.connect(server).await.ok()?;
    socket.send(bytes).await.ok()?;
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await.ok()?;
        // What is not the reply was sent by somebody else.
        if let Some(reply) = reply_to(asked, buffer.get(..length)?) {
            return Some(reply);
        }
    }
}

async fn over_tcp(server: SocketAddr, bytes: &[u8], asked: &Message) -> Option<Message> {
    let mut stream = TcpStream::connect(server).await.ok()?;
    let length = u16::try_from(bytes.len()).ok()?;
    stream.write_all(&[&length.to_be_bytes(), bytes].concat()).await.ok()?;
    let mut reply = vec![0; usize::from(stream.read_u16().await.ok()?)];
    stream.read_exact(&mut reply).await.ok()?;
    reply_to(asked, &reply)
}

/// The message, if it is the reply to what was asked.
fn reply_to(asked: &Message, bytes: &[u8]) -> Option<Message> {
    let reply = Message::from_vec(bytes).ok()?;
    let fits = reply.metadata.id == asked.metadata.id
        && reply.metadata.message_type == MessageType::Response
        && reply.queries == asked.queries;
    fits.then_some(reply)
}

#[cfg(test)]
mod tests {
    use super::servers;

    #[test]
    fn the_servers_of_a_machine() {
        let text =
            "# nameserver 192.0.2.1\nsearch nic.xx\nnameserver 192.0.2.53\nnameserver\tfd00::53\nnameserver x\n";
        let found: Vec<String> = servers(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.53:53", "[fd00::53]:53"]);
    }
}
