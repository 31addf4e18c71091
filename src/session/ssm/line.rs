//! One websocket to the gateway: dialled, signed, shown the token, and carrying frames.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{Sink, SinkExt, StreamExt};
use http::{HeaderName, HeaderValue};
use serde_json::json;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        error::ProtocolError,
        protocol::{CloseFrame, WebSocketConfig},
    },
};
use uuid::Uuid;

use super::{Error, Failure, Gateway, Secret, address::Address, channel::CLIENT_VERSION};
use crate::session::dial::{self, Stream};

/// The most frames that are taken from the socket at a time.
const BATCH: usize = 256;
/// The largest frame that is taken at all; official messages have a little over 1 KiB.
const LARGEST_FRAME: usize = 1 << 20;
/// How many frames may wait for the socket before nothing more is read from it.
const BACKLOG: usize = 4096;

/// What is said of a connection that ended without a word.
const CLOSED: &str = "the connection was closed";

/// An open websocket.
pub(super) struct Line {
    socket: WebSocketStream<Stream>,
    /// What waits until the socket takes it.
    backlog: VecDeque<Message>,
    is_flushed: bool,
    /// Why there is no more to read, when frames before the end were still to be handed out.
    ended: Option<Cut>,
}

/// Why a line is no more, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut(pub(super) String);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Line {
    /// Connects, upgrades and shows the token.
    pub(super) async fn dial(
        address: &Address,
        gateway: &Gateway,
        token: &Secret,
        client_id: Uuid,
    ) -> Result<Self, Error> {
        let mut request = address.uri().into_client_request().map_err(|_| Error::BadUrl)?;
        if !address.is_signed() {
            let unsigned = |failure: Failure| Error::Unsigned { reason: failure.reason, lasts: failure.lasts };
            let signature = (gateway.sign)(address.uri().clone()).await.map_err(unsigned)?;
            for (name, value) in signature {
                let header = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(&value).ok());
                let no_header = || Error::Unsigned { reason: "the signature is no header".to_owned(), lasts: true };
                let (name, mut value) = header.ok_or_else(no_header)?;
                value.set_sensitive(true);
                request.headers_mut().insert(name, value);
            }
        }
        let stream = gateway.network.connect(&address.destination()).await.map_err(|error| match error {
            dial::Error::NotHere { host } => Error::ForeignHost { host },
            source => Error::Unreachable { host: address.host().to_owned(), source },
        })?;
        let mut config = WebSocketConfig::default();
        config.max_message_size = Some(LARGEST_FRAME);
        config.max_frame_size = Some(LARGEST_FRAME);
        let upgraded = client_async_with_config(request, stream, Some(config)).await;
        let (socket, _response) = upgraded.map_err(|error| refusal(address, error))?;
        let mut line = Self { socket, backlog: VecDeque::new(), is_flushed: true, ended: None };
        line.send(Message::Text(opening(token, client_id).into()));
        Ok(line)
    }

    /// Sends a frame of the channel as soon as the socket takes it.
    pub(super) fn send_frame(&mut self, frame: Bytes) {
        self.send(Message::Binary(frame));
    }

    /// Sends a ping.
    pub(super) fn ping(&mut self) {
        self.send(Message::Ping(Bytes::from_static(b"keepalive")));
    }

    fn send(&mut self, message: Message) {
        self.backlog.push_back(message);
        self.is_flushed = false;
    }

    /// Whether so much waits that nothing should be added.
    pub(super) fn is_choked(&self) -> bool {
        self.backlog.len() >= BACKLOG
    }

    /// Sends what waits, and takes the frames that have come: at least a sign of life, perhaps many frames. Takes
    /// nothing while `listens` is false. May be dropped at any point without losing a frame.
    pub(super) async fn turn(&mut self, listens: bool, frames: &mut Vec<Bytes>) -> Result<(), Cut> {
        poll_fn(|cx| {
            if let Poll::Ready(Err(error)) = self.poll_send(cx) {
                // What came before the end is worth more than the end.
                let ended = self.poll_take(cx, frames);
                return if frames.is_empty() { Poll::Ready(Err(reason(&error))) } else { ended };
            }
            if listens && !self.is_choked() { self.poll_take(cx, frames) } else { Poll::Pending }
        })
        .await
    }

    /// Sends what waits.
    pub(super) async fn flush(&mut self) -> Result<(), Cut> {
        poll_fn(|cx| self.poll_send(cx)).await.map_err(|error| reason(&error))
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), tungstenite::Error>> {
        while !self.backlog.is_empty() {
            ready!(self.socket.poll_ready_unpin(cx))?;
            if let Some(message) = self.backlog.pop_front() {
                self.socket.start_send_unpin(message)?;
            }
        }
        if !self.is_flushed {
            ready!(std::pin::Pin::new(&mut self.socket).poll_flush(cx))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_take(&mut self, cx: &mut Context<'_>, frames: &mut Vec<Bytes>) -> Poll<Result<(), Cut>> {
        if let Some(cut) = &self.ended {
            return Poll::Ready(Err(cut.clone()));
        }
        let mut lives = false;
        while frames.len() < BATCH {
            let cut = match self.socket.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(Message::Binary(frame)))) => {
                    frames.push(frame);
                    continue;
                }
                Poll::Ready(Some(Ok(Message::Close(frame)))) => farewell(frame),
                Poll::Ready(Some(Ok(_))) => {
                    lives = true;
                    continue;
                }
                Poll::Ready(Some(Err(error))) => reason(&error),
                Poll::Ready(None) => Cut(CLOSED.to_owned()),
                Poll::Pending => break,
            };
            if frames.is_empty() {
                return Poll::Ready(Err(cut));
            }
            self.ended = Some(cut);
            break;
        }
        if lives || !frames.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

/// Returns the first message on a websocket.
fn opening(token: &Secret, client_id: Uuid) -> String {
    json!({
        "MessageSchemaVersion": "1.0",
        "RequestId": Uuid::new_v4().hyphenated().to_string(),
        "TokenValue": token.expose(),
        "ClientId": client_id.hyphenated().to_string(),
        "ClientVersion": CLIENT_VERSION,
    })
    .to_string()
}

/// Returns why an upgrade failed. Nothing of the request is told: its query and headers may hold secrets.
fn refusal(address: &Address, error: tungstenite::Error) -> Error {
    let host = address.host().to_owned();
    let cause = match error {
        tungstenite::Error::Http(response) => {
            return Error::Refused { host, status: response.status().as_u16() };
        }
        tungstenite::Error::Io(cause) => cause,
        other => io::Error::other(reason(&other).0),
    };
    Error::Unreachable { host, source: dial::Error::Unreachable(cause) }
}

fn reason(error: &tungstenite::Error) -> Cut {
    Cut(match error {
        // Over TLS, words for programmers.
        tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => CLOSED.to_owned(),
        tungstenite::Error::Io(error) => error.to_string(),
        tungstenite::Error::Url(_) => "the stream URL is no websocket's".to_owned(),
        tungstenite::Error::Capacity(_) => "the gateway sent a frame that is too large".to_owned(),
        tungstenite::Error::ConnectionClosed
        | tungstenite::Error::AlreadyClosed
        | tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => CLOSED.to_owned(),
        other => format!("the gateway does not keep to the protocol: {other}"),
    })
}

fn farewell(frame: Option<CloseFrame>) -> Cut {
    Cut(match frame {
        Some(frame) if frame.reason.is_empty() => format!("the gateway closed the connection ({})", frame.code),
        Some(frame) => format!("the gateway closed the connection ({}: {})", frame.code, frame.reason),
        None => "the gateway closed the connection".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_without_a_farewell_is_told_in_plain_words() {
        let eof = io::Error::new(io::ErrorKind::UnexpectedEof, "peer closed connection without close_notify");
        assert_eq!(reason(&tungstenite::Error::Io(eof)).0, CLOSED);
        assert_eq!(reason(&tungstenite::Error::Io(io::Error::other("broken pipe"))).0, "broken pipe");
    }
}
