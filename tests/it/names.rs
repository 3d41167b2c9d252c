//! A DNS server on loopback that is everything at once: the server of the TLDs, those of all domains, and a resolver.
//! It counts what it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr as _;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, NS, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// However slow the machine is.
const DEADLINE: Duration = Duration::from_secs(120);

#[derive(Default)]
struct Known {
    /// What the TLDs delegate.
    delegated: BTreeSet<String>,
    /// How often the TLDs' servers were asked for the name servers of a domain.
    asked: BTreeMap<String, usize>,
}

/// The running server. It ends with the test.
pub(crate) struct Names {
    known: Arc<(Mutex<Known>, Condvar)>,
    pub(crate) address: SocketAddr,
}

impl Names {
    pub(crate) fn start(delegated: &[&str]) -> Names {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let names = Names { known: Arc::default(), address: socket.local_addr().unwrap() };
        names.delegate(delegated);
        let known = Arc::clone(&names.known);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut bytes) {
                let query = Message::from_vec(&bytes[..length]).unwrap();
                let answer = answer(&query, &known).to_vec().unwrap();
                // Who was killed does not wait for the answer.
                let _ = socket.send_to(&answer, from);
            }
        });
        names
    }

    /// The TLDs delegate these domains from now on, and no others.
    pub(crate) fn delegate(&self, domains: &[&str]) {
        self.known.0.lock().unwrap().delegated = domains.iter().map(|&domain| domain.to_owned()).collect();
    }

    /// How often the TLDs were asked for each domain.
    pub(crate) fn asked(&self) -> BTreeMap<String, usize> {
        self.known.0.lock().unwrap().asked.clone()
    }

    /// Waits until the TLDs were asked for so many domains.
    pub(crate) fn until_asked_for(&self, domains: usize) {
        let known = self.known.0.lock().unwrap();
        let has_few = |known: &mut Known| known.asked.len() < domains;
        let (known, waited) = self.known.1.wait_timeout_while(known, DEADLINE, has_few).unwrap();
        assert!(!waited.timed_out(), "only {} domains were asked for", known.asked.len());
    }

    /// What the configuration says to have it asked for delegations, and for nothing else.
    pub(crate) fn probe(&self) -> String {
        format!(
            "[probe]\nresolver = [\"{0}\"]\nallow_private = [\"127.0.0.0/8\"]\nquad9 = false\nrdap = false\nper_second = 0\n\
             dns = {{ port = {1}, per_server = 0, timeout = \"2s\" }}\n",
            self.address,
            self.address.port()
        )
    }
}

fn answer(query: &Message, known: &(Mutex<Known>, Condvar)) -> Message {
    let question = &query.queries[0];
    let name = question.name().to_lowercase().to_ascii().trim_end_matches('.').to_owned();
    let mut answer = Message::response(query.metadata.id, query.metadata.op_code);
    answer.add_query(question.clone());
    let record = |name: &str, data| Record::from_rdata(absolute(name), 300, data);
    let is_address = question.query_type() == RecordType::A;
    if query.metadata.recursion_desired {
        answer.metadata.recursion_available = true;
        answer.answers.extend(is_address.then(|| record(&name, RData::A(A(Ipv4Addr::LOCALHOST)))));
        return answer;
    }
    let tld = name.rsplit('.').next().unwrap();
    let mut desk = known.0.lock().unwrap();
    let is_delegated = desk.delegated.contains(&name);
    if question.query_type() == RecordType::NS && name != tld {
        *desk.asked.entry(name.clone()).or_default() += 1;
        known.1.notify_all();
        if is_delegated {
            answer.authorities.push(record(&name, RData::NS(NS(absolute("ns.host.example")))));
            return answer;
        }
    }
    answer.metadata.authoritative = true;
    match question.query_type() {
        RecordType::SOA => answer.answers.push(record(&name, soa())),
        RecordType::A if is_delegated => answer.answers.push(record(&name, RData::A(A(Ipv4Addr::LOCALHOST)))),
        _ => answer.authorities.push(record(if is_delegated { &name } else { tld }, soa())),
    }
    if !is_delegated && name != tld {
        answer.metadata.response_code = ResponseCode::NXDomain;
        answer.answers.clear();
    }
    answer
}

fn absolute(name: &str) -> Name {
    Name::from_str(&format!("{name}.")).unwrap()
}

fn soa() -> RData {
    RData::SOA(SOA::new(
        absolute("ns.host.example"),
        absolute("desk.host.example"),
        7,
        7200,
        1800,
        1_209_600,
        3600,
    ))
}
