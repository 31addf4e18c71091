//! One call of a plan, made once: where its answer is lost, what became of it is looked for before it is made again.

mod definition;
mod deployment;
mod service;
mod task;

use std::{future::Future, time::Duration};

use super::{Call, Made, NewDefinition, Plan, Request};
use crate::{
    aws::{self, Lost, ServiceChange},
    model::Arn,
    ops::{Cx, Error, Kind},
};

/// How often it is looked for something that may have been made, and how long apart: AWS may tell of it a moment later.
const LOOKS: u32 = 3;
const APART: Duration = Duration::from_secs(2);
/// How often a look may fail.
const PATIENCE: u32 = 8;

/// A call that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// Whether it may have been carried out all the same.
    pub(super) unknown: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, unknown: false }
    }
}

/// Makes a call of a plan, after what `made` holds. `again` says that services are to be looked at once more before.
pub(super) async fn perform(cx: &Cx, plan: &Plan, call: &Call, made: &[Made], again: bool) -> Result<Made, Failure> {
    match &call.request {
        Request::Register { document, latest } => definition::register(cx, document, latest.as_ref()).await,
        Request::UpdateService { place, definition, change } => {
            let change = ServiceChange { definition: named(definition, made)?, ..change.clone() };
            service::update(cx, plan, place, &change, again).await
        }
        Request::RollBackDeployment { place, deployment } => deployment::roll_back(cx, place, deployment).await,
        Request::StopTask { place, service, reason, .. } => task::stop(cx, place, service.as_ref(), reason).await,
        Request::RunTask(new) => task::run(cx, new).await,
    }
}

/// Returns the task definition that a service is to have; `None` leaves it the one that it has.
fn named(definition: &NewDefinition, made: &[Made]) -> Result<Option<Arn>, Error> {
    match definition {
        NewDefinition::Kept => Ok(None),
        NewDefinition::This(arn) => Ok(Some(arn.clone())),
        NewDefinition::Registered => {
            let registered = made.iter().rev().find_map(|made| match made {
                Made::Registered { definition, .. } => Some(definition.clone()),
                Made::Updated { .. } | Made::RollingBack { .. } | Made::Stopped { .. } | Made::Started { .. } => None,
            });
            registered.map(Some).ok_or_else(|| Error::new(Kind::Internal, "a plan names a revision that nothing made"))
        }
    }
}

/// What became of a call that was made once or, where it was not taken, twice.
enum Sent<T> {
    /// This was made.
    Made(T),
    /// AWS did not take it.
    NotTaken(aws::Error),
    /// Nobody knows.
    Unknown(aws::Error),
}

/// Makes a change with `send`; where its answer is lost, looks with `look` for what it would have made, and makes it
/// once more only where it has not been and `again` says that this does no harm: what is not seen may come to be seen
/// later. After a time-out it is not made again at all: AWS may still be at it.
async fn once<T, S, L, A>(cx: &Cx, send: impl Fn() -> S, look: impl Fn() -> L, again: impl Fn() -> A) -> Sent<T>
where
    S: Future<Output = Result<T, aws::Error>>,
    L: Future<Output = Result<Option<T>, aws::Error>>,
    A: Future<Output = bool>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        let mut error = match send().await {
            Ok(made) => return Sent::Made(made),
            Err(error) => error,
        };
        let Some(lost) = error.lost else { return Sent::NotTaken(error) };
        tracing::warn!(operation = error.operation, ?lost, "the answer to a change is lost");
        match (looked(cx, &look).await, lost) {
            (Ok(Some(made)), _) => return Sent::Made(made),
            (Ok(None), Lost::Ended) if tries == 1 => {
                if !again().await {
                    return Sent::Unknown(error);
                }
            }
            (Ok(None), Lost::Ended) => {
                error
                    .hints
                    .push("AWS shows no trace of it: it was tried twice, and nothing was changed by it".to_owned());
                return Sent::NotTaken(error);
            }
            (Ok(None), Lost::Late) | (Err(_), _) => return Sent::Unknown(error),
        }
    }
}

/// Says of a change that two of it are no more than one.
async fn harmless() -> bool {
    true
}

/// Looks for something a few times, for AWS may not tell of it at once.
async fn looked<T, L>(cx: &Cx, look: impl Fn() -> L) -> Result<Option<T>, aws::Error>
where
    L: Future<Output = Result<Option<T>, aws::Error>>,
{
    let (mut looks, mut failures) = (0, 0);
    loop {
        match look().await {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => looks += 1,
            Err(error) => {
                failures += 1;
                if failures >= PATIENCE || !Error::aws("", error.clone()).passes() {
                    return Err(error);
                }
            }
        }
        if looks >= LOOKS {
            return Ok(None);
        }
        cx.clock.sleep(APART).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future};

    use super::*;
    use crate::{
        aws::{Access, Kind::Unreachable},
        config::Settings,
        session::clock::Clock,
    };

    fn lost(how: Lost) -> aws::Error {
        aws::Error {
            operation: Some("ecs:UpdateService"),
            kind: Unreachable,
            code: None,
            message: "gone".to_owned(),
            request_id: None,
            hints: Vec::new(),
            lost: Some(how),
            awaits_login: false,
        }
    }

    /// Sends something whose answer is lost every time; returns how often it was sent, and how that ended.
    async fn sent(how: Lost, look: impl Fn() -> Result<Option<()>, aws::Error>) -> (u32, &'static str) {
        sent_again(how, look, true).await
    }

    async fn sent_again(
        how: Lost,
        look: impl Fn() -> Result<Option<()>, aws::Error>,
        again: bool,
    ) -> (u32, &'static str) {
        let (clock, hand) = Clock::by_hand();
        let access = Access::Chain { profile: None, region: None, endpoint_url: None };
        let cx = Cx::new(access, Settings::default()).with_clock(clock);
        let times = Cell::new(0);
        let send = || {
            times.set(times.get() + 1);
            future::ready(Err(lost(how)))
        };
        let sending = once(&cx, send, || future::ready(look()), || future::ready(again));
        tokio::pin!(sending);
        let end = loop {
            tokio::select! {
                biased;
                end = &mut sending => break end,
                () = tokio::task::yield_now() => hand.advance(APART),
            }
        };
        let end = match end {
            Sent::Made(()) => "made",
            Sent::NotTaken(_) => "not taken",
            Sent::Unknown(_) => "unknown",
        };
        (times.get(), end)
    }

    #[tokio::test]
    async fn what_was_made_is_not_made_again() {
        assert_eq!(sent(Lost::Ended, || Ok(Some(()))).await, (1, "made"));
        assert_eq!(sent(Lost::Late, || Ok(Some(()))).await, (1, "made"));
    }

    #[tokio::test]
    async fn what_aws_may_still_be_at_is_not_made_again() {
        assert_eq!(sent(Lost::Late, || Ok(None)).await, (1, "unknown"));
    }

    #[tokio::test]
    async fn what_was_not_made_is_made_once_more() {
        assert_eq!(sent(Lost::Ended, || Ok(None)).await, (2, "not taken"));
    }

    #[tokio::test]
    async fn what_would_do_harm_twice_is_not_made_again() {
        assert_eq!(sent_again(Lost::Ended, || Ok(None), false).await, (1, "unknown"));
    }

    #[tokio::test]
    async fn what_cannot_be_looked_for_is_not_made_again() {
        assert_eq!(sent(Lost::Ended, || Err(lost(Lost::Ended))).await, (1, "unknown"));
    }

    #[tokio::test]
    async fn it_is_looked_for_more_than_once() {
        let looks = Cell::new(0);
        let third = || {
            looks.set(looks.get() + 1);
            Ok((looks.get() == 3).then_some(()))
        };
        assert_eq!(sent(Lost::Ended, third).await, (1, "made"));
    }
}
