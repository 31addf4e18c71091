//! Coming back after a lost connection: a new token, the same address, and everything that was not acknowledged again.

use std::time::{Duration, Instant};

use tokio::select;
use uuid::Uuid;

use super::{Stop, Wire, farewell::goes_on, until};
use crate::{
    model::text::clean,
    session::{
        Backend, Exit,
        ssm::{
            Failure, Gateway, Stage,
            address::Address,
            line::{Cut, Line},
        },
    },
};

/// The wait after the first failed attempt; it doubles.
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
/// The longest wait between attempts.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
/// How long a lost connection may be tried for before the person is told.
const UNTOLD: Duration = Duration::from_secs(1);

/// A lost connection, until something is heard over a new one.
#[derive(Debug)]
pub(super) struct Loss {
    since: Instant,
    why: String,
    attempts: u32,
    /// The last word to the person.
    told: Option<String>,
}

/// What came of waiting for an attempt.
enum Attempt {
    /// There is a new connection.
    Connected(Box<Line>),
    /// It failed.
    Failed(Failure),
    /// AWS has the session no more, or its task has stopped.
    Over,
    /// It was tried for as long as AWS keeps a session.
    TooLate,
    /// Nobody waits for the session any more.
    HungUp,
}

impl Wire {
    /// Has the session resumed and connects again; tells the person when that takes its time. Returns `None` when the
    /// session goes on.
    pub(super) async fn come_back(&mut self, backend: &Backend, cut: &Cut) -> Option<Stop> {
        let since = self.timing.clock.now();
        let loss = Loss { since, why: clean(&cut.0), attempts: 0, told: None };
        let mut loss = self.loss.take().unwrap_or(loss);
        let stop = loop {
            match self.attempt(backend, &mut loss).await {
                Attempt::Connected(line) => {
                    self.go_on_with(*line);
                    if loss.told.is_some() {
                        self.say("session resumed");
                    }
                    break None;
                }
                Attempt::Failed(failure) if failure.lasts => {
                    break Some(Stop::Over(self.give_up(&loss, &failure).await));
                }
                Attempt::Failed(failure) => self.tell_again(&mut loss, failure),
                Attempt::Over => break Some(Stop::Over(self.nothing_to_resume(&loss))),
                Attempt::TooLate => break Some(Stop::Over(self.too_late(&loss))),
                Attempt::HungUp => break Some(Stop::HungUp),
            }
        };
        self.loss = Some(loss);
        stop
    }

    /// Tries once more, after the wait that is due, while output and words still reach the person.
    async fn attempt(&mut self, backend: &Backend, loss: &mut Loss) -> Attempt {
        let clock = self.timing.clock.clone();
        let (wait, limit, timer) = (backoff(loss.attempts), self.timing.opening, clock.clone());
        loss.attempts += 1;
        let dial = dial(self.address.clone(), self.gateway.clone(), self.session_id.clone(), self.client_id);
        let mut dial = Box::pin(async move {
            timer.sleep(wait).await;
            let silence = Failure { reason: "no answer".to_owned(), lasts: false };
            timer.timeout(limit, Box::pin(dial)).await.unwrap_or(Err(silence))
        });
        loop {
            let _any = self.printed.hand_on(&backend.output);
            let tell = loss.told.is_none().then_some(loss.since + UNTOLD);
            let last_moment = self.last_moment;
            select! {
                biased;
                () = backend.output.closed() => return Attempt::HungUp,
                dialled = &mut dial => return match dialled {
                    Ok(Some(line)) => Attempt::Connected(Box::new(line)),
                    Ok(None) => Attempt::Over,
                    Err(failure) => Attempt::Failed(failure),
                },
                () = self.printed.hand_on_next(&backend.output) => {}
                stage = self.watch.next() => match stage {
                    Stage::Stopping => self.on_stage(stage),
                    // There is nothing to come back to.
                    Stage::Stopped => return Attempt::Over,
                },
                () = until(&clock, tell) => {
                    let text = format!("connection lost ({}); trying to resume the session ...", loss.why);
                    self.tell(loss, text);
                }
                () = until(&clock, last_moment) => return Attempt::Over,
                () = clock.sleep_until(loss.since + self.timing.resuming) => return Attempt::TooLate,
            }
        }
    }

    /// Tells the person why it still does not work, once for each reason.
    fn tell_again(&mut self, loss: &mut Loss, failure: Failure) {
        let text = format!("still trying to resume the session: {}", clean(failure.reason));
        if loss.told.as_ref().is_some_and(|told| *told != text) {
            self.tell(loss, text);
        }
    }

    fn tell(&mut self, loss: &mut Loss, text: String) {
        self.say(&text);
        loss.told = Some(text);
    }

    /// Goes on where the lost connection ended.
    fn go_on_with(&mut self, line: Line) {
        self.line = line;
        self.frames.clear();
        self.channel.on_reconnect(self.timing.clock.now());
    }

    /// Returns the end of a session that AWS no longer has.
    fn nothing_to_resume(&self, loss: &Loss) -> Exit {
        match self.watch.words() {
            Some(_) => self.closed(String::new()),
            None => Exit::Lost(format!("{}; the session is over or has timed out", loss.why)),
        }
    }

    /// Returns the end of a session that was tried for too long.
    fn too_late(&self, loss: &Loss) -> Exit {
        let minutes = self.timing.resuming.as_secs() / 60;
        Exit::Lost(format!("{}; there was no way back for {minutes} minutes, after which AWS ends a session", loss.why))
    }

    /// Gives a session up that AWS does not let us have again. It is ended, so that nothing runs on unseen.
    async fn give_up(&mut self, loss: &Loss, failure: &Failure) -> Exit {
        let lost = format!("{}; could not resume the session: {}", loss.why, clean(&failure.reason));
        match self.terminate().await {
            Ok(()) => Exit::Lost(lost),
            Err(denied) => Exit::Lost(format!("{lost}; {}", goes_on(&denied))),
        }
    }
}

/// Asks for a new token and dials the original URL with it; `None` when the session is over.
async fn dial(
    address: Address,
    gateway: Gateway,
    session_id: String,
    client_id: Uuid,
) -> Result<Option<Line>, Failure> {
    let Some(token) = (gateway.resume)(session_id).await? else {
        return Ok(None);
    };
    let line = Line::dial(&address, &gateway, &token, client_id).await;
    line.map(Some).map_err(|error| Failure { reason: error.to_string(), lasts: error.lasts() })
}

/// Returns how long to wait after so many failed attempts.
fn backoff(attempts: u32) -> Duration {
    match attempts {
        0 => Duration::ZERO,
        _ => (FIRST_BACKOFF * 2_u32.saturating_pow((attempts - 1).min(16))).min(LONGEST_BACKOFF),
    }
}
