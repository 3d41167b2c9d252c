//! A DNS server on loopback that says what it is told to, over UDP and TCP. Before each answer it sends two forged ones.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::str::FromStr;
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{MX, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// What is known: texts and mail servers by name. A text that is longer than 200 octets is only told over TCP.
#[derive(Default)]
pub(super) struct Zone {
    pub(super) texts: BTreeMap<String, Vec<String>>,
    pub(super) takers: BTreeMap<String, Vec<String>>,
    /// Names of which the server does not want to tell.
    pub(super) refused: Vec<String>,
}

/// Serves until the test ends; gives its address.
pub(super) fn serve(zone: Zone) -> SocketAddr {
    let (udp, tcp) = sockets();
    let address = udp.local_addr().unwrap();
    let zone = Arc::new(zone);
    let shared = Arc::clone(&zone);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut bytes) {
            let query = Message::from_vec(&bytes[..length]).unwrap();
            let mut reply = answer(&query, &shared);
            for forged in forged(&query) {
                udp.send_to(&forged.to_vec().unwrap(), from).unwrap();
            }
            if reply.to_vec().unwrap().len() > 200 {
                reply.answers.clear();
                reply.metadata.truncation = true;
            }
            udp.send_to(&reply.to_vec().unwrap(), from).unwrap();
        }
    });
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            let mut stream = stream.unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut bytes).unwrap();
            let reply = answer(&Message::from_vec(&bytes).unwrap(), &zone).to_vec().unwrap();
            let length = u16::try_from(reply.len()).unwrap();
            stream.write_all(&[&length.to_be_bytes(), reply.as_slice()].concat()).unwrap();
        }
    });
    address
}

/// The same port for both.
fn sockets() -> (UdpSocket, TcpListener) {
    let both = || {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let tcp = TcpListener::bind(udp.local_addr().unwrap()).ok()?;
        Some((udp, tcp))
    };
    std::iter::repeat_with(both).take(100).flatten().next().unwrap()
}

fn text(name: &Name, text: &str) -> Record {
    let parts = text.as_bytes().chunks(255).map(|part| String::from_utf8(part.to_vec()).unwrap());
    Record::from_rdata(name.clone(), 300, RData::TXT(TXT::new(parts.collect())))
}

fn answer(query: &Message, zone: &Zone) -> Message {
    let question = &query.queries[0];
    let name = question.name().to_ascii().trim_end_matches('.').to_owned();
    let mut reply = Message::response(query.metadata.id, query.metadata.op_code);
    reply.add_query(question.clone());
    if zone.refused.contains(&name) {
        reply.metadata.response_code = ResponseCode::Refused;
    } else if question.query_type() == RecordType::MX {
        let hosts = zone.takers.get(&name).into_iter().flatten();
        let hosts = hosts.map(|host| RData::MX(MX::new(10, Name::from_str(&format!("{host}.")).unwrap())));
        reply.answers.extend(hosts.map(|data| Record::from_rdata(question.name().clone(), 300, data)));
    } else {
        let texts = zone.texts.get(&name).into_iter().flatten();
        reply.answers.extend(texts.map(|it| text(question.name(), it)));
    }
    if reply.answers.is_empty() && !zone.refused.contains(&name) {
        reply.metadata.response_code = ResponseCode::NXDomain;
    }
    reply
}

/// Answers with another id, and to another question.
fn forged(query: &Message) -> [Message; 2] {
    let question = &query.queries[0];
    let mut other_id = Message::response(query.metadata.id ^ 1, query.metadata.op_code);
    other_id.add_query(question.clone());
    other_id.answers.push(text(question.name(), "v=spf1 include:forged.example -all"));
    let mut other_name = Message::response(query.metadata.id, query.metadata.op_code);
    let mut asked = question.clone();
    asked.set_name(Name::from_str("forged.example.").unwrap());
    other_name.add_query(asked);
    other_name.answers.push(text(question.name(), "v=spf1 include:forged.example -all"));
    [other_id, other_name]
}
