//! A byte stream to a process somewhere else: what every transport looks like from the terminal's side.
//!
//! A pair of bounded channels and not a trait: each transport is one function that spawns its driver and returns a
//! [`Session`]; back-pressure is the channels' own, and dropping the session hangs up. Tests play the far side with
//! [`pair`].

pub mod clock;
pub mod dial;
mod key;
pub mod local;
pub mod plugin;
pub mod ssm;

use std::{fmt, future::Future, pin::Pin};

use bytes::Bytes;
use tokio::sync::mpsc;

pub use key::DataKey;

/// How many messages wait in each direction before the sender has to.
const DEPTH: usize = 64;

/// The size of a terminal in character cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width.
    pub columns: u16,
    /// Height.
    pub rows: u16,
}

/// From the terminal to the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// What was typed or pasted, untouched.
    Bytes(Bytes),
    /// The terminal has a new size.
    Resize(Size),
    /// Nothing more will come.
    Eof,
}

/// From the process to the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Standard output, or everything where there is one stream.
    Bytes(Bytes),
    /// Standard error where it is kept apart.
    Stderr(Bytes),
    /// A word of the transport to the person, not of the process: shown on a line of its own.
    Notice(String),
    /// The end; nothing follows.
    Exit(Exit),
}

impl Output {
    /// Returns the end of a session whose driver is gone without having told one.
    pub fn without_a_word() -> Self {
        Self::Exit(Exit::Lost("the connection ended without a word".to_owned()))
    }
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The process ended with this status.
    Code(i32),
    /// A signal of this name ended the process.
    Signal(String),
    /// The far side closed the session, with its reason (empty where it gave none). The transport tells no status.
    Closed(String),
    /// The connection is gone and could not be had again; the process may live on.
    Lost(String),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit {code}"),
            Self::Signal(name) => write!(f, "ended by signal {name}"),
            Self::Closed(reason) if reason.is_empty() => f.write_str("session ended"),
            Self::Closed(reason) => write!(f, "session ended: {reason}"),
            Self::Lost(reason) => write!(f, "connection lost: {reason}"),
        }
    }
}

/// The terminal's end of a session. Dropping it hangs up.
#[derive(Debug)]
pub struct Session {
    /// What it leads to, for titles and notices.
    pub label: String,
    /// Takes what the person types.
    pub input: mpsc::Sender<Input>,
    /// Gives what the process prints; [`Output::Exit`] is the last.
    pub output: mpsc::Receiver<Output>,
    /// Gives the driver's last word, and ends when the driver is gone; see [`Session::hang_up`].
    farewell: mpsc::Receiver<String>,
}

/// The driver's end of a session.
#[derive(Debug)]
pub struct Backend {
    /// What the person types; closed when the person hangs up.
    pub input: mpsc::Receiver<Input>,
    /// Takes what the process prints.
    pub output: mpsc::Sender<Output>,
    /// Held until the driver is gone.
    farewell: mpsc::Sender<String>,
}

impl Session {
    /// Hangs up at once; the future waits until the driver has told the far side. It returns what the person must know
    /// about how that went: nothing when the remote process is gone.
    pub fn hang_up(self) -> impl Future<Output = Option<String>> + Send {
        let Self { input, output, mut farewell, .. } = self;
        drop((input, output));
        async move { farewell.recv().await }
    }
}

impl Backend {
    /// Leaves a last word for whoever hangs up; see [`Session::hang_up`]. Only the first is kept.
    pub fn bid_farewell(&self, text: impl Into<String>) {
        let _full_or_nobody_waits = self.farewell.try_send(text.into());
    }
}

/// Returns the two ends of a new session.
pub fn pair(label: impl Into<String>) -> (Session, Backend) {
    let (input, from_terminal) = mpsc::channel(DEPTH);
    let (to_terminal, output) = mpsc::channel(DEPTH);
    let (last_word, farewell) = mpsc::channel(1);
    (
        Session { label: label.into(), input, output, farewell },
        Backend { input: from_terminal, output: to_terminal, farewell: last_word },
    )
}

/// A text that is a secret: it is never printed, logged or shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the secret itself, for the wire and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A future that somebody else supplies: what a session needs from AWS comes as callbacks that return these.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_stays_one() {
        let secret = Secret::new("token-value");
        assert_eq!(format!("{secret:?}"), "…");
    }

    #[tokio::test]
    async fn dropping_the_session_is_the_hang_up() {
        let (session, mut backend) = pair("app");
        drop(session);
        assert_eq!(backend.input.recv().await, None);
    }

    #[tokio::test]
    async fn hanging_up_waits_for_the_last_word() {
        let (session, backend) = pair("app");
        let hang_up = tokio::spawn(session.hang_up());
        backend.output.closed().await;
        backend.bid_farewell("the command goes on");
        drop(backend);
        assert_eq!(hang_up.await.unwrap().as_deref(), Some("the command goes on"));
    }

    #[tokio::test]
    async fn hanging_up_ends_with_the_driver() {
        let (session, backend) = pair("app");
        drop(backend);
        assert_eq!(session.hang_up().await, None);
    }
}
