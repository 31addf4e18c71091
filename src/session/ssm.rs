//! The Session Manager data channel, spoken by ourselves: no session-manager-plugin, no aws CLI.

mod address;
pub mod channel;
mod driver;
mod line;
pub mod message;

use std::{fmt, sync::Arc, time::Duration};

use super::{
    BoxFuture, DataKey, Secret, Session, Size,
    clock::Clock,
    dial::{self, Network},
    pair,
};
use address::Address;
use driver::Wire;

/// What ExecuteCommand or StartSession returned: where the session waits and what lets us in.
#[derive(Debug, Clone)]
pub struct Start {
    /// What the session leads to, for titles and notices.
    pub label: String,
    /// `ecs-execute-command-…`.
    pub session_id: String,
    /// The `wss://ssmmessages…` address; its query may carry secrets.
    pub stream_url: Secret,
    /// The token that opens the channel once.
    pub token: Secret,
    /// What Session Manager calls the container: `ecs:CLUSTER_TASK_RUNTIME`, names and ids only. The key of an
    /// encrypted session is bound to it (`ecs_identity.go` of amazon-ssm-agent 1c217c89).
    pub target: Option<String>,
}

/// A callback that answers later.
pub type Callback<Q, A> = Arc<dyn Fn(Q) -> BoxFuture<Result<A, Failure>> + Send + Sync>;

/// Why a callback failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In words.
    pub reason: String,
    /// Whether trying again is of no use: AWS understood, and refused.
    pub lasts: bool,
}

/// What the key of an encrypted session is to be made with (`kms:GenerateDataKey`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRequest {
    /// The KMS key: an id, ARN or alias.
    pub key_id: String,
    /// The encryption context: the agent's must be the same.
    pub context: Vec<(String, String)>,
}

/// How far a task has come on its way to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// ECS wants it to stop.
    Stopping,
    /// It has stopped, and everything in it.
    Stopped,
}

/// A callback that answers when a task has come so far, with the reason in words; never where it does not, or where
/// nobody can know.
pub type Fate = Arc<dyn Fn(Stage) -> BoxFuture<String> + Send + Sync>;

/// What the channel needs from AWS, as callbacks: `ops` fills them from `aws`, tests by hand.
#[derive(Clone)]
pub struct Gateway {
    /// Returns the headers that sign a websocket upgrade of this URL, fresh at each dial
    /// (`Authorization`, `X-Amz-Date`, `X-Amz-Security-Token`).
    pub sign: Callback<http::Uri, Vec<(String, String)>>,
    /// `ssm:ResumeSession`: returns a new token, or `None` when the session is over.
    pub resume: Callback<String, Option<Secret>>,
    /// `ssm:TerminateSession`.
    pub terminate: Callback<String, ()>,
    /// `kms:GenerateDataKey`, of [`DataKey::BYTES`], where the agent wants to encrypt the session.
    pub data_key: Callback<KeyRequest, DataKey>,
    /// Watches the task that the session is in.
    pub fate: Fate,
    /// Whether stream URLs on this machine's loopback are let through: only while an endpoint override is in force.
    pub allow_loopback: bool,
    /// The way to the gateway.
    pub network: Network,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("allow_loopback", &self.allow_loopback).finish_non_exhaustive()
    }
}

/// How long things may take, and by which clock.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The whole opening: from the first look-up of the host to the first word of the far side, or to the end of a
    /// handshake that it begins with; also each attempt to come back, and ending a session.
    pub opening: Duration,
    /// The time between two pings. Proxies drop sockets that are idle for a minute; two unanswered pings mean that
    /// the connection is dead.
    pub ping: Duration,
    /// How long a lost connection is tried for: the time after which AWS ends a session that nobody uses (ECS
    /// developer guide, "Using ECS Exec": 20 minutes).
    pub resuming: Duration,
    /// The clock.
    pub clock: Clock,
}

impl Default for Timing {
    /// Returns what sessions with AWS use.
    fn default() -> Self {
        Self {
            opening: Duration::from_secs(10),
            ping: Duration::from_secs(25),
            resuming: Duration::from_mins(20),
            clock: Clock::default(),
        }
    }
}

/// Why a session could not be opened. No message holds the token or the query of the stream URL.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream URL is none.
    #[error("the stream URL of the session is not a URL")]
    BadUrl,
    /// The stream URL does not lead to AWS.
    #[error("refused to connect to {host}: not a Session Manager host of AWS")]
    ForeignHost {
        /// The host of the URL.
        host: String,
    },
    /// The upgrade could not be signed.
    #[error("could not sign the connection: {reason}")]
    Unsigned {
        /// What the credentials' source said.
        reason: String,
        /// Whether trying again is of no use.
        lasts: bool,
    },
    /// No connection.
    #[error("could not connect to {host}: {source}")]
    Unreachable {
        /// The host of the URL.
        host: String,
        /// Name look-up, TCP, a proxy or TLS.
        source: dial::Error,
    },
    /// The gateway answered the upgrade with an HTTP status.
    #[error("{host} refused the connection with HTTP status {status}")]
    Refused {
        /// The host of the URL.
        host: String,
        /// The status.
        status: u16,
    },
    /// The gateway hung up before the agent was heard: the token was not taken, or the session is gone.
    #[error("the gateway did not open the session: {reason}")]
    NotLetIn {
        /// Its words.
        reason: String,
    },
    /// The session was over before it began; most often the command could not be started.
    #[error("{reason}")]
    Closed {
        /// The agent's words.
        reason: String,
    },
    /// The agent wants what this program cannot do.
    #[error("{reason}")]
    Declined {
        /// What that is.
        reason: String,
    },
    /// Nothing was heard in time.
    #[error("{host} did not open the session within {} s", .limit.as_secs_f32())]
    Silent {
        /// The host of the URL.
        host: String,
        /// The proxy on the way there.
        proxy: Option<String>,
        /// How long that was.
        limit: Duration,
    },
}

impl Error {
    /// Returns what to do next, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { source, .. } => source.hint().map(str::to_owned),
            Self::Silent { proxy: Some(proxy), .. } => Some(format!("the way there leads through the proxy {proxy}")),
            _ => None,
        }
    }

    /// Whether trying again is of no use.
    fn lasts(&self) -> bool {
        match self {
            Self::BadUrl | Self::ForeignHost { .. } | Self::Declined { .. } => true,
            Self::Unsigned { lasts, .. } => *lasts,
            Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::NotLetIn { .. }
            | Self::Closed { .. }
            | Self::Silent { .. } => false,
        }
    }
}

/// Returns whether a stream URL leads where a token may be shown: what [`open`] checks first, for who has the channel
/// opened by another program.
pub fn check_address(stream_url: &Secret, allow_loopback: bool) -> Result<(), Error> {
    Address::parse(stream_url, allow_loopback).map(|_| ())
}

/// Opens the channel and returns the session once the far side has answered. The whole opening takes 10 s at most.
pub async fn open(start: Start, gateway: Gateway, size: Size) -> Result<Session, Error> {
    open_within(start, gateway, size, Timing::default()).await
}

/// Opens the channel as [`open`] does, with other limits.
pub async fn open_within(start: Start, gateway: Gateway, size: Size, timing: Timing) -> Result<Session, Error> {
    let address = Address::parse(&start.stream_url, gateway.allow_loopback)?;
    let proxy = gateway.network.proxy_toward(&address.destination());
    let (host, limit, clock) = (address.host().to_owned(), timing.opening, timing.clock.clone());
    let opening = Box::pin(Wire::open(address, gateway, timing, &start, size));
    let opened = clock.timeout(limit, opening).await;
    let wire = opened.map_err(|_| Error::Silent { host, proxy, limit })??;
    let (session, backend) = pair(start.label);
    tokio::spawn(wire.serve(backend));
    Ok(session)
}
