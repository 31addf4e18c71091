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

impl Wire {
    /// Has the session resumed and connects again; tells the person when that takes its time. Returns `None` when the
    /// session goes on.
    pub(super) async fn come_back(&mut self, backend: &Backend, cut: &Cut) -> Option<Stop> {
        let clock = self.timing.clock.clone();
        let since = clock.now();
        let loss = Loss { since, why: clean(&cut.0), attempts: 0, told: None };
        let mut loss = self.loss.take().unwrap_or(loss);
        let give_up = loss.since + self.timing.resuming;
        let stop = loop {
            let wait = backoff(loss.attempts);
            loss.attempts += 1;
            let (limit, timer) = (self.timing.opening, clock.clone());
            let attempt = attempt(self.address.clone(), self.gateway.clone(), self.session_id.clone(), self.client_id);
            let mut attempt = Box::pin(async move {
                timer.sleep(wait).await;
                let silence = Failure { reason: "no answer".to_owned(), lasts: false };
                timer.timeout(limit, Box::pin(attempt)).await.unwrap_or(Err(silence))
            });
            let resumed = loop {
                let _any = self.printed.hand_on(&backend.output);
                let tell = loss.told.is_none().then_some(loss.since + UNTOLD);
                let end = self.last_moment.unwrap_or(give_up).min(give_up);
                select! {
                    resumed = &mut attempt => break resumed,
                    () = backend.output.closed() => break Err(Failure { reason: String::new(), lasts: true }),
                    () = self.printed.hand_on_next(&backend.output) => {}
                    stage = self.watch.next() => match stage {
                        Stage::Stopping => self.on_stage(stage),
                        // There is nothing to come back to.
                        Stage::Stopped => break Ok(None),
                    },
                    () = until(&clock, tell) => {
                        let text = format!("connection lost ({}); trying to resume the session …", loss.why);
                        self.tell(&mut loss, text);
                    }
                    () = clock.sleep_until(end) => break Ok(None),
                }
            };
            if backend.output.is_closed() {
                break Some(Stop::HungUp);
            }
            match resumed {
                Ok(Some(line)) => {
                    self.go_on_with(line);
                    if loss.told.is_some() {
                        self.say("session resumed");
                    }
                    break None;
                }
                Ok(None) => break Some(Stop::Over(self.nothing_to_resume(&loss))),
                Err(failure) if failure.lasts => break Some(Stop::Over(self.give_up(&loss, &failure).await)),
                Err(failure) => {
                    let text = format!("still trying to resume the session: {}", clean(failure.reason));
                    if loss.told.as_ref().is_some_and(|told| *told != text) {
                        self.tell(&mut loss, text);
                    }
                }
            }
        };
        self.loss = Some(loss);
        stop
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
async fn attempt(
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
