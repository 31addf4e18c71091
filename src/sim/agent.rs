//! The far side of a Session Manager data channel: the gateway's door and, behind it, an agent with a real shell of
//! this machine.
//!
//! It behaves like amazon-ssm-agent 1c217c89 where that is inconvenient: it waits before it reads, acknowledges input
//! only after the PTY took it, repeats only its oldest message, and does to the bytes what the real one does.

mod cipher;
mod faults;
mod regroup;
mod relay;
mod shell;
mod stream;
mod worker;

pub use faults::{Direction, Door, Fault, Frames, Harm, Intruder};

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures_util::future::join_all;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
};
use tokio_tungstenite::WebSocketStream;

use faults::Lane;
use relay::{Lanes, Relay};
use worker::{Control, Link, Worker};

use super::kms::Kms;
use crate::session::{clock::Clock, ssm::message::LARGEST_PAYLOAD};

/// How the agent and the gateway before it behave.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long after the first connection the program is started; until then input is refused unacknowledged.
    pub start_delay: Duration,
    /// How long it waits after the start before it reads what the program prints.
    pub first_read_delay: Duration,
    /// How long it sleeps after each message it sends.
    pub pace: Duration,
    /// How often it looks whether its oldest message must be sent again.
    pub resend_interval: Duration,
    /// How long it waits before it says that a command cannot be started.
    pub failure_delay: Duration,
    /// What is printed once before anything else: whose shell this is.
    pub notice: Option<String>,
    /// Whether it asks for a handshake first. ECS sessions without encryption have none.
    pub handshake: Option<Handshake>,
    /// How agents that encrypt go about the challenge.
    pub challenge: Challenge,
    /// What agents that encrypt take themselves for, in the place of what they are.
    pub identity: Option<String>,
    /// Which message of the agent's stream is sealed with another key than the session's.
    pub forged: Option<i64>,
    /// How long a session lives on without a byte in either direction.
    pub idle_timeout: Duration,
    /// How long a websocket lives before the gateway closes it with 1000 "Bye"; the session stays.
    pub socket_lifetime: Duration,
    /// The most bytes of output that go into one message.
    pub largest_payload: usize,
    /// After each so many messages of output comes one of a payload type that nobody knows; 0 for never.
    pub strangers: u64,
    /// What goes wrong on the line.
    pub faults: Vec<Fault>,
    /// What the first dials of a session meet, one after the other; those after them are let in.
    pub doors: Vec<Door>,
    /// Whether somebody listens where stream URLs lead.
    pub listens: bool,
    /// The clock that all of these times go by.
    pub clock: Clock,
}

/// Which handshake the agent asks for.
#[derive(Debug, Clone)]
pub enum Handshake {
    /// The session type alone.
    SessionType,
    /// And encryption.
    Encryption(Encryption),
}

/// What an agent encrypts with.
#[derive(Debug, Clone)]
pub struct Encryption {
    /// ARN of the KMS key.
    pub key: String,
    /// What the agent is to Session Manager: `ecs:CLUSTER_TASK_RUNTIME`.
    pub identity: String,
    /// Opens what the client had sealed.
    pub kms: Kms,
}

/// What an agent does about the random challenge in the encryption context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// It knows of none, as before 3.3.808.0.
    Unknown,
    /// It offers one.
    Offered,
    /// It ends the session where the client did not take it (`RequireKMSChallengeResponse`).
    Required,
}

impl Default for Options {
    /// Returns the behaviour of the real agent and gateway.
    fn default() -> Self {
        Self {
            start_delay: Duration::from_millis(20),
            first_read_delay: Duration::from_secs(1),
            pace: Duration::from_millis(1),
            resend_interval: Duration::from_millis(100),
            failure_delay: Duration::from_secs(2),
            notice: None,
            handshake: None,
            challenge: Challenge::Offered,
            identity: None,
            forged: None,
            idle_timeout: Duration::from_mins(20),
            socket_lifetime: Duration::from_hours(1),
            largest_payload: LARGEST_PAYLOAD,
            strangers: 0,
            faults: Vec::new(),
            doors: Vec::new(),
            listens: true,
            clock: Clock::default(),
        }
    }
}

impl Options {
    /// Returns an agent that never waits, for tests and benchmarks; all else is as in the real one.
    pub fn prompt() -> Self {
        Self {
            start_delay: Duration::ZERO,
            first_read_delay: Duration::ZERO,
            pace: Duration::ZERO,
            failure_delay: Duration::ZERO,
            ..Self::default()
        }
    }
}

/// What to run, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The session's id, `ecs-execute-command-…`.
    pub session_id: String,
    /// The command line; split into words without a shell.
    pub command: String,
    /// The container's environment.
    pub environment: Vec<(String, String)>,
    /// Which container it stands for.
    pub label: String,
}

/// What lets a client in, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The session's id.
    pub session_id: String,
    /// The token for the first message on the websocket.
    pub token: String,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// All sessions of a simulated gateway. They end, with their programs, when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Sessions(Arc<Table>);

#[derive(Debug)]
struct Table {
    options: Options,
    entries: Mutex<HashMap<String, Entry>>,
}

/// What the gateway knows of a session.
#[derive(Debug)]
struct Entry {
    /// The digest of the token that lets the next client in.
    token: Option<[u8; 32]>,
    control: mpsc::Sender<Control>,
    lanes: Lanes,
    /// What the next dials meet.
    doors: VecDeque<Door>,
    /// What the latest met.
    door: Door,
}

impl Sessions {
    /// Returns a gateway without sessions.
    pub fn new(options: Options) -> Self {
        Self(Arc::new(Table { options, entries: Mutex::default() }))
    }

    /// Opens a session; its program starts when the client has come. Must be called within a tokio runtime.
    pub fn create(&self, launch: Launch) -> Issued {
        self.create_with(launch, self.0.options.handshake.clone())
    }

    /// Opens a session as [`create`](Self::create) does, with a handshake of its own.
    pub fn create_with(&self, launch: Launch, handshake: Option<Handshake>) -> Issued {
        let (control, commands) = mpsc::channel(8);
        let faults = &self.0.options.faults;
        let (token, digest) = new_token();
        let entry = Entry {
            token: Some(digest),
            control,
            lanes: Lanes::new(Lane::new(faults, Direction::ToClient), Lane::new(faults, Direction::ToAgent)),
            doors: self.0.options.doors.iter().copied().collect(),
            door: Door::Open,
        };
        let session_id = launch.session_id.clone();
        self.0.entries().insert(session_id.clone(), entry);
        let table = Arc::downgrade(&self.0);
        let worker = Worker::new(launch, Options { handshake, ..self.0.options.clone() }, commands);
        let gone = session_id.clone();
        tokio::spawn(async move {
            worker.run().await;
            forget(&table, &gone);
        });
        Issued { session_id, token }
    }

    /// Returns a token that lets a client in again, or `None` where the session is over (`ssm:ResumeSession`).
    pub fn resume(&self, session_id: &str) -> Option<String> {
        let mut entries = self.0.entries();
        let entry = entries.get_mut(session_id).filter(|entry| !entry.control.is_closed())?;
        let (token, digest) = new_token();
        entry.token = Some(digest);
        Some(token)
    }

    /// Ends a session; false where there is none (`ssm:TerminateSession`).
    pub fn terminate(&self, session_id: &str) -> bool {
        self.close(session_id, "")
    }

    /// Ends a session with these words for its client; false where there is none.
    pub fn close(&self, session_id: &str, words: &str) -> bool {
        let entries = self.0.entries();
        let close = |entry: &Entry| entry.control.try_send(Control::Close(words.to_owned())).is_ok();
        entries.get(session_id).is_some_and(close)
    }

    /// Adds a rule for the frames of a session from now on; false where there is none.
    pub fn fault(&self, session_id: &str, fault: Fault) -> bool {
        self.0.entries().get(session_id).map(|entry| entry.lanes.add(fault)).is_some()
    }

    /// Returns how many frames the clients and agents of all sessions that live have sent.
    pub fn frames(&self) -> u64 {
        self.0.entries().values().map(|entry| entry.lanes.frames()).sum()
    }

    /// Returns how many pings the clients of all sessions that live have sent.
    pub fn pings(&self) -> u64 {
        self.0.entries().values().map(|entry| entry.lanes.pings()).sum()
    }

    /// Counts a dial and returns what it meets. [`Door::Hanging`] and [`Door::Refusing`] are for whoever speaks HTTP;
    /// the others [`connect`](Self::connect) sees to.
    pub fn knock(&self, session_id: &str) -> Door {
        let mut entries = self.0.entries();
        let Some(entry) = entries.get_mut(session_id) else {
            return Door::Open;
        };
        entry.door = entry.doors.pop_front().unwrap_or_default();
        entry.door
    }

    /// Serves one websocket of a session until either side is done with it: lets it in by its token, and carries
    /// frames. A later websocket of the same session takes its place.
    pub async fn connect<S>(&self, session_id: String, mut socket: WebSocketStream<S>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let door = self.0.entries().get(&session_id).map_or(Door::Open, |entry| entry.door);
        if door == Door::Mute {
            return relay::stay_mute(socket).await;
        }
        let token = relay::token(&mut socket).await.filter(|_| door != Door::Strange);
        let let_in = token.and_then(|token| self.let_in(&session_id, &token));
        match let_in {
            Some(relay) => relay.run(socket, self.0.options.socket_lifetime, &self.0.options.clock).await,
            None => relay::refuse(socket).await,
        }
    }

    /// Ends all sessions and returns when their programs are gone.
    pub async fn shutdown(&self) {
        let entries: Vec<_> = self.0.entries().drain().map(|(_, entry)| entry.control).collect();
        let ends = entries.into_iter().map(|control| async move {
            let _ended_already = control.send(Control::Close(String::new())).await;
            control.closed().await;
        });
        join_all(ends).await;
    }

    /// Uses a token up, and joins the client to its session.
    fn let_in(&self, session_id: &str, token: &str) -> Option<Relay> {
        let mut entries = self.0.entries();
        let entry = entries.get_mut(session_id)?;
        let expected = entry.token?;
        if !is_same(&expected, &digest(token)) {
            return None;
        }
        entry.token = None;
        let (link, relay) = Link::new(entry.lanes.clone());
        entry.control.try_send(Control::Attach(link)).ok()?;
        Some(relay)
    }
}

impl Table {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget(table: &Weak<Table>, session_id: &str) {
    if let Some(table) = table.upgrade() {
        table.entries().remove(session_id);
    }
}

/// Returns a new token and its digest.
fn new_token() -> (String, [u8; 32]) {
    let mut random = [0; 32];
    getrandom::fill(&mut random).expect("the system has random numbers");
    let token = random.iter().fold(String::new(), |token, byte| format!("{token}{byte:02x}"));
    let digest = digest(&token);
    (token, digest)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Compares in a time that does not tell where the difference is.
fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests;
