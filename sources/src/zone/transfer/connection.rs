//! A connection to a primary server: questions go out, signed if there is a key, and messages come back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use compact_str::{CompactString, ToCompactString as _};
use domain::base::iana::{Class, Rcode};
use domain::base::{Message, MessageBuilder, Rtype, Serial, Ttl};
use domain::net::client::request::{
    Error, GetResponseMulti, RequestMessage, RequestMessageMulti, SendRequest, SendRequestMulti,
};
use domain::net::client::{stream, tsig};
use domain::rdata::Soa;
use domain::tsig::Key;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::Name;
use super::{Primary, TransferError};

type DomainName = domain::base::Name<Vec<u8>>;
type Single = RequestMessage<Vec<u8>>;
type Multi = RequestMessageMulti<Vec<u8>>;
type SignedSingle = tsig::RequestMessage<Single, Arc<Key>>;
type SignedMulti = tsig::RequestMessage<Multi, Arc<Key>>;

/// The longest that a whole transfer may take.
const LONGEST: Duration = Duration::from_secs(600);

/// A connection over TCP.
pub(super) struct Connection<'p> {
    primary: &'p Primary,
    apex: &'p Name,
    link: Link,
}

enum Link {
    Plain(stream::Connection<Single, Multi>),
    Signed(tsig::Connection<stream::Connection<SignedSingle, SignedMulti>, Arc<Key>>),
}

/// The messages of a transfer.
pub(super) struct Messages<'c> {
    connection: &'c Connection<'c>,
    response: Box<dyn GetResponseMulti + Send + Sync>,
}

impl<'p> Connection<'p> {
    pub(super) async fn open(primary: &'p Primary, apex: &'p Name) -> Result<Connection<'p>, TransferError> {
        let address = primary.address;
        let socket = timeout(primary.timeout, TcpStream::connect(address))
            .await
            .map_err(|_| TransferError::Silent { primary: address })?
            .map_err(|source| TransferError::Connect { primary: address, source })?;
        let mut config = stream::Config::new();
        config.set_response_timeout(primary.timeout);
        config.set_streaming_response_timeout(LONGEST);
        let link = match &primary.key {
            None => {
                let (connection, transport) = stream::Connection::with_config(socket, config);
                tokio::spawn(transport.run());
                Link::Plain(connection)
            }
            Some(key) => {
                let (connection, transport) = stream::Connection::with_config(socket, config);
                tokio::spawn(transport.run());
                Link::Signed(tsig::Connection::new(Arc::clone(&key.0), connection))
            }
        };
        Ok(Connection { primary, apex, link })
    }

    /// The serial of the zone.
    pub(super) async fn serial(&self) -> Result<u32, TransferError> {
        let message = self.question(Rtype::SOA, None)?;
        let request = Single::new(message).map_err(|error| self.error(&error))?;
        let mut response = match &self.link {
            Link::Plain(link) => SendRequest::send_request(link, request),
            Link::Signed(link) => SendRequest::send_request(link, request),
        };
        let message = self.in_time(response.get_response()).await?;
        self.accepted(message.header().rcode())?;
        let answer = message.answer().map_err(|_| self.no_transfer("its answer cannot be read"))?;
        let mut records = answer.limit_to_in::<Soa<domain::base::ParsedName<Bytes>>>();
        let soa = records.find_map(Result::ok);
        let soa = soa.ok_or_else(|| self.no_transfer("it has no such zone"))?;
        Ok(soa.data().serial().into_int())
    }

    /// Asks for the zone, whole or what changed since a serial.
    pub(super) fn transfer(&self, since: Option<u32>) -> Result<Messages<'_>, TransferError> {
        let rtype = if since.is_some() { Rtype::IXFR } else { Rtype::AXFR };
        let message = self.question(rtype, since)?;
        let request = Multi::new(message).map_err(|error| self.error(&error))?;
        let response = match &self.link {
            Link::Plain(link) => SendRequestMulti::send_request(link, request),
            Link::Signed(link) => SendRequestMulti::send_request(link, request),
        };
        Ok(Messages { connection: self, response })
    }

    fn question(&self, rtype: Rtype, since: Option<u32>) -> Result<Message<Vec<u8>>, TransferError> {
        let no_room = || self.no_transfer("the question does not fit into a message");
        let apex = DomainName::from_octets(self.apex.wire()).map_err(|_| no_room())?;
        let mut message = MessageBuilder::new_vec().question();
        message.push((&apex, rtype, Class::IN)).map_err(|_| no_room())?;
        let mut message = message.authority();
        if let Some(since) = since {
            // Only the serial is looked at (RFC 1995 3).
            let root = DomainName::root();
            let soa = Soa::new(root.clone(), root, Serial(since), Ttl::ZERO, Ttl::ZERO, Ttl::ZERO, Ttl::ZERO);
            message.push((&apex, Class::IN, Ttl::ZERO, soa)).map_err(|_| no_room())?;
        }
        Ok(message.into_message())
    }

    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, TransferError> {
        match timeout(self.primary.timeout, answer).await {
            Ok(answer) => answer.map_err(|error| self.error(&error)),
            Err(_) => Err(TransferError::Silent { primary: self.primary.address }),
        }
    }

    fn accepted(&self, rcode: Rcode) -> Result<(), TransferError> {
        if rcode == Rcode::NOERROR {
            return Ok(());
        }
        let (primary, apex) = (self.primary.address, self.apex.text());
        Err(TransferError::Refused { primary, apex, said: rcode.to_compact_string() })
    }

    fn error(&self, error: &Error) -> TransferError {
        let (primary, said): (SocketAddr, CompactString) = (self.primary.address, error.to_compact_string());
        match error {
            Error::Authentication(_) => TransferError::Unauthentic { primary, said },
            // NSD answers a signature that it does not accept without repeating the question.
            Error::WrongReplyForQuery if self.primary.key.is_some() => {
                TransferError::Unauthentic { primary, said }
            }
            Error::StreamReadTimeout => TransferError::Silent { primary },
            _ => TransferError::Broken { primary, said },
        }
    }

    pub(super) fn no_transfer(&self, why: &'static str) -> TransferError {
        TransferError::NoTransfer { primary: self.primary.address, apex: self.apex.text(), why }
    }
}

impl Messages<'_> {
    /// The next message; none when the stream has ended, and all of it was signed as it should be.
    pub(super) async fn next(&mut self) -> Result<Option<Message<Bytes>>, TransferError> {
        let message = self.connection.in_time(self.response.get_response()).await?;
        if let Some(message) = &message {
            self.connection.accepted(message.header().rcode())?;
        }
        Ok(message)
    }
}
