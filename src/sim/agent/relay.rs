//! The gateway between client and agent: one websocket, let in by its token, and the line's faults.

use std::{
    future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    select,
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::faults::{Direction, Fault, Lane, Passing};
use crate::session::clock::Clock;

/// How long a websocket may take to show its token.
const TOKEN_WAIT: Duration = Duration::from_secs(15);
/// How long a farewell may take.
const CLOSE_WAIT: Duration = Duration::from_secs(2);
/// How many frames are taken from the agent at a time.
const BATCH: usize = 256;

/// Both directions of a session's line; they outlive its websockets.
#[derive(Debug, Clone)]
pub(super) struct Lanes(Arc<Mutex<(Lane, Lane)>>);

impl Lanes {
    pub(super) fn new(to_client: Lane, to_agent: Lane) -> Self {
        Self(Arc::new(Mutex::new((to_client, to_agent))))
    }

    /// Adds a rule that counts from now on.
    pub(super) fn add(&self, fault: Fault) {
        match fault.direction {
            Direction::ToClient => self.to_client(|lane| lane.add(fault)),
            Direction::ToAgent => self.to_agent(|lane| lane.add(fault)),
        }
    }

    /// Returns how many frames have entered.
    pub(super) fn frames(&self) -> u64 {
        self.to_client(|lane| lane.frames()) + self.to_agent(|lane| lane.frames())
    }

    /// Returns how many pings have come from the client.
    pub(super) fn pings(&self) -> u64 {
        self.to_agent(|lane| lane.pings())
    }

    fn to_client<T>(&self, act: impl FnOnce(&mut Lane) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    fn to_agent<T>(&self, act: impl FnOnce(&mut Lane) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).1)
    }
}

/// The gateway's end of a connection.
#[derive(Debug)]
pub(super) struct Relay {
    pub(super) to_agent: mpsc::Sender<Bytes>,
    pub(super) from_agent: mpsc::Receiver<Bytes>,
    pub(super) lanes: Lanes,
}

/// Why a connection ends.
enum End {
    /// The client is gone, or the line was cut: not a word.
    Gone,
    /// The line was cut in the middle of this frame.
    Within(Bytes),
    /// Nothing is heard any more, and the connection stays.
    Silent,
    /// The session is over, or another client has come.
    Over,
    /// The websocket has lived long enough.
    Old,
}

impl Relay {
    /// Carries frames until one side is done.
    pub(super) async fn run<S>(mut self, socket: WebSocketStream<S>, lifetime: Duration, clock: &Clock)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let old_at = clock.now() + lifetime;
        let (mut sink, mut stream) = socket.split();
        let to_agent = self.to_agent.clone();
        let end = {
            let inward = read(&mut stream, &to_agent, &self.lanes, clock);
            let outward = write(&mut sink, &to_agent, &mut self.from_agent, &self.lanes, clock);
            select! {
                end = inward => end,
                end = outward => end,
                () = clock.sleep_until(old_at) => End::Old,
            }
        };
        let mut socket = sink.reunite(stream).expect("two halves of one socket");
        match end {
            End::Gone => {}
            End::Within(frame) => send_half(&mut socket, &frame).await,
            End::Silent => self.swallow().await,
            End::Over => say_goodbye(socket, "").await,
            End::Old => say_goodbye(socket, "Bye").await,
        }
    }

    /// Takes what the agent sends and forgets it, until another client has come or the session is over.
    async fn swallow(mut self) {
        while self.from_agent.recv().await.is_some() {}
    }
}

/// Takes frames from the client to the agent, until the client is gone or the line is cut.
async fn read<S>(stream: &mut S, to_agent: &mpsc::Sender<Bytes>, lanes: &Lanes, clock: &Clock) -> End
where
    S: StreamExt<Item = Result<Message, Error>> + Unpin,
{
    loop {
        let due = lanes.to_agent(|lane| lane.next_due());
        let frame = select! {
            message = stream.next() => match message {
                Some(Ok(Message::Binary(frame))) => Some(frame),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
                Some(Ok(Message::Ping(_))) => {
                    lanes.to_agent(Lane::on_ping);
                    None
                }
                Some(Ok(_)) => None,
            },
            () = until(due, clock) => None,
        };
        let now = clock.now();
        if let Some(frame) = frame {
            lanes.to_agent(|lane| lane.enter(frame, now));
        }
        while let Some(passing) = lanes.to_agent(|lane| lane.leave(now)) {
            let frame = match passing {
                Passing::Frame(frame) | Passing::Closed(frame) => frame,
                // The agent does not read it.
                Passing::Text(_) => continue,
                Passing::Cut | Passing::CutWithin(_) => return End::Gone,
                Passing::Silence => return End::Silent,
            };
            if to_agent.send(frame).await.is_err() {
                // The session is over; what it still has to say goes the other way.
                future::pending::<()>().await;
            }
        }
    }
}

/// Takes frames from the agent to the client.
async fn write<S>(
    sink: &mut S,
    to_agent: &mpsc::Sender<Bytes>,
    from_agent: &mut mpsc::Receiver<Bytes>,
    lanes: &Lanes,
    clock: &Clock,
) -> End
where
    S: SinkExt<Message> + Unpin,
{
    let mut frames = Vec::with_capacity(BATCH);
    loop {
        let due = lanes.to_client(|lane| lane.next_due());
        select! {
            count = from_agent.recv_many(&mut frames, BATCH) => if count == 0 {
                return End::Over;
            },
            () = until(due, clock) => {}
        }
        let now = clock.now();
        lanes.to_client(|lane| frames.drain(..).for_each(|frame| lane.enter(frame, now)));
        let mut end = None;
        while let Some(passing) = lanes.to_client(|lane| lane.leave(now)) {
            let message = match passing {
                Passing::Frame(frame) => Message::Binary(frame),
                Passing::Text(text) => Message::Text(text.into()),
                Passing::Closed(frame) => {
                    let _over_already = to_agent.send(frame.clone()).await;
                    let _gone = sink.send(Message::Binary(frame)).await;
                    return End::Over;
                }
                Passing::Cut => {
                    end = Some(End::Gone);
                    break;
                }
                Passing::CutWithin(frame) => {
                    end = Some(End::Within(frame));
                    break;
                }
                Passing::Silence => {
                    end = Some(End::Silent);
                    break;
                }
            };
            if sink.feed(message).await.is_err() {
                return End::Gone;
            }
        }
        if sink.flush().await.is_err() {
            return End::Gone;
        }
        if let Some(end) = end {
            return end;
        }
    }
}

/// Writes the header of a binary frame and half of what it announces.
async fn send_half<S>(socket: &mut WebSocketStream<S>, frame: &[u8])
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // RFC 6455, section 5.2: FIN and binary, a length of 16 bits, no mask.
    let length = frame.len().min(usize::from(u16::MAX)) as u16;
    let half = &frame[..usize::from(length) / 2];
    let begun = [&[0x82, 126], &length.to_be_bytes()[..], half].concat();
    let line = socket.get_mut();
    if line.write_all(&begun).await.is_ok() {
        let _gone = line.flush().await;
    }
}

/// The first message on the websocket.
#[derive(Deserialize)]
struct Opening {
    #[serde(rename = "TokenValue")]
    token: String,
}

/// Reads the token that the client shows first; pings before it are answered.
pub(super) async fn token<S>(socket: &mut WebSocketStream<S>) -> Option<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let text = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => return Some(text),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_) | Message::Frame(_)) | Err(_)) | None => return None,
            }
        }
    };
    let text = timeout(TOKEN_WAIT, text).await.ok().flatten()?;
    let opening: Opening = serde_json::from_str(&text).ok()?;
    Some(opening.token)
}

/// Says nothing until the client leaves, not even to its pings.
pub(super) async fn stay_mute<S>(mut socket: WebSocketStream<S>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut unread = [0; 1024];
    while let Ok(1..) = socket.get_mut().read(&mut unread).await {}
}

/// Shows a client the door.
pub(super) async fn refuse<S>(mut socket: WebSocketStream<S>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let frame = CloseFrame { code: CloseCode::Policy, reason: "invalid token".into() };
    close(&mut socket, frame).await;
}

async fn say_goodbye<S>(mut socket: WebSocketStream<S>, reason: &'static str)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    close(&mut socket, CloseFrame { code: CloseCode::Normal, reason: reason.into() }).await;
}

/// Sends a close frame and waits a little until the client has answered it.
async fn close<S>(socket: &mut WebSocketStream<S>, frame: CloseFrame)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let farewell = async {
        if socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    let _slow_client = timeout(CLOSE_WAIT, farewell).await;
}

/// Waits until a moment, or for ever.
async fn until(due: Option<Instant>, clock: &Clock) {
    match due {
        Some(due) => clock.sleep_until(due).await,
        None => future::pending().await,
    }
}
