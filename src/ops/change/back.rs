//! Waiting until a service runs as many tasks again as before one of them was stopped.

use std::{ops::ControlFlow, time::Duration};

use super::{Base, Place, Step, TaskPlace};
use crate::{
    model::{Service, text::clean},
    ops::{Cx, Error, Kind, Result, ls},
};

/// What has to be again before the next task is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// The service.
    pub place: Place,
    /// How many tasks ran.
    pub running: u32,
    /// The deployment in force.
    pub deployment: Option<String>,
}

/// How a wait ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// As many tasks run as before.
    Back,
    /// Somebody did not want to wait any longer.
    BrokeOff,
}

/// How often is looked.
const POLL: Duration = Duration::from_secs(5);

impl Back {
    /// How long is waited, as Skipper does.
    pub const LONGEST: Duration = Duration::from_mins(10);
}

/// Waits until a task that was asked to stop is gone and its service runs as many as before.
pub(super) async fn wait(
    cx: &Cx,
    back: &Back,
    stopped: &TaskPlace,
    tell: &mut impl FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Waited> {
    let deadline = cx.clock.now() + Back::LONGEST;
    let path = clean(back.place.path());
    loop {
        let text = match look(cx, back, stopped).await {
            Ok(None) => return Ok(Waited::Back),
            Ok(Some(text)) => text,
            Err(error) if error.passes() => error.line(),
            Err(error) => return Err(error),
        };
        if tell(Step::Waiting(&text)).is_break() {
            return Ok(Waited::BrokeOff);
        }
        if cx.clock.now() >= deadline {
            let minutes = Back::LONGEST.as_secs() / 60;
            let what = format!("{path} does not run {} tasks again after {minutes} minutes", back.running);
            return Err(Error::new(Kind::Refused, what).hint(format!("`ecsui events {path}` says why")));
        }
        cx.clock.sleep(POLL).await;
    }
}

/// Returns what is waited for, nothing once all is as before.
async fn look(cx: &Cx, back: &Back, stopped: &TaskPlace) -> Result<Option<String>> {
    let task = ls::tasks_named(cx, &stopped.cluster, &[stopped.task.as_str()]).await?.into_iter().next();
    if let Some(task) = task.filter(|task| &*task.last_status != "STOPPED") {
        return Ok(Some(format!("task {} is {}", task.arn.short(), task.last_status)));
    }
    let place = &back.place;
    let found = ls::service_details(cx, &place.cluster, std::slice::from_ref(&place.service)).await?;
    let gone = || Error::new(Kind::NotFound, format!("service {} is gone", clean(place.path())));
    let service = found.into_iter().next().ok_or_else(gone)?;
    if Base::of(&service).deployment != back.deployment {
        let what = format!("{} was changed meanwhile: another deployment has begun", clean(place.path()));
        return Err(Error::new(Kind::Refused, what).hint("it replaces the tasks that were left"));
    }
    let (running, wanted) = counts(&service);
    // Autoscaling may want fewer meanwhile.
    let back = back.running.min(wanted);
    Ok((running < back).then(|| format!("{running} of {back} tasks of {} run", place.path())))
}

/// Returns how many tasks of a service run, and how many are wanted.
fn counts(service: &Service) -> (u32, u32) {
    service.detail.as_deref().map(|detail| (detail.running, detail.desired)).unwrap_or_default()
}
