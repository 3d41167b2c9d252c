//! DNS servers on loopback for the demo: those of the two TLDs, one for all names below, and two resolvers, of which
//! one filters.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, MX, NS, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use panopticon_datasets::world::{BLOCKED, ZZ_ZONE};

/// Where the servers of all domains are. Their port is that of the TLDs' server.
const BELOW: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Where all hosts are: an address for documentation, to which nobody connects.
const HOSTS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);

/// What the TLDs delegate: domains and their name servers, and serials.
#[derive(Default)]
struct Zones {
    delegations: BTreeMap<String, BTreeSet<String>>,
    serials: BTreeMap<String, u32>,
}

/// The running servers. They end with the process.
pub(super) struct NameServers {
    zones: Arc<Mutex<Zones>>,
    pub(super) tld: SocketAddr,
    pub(super) filtered: SocketAddr,
    pub(super) unfiltered: SocketAddr,
}

/// What a server is.
#[derive(Clone, Copy)]
enum Role {
    Tld,
    Below,
    Filter,
    Resolver,
}

impl NameServers {
    /// Starts to answer on free ports.
    pub(super) fn start() -> std::io::Result<NameServers> {
        let zones = Arc::<Mutex<Zones>>::default();
        read_zone(&mut lock(&zones), ZZ_ZONE);
        let (tld, below) = same_port()?;
        let [filtered, unfiltered] = [(); 2].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)));
        let (filtered, unfiltered) = (filtered?, unfiltered?);
        let servers = NameServers {
            zones: Arc::clone(&zones),
            tld: tld.local_addr()?,
            filtered: filtered.local_addr()?,
            unfiltered: unfiltered.local_addr()?,
        };
        for (socket, role) in
            [(tld, Role::Tld), (below, Role::Below), (filtered, Role::Filter), (unfiltered, Role::Resolver)]
        {
            let zones = Arc::clone(&zones);
            std::thread::Builder::new()
                .name("demo names".to_owned())
                .spawn(move || serve(&socket, role, &zones))?;
        }
        Ok(servers)
    }

    /// Puts the zone of `.xx` in place.
    pub(super) fn put(&self, zone: &str) {
        read_zone(&mut lock(&self.zones), zone);
    }
}

/// Two sockets with the same port on two addresses.
fn same_port() -> std::io::Result<(UdpSocket, UdpSocket)> {
    loop {
        let tld = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        match UdpSocket::bind((BELOW, tld.local_addr()?.port())) {
            Ok(below) => return Ok((tld, below)),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads what a zone of the sample world delegates. Those zones are written one record a line.
fn read_zone(zones: &mut Zones, text: &str) {
    let mut tld = String::new();
    let mut owner = String::new();
    let mut delegations: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if !line.starts_with(' ') {
            owner = words.next().unwrap_or_default().to_owned();
        }
        match (owner.as_str(), words.next(), words.next()) {
            ("$ORIGIN", Some(origin), None) => origin.trim_end_matches('.').clone_into(&mut tld),
            ("@", Some("SOA"), _) => {
                let serial = words.nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
                zones.serials.insert(tld.clone(), serial);
            }
            (label, Some("NS"), Some(server)) if label != "@" => {
                let server = server.strip_suffix('.').map_or_else(|| format!("{server}.{tld}"), str::to_owned);
                delegations.entry(format!("{label}.{tld}")).or_default().insert(server);
            }
            _ => {}
        }
    }
    zones.delegations.retain(|domain, _| !domain.ends_with(&format!(".{tld}")));
    zones.delegations.append(&mut delegations);
}

fn serve(socket: &UdpSocket, role: Role, zones: &Mutex<Zones>) {
    let mut bytes = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut bytes) {
        let Some(query) = bytes.get(..length).and_then(|bytes| Message::from_vec(bytes).ok()) else { continue };
        if let Some(answer) = answer(&query, role, &lock(zones)).and_then(|answer| answer.to_vec().ok()) {
            // Who has gone does not wait for the answer.
            let _ = socket.send_to(&answer, from);
        }
    }
}

fn answer(query: &Message, role: Role, zones: &Zones) -> Option<Message> {
    let question = query.queries.first()?;
    let name = question.name().to_lowercase().to_ascii().trim_end_matches('.').to_owned();
    let mut answer = Message::response(query.metadata.id, query.metadata.op_code);
    answer.metadata.recursion_desired = query.metadata.recursion_desired;
    answer.add_query(question.clone());
    let delegated = above(&name).find_map(|domain| zones.delegations.get_key_value(domain));
    let tld = name.rsplit('.').next().unwrap_or_default();
    let denial = zones.serials.get(tld).and_then(|serial| soa(tld, *serial));
    let record = |data| Some(Record::from_rdata(question.name().clone(), 300, data));
    match role {
        Role::Tld => match delegated {
            Some((domain, servers)) if question.query_type() != RecordType::DS => {
                let domain = Name::from_str(&format!("{domain}.")).ok()?;
                let servers = servers.iter().filter_map(|server| Name::from_str(&format!("{server}.")).ok());
                answer
                    .authorities
                    .extend(servers.map(|server| Record::from_rdata(domain.clone(), 300, RData::NS(NS(server)))));
            }
            _ => {
                answer.metadata.authoritative = true;
                answer.authorities.extend(denial);
                if delegated.is_none() && name != tld {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                }
            }
        },
        Role::Below => {
            answer.metadata.authoritative = true;
            answer.answers.extend(match question.query_type() {
                RecordType::SOA => soa(&name, 1),
                RecordType::A => record(RData::A(A(HOSTS))),
                RecordType::MX => {
                    let exchange = Name::from_str(&format!("mail.{name}.")).ok()?;
                    record(RData::MX(MX::new(10, exchange)))
                }
                _ => None,
            });
        }
        Role::Filter if is_blocked(&name) => {
            // As Quad9 does it: no recursion, and nobody who would know.
            answer.metadata.response_code = ResponseCode::NXDomain;
            answer.metadata.authentic_data = true;
        }
        Role::Filter | Role::Resolver => {
            answer.metadata.recursion_available = true;
            let is_server = zones.delegations.values().any(|servers| servers.contains(&name));
            let address = if is_server { BELOW } else { HOSTS };
            match question.query_type() {
                RecordType::A if is_server || delegated.is_some() => {
                    answer.answers.extend(record(RData::A(A(address))));
                }
                _ if is_server || delegated.is_some() => {}
                _ => {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                    answer.authorities.extend(denial);
                }
            }
        }
    }
    Some(answer)
}

/// A name and the names above it.
fn above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above))
}

fn is_blocked(name: &str) -> bool {
    BLOCKED.lines().any(|line| line == name)
}

fn soa(zone: &str, serial: u32) -> Option<Record> {
    let name = |text: String| Name::from_str(&text).ok();
    let data = SOA::new(
        name(format!("ns.{zone}."))?,
        name(format!("hostmaster.{zone}."))?,
        serial,
        7200,
        1800,
        1_209_600,
        3600,
    );
    Some(Record::from_rdata(name(format!("{zone}."))?, 300, RData::SOA(data)))
}

fn lock(zones: &Mutex<Zones>) -> std::sync::MutexGuard<'_, Zones> {
    zones.lock().unwrap_or_else(PoisonError::into_inner)
}
