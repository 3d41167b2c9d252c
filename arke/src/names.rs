//! Host names to addresses: by `/etc/hosts` and the servers of `/etc/resolv.conf`, without the C library, whose modules a
//! static binary cannot load.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;

use hickory_resolver::TokioResolver;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The addresses of a host, or the one that it is.
///
/// # Errors
/// [`io::Error`] when there is no such name, or nobody answers.
pub(crate) async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let found: Vec<IpAddr> = match literal {
        Ok(address) => vec![address],
        Err(_) => resolver()?.lookup_ip(host).await.map_err(io::Error::other)?.iter().collect(),
    };
    Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

/// One resolver for all, so that answers are kept as long as they hold.
fn resolver() -> io::Result<&'static TokioResolver> {
    static RESOLVER: OnceLock<Result<TokioResolver, String>> = OnceLock::new();
    let make = || {
        let builder = TokioResolver::builder_tokio().map_err(|error| error.to_string())?;
        builder.build().map_err(|error| error.to_string())
    };
    RESOLVER.get_or_init(make).as_ref().map_err(|error| io::Error::other(error.clone()))
}

/// The same for `reqwest`.
pub(crate) struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = addresses(name.as_str(), 0).await?;
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[tokio::test]
    async fn addresses_and_the_name_of_this_machine_need_no_server() {
        assert_eq!(addresses("[::1]", 25).await.unwrap(), ["[::1]:25".parse().unwrap()]);
        assert_eq!(addresses("192.0.2.1", 465).await.unwrap(), ["192.0.2.1:465".parse().unwrap()]);
        assert!(addresses("localhost", 25).await.unwrap().iter().all(|address| address.ip().is_loopback()));
    }
}
