//! What there is to know about a cluster, a service, a task, a container.

use super::{
    Notice, State, TextLine, Tone, failure,
    stopped::{because, own_words},
};
use crate::{
    model::{
        Arn, Cluster, Container, Deployment, Ending, ExecAgent, Group, Page, ServiceDetail, Task, Thing, Timestamp,
        ending,
    },
    ops::Identity,
    tui::app::{
        RowId,
        row::{Rollout, rollout},
        time::moment,
    },
};

/// `uncounted` says why the counts may not be read.
pub(super) fn cluster(cluster: &Cluster, uncounted: Option<&Notice>, identity: Option<&Identity>) -> Vec<TextLine> {
    let mut lines = match &cluster.detail {
        None => uncounted.map(failure).unwrap_or_default(),
        Some(detail) => vec![
            status(&detail.status, "ACTIVE"),
            TextLine::fact("services", detail.services.to_string()),
            TextLine::fact("tasks", format!("{} running, {} pending", detail.running, detail.pending)),
            TextLine::fact("instances", detail.instances.to_string()),
        ],
    };
    lines.push(arn(&Thing::Cluster(cluster.arn.clone())));
    lines
        .extend(identity.and_then(|identity| identity.caller.as_ref()).map(|caller| TextLine::fact("seen as", caller)));
    lines
}

/// `watched` says how the service does.
pub(super) fn service(
    state: &State,
    service: &Arn,
    detail: Option<&ServiceDetail>,
    watched: Vec<TextLine>,
) -> Vec<TextLine> {
    let last = state.thing(&RowId::Service(service.clone())).map(|thing| arn(&thing));
    let Some(detail) = detail else {
        return state.unread_service().into_iter().chain(watched).chain(last).collect();
    };
    let definition = detail.task_definition.as_ref().map_or("–", |arn| arn.name());
    let exec = if detail.exec_enabled { "enabled for new tasks" } else { "not enabled" };
    let mut lines = vec![
        status(&detail.status, "ACTIVE"),
        TextLine::fact(
            "tasks",
            format!("{} of {} running, {} pending", detail.running, detail.desired, detail.pending),
        ),
        TextLine::fact("task definition", definition),
        TextLine::fact("launch", &detail.launch),
        TextLine::fact("exec", exec),
    ];
    lines.extend(detail.deployments.iter().flat_map(|one| deployment(state, one)));
    lines.extend(watched);
    lines.extend(detail.created.map(|at| when(state, "created", at)));
    lines.extend(last);
    lines
}

fn deployment(state: &State, deployment: &Deployment) -> Vec<TextLine> {
    let rollout = rollout(deployment.rollout.as_deref());
    let (tone, word) = match rollout {
        Rollout::Steady => (Tone::Good, "COMPLETED"),
        Rollout::Rolling => (Tone::Underway, "IN_PROGRESS"),
        Rollout::Failed => (Tone::Bad, "FAILED"),
        Rollout::Unknown => (Tone::Plain, "–"),
    };
    let Deployment { status, running, desired, pending, failed, .. } = deployment;
    let revision = deployment.task_definition.as_ref().map_or("–", |arn| arn.name());
    let counts = format!("  {revision}  {running}/{desired} running, {pending} pending, {failed} failed");
    let mut line = TextLine::fact("deployment", format!("{status} ")).with(tone, word).with(Tone::Plain, counts);
    if let Some(at) = deployment.created {
        line = line.with(Tone::Faint, format!("  {}", moment(state.now, at, &state.zone)));
    }
    let reason = deployment.reason.as_ref().filter(|_| rollout != Rollout::Steady);
    std::iter::once(line).chain(reason.map(|reason| TextLine::fact("", reason))).collect()
}

pub(super) fn task(state: &State, task: &Task) -> Vec<TextLine> {
    let mut lines = vec![status(&task.last_status, "RUNNING")];
    if task.desired_status != task.last_status {
        lines.push(TextLine::fact("wanted", &task.desired_status));
    }
    if Ending::of(task).is_some() {
        lines.push(because(TextLine::fact("stopped because", ""), task));
        lines.extend(own_words(task));
    }
    lines.push(TextLine::fact("health", &task.health));
    lines.push(TextLine::fact("task definition", task.definition.name()));
    lines.push(match &task.group {
        Group::Service(name) => TextLine::fact("service", name),
        Group::Standalone(group) => TextLine::fact("group", group),
    });
    lines.push(TextLine::fact("launch", &task.launch));
    lines.extend(task.zone.as_ref().map(|zone| TextLine::fact("zone", zone)));
    lines.extend(task.ip.as_ref().map(|ip| TextLine::fact("address", ip)));
    lines.extend(task.instance.as_ref().map(|instance| TextLine::fact("instance", instance.name())));
    lines.push(TextLine::fact("exec", if task.exec_enabled { "enabled" } else { "not enabled" }));
    lines.extend(task.created.map(|at| when(state, "created", at)));
    lines.extend(task.started.map(|at| when(state, "started", at)));
    lines.extend(task.stopping.map(|at| when(state, "stopping since", at)));
    lines.extend(task.stopped.map(|at| when(state, "stopped", at)));
    lines.push(arn(&Thing::Task { cluster: task.cluster.clone(), task: task.arn.clone() }));
    lines
}

pub(super) fn container(state: &State, task: &Task, container: &Container) -> Vec<TextLine> {
    let mut lines = vec![status(&container.last_status, "RUNNING")];
    lines.extend(
        container
            .exit_code
            .map(|code| named(if code == 0 { Tone::Plain } else { Tone::Bad }, "exit code", &ending::exit_code(code))),
    );
    lines.extend(container.reason.as_ref().map(|reason| named(Tone::Bad, "reason", reason)));
    lines.push(TextLine::fact("health", &container.health));
    lines.push(TextLine::fact("image", &container.image));
    lines.push(agent(&container.exec));
    lines.extend(container.runtime_id.as_ref().map(|id| TextLine::fact("runtime id", id)));
    lines.push(TextLine::fact("task definition", task.definition.name()));
    lines.extend(task.ip.as_ref().map(|ip| TextLine::fact("address", ip)));
    lines.extend(task.started.map(|at| when(state, "task started", at)));
    let thing = Thing::Task { cluster: task.cluster.clone(), task: task.arn.clone() };
    lines.push(TextLine::fact("task", task.arn.as_str()).leading_to(Page::of(&thing)));
    lines
}

/// Writes an ARN, which leads to the page of the console.
fn arn(thing: &Thing) -> TextLine {
    TextLine::fact("ARN", thing.arn().as_str()).leading_to(Page::of(thing))
}

fn agent(agent: &ExecAgent) -> TextLine {
    match agent {
        ExecAgent::Running => named(Tone::Good, "exec agent", "ready"),
        ExecAgent::Pending => named(Tone::Underway, "exec agent", "starting"),
        ExecAgent::Absent => named(Tone::Bad, "exec agent", "none"),
        ExecAgent::Stopped(reason) => {
            let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            named(Tone::Bad, "exec agent", &format!("stopped{reason}"))
        }
    }
}

fn status(word: &str, good: &str) -> TextLine {
    named(if word == good { Tone::Good } else { Tone::Underway }, "status", word)
}

fn named(tone: Tone, name: &str, value: &str) -> TextLine {
    TextLine::fact(name, "").with(tone, value)
}

fn when(state: &State, name: &str, at: Timestamp) -> TextLine {
    TextLine::fact(name, moment(state.now, at, &state.zone))
}
