//! The columns of the views that are lists, as words look in them, and what a row has there.

use std::sync::Arc;

use super::DetailView;
use crate::{
    model::{Ending, Heard, Task, query::Column},
    ops::{instances::Row as Instance, targets::Row as Target},
    tui::app::row::number,
};

const EVENTS: &[Column] =
    &[Column::new("service"), Column::new("task").or(&["id"]), Column::new("message").or(&["text"])];

const STOPPED: &[Column] = &[
    Column::new("task").or(&["id", "name"]),
    Column::new("service").or(&["group"]),
    Column::number("rev").or(&["revision"]),
    Column::new("code"),
    Column::new("reason"),
    Column::new("exit"),
    Column::new("az").or(&["zone"]),
];

const INSTANCES: &[Column] = &[
    Column::new("name"),
    Column::new("id"),
    Column::new("type"),
    Column::new("az").or(&["zone"]),
    Column::state("status"),
    Column::state("state"),
    Column::state("agent"),
    Column::new("version"),
    Column::new("ip"),
    Column::number("running").or(&["tasks"]),
    Column::number("pending"),
];

const TARGETS: &[Column] = &[
    Column::new("group"),
    Column::state("state").or(&["status", "health"]),
    Column::new("target").or(&["ip", "id"]),
    Column::number("port"),
    Column::new("az").or(&["zone"]),
    Column::new("task"),
    Column::number("rev").or(&["revision"]),
    Column::new("reason"),
];

impl DetailView {
    /// Returns the columns that words can look in; none where it is no list.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Events => EVENTS,
            Self::Stopped => STOPPED,
            Self::Instances => INSTANCES,
            Self::Targets => TARGETS,
            Self::Facts | Self::Deployments | Self::TaskDefinition | Self::Logs | Self::Described => &[],
        }
    }
}

/// Returns what an event of a service has in its columns.
pub(super) fn of_event(service: &str, heard: &Heard) -> Arc<[String]> {
    let task = heard.event.task().unwrap_or_default();
    [service, task, heard.event.said()].map(str::to_owned).into()
}

/// Returns what a stopped task has in its columns.
pub(super) fn of_stopped(task: &Task) -> Arc<[String]> {
    let group = task.group.service().or(task.group.standalone()).map(ToString::to_string);
    let of_containers = task.containers.iter().filter_map(|container| container.reason.clone());
    let reasons = Ending::of(task).map(|ending| ending.words).into_iter().chain(task.stopped_reason.clone());
    let exits = task.containers.iter().filter_map(|container| container.exit_code).map(|code| code.to_string());
    [
        task.arn.name().to_owned(),
        group.unwrap_or_default(),
        number(task.definition.name()).to_owned(),
        task.stop_code.as_deref().unwrap_or_default().to_owned(),
        reasons.chain(of_containers).collect::<Vec<_>>().join(" "),
        exits.collect::<Vec<_>>().join(" "),
        task.zone.as_deref().unwrap_or_default().to_owned(),
    ]
    .into()
}

/// Returns what a container instance has in its columns.
pub(super) fn of_instance(row: &Instance) -> Arc<[String]> {
    let (instance, host) = (&row.instance, row.host.as_ref());
    let addresses = host.iter().flat_map(|host| [host.private_ip.as_deref(), host.public_ip.as_deref()]).flatten();
    let agent = if instance.agent_connected { "connected" } else { "not connected" };
    [
        row.name().to_owned(),
        [instance.ec2.as_deref().unwrap_or_default(), instance.arn.name()].join(" "),
        row.kind().unwrap_or_default().to_owned(),
        row.zone().unwrap_or_default().to_owned(),
        instance.status.to_string(),
        host.and_then(|host| host.state.as_deref()).unwrap_or_default().to_owned(),
        agent.to_owned(),
        instance.agent_version.as_deref().unwrap_or_default().to_owned(),
        addresses.collect::<Vec<_>>().join(" "),
        instance.running.to_string(),
        instance.pending.to_string(),
    ]
    .into()
}

/// Returns what a target of this group has in its columns.
pub(super) fn of_target(group: &str, row: &Target) -> Arc<[String]> {
    let (target, task) = (&row.target, row.task.as_ref());
    let zone = target.zone.as_ref().or_else(|| task.and_then(|task| task.zone.as_ref()));
    [
        group.to_owned(),
        target.state.to_string(),
        target.to_string(),
        target.port.map(|port| port.to_string()).unwrap_or_default(),
        zone.map(ToString::to_string).unwrap_or_default(),
        task.map(|task| task.arn.name().to_owned()).unwrap_or_default(),
        task.map(|task| number(task.definition.name()).to_owned()).unwrap_or_default(),
        target.reason().unwrap_or_default(),
    ]
    .into()
}
