//! `ecsui list`: the whole tree, flat.

use super::{
    context::Context,
    exit::Exit,
    failure,
    output::{self, Cell, Column},
};
use crate::{
    model::ExecAgent,
    ops::list::{self, Row},
};

/// Print every container of every cluster, a row each; a service without tasks has one row
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// The columns.
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::new("cluster", "the cluster's name", |row| Cell::text(row.cluster.name())),
    Column::new("service", "the service's name; nothing for a standalone task", |row| {
        Cell::maybe(row.service.as_deref())
    }),
    Column::new("task", "the task's id", |row| Cell::maybe(row.task.as_ref().map(|task| task.arn.name()))),
    Column::new("container", "the container's name", |row| {
        Cell::maybe(row.container().map(|container| &*container.name))
    }),
    Column::new("status", "the container's last status", |row| Cell::maybe_state(row.status())),
    Column::new("health", "`HEALTHY`, `UNHEALTHY` or `UNKNOWN`", |row| Cell::maybe_state(row.health())),
    Column::new("exec", "whether one can log in: `ready`, `pending`, `stopped` or `absent`", |row| {
        Cell::maybe_state(row.exec().map(agent))
    }),
    Column::new("definition", "the task definition, `family:revision`", |row| {
        Cell::maybe(row.task.as_ref().map(|task| task.definition.name()))
    }),
    Column::new("image", "the image, as the task definition writes it", |row| Cell::maybe(row.image())),
    Column::new("ip", "the task's address in the VPC", |row| Cell::maybe(row.ip())),
    Column::new("started", "when the task became RUNNING", |row| Cell::moment(row.started())),
    Column::fields_only("launch", "`FARGATE`, `EC2`, `EXTERNAL` or a capacity provider", |row| {
        Cell::maybe(row.task.as_ref().map(|task| &*task.launch))
    }),
    Column::fields_only("zone", "the availability zone", |row| {
        Cell::maybe(row.task.as_ref().and_then(|task| task.zone.as_deref()))
    }),
    Column::fields_only(
        "group",
        "what started a standalone task: `family:NAME`, or a name of the caller's choice",
        |row| Cell::maybe(row.group.as_deref()),
    ),
    Column::fields_only("runtime_id", "the id that the container runtime knows the container by", |row| {
        Cell::maybe(row.container().and_then(|container| container.runtime_id.as_deref()))
    }),
    Column::fields_only("cluster_arn", "the cluster's ARN", |row| Cell::text(row.cluster.as_str())),
    Column::fields_only("task_arn", "the task's ARN", |row| {
        Cell::maybe(row.task.as_ref().map(|task| task.arn.as_str()))
    }),
];

/// Runs the command.
pub(super) fn run(_: &Args, context: &Context) -> anyhow::Result<Exit> {
    let list::Listing { rows, denied } = context.wait(list::rows(context.cx(), context.cluster()))??;
    output::print(COLUMNS, &rows, &context.style())?;
    Ok(failure::denied(denied, context))
}

/// Returns the state of the agent in a word.
pub(super) fn agent(agent: &ExecAgent) -> &'static str {
    match agent {
        ExecAgent::Absent => "absent",
        ExecAgent::Pending => "pending",
        ExecAgent::Running => "ready",
        ExecAgent::Stopped(_) => "stopped",
    }
}
