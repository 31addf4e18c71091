//! Carrying a plan out: call by call, written down before and after.

use std::{ops::ControlFlow, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Base, Call, Guard, Place, Plan, Request, TaskPlace,
    back::{self, Waited},
    guard, perform,
    standing::{self, Asked},
};
use crate::{
    model::{Arn, Timestamp, taskdef::diff::Difference, text::clean},
    ops::{
        Cx, Error, Kind, Result,
        audit::{self, About, End, Outcome},
    },
};

/// What was done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Done {
    /// What the calls made, in order.
    pub made: Vec<Made>,
    /// What the history calls the change, for whoever follows it: see [`super::became()`].
    pub id: String,
}

/// What a call made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// A revision was registered.
    Registered {
        /// The revision.
        definition: Arn,
        /// What AWS made otherwise than it was told, beside what it adds to every definition.
        otherwise: Vec<Difference>,
    },
    /// A service was changed.
    Updated {
        /// The service.
        place: Place,
        /// Its task definition before.
        before: Option<Arn>,
        /// Its task definition now.
        definition: Option<Arn>,
        /// The deployment in force now.
        deployment: Option<String>,
        /// When that began.
        begun: Option<Timestamp>,
        /// How many tasks are wanted now.
        desired: u32,
        /// Whether a deployment has begun by it.
        deploys: bool,
    },
    /// A service deployment is being rolled back.
    RollingBack {
        /// The service.
        place: Place,
        /// The service deployment.
        deployment: Arn,
    },
    /// A task was asked to stop.
    Stopped {
        /// The task.
        place: TaskPlace,
        /// The name of its service.
        service: Option<Arc<str>>,
    },
    /// Tasks were started.
    Started {
        /// Where.
        cluster: Arn,
        /// From which task definition.
        definition: Arn,
        /// The tasks: at least one.
        tasks: Vec<Arn>,
        /// Why others were not, in words.
        failures: Vec<String>,
    },
}

/// What is being done, as it is done.
#[derive(Debug)]
pub enum Step<'a> {
    /// This call is about to be made. It is not if the answer is to break off.
    Doing(&'a Call),
    /// It is made.
    Did(&'a Made),
    /// This is waited for before the next one; no longer if the answer is to break off.
    Waiting(&'a str),
    /// Something that somebody should know.
    Notice(String),
}

/// A plan was not carried out, or not to its end.
#[derive(Debug)]
pub struct Halt {
    /// Why, and how things stand.
    pub error: Error,
    /// What was made before.
    pub made: Vec<Made>,
    /// Whether nobody knows what became of the last call.
    pub unknown: bool,
}

impl Made {
    /// Returns it in words.
    pub fn words(&self) -> String {
        match self {
            Self::Registered { definition, .. } => format!("registered {}", definition.name()),
            Self::Updated { place, .. } => format!("updated {}", place.path()),
            Self::RollingBack { place, .. } => format!("rolling back {}", place.path()),
            Self::Stopped { place, .. } => format!("stopped task {}", place.task.short()),
            Self::Started { tasks, .. } => {
                let tasks: Vec<&str> = tasks.iter().map(Arn::short).collect();
                let noun = if tasks.len() == 1 { "task" } else { "tasks" };
                format!("started {noun} {}", tasks.join(", "))
            }
        }
    }

    /// Returns what came otherwise than it was asked for, a sentence each; parts of them are untrusted.
    pub fn surprises(&self) -> Vec<String> {
        match self {
            Self::Registered { otherwise, .. } => otherwise.iter().map(made_otherwise).collect(),
            Self::Started { failures, .. } => failures.iter().map(|why| format!("not started: {why}")).collect(),
            Self::Updated { .. } | Self::RollingBack { .. } | Self::Stopped { .. } => Vec::new(),
        }
    }

    /// Returns the service about which something has begun that can be followed.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Registered { .. } | Self::Stopped { .. } | Self::Started { .. } => None,
            Self::Updated { place, .. } | Self::RollingBack { place, .. } => Some(place),
        }
    }
}

impl Halt {
    fn before_anything(error: Error) -> Self {
        Self { error, made: Vec::new(), unknown: false }
    }
}

impl From<Halt> for Error {
    /// Returns why, for those who need no more.
    fn from(halt: Halt) -> Self {
        halt.error
    }
}

fn made_otherwise(difference: &Difference) -> String {
    let (told, has) = difference.values(false);
    let (told, has) = (told.unwrap_or("nothing"), has.unwrap_or("nothing"));
    format!("AWS made something else of {} {}: {told} → {has}", difference.place, difference.what)
}

/// Makes the calls of a plan, each once, and tells `tell` of them; where that breaks off before a call, no more are
/// made. Fails before the first one where the guard refuses, or where somebody has changed the services meanwhile.
pub async fn carry_out(
    cx: &Cx,
    plan: &Plan,
    mut tell: impl FnMut(Step<'_>) -> ControlFlow<()>,
) -> std::result::Result<Done, Halt> {
    let ready = async {
        allowed(cx, plan)?;
        unchanged(cx, plan).await
    };
    ready.await.map_err(Halt::before_anything)?;
    let (entry, complaint) = audit::begin(cx, About::plan(plan)).await;
    if let Some(complaint) = complaint {
        let _anyway = tell(Step::Notice(complaint));
    }
    let ended = in_order(cx, plan, &mut tell).await.map(|made| Done { made, id: entry.id.clone() });
    let complaint = written_down(cx, &entry, &ended).await;
    if let Some(complaint) = complaint {
        let _anyway = tell(Step::Notice(complaint));
    }
    ended
}

/// Writes down how it ended; returns what to say where that fails.
async fn written_down(cx: &Cx, entry: &audit::Entry, ended: &std::result::Result<Done, Halt>) -> Option<String> {
    let words = |made: &[Made]| made.iter().map(Made::words).collect();
    let end = match ended {
        Ok(Done { made, .. }) => {
            let services = made.iter().filter_map(Made::place).map(Place::path).collect();
            End { result: Outcome::Done, made: words(made), why: None, services }
        }
        Err(halt) => {
            let result = if halt.unknown { Outcome::Unknown } else { Outcome::Failed };
            End { result, made: words(&halt.made), why: Some(halt.error.line()), services: Vec::new() }
        }
    };
    audit::end(cx, entry, end).await
}

async fn in_order(
    cx: &Cx,
    plan: &Plan,
    tell: &mut impl FnMut(Step<'_>) -> ControlFlow<()>,
) -> std::result::Result<Vec<Made>, Halt> {
    let mut made: Vec<Made> = Vec::new();
    for (index, call) in plan.calls.iter().enumerate() {
        if tell(Step::Doing(call)).is_break() {
            let error = Error::new(Kind::Refused, format!("{}: stopped before its end", plan.title));
            return Err(Halt { error: error.hint(rest(plan, index, &made)), made, unknown: false });
        }
        // Boxed: what waits for this lies deep enough.
        match Box::pin(perform::perform(cx, plan, call, &made, index > 0)).await {
            Ok(new) => {
                let _anyway = tell(Step::Did(&new));
                made.push(new);
                waited(cx, plan, index, &made, tell).await?;
            }
            Err(failure) => {
                let mut error = failure.error;
                if plan.calls.len() > 1 {
                    error = error.hint(rest(plan, index, &made));
                }
                return Err(Halt { error, made, unknown: failure.unknown });
            }
        }
    }
    Ok(made)
}

/// Waits for what has to be again before the next call.
async fn waited(
    cx: &Cx,
    plan: &Plan,
    index: usize,
    made: &[Made],
    tell: &mut impl FnMut(Step<'_>) -> ControlFlow<()>,
) -> std::result::Result<(), Halt> {
    let Request::StopTask { back: Some(back), place, .. } = &plan.calls[index].request else { return Ok(()) };
    let error = match Box::pin(back::wait(cx, back, place, tell)).await {
        Ok(Waited::Back) => return Ok(()),
        Ok(Waited::BrokeOff) => Error::new(Kind::Refused, format!("{}: stopped before its end", plan.title)),
        Err(error) => error,
    };
    Err(Halt { error: error.hint(rest(plan, index + 1, made)), made: made.to_vec(), unknown: false })
}

/// Returns what was done of a plan and what was not, from the call that failed on.
fn rest(plan: &Plan, from: usize, made: &[Made]) -> String {
    let done: Vec<String> = made.iter().map(Made::words).collect();
    let left: Vec<String> = plan.calls[from..].iter().map(|call| format!("{} ({})", call.action, call.what)).collect();
    let done = if done.is_empty() { "nothing".to_owned() } else { done.join(", ") };
    let left = if left.is_empty() { "nothing".to_owned() } else { left.join(", ") };
    clean(format!("done: {done}; not done: {left}"))
}

/// Fails where the guard refuses: that of the plan, or what the settings say now.
fn allowed(cx: &Cx, plan: &Plan) -> Result<()> {
    let (now, _) = guard::of(&cx.settings, &plan.subjects(), "");
    for guard in [&plan.guard, &now] {
        if let Guard::Refused(why) = guard {
            return Err(refused(plan, why));
        }
    }
    Ok(())
}

/// Returns the error of a plan that the settings refuse.
fn refused(plan: &Plan, why: &str) -> Error {
    Error::new(Kind::Refused, format!("{} is refused: {why}", plan.title))
}

/// Fails where somebody has changed one of the services since the plan was made.
async fn unchanged(cx: &Cx, plan: &Plan) -> Result<()> {
    const AT_ONCE: usize = 8;
    let look = |base: &'_ Base| {
        let base = base.clone();
        async move {
            let now = Base::of(&standing::service(cx, &base.place, Asked::Nothing).await?);
            standing::still(&base, &now, counts(plan, &base.place))
        }
    };
    let looks: Vec<_> = plan.base.iter().map(look).collect();
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

/// Whether a plan changes how many tasks of a service are wanted.
pub(super) fn counts(plan: &Plan, of: &Place) -> bool {
    plan.calls.iter().any(|call| match &call.request {
        Request::UpdateService { place, change, .. } => place == of && change.desired.is_some(),
        Request::Register { .. }
        | Request::RollBackDeployment { .. }
        | Request::StopTask { .. }
        | Request::RunTask(_) => false,
    })
}
