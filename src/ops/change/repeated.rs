//! Whether the same was begun before, and nobody knows what became of it: who repeats a change is to look first.

use super::{Place, Plan, Request, Run, Stop, TaskPlace, Update, Which, Wish};
use crate::{
    model::{Arn, Task, text::listing},
    ops::{
        Cx, Identity,
        audit::{self, Begun, Ended, Outcome},
        ls,
    },
};

/// What a change is about, and the command that shows how that stands.
struct Matter {
    /// Tells the same wish, whenever it is made.
    key: String,
    /// The command.
    look: String,
}

impl Plan {
    /// Returns what tells the same wish, whenever it is made.
    pub(in crate::ops) fn matters(&self) -> Vec<String> {
        let mut keys: Vec<String> = matters(self).into_iter().map(|matter| matter.key).collect();
        keys.dedup();
        keys
    }
}

/// Returns a sentence for each change of which nobody knows the end, where it is the last one about the same.
pub(super) async fn notes(cx: &Cx, plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    for (begun, ended, looks) in unsettled(cx, plan).await {
        notes.push(sentence(&begun, ended.as_ref(), &looks));
        if let Wish::Run(run) = &plan.wish {
            notes.extend(running(cx, plan, run).await);
        }
    }
    notes
}

/// Returns the last changes about the same whose end nobody knows, each with the commands that show what it is about.
async fn unsettled(cx: &Cx, plan: &Plan) -> Vec<(Begun, Option<Ended>, Vec<String>)> {
    let read = {
        let cx = cx.clone();
        tokio::task::spawn_blocking(move || audit::history(&cx)).await
    };
    // What cannot be read is said by whoever asks for it, and when the next change is written down.
    let Ok(Ok(history)) = read else { return Vec::new() };
    let mut found: Vec<(Begun, Option<Ended>, Vec<String>)> = Vec::new();
    for Matter { key, look } in matters(plan) {
        let mut changes = history.changes.iter().rev();
        let last = changes.find(|(begun, _)| is_here(begun, &plan.by) && begun.matters.contains(&key));
        let Some((begun, ended)) = last.filter(|(begun, ended)| is_unsettled(begun, ended.as_ref())) else { continue };
        match found.iter_mut().find(|(known, ..)| known.id == begun.id) {
            Some((.., looks)) if looks.contains(&look) => {}
            Some((.., looks)) => looks.push(look),
            None => found.push((begun.clone(), ended.clone(), vec![look])),
        }
    }
    found
}

fn is_here(begun: &Begun, by: &Identity) -> bool {
    begun.account == by.account && *begun.region == *by.region
}

fn is_unsettled(begun: &Begun, ended: Option<&Ended>) -> bool {
    match ended {
        Some(ended) => ended.result == Outcome::Unknown,
        None => !begun.under_way,
    }
}

fn sentence(begun: &Begun, ended: Option<&Ended>, looks: &[String]) -> String {
    let Begun { at, what, .. } = begun;
    let looks: Vec<String> = looks.iter().map(|look| format!("`ecsui {look}`")).collect();
    let end = if ended.is_some() { "ended without an answer" } else { "was interrupted" };
    format!(
        "{what:?} of {at:.0} {end}, and may have been made: look first, with {}, whether it is to be made again",
        listing(&looks)
    )
}

/// Returns a sentence about the tasks that run already from what is to be run.
async fn running(cx: &Cx, plan: &Plan, run: &Run) -> Option<String> {
    let definition = definitions(plan).next()?;
    // What cannot be read is looked at by whoever reads the sentence before.
    let tasks = ls::tasks(cx, &run.cluster, None).await.ok()?;
    let meant = |task: &&Task| task.definition == *definition && task.group.standalone().is_some() && !task.is_ending();
    let named = |task: &Task| {
        let since = task.created.map(|at| format!(" since {at:.0}")).unwrap_or_default();
        format!("{}{since}", task.arn.short())
    };
    let tasks: Vec<String> = tasks.iter().filter(meant).map(named).collect();
    let (name, cluster) = (definition.name(), run.cluster.name());
    Some(match tasks.len() {
        0 => format!("no task of {name} runs by hand in {cluster} now"),
        _ => format!("tasks of {name} that run by hand in {cluster} now: {}", listing(&tasks)),
    })
}

/// Returns the task definitions that a plan runs.
fn definitions(plan: &Plan) -> impl Iterator<Item = &Arn> {
    plan.calls.iter().filter_map(|call| match &call.request {
        Request::RunTask(new) => Some(&new.definition),
        Request::Register { .. }
        | Request::UpdateService { .. }
        | Request::RollBackDeployment { .. }
        | Request::StopTask { .. } => None,
    })
}

/// Returns what a plan is about.
fn matters(plan: &Plan) -> Vec<Matter> {
    let of_service = |verb: &str, place: &Place| Matter {
        key: format!("{verb} {} {}", place.cluster, place.service),
        look: format!("deployments {}", place.path()),
    };
    let of_services = |verb: &str, places: &[Place]| places.iter().map(|it| of_service(verb, it)).collect();
    match &plan.wish {
        Wish::Update(update) => {
            let Update { place, .. } = &**update;
            vec![of_service("update", place)]
        }
        Wish::Redeploy { services } => of_services("redeploy", services),
        Wish::Scale { services, .. } => of_services("scale", services),
        Wish::RollBack { service } => vec![of_service("rollback", service)],
        Wish::EnableExec { services } => of_services("enable-exec", services),
        Wish::Stop(stop) => of_stop(stop),
        Wish::Register(registration) => {
            let family = registration.document.family();
            vec![Matter { key: format!("register {family}"), look: format!("taskdefs {family}") }]
        }
        Wish::Run(run) => {
            let mut definitions: Vec<&Arn> = definitions(plan).collect();
            definitions.dedup();
            definitions.into_iter().flat_map(|definition| of_run(run, definition)).collect()
        }
    }
}

fn of_run(run: &Run, definition: &Arn) -> [Matter; 2] {
    let key = format!("run {} {definition}", run.cluster);
    let cluster = run.cluster.name();
    let matter = |look| Matter { key: key.clone(), look };
    [matter(format!("list --cluster {cluster}")), matter(format!("stopped {cluster}"))]
}

fn of_stop(stop: &Stop) -> Vec<Matter> {
    match &stop.which {
        Which::These(tasks) => {
            let matter = |TaskPlace { cluster, task }: &TaskPlace| Matter {
                key: format!("stop {task}"),
                look: format!("stopped {}", cluster.name()),
            };
            tasks.iter().map(matter).collect()
        }
        Which::AllOf(place) | Which::EachOf(place) => {
            let key = format!("stop {} {}", place.cluster, place.service);
            vec![Matter { key, look: format!("stopped {}", place.path()) }]
        }
    }
}
