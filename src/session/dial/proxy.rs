//! HTTP proxies: which connections go through one, and how one is asked for a connection.

use std::{fmt, io, sync::Arc};

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::{Destination, Error, Stream};
use crate::session::Secret;

/// The longest head of an answer that is read.
const LONGEST_ANSWER: u64 = 16 << 10;

/// Which connections go through which proxy.
///
/// The rules are those of the AWS SDK's own connections, by the same code (hyper-util's `Matcher`), so that both ways
/// out agree: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, upper case before lower case, and none of them
/// where `REQUEST_METHOD` says that a web server runs this program. `NO_PROXY` lists domains (which hold their
/// subdomains), addresses, networks (`10.0.0.0/8`) and `*`; ports in it are not understood. For this
/// machine's loopback none is asked.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Matcher>>);

impl Proxies {
    /// Returns those that a matcher tells of.
    pub fn of(matcher: Matcher) -> Self {
        Self(Some(Arc::new(matcher)))
    }

    /// Returns one proxy for everything but what `except` lists as `NO_PROXY` does. The URL may hold a password.
    pub fn through(url: &Secret, except: &str) -> Self {
        Self::of(Matcher::builder().all(url.expose()).no(except).build())
    }

    /// Returns the proxy on the way to there.
    pub(super) fn toward(&self, destination: &Destination) -> Option<Proxy> {
        if destination.is_loopback() {
            return None;
        }
        let scheme = if destination.tls { "https" } else { "http" };
        let uri = format!("{scheme}://{destination}/").parse::<Uri>().ok()?;
        self.0.as_ref()?.intercept(&uri).map(Proxy)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No more: an unusual URL may have its password anywhere.
        f.write_str(if self.0.is_some() { "Proxies(…)" } else { "Proxies" })
    }
}

/// A proxy on the way.
pub(super) struct Proxy(Intercept);

impl fmt::Display for Proxy {
    /// Writes its host and port, as far as they were said; never user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.0.uri();
        f.write_str(uri.host().unwrap_or_default())?;
        uri.port_u16().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Proxy {
    /// Returns where it is.
    pub(super) fn place(&self) -> Result<Destination, Error> {
        let uri = self.0.uri();
        let (tls, port) = match uri.scheme_str() {
            Some("http") => (false, 80),
            Some("https") => (true, 443),
            other => {
                let scheme = other.unwrap_or_default().to_owned();
                return Err(Error::UnknownProxy { proxy: self.to_string(), scheme });
            }
        };
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Destination { host, port: uri.port_u16().unwrap_or(port), tls })
    }

    /// Asks for a connection (RFC 9110, section 9.3.6): what comes after the head of the answer is the far side's.
    pub(super) async fn tunnel(&self, stream: Stream, destination: &Destination) -> Result<Stream, Error> {
        let broken = |reason: String| Error::BadProxy { proxy: self.to_string(), reason };
        let mut stream = BufReader::with_capacity(1 << 10, stream);
        let asked = async {
            stream.write_all(&request(destination, self.0.basic_auth())).await?;
            stream.flush().await?;
            answer(&mut stream).await
        };
        match asked.await.map_err(|error| broken(error.to_string()))? {
            200..=299 => Ok(Box::new(stream)),
            407 => Err(Error::WhoAsks { proxy: self.to_string(), known: self.0.basic_auth().is_some() }),
            status => Err(Error::Refused { proxy: self.to_string(), status }),
        }
    }
}

/// Returns the head of a CONNECT.
fn request(destination: &Destination, login: Option<&HeaderValue>) -> Vec<u8> {
    let mut head = format!("CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\n").into_bytes();
    if let Some(login) = login {
        head.extend_from_slice(b"Proxy-Authorization: ");
        head.extend_from_slice(login.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Reads the head of an answer, and not a byte more; returns its status.
async fn answer(stream: &mut BufReader<Stream>) -> io::Result<u16> {
    let mut head = stream.take(LONGEST_ANSWER);
    let first = line(&mut head).await?;
    let status = status(&first).ok_or_else(|| io::Error::other("its answer is not HTTP"))?;
    while !line(&mut head).await?.is_empty() {}
    Ok(status)
}

/// Reads a line of a head, without its end.
async fn line(head: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    head.read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(io::Error::other("its answer broke off"));
    }
    line.pop_if(|last| *last == b'\r');
    Ok(line)
}

/// Returns the status of a status line: `HTTP/1.1 200 Connection established`.
fn status(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/1.0 ").or_else(|| line.strip_prefix(b"HTTP/1.1 "))?;
    let (digits, rest) = rest.split_at_checked(3)?;
    let ends = rest.first().is_none_or(|next| *next == b' ');
    let digits =
        std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    digits.parse().ok().filter(|_| ends)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn proxy() -> Proxy {
        let url = Secret::new("http://me:p%40ss@proxy.example:3128");
        Proxies::through(&url, "").toward(&far()).unwrap()
    }

    fn far() -> Destination {
        Destination::with_tls("ssmmessages.eu-west-1.amazonaws.com", 443)
    }

    fn goes_through(host: &str, except: &str) -> bool {
        let proxies = Proxies::through(&Secret::new("http://proxy.example:3128"), except);
        proxies.toward(&Destination::with_tls(host, 443)).is_some()
    }

    #[test]
    fn exceptions_are_domains_addresses_networks_and_everything() {
        let host = "ssmmessages.eu-west-1.amazonaws.com";
        for except in ["", "example.com", "messages.eu-west-1.amazonaws.com", "10.0.0.0/8", "com.example"] {
            assert!(goes_through(host, except), "{except}");
        }
        for except in [host, "amazonaws.com", ".amazonaws.com", "example.com, AMAZONAWS.COM", "*"] {
            assert!(!goes_through(host, except), "{except}");
        }
        assert!(!goes_through("10.1.2.3", "10.0.0.0/8") && goes_through("11.1.2.3", "10.0.0.0/8"));
        assert!(!goes_through("fd00::1", "fd00::/8") && goes_through("fe00::1", "fd00::/8"));
    }

    #[test]
    fn this_machine_is_never_reached_through_a_proxy() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(!goes_through(host, ""), "{host}");
        }
        assert!(goes_through("localhost.example", ""));
    }

    #[test]
    fn no_proxy_is_no_proxy() {
        assert!(Proxies::default().toward(&far()).is_none());
        // What cannot be understood is not there, as for the SDK.
        assert!(Proxies::through(&Secret::new(""), "").toward(&far()).is_none());
    }

    #[test]
    fn where_a_proxy_is() {
        let place = |url| Proxies::through(&Secret::new(url), "").toward(&far()).unwrap().place();
        assert_eq!(place("proxy:3128").unwrap().to_string(), "proxy:3128");
        assert_eq!(place("http://proxy").unwrap().to_string(), "proxy:80");
        assert_eq!(place("https://[::5]").unwrap(), Destination::with_tls("::5", 443));
        let error = place("socks5://me:secret@proxy:1080").unwrap_err().to_string();
        assert_eq!(error, "the proxy proxy:1080 speaks socks5, and only http and https are understood");
    }

    #[test]
    fn a_password_is_not_shown() {
        let proxies = Proxies::through(&Secret::new("http://me:p%40ss@proxy.example:3128"), "");
        let shown = format!("{proxies:?} {}", proxy());
        assert!(
            shown.contains("proxy.example:3128") && !shown.contains("p%40ss") && !shown.contains("bWU6"),
            "{shown}"
        );
    }

    #[test]
    fn a_password_with_a_sign_of_its_own_is_not_shown() {
        let url = Secret::new("http://me:p@ss@proxy.example:3128");
        let proxies = Proxies::through(&url, "");
        let shown = format!("{proxies:?} {}", proxies.toward(&far()).unwrap());
        assert!(!shown.contains("ss@") && shown.contains("proxy.example:3128"), "{shown}");
    }

    #[test]
    fn an_address_has_its_brackets_in_a_request() {
        let head = request(&Destination::with_tls("2001:db8::1", 443), None);
        assert_eq!(head, b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n");
    }

    /// Plays a proxy that answers `told` in pieces, and returns what it was asked and what came of that.
    async fn asked(told: &[u8], piece: usize) -> (String, Result<Stream, Error>) {
        let (near, mut far_side) = duplex(64);
        let answering = async {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(far_side.read_u8().await.unwrap());
            }
            for piece in told.chunks(piece) {
                // It may have heard enough.
                let _whoever_listens = far_side.write_all(piece).await;
            }
            drop(far_side);
            String::from_utf8(asked).unwrap()
        };
        let (proxy, destination) = (proxy(), far());
        tokio::join!(answering, proxy.tunnel(Box::new(near), &destination))
    }

    #[tokio::test]
    async fn it_is_told_who_asks_and_gives_what_follows_its_answer() {
        for piece in [1, 7, 1000] {
            let told = b"HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\nfar";
            let (request, stream) = asked(told, piece).await;
            assert_eq!(
                request,
                "CONNECT ssmmessages.eu-west-1.amazonaws.com:443 HTTP/1.1\r\n\
                 Host: ssmmessages.eu-west-1.amazonaws.com:443\r\n\
                 Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"
            );
            let mut rest = String::new();
            stream.unwrap().read_to_string(&mut rest).await.unwrap();
            assert_eq!(rest, "far");
        }
    }

    #[tokio::test]
    async fn its_refusals_are_told_in_words() {
        let endless = [b"HTTP/1.1 200 OK\r\n".as_slice(), &b"X: y\r\n".repeat(4096)].concat();
        for (told, words) in [
            (b"HTTP/1.0 403 Forbidden\r\n\r\n".as_slice(), "refused the connection with HTTP status 403"),
            (b"HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic\r\n\r\n", "asks for another user or password"),
            (b"HTTP/1.1 502\r\n\r\n", "refused the connection with HTTP status 502"),
            (b"", "did not open the connection: its answer broke off"),
            (b"HTTP/1.1 200 OK\r\nVia: pro", "did not open the connection: its answer broke off"),
            (b"SSH-2.0-OpenSSH\r\n", "did not open the connection: its answer is not HTTP"),
            (b"HTTP/1.1 2000\r\n\r\n", "did not open the connection: its answer is not HTTP"),
            (&endless, "did not open the connection: its answer broke off"),
        ] {
            let (_, refused) = asked(told, 1000).await;
            let error = refused.err().unwrap().to_string();
            assert_eq!(error, format!("the proxy proxy.example:3128 {words}"));
        }
    }

    proptest! {
        #[test]
        fn only_a_status_line_has_a_status(line in "(HTTP/1.[012] )?[0-9a-z +-]{0,8}") {
            let digits = line.strip_prefix("HTTP/1.0 ").or_else(|| line.strip_prefix("HTTP/1.1 "));
            let word = digits.and_then(|rest| rest.split(' ').next()).unwrap_or_default();
            let is_status = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(status(line.as_bytes()), is_status.then(|| word.parse().unwrap()));
        }
    }
}
