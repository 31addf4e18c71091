//! A simulated AWS, a client's way to it, and one clock for both, which is moved on when nothing moves by itself.

#![allow(dead_code, reason = "each user of this file needs a part of it")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use ecsui::{
    aws::{self, Budget},
    config::Settings,
    ops::{Cx, exec::ExecTarget, find},
    session::{
        Exit, Output, Session, Size,
        clock::{Clock, Hand},
        dial::Network,
        ssm::{self, Error, Failure, Gateway, Start, Timing},
    },
    sim::{self, Sim, World, agent},
};
use tokio::{runtime, select, time::sleep};

use super::way;

pub(crate) const SIZE: Size = Size { columns: 80, rows: 24 };
/// After this much of real time a case hangs.
const STUCK: Duration = Duration::from_mins(1);
/// And after this much of its own: twice the longest time that anything may take.
const LONGEST: Duration = Duration::from_mins(42);

/// Runs a case on a thread of its own, where the clock's hand and everything it moves take turns.
pub(crate) fn alone<T>(case: impl Future<Output = T>) -> T {
    runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(case)
}

/// The limits that sessions with AWS have, by this clock.
pub(crate) fn timing(clock: &Clock) -> Timing {
    Timing { clock: clock.clone(), ..Timing::default() }
}

/// What a person sees.
pub(crate) struct Screen {
    pub(crate) session: Session,
    pub(crate) printed: Vec<u8>,
    pub(crate) notices: Vec<String>,
}

impl Screen {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, printed: Vec::new(), notices: Vec::new() }
    }

    /// Takes one piece of output; returns the exit when it was that.
    pub(crate) async fn next(&mut self) -> Option<Exit> {
        match self.session.output.recv().await.expect("an exit comes last") {
            Output::Bytes(bytes) | Output::Stderr(bytes) => self.printed.extend_from_slice(&bytes),
            Output::Notice(text) => self.notices.push(text),
            Output::Exit(exit) => return Some(exit),
        }
        None
    }

    /// Reads until this was printed, and forgets all up to there.
    pub(crate) async fn until(&mut self, text: &[u8]) -> Result<(), String> {
        loop {
            if let Some(at) = self.printed.windows(text.len()).position(|window| window == text) {
                self.printed.drain(..at + text.len());
                return Ok(());
            }
            if let Some(exit) = self.next().await {
                return Err(format!("{exit:?} before {:?}", text.escape_ascii().to_string()));
            }
        }
    }
}

/// A simulated AWS, a way to it, and the clock of both.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) aws: aws::Clients,
    pub(crate) target: ExecTarget,
    pub(crate) clock: Clock,
    pub(crate) hand: Hand,
}

impl Stage {
    pub(crate) async fn set(agent: agent::Options) -> Self {
        Self::of(World::grid(1, 1, 1), agent).await
    }

    pub(crate) async fn of(world: World, agent: agent::Options) -> Self {
        let (clock, hand) = Clock::by_hand();
        let agent = agent::Options { clock: clock.clone(), ..agent };
        let sim = Sim::start(world, sim::Options { agent, ..sim::Options::explicit() }).await.unwrap();
        let access = way::access(&sim);
        let aws = aws::Clients::open(&access, Arc::new(Budget::new())).await.unwrap();
        let cx = Cx::new(access, Settings::default());
        let target = find::one(&cx, &["app".to_owned()]).await.unwrap();
        Self { sim, aws, target, clock, hand }
    }

    /// Starts a command.
    pub(crate) async fn start(&self, command: &str) -> Start {
        let ExecTarget { cluster, task, container, .. } = &self.target;
        let started = self.aws.execute_command(cluster, task, container, command).await.unwrap();
        Start {
            label: "app".to_owned(),
            session_id: started.session_id,
            stream_url: started.stream_url,
            token: started.token,
            target: None,
        }
    }

    pub(crate) async fn open(&self, start: Start, timing: Timing) -> Session {
        self.try_open(start, timing).await.unwrap()
    }

    pub(crate) async fn try_open(&self, start: Start, timing: Timing) -> Result<Session, Error> {
        ssm::open_within(start, self.gateway(), SIZE, timing).await
    }

    /// What the channel asks of AWS: its calls and their failures as `ops` has them. Keys are denied, and no task ends.
    pub(crate) fn gateway(&self) -> Gateway {
        let (signing, resuming, ending) = (self.aws.clone(), self.aws.clone(), self.aws.clone());
        Gateway {
            sign: Arc::new(move |address| {
                let aws = signing.clone();
                Box::pin(async move { aws.sign_channel(&address).await.map_err(|error| failure(&error)) })
            }),
            resume: Arc::new(move |id| {
                let aws = resuming.clone();
                Box::pin(async move { aws.resume_session(&id).await.map_err(|error| failure(&error)) })
            }),
            terminate: Arc::new(move |id| {
                let aws = ending.clone();
                Box::pin(async move { aws.terminate_session(&id).await.map_err(|error| failure(&error)) })
            }),
            data_key: Arc::new(|_| {
                let denied = Failure { reason: "kms:GenerateDataKey is denied".to_owned(), lasts: true };
                Box::pin(async { Err(denied) })
            }),
            fate: Arc::new(|_| Box::pin(std::future::pending())),
            allow_loopback: true,
            network: Network::default(),
        }
    }

    /// Returns how often a session was asked for again.
    pub(crate) fn resumes(&self) -> usize {
        self.sim.calls().iter().filter(|call| call.operation == "ResumeSession").count()
    }

    /// Waits for something, and lets time pass as long as nothing moves.
    pub(crate) async fn patiently<T>(&self, what: &str, future: impl Future<Output = T>) -> Result<T, String> {
        let (begun, since) = (Instant::now(), self.clock.now());
        tokio::pin!(future);
        let (mut step, mut moved) = (Duration::ZERO, 0);
        loop {
            select! {
                biased;
                given = &mut future => return Ok(given),
                () = sleep(Duration::from_millis(5)) => {}
            }
            if begun.elapsed() > STUCK || self.clock.now() - since > LONGEST {
                return Err(format!("waited in vain for {what}"));
            }
            let moves = self.sim.sessions().frames() + self.sim.calls().len() as u64;
            step = if moves == moved {
                (2 * step).clamp(Duration::from_millis(50), Duration::from_secs(2))
            } else {
                Duration::ZERO
            };
            moved = moves;
            self.hand.advance(step);
        }
    }
}

/// Returns a failure as `ops` tells it to the channel: logging in again mends credentials.
fn failure(error: &aws::Error) -> Failure {
    let lasts = match error.kind {
        aws::Kind::Setup | aws::Kind::Denied | aws::Kind::NotFound | aws::Kind::Refused => true,
        aws::Kind::Credentials | aws::Kind::Throttled | aws::Kind::Unreachable | aws::Kind::Broken => false,
    };
    let hint = error.hints.first().map(|hint| format!(" ({hint})")).unwrap_or_default();
    Failure { reason: format!("{error}{hint}"), lasts }
}
