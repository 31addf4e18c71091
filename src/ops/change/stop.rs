//! Stop: tasks are asked to end, all at once or one after the other.

use std::sync::Arc;

use super::{
    Back, Base, Call, Check, Place, Request, Scope, Verdict,
    plan::Draft,
    standing::{self, Asked},
};
use crate::{
    model::{
        Arn, Task,
        taskdef::diff::{Change, Difference},
        text::{clean, listing},
    },
    ops::{Cx, Error, Kind, Result, ls},
};

/// The most characters of a reason that AWS takes.
const LONGEST_REASON: usize = 255;

/// Which tasks are to end, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Which.
    pub which: Which,
    /// Why, as AWS will tell of it.
    pub reason: String,
}

impl Stop {
    /// What AWS tells of tasks that were stopped where nothing else is said.
    pub const REASON: &str = "stopped with ecsui";
}

/// Which tasks are to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// These.
    These(Vec<TaskPlace>),
    /// All of a service, at once.
    AllOf(Place),
    /// All of a service, one after the other: the next one when as many run as before.
    EachOf(Place),
}

/// A task, and the cluster that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPlace {
    /// The cluster.
    pub cluster: Arn,
    /// The task; its ARN may be of the old format, which holds no cluster.
    pub task: Arn,
}

/// Returns what has to be done.
pub(super) async fn plan(cx: &Cx, stop: &Stop) -> Result<Draft> {
    if stop.reason.chars().count() > LONGEST_REASON {
        let what = format!("the reason is longer than the {LONGEST_REASON} characters that AWS takes");
        return Err(Error::new(Kind::Usage, what));
    }
    match &stop.which {
        Which::These(places) => these(cx, places, &stop.reason).await,
        Which::AllOf(place) => all_of(cx, place, &stop.reason).await,
        Which::EachOf(place) => each_of(cx, place, &stop.reason).await,
    }
}

async fn these(cx: &Cx, places: &[TaskPlace], reason: &str) -> Result<Draft> {
    let (mut tasks, mut notes) = (Vec::new(), Vec::new());
    for TaskPlace { cluster, task } in places {
        let found = ls::tasks_named(cx, cluster, &[task.as_str()]).await?.into_iter().next();
        let gone = || Error::new(Kind::NotFound, format!("task {} is gone", clean(task.short())));
        let task = found.ok_or_else(|| gone().hint("`ecsui stopped` tells of tasks that have ended"))?;
        if task.is_ending() {
            notes.push(format!("task {} is {} already", task.arn.short(), ending(&task)));
        } else if !tasks.iter().any(|known: &Task| known.arn == task.arn) {
            tasks.push(task);
        }
    }
    if tasks.is_empty() {
        return Err(nothing(&notes));
    }
    notes.extend(what_follows(&tasks));
    let title = match &tasks[..] {
        [one] => format!("Stop task {} of {}", one.arn.short(), of(one)),
        several => format!("Stop tasks {}", listing(&several.iter().map(|it| it.arn.short()).collect::<Vec<_>>())),
    };
    Ok(Draft { notes, ..draft(title, &tasks, reason, None) })
}

async fn all_of(cx: &Cx, place: &Place, reason: &str) -> Result<Draft> {
    standing::service(cx, place, Asked::Nothing).await?;
    let tasks = running(cx, place).await?;
    let path = place.path();
    let mut notes = what_follows(&tasks);
    notes.push(format!("until they run there is nobody who answers; `ecsui redeploy {path}` leaves no such gap"));
    Ok(Draft { notes, ..draft(format!("Stop all {} of {path}", count(tasks.len())), &tasks, reason, None) })
}

async fn each_of(cx: &Cx, place: &Place, reason: &str) -> Result<Draft> {
    let service = standing::service(cx, place, Asked::Nothing).await?;
    let tasks = running(cx, place).await?;
    let path = place.path();
    if tasks.len() < 2 {
        let what = format!("{path} has {}, and of fewer than 2 none can stop while another runs", count(tasks.len()));
        let hint = format!("`ecsui redeploy {path}` starts another before it stops this one");
        return Err(Error::new(Kind::Refused, clean(what)).hint(clean(hint)));
    }
    let (wanted, up) = service.detail.as_deref().map(|it| (it.desired, it.running)).unwrap_or_default();
    let verdict = if up >= wanted {
        Verdict::Passed
    } else {
        Verdict::Failed(format!("{up} of {wanted} run, and what fails to come up now may do so again"))
    };
    let minutes = Back::LONGEST.as_secs() / 60;
    let notes = vec![
        format!("before the next one {} run again, for which each is given {minutes} minutes", count(up as usize)),
        format!("`ecsui redeploy {path}` does the same without ever having fewer"),
    ];
    let back = Back { place: place.clone(), running: up, deployment: Base::of(&service).deployment };
    let title = format!("Stop the {} of {path}, one after the other", count(tasks.len()));
    let check = Check::new(format!("as many tasks of {path} run as are wanted"), verdict);
    Ok(Draft {
        base: vec![Base::of(&service)],
        checks: vec![check],
        notes,
        ..draft(title, &tasks, reason, Some(&back))
    })
}

/// Returns the tasks of a service that run or are about to, the oldest first; none is an error.
async fn running(cx: &Cx, place: &Place) -> Result<Vec<Task>> {
    let mut tasks = ls::tasks(cx, &place.cluster, Some(&place.service)).await?;
    tasks.retain(|task| !task.is_ending());
    tasks.reverse();
    if tasks.is_empty() {
        return Err(Error::new(Kind::Refused, format!("{} has no task that could be stopped", clean(place.path()))));
    }
    Ok(tasks)
}

fn draft(title: String, tasks: &[Task], reason: &str, back: Option<&Back>) -> Draft {
    let mut scopes: Vec<Scope> = Vec::new();
    for task in tasks {
        let scope = Scope { cluster: task.cluster.clone(), service: task.group.service().cloned() };
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    let name = match (tasks, &scopes[..]) {
        (_, [Scope { service: Some(service), .. }]) => service.to_string(),
        ([one], _) => one.arn.short().to_owned(),
        ([first, ..], _) => first.cluster.name().to_owned(),
        ([], _) => String::new(),
    };
    Draft {
        title,
        changes: tasks.iter().map(stopped).collect(),
        calls: tasks.iter().map(|task| call(task, reason, back)).collect(),
        scopes,
        name,
        ..Draft::default()
    }
}

fn stopped(task: &Task) -> Difference {
    Difference {
        place: format!("task {} of {}", task.arn.short(), of(task)),
        what: "status".to_owned(),
        change: Change::Changed(task.last_status.to_string(), "STOPPED".to_owned()),
        secret: false,
    }
}

fn call(task: &Task, reason: &str, back: Option<&Back>) -> Call {
    let then = if back.is_some() { ", and wait until another runs" } else { "" };
    Call {
        action: "ecs:StopTask",
        resource: task.arn.to_string(),
        what: format!("stop task {}{then}", task.arn.short()),
        request: Request::StopTask {
            place: TaskPlace { cluster: task.cluster.clone(), task: task.arn.clone() },
            service: task.group.service().cloned(),
            reason: reason.to_owned(),
            back: back.cloned(),
        },
    }
}

/// Returns a sentence for each service and each task without one: whether another comes.
fn what_follows(tasks: &[Task]) -> Vec<String> {
    let mut groups: Vec<(&Arn, &Arc<str>, usize)> = Vec::new();
    for task in tasks {
        let Some(service) = task.group.service() else { continue };
        match groups.iter_mut().find(|(cluster, name, _)| *cluster == &task.cluster && *name == service) {
            Some((.., count)) => *count += 1,
            None => groups.push((&task.cluster, service, 1)),
        }
    }
    let of_services = groups.iter().map(|(cluster, service, count)| {
        let (path, others) = (format!("{}/{service}", cluster.name()), others(*count));
        format!("service {path} starts {others}; `ecsui scale {path} N` changes how many it wants")
    });
    let alone = tasks.iter().filter(|task| task.group.service().is_none());
    let alone = alone.map(|task| format!("task {} was run by hand: nothing starts another", task.arn.short()));
    of_services.chain(alone).collect()
}

fn others(count: usize) -> String {
    if count == 1 { "another in its place".to_owned() } else { format!("{count} others in their place") }
}

fn count(tasks: usize) -> String {
    if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") }
}

/// Returns what a task is of: `prod/payments-api`, or `prod (family:job)`.
fn of(task: &Task) -> String {
    let cluster = task.cluster.name();
    match (task.group.service(), task.group.standalone()) {
        (Some(service), _) => format!("{cluster}/{service}"),
        (None, Some(group)) => format!("{cluster} ({group})"),
        (None, None) => cluster.to_owned(),
    }
}

fn ending(task: &Task) -> &'static str {
    if &*task.last_status == "STOPPED" { "stopped" } else { "stopping" }
}

fn nothing(notes: &[String]) -> Error {
    if notes.is_empty() {
        return Error::new(Kind::Usage, "no task is meant");
    }
    Error::new(Kind::Refused, clean(format!("nothing would be different: {}", notes.join(", "))))
}
