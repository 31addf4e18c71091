//! `ecsui instances`: what tasks of the EC2 launch type run on.

use super::{
    context::Context,
    exit::Exit,
    failure,
    output::{self, Cell, Column},
    target,
};
use crate::ops::{
    find::{Depth, Target},
    instances::{self, Row},
};

/// Print the container instances of a cluster, or of all clusters
///
/// Names, addresses and the state come from EC2; who may not read these still sees what ECS knows.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the cluster; see "Target words"
    #[arg(id = "in", value_name = "CLUSTER")]
    cluster: Vec<String>,
}

/// The columns.
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::new("cluster", "the cluster's name", |it| Cell::text(it.cluster.name())),
    Column::new("name", "the instance's tag `Name`, or else its id", |it| Cell::text(it.name())),
    Column::new("instance", "the EC2 instance's id", |it| Cell::maybe(it.instance.ec2.as_deref())),
    Column::new("type", "its type", |it| Cell::maybe(it.kind())),
    Column::new("zone", "the availability zone", |it| Cell::maybe(it.zone())),
    Column::new("status", "`ACTIVE`, `DRAINING`, `REGISTERING` …", |it| Cell::state(&*it.instance.status)),
    Column::new("state", "EC2's: `running`, `stopped` …", |it| {
        Cell::maybe_state(it.host.as_ref().and_then(|host| host.state.as_deref()))
    }),
    Column::new("ip", "its address in the VPC", |it| {
        Cell::maybe(it.host.as_ref().and_then(|host| host.private_ip.as_deref()))
    }),
    Column::new("agent", "the version of the ECS agent", |it| Cell::maybe(it.instance.agent_version.as_deref())),
    Column::new("connected", "whether the agent is connected", |it| Cell::Truth(it.instance.agent_connected)),
    Column::new("cpu_free", "CPU units that no task has reserved", |it| Cell::count(it.instance.cpu.remaining)),
    Column::new("cpu", "CPU units in all", |it| Cell::count(it.instance.cpu.registered)),
    Column::new("memory_free", "MiB of memory that no task has reserved", |it| {
        Cell::count(it.instance.memory.remaining)
    }),
    Column::new("memory", "MiB of memory in all", |it| Cell::count(it.instance.memory.registered)),
    Column::new("running", "tasks that run", |it| Cell::count(it.instance.running)),
    Column::new("pending", "tasks on their way", |it| Cell::count(it.instance.pending)),
    Column::fields_only("public_ip", "its address on the internet", |it| {
        Cell::maybe(it.host.as_ref().and_then(|host| host.public_ip.as_deref()))
    }),
    Column::fields_only("provider", "the capacity provider", |it| Cell::maybe(it.instance.provider.as_deref())),
    Column::fields_only("reason", "why it is in that status", |it| Cell::maybe(it.instance.reason.as_deref())),
    Column::fields_only("registered", "when it was registered", |it| Cell::moment(it.instance.registered)),
    Column::fields_only("launched", "when EC2 launched it", |it| {
        Cell::moment(it.host.as_ref().and_then(|host| host.launched))
    }),
    Column::fields_only("id", "the container instance's id", |it| Cell::text(it.instance.arn.name())),
    Column::fields_only("arn", "the container instance's ARN", |it| Cell::text(it.instance.arn.as_str())),
    Column::fields_only("cluster_arn", "the cluster's ARN", |it| Cell::text(it.cluster.as_str())),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let named = target::maybe(context, &args.cluster, &[Depth::Cluster])?;
    let cluster = named.as_ref().map(Target::cluster);
    let read = context.wait_unless_interrupted(instances::instances(context.cx(), cluster))??;
    for part in &read.missing {
        failure::say(&part.line());
    }
    output::print(COLUMNS, &read.rows, &context.style())?;
    Ok(Exit::Done)
}
