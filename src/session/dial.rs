//! How a session gets its connection: the look-up of a name, the proxy in between, TLS.

mod proxy;
mod race;
mod tls;

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};

pub use proxy::Proxies;
pub use tls::{Bundle, Distrust, NoBundle};

use super::clock::Clock;
use proxy::Proxy;
use tls::Trust;

/// The way from this machine to others: through which proxy, and whose certificates are believed. Cheap to clone.
///
/// The default goes straight to where it should, and believes whom this machine believes. Its root certificates are
/// read once for the process, when the first TLS connection is made.
#[derive(Debug, Clone, Default)]
pub struct Network {
    proxies: Proxies,
    trust: Trust,
    clock: Clock,
}

/// Where a connection should lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it is asked for a certificate.
    pub tls: bool,
}

/// What both ends of a connection write to and read from.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// An open connection.
pub type Stream = Box<dyn Duplex>;

/// Why there is no connection. No message holds what was said to the proxy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name is unknown, or nobody answers there.
    #[error("{0}")]
    Unreachable(io::Error),
    /// A name of this machine's loopback leads elsewhere.
    #[error("{host} is not this machine")]
    NotHere {
        /// The name.
        host: String,
    },
    /// The proxy itself cannot be had.
    #[error("the proxy {proxy} cannot be reached: {cause}")]
    NoProxy {
        /// Its host and port.
        proxy: String,
        /// Why.
        cause: Box<Self>,
    },
    /// The proxy is of a kind that is not spoken here.
    #[error("the proxy {proxy} speaks {scheme}, and only http and https are understood")]
    UnknownProxy {
        /// Its host and port.
        proxy: String,
        /// What it speaks.
        scheme: String,
    },
    /// The proxy wants to know who asks.
    #[error("the proxy {proxy} asks for {}", if *.known { "another user or password" } else { "a user and a password" })]
    WhoAsks {
        /// Its host and port.
        proxy: String,
        /// Whether it was told a user and a password.
        known: bool,
    },
    /// The proxy said no.
    #[error("the proxy {proxy} refused the connection with HTTP status {status}")]
    Refused {
        /// Its host and port.
        proxy: String,
        /// Its status.
        status: u16,
    },
    /// The proxy answered something else, or broke off.
    #[error("the proxy {proxy} did not open the connection: {reason}")]
    BadProxy {
        /// Its host and port.
        proxy: String,
        /// What it did instead.
        reason: String,
    },
    /// The far side cannot be believed to be who it should be.
    #[error("{0}")]
    Distrusted(Distrust),
}

impl Error {
    /// Returns what to do next, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Distrusted(distrust) => distrust.hint(),
            Self::NoProxy { cause, .. } => cause.hint().or(Some(PROXY_HINT)),
            Self::WhoAsks { .. } => Some("both are part of the proxy's URL: http://user:password@host:port"),
            Self::Refused { .. } | Self::UnknownProxy { .. } | Self::BadProxy { .. } => Some(PROXY_HINT),
            Self::Unreachable(_) | Self::NotHere { .. } => None,
        }
    }
}

/// Where proxies come from.
const PROXY_HINT: &str = "HTTPS_PROXY or ALL_PROXY names the proxy; what NO_PROXY lists is reached without it";

impl Destination {
    /// Returns where a connection with TLS should lead.
    pub fn with_tls(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, tls: true }
    }

    /// Whether it must not lead out of this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Returns those of its addresses that may be connected to: whoever answers for `localhost` must be on this
    /// machine.
    fn vouched(&self, mut addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Error> {
        if self.is_loopback() {
            addresses.retain(|address| address.ip().is_loopback());
            if addresses.is_empty() {
                return Err(Error::NotHere { host: self.host.clone() });
            }
        }
        Ok(addresses)
    }
}

impl fmt::Display for Destination {
    /// Writes host and port as URLs and proxies have them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl Network {
    /// Returns a network behind these proxies, that believes the authorities of `bundle` and no others; those of this
    /// machine without one.
    pub fn new(proxies: Proxies, bundle: Option<Bundle>) -> Self {
        let trust = bundle.map_or_else(Trust::default, Trust::Bundle);
        Self { proxies, trust, clock: Clock::default() }
    }

    /// Connects. Takes as long as it takes: limits are the caller's.
    pub async fn connect(&self, destination: &Destination) -> Result<Stream, Error> {
        let stream = match self.proxies.toward(destination) {
            Some(proxy) => self.through(&proxy, destination).await?,
            None => self.reach(destination).await?,
        };
        if destination.tls { self.secured(stream, &destination.host).await } else { Ok(stream) }
    }

    /// Returns the host and port of the proxy that connections to there go through.
    pub fn proxy_toward(&self, destination: &Destination) -> Option<String> {
        self.proxies.toward(destination).map(|proxy| proxy.to_string())
    }

    /// Asks a proxy for a connection.
    async fn through(&self, proxy: &Proxy, destination: &Destination) -> Result<Stream, Error> {
        let place = proxy.place()?;
        let no_proxy = |cause| Error::NoProxy { proxy: proxy.to_string(), cause: Box::new(cause) };
        let stream = self.reach(&place).await.map_err(no_proxy)?;
        let stream = if place.tls { self.secured(stream, &place.host).await.map_err(no_proxy)? } else { stream };
        proxy.tunnel(stream, destination).await
    }

    /// Opens a TCP connection.
    async fn reach(&self, place: &Destination) -> Result<Stream, Error> {
        let unknown = |error: io::Error| io::Error::new(error.kind(), format!("its name cannot be looked up: {error}"));
        let addresses = lookup_host((place.host.as_str(), place.port)).await.map_err(unknown);
        let addresses = place.vouched(addresses.map_err(Error::Unreachable)?.collect())?;
        let stream = race::first(addresses, &self.clock, TcpStream::connect).await.map_err(Error::Unreachable)?;
        stream.set_nodelay(true).map_err(Error::Unreachable)?;
        Ok(Box::new(stream))
    }

    /// Agrees on TLS with who can show a certificate for `host`.
    async fn secured(&self, stream: Stream, host: &str) -> Result<Stream, Error> {
        let secured = tls::secured(&self.trust, stream, host).await?;
        Ok(Box::new(secured))
    }
}

/// Whether a host is this machine, by its name or its address without brackets.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_this_machine_leads_nowhere_else() {
        let vouched = |host: &str, addresses: &[&str]| {
            let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
            Destination::with_tls(host, 443).vouched(addresses).map(|addresses| addresses.len()).ok()
        };
        assert_eq!(vouched("localhost", &["10.0.0.1:443", "[::1]:443"]), Some(1));
        assert_eq!(vouched("LocalHost", &["10.0.0.1:443"]), None);
        assert_eq!(vouched("ssmmessages.eu-west-1.amazonaws.com", &["10.0.0.1:443", "[::1]:443"]), Some(2));
    }
}
