//! Several addresses of one name: the first that answers is taken, as RFC 8305 ("Happy Eyeballs") has it.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::select;

use crate::session::clock::Clock;

/// How long an address may keep silent before the next is tried beside it (RFC 8305, section 8).
const HEAD_START: Duration = Duration::from_millis(250);

/// Returns the first connection that is made. When none is, the first failure: that of the address which the system
/// prefers.
pub(super) async fn first<S, F>(
    addresses: Vec<SocketAddr>,
    clock: &Clock,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<S>
where
    F: Future<Output = io::Result<S>>,
{
    let mut waiting = by_turns(addresses).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = None;
    loop {
        attempts.extend(waiting.next().map(&connect));
        let head_start = async {
            match waiting.len() {
                0 => std::future::pending().await,
                _ => clock.sleep(HEAD_START).await,
            }
        };
        select! {
            ended = attempts.next() => match ended {
                Some(Ok(connection)) => return Ok(connection),
                Some(Err(error)) => failure = failure.or(Some(error)),
                None => return Err(failure.unwrap_or_else(|| io::Error::other("its name has no address"))),
            },
            () = head_start => {}
        }
    }
}

/// Returns the addresses with IPv6 and IPv4 by turns, beginning with the family that the system put first.
fn by_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let begins_with_six = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == begins_with_six);
    let longer = preferred.len().max(others.len());
    (0..longer).flat_map(|at| [preferred.get(at), others.get(at)]).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn addresses(all: &[&str]) -> Vec<SocketAddr> {
        all.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let given = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"]);
        assert_eq!(by_turns(given), addresses(&["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"]));
    }

    #[tokio::test]
    async fn a_silent_address_does_not_keep_the_next_one_waiting_for_long() {
        let (clock, hand) = Clock::by_hand();
        let tried = Mutex::new(Vec::new());
        let connect = |address: SocketAddr| {
            tried.lock().unwrap().push(address);
            async move { if address.port() == 1 { std::future::pending().await } else { Ok(address) } }
        };
        let given = addresses(&["[::1]:1", "10.0.0.1:2"]);
        let all = async { tokio::join!(first(given.clone(), &clock, connect), async { hand.advance(HEAD_START) }) };
        let (found, ()) = tokio::time::timeout(Duration::from_mins(1), all).await.expect("the second is tried");
        assert_eq!(found.unwrap(), given[1]);
        assert_eq!(*tried.lock().unwrap(), given);
    }

    #[tokio::test]
    async fn the_next_is_tried_at_once_after_a_failure() {
        let (clock, _hand) = Clock::by_hand();
        let connect = async |address: SocketAddr| match address.port() {
            1 => Err(io::Error::other("refused")),
            _ => Ok(address),
        };
        let given = addresses(&["10.0.0.1:1", "10.0.0.2:2"]);
        assert_eq!(first(given.clone(), &clock, connect).await.unwrap(), given[1]);
    }

    #[tokio::test]
    async fn the_first_failure_is_told() {
        let clock = Clock::default();
        let connect = async |address: SocketAddr| Err::<(), _>(io::Error::other(address.port().to_string()));
        let failed = first(addresses(&["10.0.0.1:1", "10.0.0.2:2"]), &clock, connect).await;
        assert_eq!(failed.unwrap_err().to_string(), "1");
        assert_eq!(first(Vec::new(), &clock, connect).await.unwrap_err().to_string(), "its name has no address");
    }
}
