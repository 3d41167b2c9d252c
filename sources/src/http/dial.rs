//! Dialling: from an admitted URL to a connection to its host, directly or through a proxy, to addresses that the
//! guard has looked at.

use std::io;
use std::net::{IpAddr, SocketAddr};

use panopticon_model::observation::{Outcome, TlsFacts};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::timeout;
use tokio_socks::Error as SocksError;
use tokio_socks::tcp::Socks5Stream;

use super::admit::Admitted;
use super::config::Limits;
use super::failure::{Failure, Peer, Phase, Sign, sign};
use super::tls::Tls;
use super::tunnel;
use super::way::{Proxy, Way};
use super::wire::{Wire, watched};

/// A connection that a request can be sent on.
pub(super) struct Dialled {
    pub(super) wire: Wire,
    /// Who reads the request: the proxy only where it is asked for an http page by name.
    pub(super) peer: Peer,
    /// The address of the target, where we chose it.
    pub(super) address: Option<IpAddr>,
}

/// Dials, and the certificate of the target, which is there even if the rest fails.
pub(super) async fn dial(
    way: &Way,
    admitted: &Admitted,
    limits: &Limits,
    tls: &Tls,
    certificate: &mut Option<Box<TlsFacts>>,
) -> Result<Dialled, Failure> {
    if let Way::Http(proxy) | Way::Https(proxy) = way
        && !admitted.is_https()
    {
        let wire = to_proxy(way, proxy, limits, tls).await?;
        return Ok(Dialled { wire, peer: Peer::Proxy, address: None });
    }
    let (mut wire, address) = to_any(way, admitted, limits, tls).await?;
    if admitted.is_https() {
        let (secured, seen) = tls.with_target(wire, admitted.host()).await;
        *certificate = seen;
        wire = secured.map_err(|error| failed(Phase::Secure, Peer::Origin, &error))?;
    }
    Ok(Dialled { wire, peer: Peer::Origin, address: Some(address) })
}

/// A connection to the first address that gives one.
async fn to_any(way: &Way, admitted: &Admitted, limits: &Limits, tls: &Tls) -> Result<(Wire, IpAddr), Failure> {
    let mut worst: Option<Failure> = None;
    for address in admitted.addresses() {
        let to = SocketAddr::new(*address, admitted.port());
        let failure = match to_address(way, to, limits, tls).await {
            Ok(wire) => return Ok((wire, *address)),
            Err(failure) => failure,
        };
        if worst.as_ref().is_none_or(|worst| weight(worst) < weight(&failure)) {
            worst = Some(failure);
        }
    }
    Err(worst.unwrap_or_else(|| Failure::of(Phase::Connect, Peer::Origin, Sign::Garbage)))
}

/// Which of several failures counts: that a host is not there only if nothing else was seen of it; what is our own
/// failure only if nothing was.
fn weight(failure: &Failure) -> u8 {
    match failure.outcome {
        Outcome::ProxyFailure => 0,
        Outcome::ConnectRefused | Outcome::ConnectTimeout => 1,
        _ => 2,
    }
}

/// A connection that ends at an address, whatever is between.
async fn to_address(way: &Way, to: SocketAddr, limits: &Limits, tls: &Tls) -> Result<Wire, Failure> {
    let Some(proxy) = way.proxy() else {
        let wire = connect(to, limits).await;
        return wire
            .map_err(|sign| Failure::new(Phase::Connect, Peer::Origin, sign, format_args!("{to}: {sign}")));
    };
    let mut wire = to_proxy(way, proxy, limits, tls).await?;
    let tunnel = async {
        match way {
            Way::Socks5(_) => socks(wire, proxy, to).await,
            _ => tunnel::connect(&mut wire, proxy, to).await.map(|()| wire),
        }
    };
    let wire = timeout(limits.connect, tunnel).await.unwrap_or(Err(Sign::Silence));
    wire.map_err(|sign| Failure::of(Phase::Tunnel, Peer::Proxy, sign))
}

/// A connection to a proxy, which the operator named: its address is not looked at.
async fn to_proxy(way: &Way, proxy: &Proxy, limits: &Limits, tls: &Tls) -> Result<Wire, Failure> {
    let wire = connect((proxy.host.as_str(), proxy.port), limits).await;
    let wire = wire.map_err(|sign| Failure::of(Phase::Connect, Peer::Proxy, sign))?;
    match way {
        Way::Https(_) => {
            let secured = tls.with_proxy(wire, &proxy.host).await;
            secured.map_err(|error| failed(Phase::Secure, Peer::Proxy, &error))
        }
        _ => Ok(wire),
    }
}

async fn connect(to: impl ToSocketAddrs, limits: &Limits) -> Result<Wire, Sign> {
    let stream = timeout(limits.connect, TcpStream::connect(to)).await.map_err(|_| Sign::Silence)?;
    let stream = stream.map_err(|error| sign(&error))?;
    // One request, one answer: there is nothing to gather. If it cannot be set, it is only slower.
    let _ = stream.set_nodelay(true);
    Ok(watched(stream, limits.silence))
}

/// The SOCKS5 handshake, RFC 1928 and 1929.
async fn socks(wire: Wire, proxy: &Proxy, to: SocketAddr) -> Result<Wire, Sign> {
    let stream = match &proxy.credentials {
        None => Socks5Stream::connect_with_socket(wire, to).await,
        Some(credentials) => {
            let (user, password) = (credentials.user(), credentials.password());
            Socks5Stream::connect_with_password_and_socket(wire, to, user, password).await
        }
    };
    match stream {
        Ok(stream) => Ok(stream.into_inner()),
        Err(SocksError::Io(error)) => Err(sign(&error)),
        Err(error) => Err(match error {
            SocksError::GeneralSocksServerFailure => Sign::Socks(1),
            SocksError::ConnectionNotAllowedByRuleset => Sign::Socks(2),
            SocksError::NetworkUnreachable => Sign::Socks(3),
            SocksError::HostUnreachable => Sign::Socks(4),
            SocksError::ConnectionRefused => Sign::Socks(5),
            SocksError::TtlExpired => Sign::Socks(6),
            SocksError::CommandNotSupported => Sign::Socks(7),
            SocksError::AddressTypeNotSupported => Sign::Socks(8),
            _ => Sign::Garbage,
        }),
    }
}

/// A failure of a connection, in the words of the library.
fn failed(phase: Phase, peer: Peer, error: &io::Error) -> Failure {
    Failure::new(phase, peer, sign(error), error)
}
