//! The gateway between client and agent: one websocket, let in by its token, and the line's faults.

use std::{
    future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    select,
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::faults::Lane;

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
    /// The session is over, or another client has come.
    Over,
    /// The websocket has lived long enough.
    Old,
}

impl Relay {
    /// Carries frames until one side is done.
    pub(super) async fn run<S>(mut self, socket: WebSocketStream<S>, lifetime: Duration)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut sink, mut stream) = socket.split();
        let to_agent = self.to_agent.clone();
        let end = {
            let inward = read(&mut stream, &to_agent, &self.lanes);
            let outward = write(&mut sink, &mut self.from_agent, &self.lanes);
            select! {
                () = inward => End::Gone,
                end = outward => end,
                () = sleep_until(Instant::now() + lifetime) => End::Old,
            }
        };
        match end {
            End::Gone => {}
            End::Over => say_goodbye(sink.reunite(stream).expect("two halves of one socket"), "").await,
            End::Old => say_goodbye(sink.reunite(stream).expect("two halves of one socket"), "Bye").await,
        }
    }
}

/// Takes frames from the client to the agent, until the client is gone or the line is cut.
async fn read<S>(stream: &mut S, to_agent: &mpsc::Sender<Bytes>, lanes: &Lanes)
where
    S: StreamExt<Item = Result<Message, Error>> + Unpin,
{
    loop {
        let due = lanes.to_agent(|lane| lane.next_due());
        let frame = select! {
            message = stream.next() => match message {
                Some(Ok(Message::Binary(frame))) => Some(frame),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => None,
            },
            () = until(due) => None,
        };
        let now = Instant::now();
        if let Some(frame) = frame {
            lanes.to_agent(|lane| lane.enter(frame, now));
        }
        while let Some(frame) = lanes.to_agent(|lane| lane.leave(now)) {
            if to_agent.send(frame).await.is_err() {
                // The session is over; what it still has to say goes the other way.
                future::pending::<()>().await;
            }
        }
        if lanes.to_agent(Lane::take_cut) {
            return;
        }
    }
}

/// Takes frames from the agent to the client.
async fn write<S>(sink: &mut S, from_agent: &mut mpsc::Receiver<Bytes>, lanes: &Lanes) -> End
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
            () = until(due) => {}
        }
        let now = Instant::now();
        lanes.to_client(|lane| frames.drain(..).for_each(|frame| lane.enter(frame, now)));
        while let Some(frame) = lanes.to_client(|lane| lane.leave(now)) {
            if sink.feed(Message::Binary(frame)).await.is_err() {
                return End::Gone;
            }
        }
        if sink.flush().await.is_err() || lanes.to_client(Lane::take_cut) {
            return End::Gone;
        }
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
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => future::pending().await,
    }
}
