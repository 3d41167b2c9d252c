//! Hearing that a zone changed (NOTIFY, RFC 1996), over UDP and TCP.
//!
//! A message is a hint and nothing more: whoever hears it asks the primary. Where a zone has a key, the message is
//! signed with it, else it comes from the address of the primary; all others are told NOTAUTH or REFUSED.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::base::iana::{Opcode, Rcode, Rtype};
use domain::base::message_builder::AdditionalBuilder;
use domain::base::name::{Label, ToLabelIter};
use domain::base::{Message, MessageBuilder, ToName};
use domain::rdata::tsig::Time48;
use domain::tsig::{Algorithm, Key, KeyStore, ServerTransaction};
use panopticon_model::time::Epoch;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use super::super::Name;
use super::TransferKey;

/// A zone of which we want to hear.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its name.
    pub apex: Name,
    /// The address of its primary.
    pub primary: IpAddr,
    /// The key that its primary signs with, if there is one.
    pub key: Option<TransferKey>,
}

/// That a zone changed, by its place among those that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notified(pub usize);

/// The zones of which we want to hear.
#[derive(Clone, Debug)]
pub struct Watch(Arc<[Watched]>);

/// What to answer, and what was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The message.
    pub message: Vec<u8>,
    /// The zone that changed.
    pub notified: Option<Notified>,
}

/// No message of this kind is longer.
const MAX_MESSAGE: usize = 4096;
/// Connections at one time; there is no reason for more.
const CONNECTIONS: usize = 16;
/// How long a connection may stay open.
const CONNECTION: Duration = Duration::from_secs(5);

impl Watch {
    /// Watches these zones.
    #[must_use]
    pub fn new(zones: Vec<Watched>) -> Watch {
        Watch(zones.into())
    }

    /// Answers a message that came from `from` at the instant `now`; none if it is not to be answered: it is cut off,
    /// or an answer itself.
    #[must_use]
    pub fn answer(&self, message: &[u8], from: IpAddr, now: Epoch) -> Option<Answer> {
        let mut message = Message::from_octets(message.to_vec()).ok()?;
        if message.header().qr() {
            return None;
        }
        // The clock of TSIG has 48 bits.
        let now = Time48::from_u64((now.0 / 1000) & 0xffff_ffff_ffff);
        let transaction = match ServerTransaction::request(self, &mut message, now) {
            Ok(transaction) => transaction,
            Err(error) => {
                let answer = error.build_message(&message, MessageBuilder::new_vec()).ok()?;
                return Some(Answer { message: answer.finish(), notified: None });
            }
        };
        let key = transaction.as_ref().map(|transaction| Arc::clone(transaction.wrapped_key()));
        let (rcode, notified) = match self.hear(&message, from, key.as_ref()) {
            Ok(notified) => (Rcode::NOERROR, Some(notified)),
            Err(rcode) => (rcode, None),
        };
        let mut answer = MessageBuilder::new_vec().start_answer(&message, rcode).ok()?;
        answer.header_mut().set_opcode(message.header().opcode());
        answer.header_mut().set_aa(notified.is_some());
        let mut answer: AdditionalBuilder<Vec<u8>> = answer.additional();
        if let Some(transaction) = transaction {
            transaction.answer(&mut answer, now).ok()?;
        }
        Some(Answer { message: answer.finish(), notified })
    }

    /// Which zone changed, or why this is not to be believed.
    fn hear(&self, message: &Message<Vec<u8>>, from: IpAddr, key: Option<&Arc<Key>>) -> Result<Notified, Rcode> {
        if message.header().opcode() != Opcode::NOTIFY {
            return Err(Rcode::NOTIMP);
        }
        let question = message.sole_question().map_err(|_| Rcode::FORMERR)?;
        let mut apex = Name::default();
        let labels = question.qname().iter_labels().map(Label::as_slice);
        apex.read_labels(labels).map_err(|_| Rcode::FORMERR)?;
        if question.qtype() != Rtype::SOA {
            return Err(Rcode::FORMERR);
        }
        let (place, zone) = self.0.iter().enumerate().find(|(_, zone)| zone.apex == apex).ok_or(Rcode::NOTAUTH)?;
        match &zone.key {
            Some(TransferKey(own)) if key.is_some_and(|key| is_same(own, key)) => Ok(Notified(place)),
            Some(_) => Err(Rcode::NOTAUTH),
            None if from.to_canonical() == zone.primary.to_canonical() => Ok(Notified(place)),
            None => Err(Rcode::REFUSED),
        }
    }

    /// Binds `address`, over UDP and TCP.
    ///
    /// # Errors
    /// If it cannot listen there.
    pub async fn bind(self, address: SocketAddr) -> io::Result<Listening> {
        let udp = UdpSocket::bind(address).await?;
        let tcp = TcpListener::bind(udp.local_addr()?).await?;
        Ok(Listening { watch: self, udp, tcp })
    }

    async fn serve(
        self,
        mut stream: TcpStream,
        from: IpAddr,
        heard: mpsc::Sender<Notified>,
        clock: impl Fn() -> Epoch,
    ) -> io::Result<()> {
        loop {
            let length = usize::from(stream.read_u16().await?);
            if length > MAX_MESSAGE {
                return Ok(());
            }
            let mut message = vec![0; length];
            stream.read_exact(&mut message).await?;
            let Some(answer) = self.answer(&message, from, clock()) else { return Ok(()) };
            stream.write_u16(u16::try_from(answer.message.len()).unwrap_or(u16::MAX)).await?;
            stream.write_all(&answer.message).await?;
            tell(&heard, answer.notified).await;
        }
    }
}

/// Sockets where messages come in.
#[derive(Debug)]
pub struct Listening {
    watch: Watch,
    udp: UdpSocket,
    tcp: TcpListener,
}

impl Listening {
    /// Says what it hears, until nobody wants to know any more. `clock` is asked for the time of each message.
    pub async fn run(
        self,
        heard: mpsc::Sender<Notified>,
        clock: impl Fn() -> Epoch + Clone + Send + Sync + 'static,
    ) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut buffer = vec![0; MAX_MESSAGE];
        loop {
            tokio::select! {
                () = heard.closed() => return,
                received = self.udp.recv_from(&mut buffer) => {
                    // An error of UDP is of one message that was sent before.
                    let Ok((length, from)) = received else { continue };
                    let message = buffer.get(..length).unwrap_or_default();
                    let Some(answer) = self.watch.answer(message, from.ip(), clock()) else { continue };
                    let _ = self.udp.send_to(&answer.message, from).await;
                    tell(&heard, answer.notified).await;
                }
                accepted = self.tcp.accept() => {
                    let Ok((stream, from)) = accepted else { continue };
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                    let (watch, heard, clock) = (self.watch.clone(), heard.clone(), clock.clone());
                    tokio::spawn(async move {
                        let _ = timeout(CONNECTION, watch.serve(stream, from.ip(), heard, clock)).await;
                        drop(place);
                    });
                }
            }
        }
    }
}

/// Whether two keys are one: that is what their names are for.
fn is_same(a: &Key, b: &Key) -> bool {
    a.name() == b.name() && a.algorithm() == b.algorithm()
}

async fn tell(heard: &mpsc::Sender<Notified>, notified: Option<Notified>) {
    if let Some(notified) = notified {
        // Nobody is left to hear it when the program ends.
        let _ = heard.send(notified).await;
    }
}

impl KeyStore for Watch {
    type Key = Arc<Key>;

    fn get_key<N: ToName>(&self, name: &N, algorithm: Algorithm) -> Option<Arc<Key>> {
        let keys = self.0.iter().filter_map(|zone| zone.key.as_ref());
        let mut keys = keys.filter(|key| key.0.name() == name && key.0.algorithm() == algorithm);
        keys.next().map(|key| Arc::clone(&key.0))
    }
}
