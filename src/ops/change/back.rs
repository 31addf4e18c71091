//! Waiting until tasks that were stopped are gone, and until their service runs as many again.

use std::{ops::ControlFlow, time::Duration};

use super::{
    Base, Made, Place, Step, TaskPlace,
    standing::{self, Asked},
};
use crate::{
    model::{Service, text::clean},
    ops::{Cx, Error, Kind, Result, find, ls},
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
            Ok(Look::Back(text)) => {
                // Whoever breaks off now is heard before the next call.
                let _anyway = tell(Step::Waiting(&text));
                return Ok(Waited::Back);
            }
            Ok(Look::NotYet(text)) => text,
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

/// Waits until tasks that were asked to stop are gone, and until each service that they were of runs as many as it
/// wants. Tells `tell` what is waited for. Dropping it changes nothing.
pub async fn wait_until_gone(cx: &Cx, made: &[Made], mut tell: impl FnMut(&str)) -> Result<()> {
    let mut tell = |step: Step<'_>| {
        if let Step::Waiting(text) = step {
            tell(text);
        }
        ControlFlow::Continue(())
    };
    for made in made {
        let Made::Stopped { place: stopped, service } = made else { continue };
        match service {
            Some(service) => {
                let service = find::service(cx, &stopped.cluster, service).await?;
                let back = wanted_of(cx, &Place::of(&service)).await?;
                wait(cx, &back, stopped, &mut tell).await?;
            }
            None => wait_alone(cx, stopped, &mut tell).await?,
        }
    }
    Ok(())
}

/// Returns what has to be again of a service of which tasks were stopped: as many as it wants.
async fn wanted_of(cx: &Cx, place: &Place) -> Result<Back> {
    let service = standing::service(cx, place, Asked::Nothing).await?;
    let Base { place, deployment, desired, .. } = Base::of(&service);
    Ok(Back { place, running: desired, deployment })
}

/// Waits until a task without a service is gone.
async fn wait_alone(cx: &Cx, stopped: &TaskPlace, tell: &mut impl FnMut(Step<'_>) -> ControlFlow<()>) -> Result<()> {
    loop {
        match not_gone(cx, stopped).await {
            Ok(None) => return Ok(()),
            Ok(Some(text)) => drop(tell(Step::Waiting(&text))),
            Err(error) if error.passes() => drop(tell(Step::Waiting(&error.line()))),
            Err(error) => return Err(error),
        }
        cx.clock.sleep(POLL).await;
    }
}

/// Returns how a task stands that was asked to stop, nothing once it is gone.
async fn not_gone(cx: &Cx, stopped: &TaskPlace) -> Result<Option<String>> {
    let task = ls::tasks_named(cx, &stopped.cluster, &[stopped.task.as_str()]).await?.into_iter().next();
    let task = task.filter(|task| &*task.last_status != "STOPPED");
    Ok(task.map(|task| format!("task {} is {}", task.arn.short(), task.last_status)))
}

/// What a look has shown, in words.
enum Look {
    /// As many tasks run as before.
    Back(String),
    /// This is waited for.
    NotYet(String),
}

/// Looks whether a task that was stopped is gone and its service runs as many as before.
async fn look(cx: &Cx, back: &Back, stopped: &TaskPlace) -> Result<Look> {
    if let Some(text) = not_gone(cx, stopped).await? {
        return Ok(Look::NotYet(text));
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
    let text = format!("{running} of {back} tasks of {} run", place.path());
    Ok(if running < back { Look::NotYet(text) } else { Look::Back(text) })
}

/// Returns how many tasks of a service run, and how many are wanted.
fn counts(service: &Service) -> (u32, u32) {
    service.detail.as_deref().map(|detail| (detail.running, detail.desired)).unwrap_or_default()
}
