//! `ecsui ls`: clusters, the services of one, or one service in full.

use std::sync::Arc;

use futures_util::future::{try_join, try_join_all};

use super::{
    arguments::Format,
    context::Context,
    exit::Exit,
    list::agent,
    output::{self, Cell, Column, Fields, Style},
};
use crate::{
    model::{Arn, Cluster, ContainerDefinition, Deployment, PortMapping, Service, ServiceDetail, Task, TaskDefinition},
    ops::{self, Cx, find, ls},
};

/// How many services one DescribeServices takes (API reference of ECS).
const DESCRIBED_AT_ONCE: usize = 10;

/// Print the clusters with their counts, the services of a cluster, or one service in full
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The cluster's name, or enough of it
    #[arg(id = "in", value_name = "CLUSTER")]
    cluster: Option<String>,
    /// The service's name, or enough of it
    service: Option<String>,
}

/// The columns of `ecsui ls`.
pub(super) const CLUSTERS: &[Column<Cluster>] = &[
    Column::new("cluster", "the cluster's name", |cluster| Cell::text(&*cluster.name)),
    Column::new("status", "`ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED` or `INACTIVE`", |cluster| {
        Cell::state(&*cluster.status)
    }),
    Column::new("services", "services that are ACTIVE", |cluster| Cell::count(cluster.services)),
    Column::new("running", "tasks that run", |cluster| Cell::count(cluster.running)),
    Column::new("pending", "tasks on their way", |cluster| Cell::count(cluster.pending)),
    Column::new("instances", "container instances registered", |cluster| Cell::count(cluster.instances)),
    Column::fields_only("arn", "the cluster's ARN", |cluster| Cell::text(cluster.arn.as_str())),
];

/// The columns of `ecsui ls CLUSTER`.
pub(super) const SERVICES: &[Column<Service>] = &[
    Column::new("service", "the service's name", |service| Cell::text(&*service.name)),
    Column::new("status", "`ACTIVE`, `DRAINING` or `INACTIVE`", |service| of(service, |it| Cell::state(&*it.status))),
    Column::new("desired", "how many tasks are wanted", |service| of(service, |it| Cell::count(it.desired))),
    Column::new("running", "how many tasks run", |service| of(service, |it| Cell::count(it.running))),
    Column::new("pending", "how many tasks are on their way", |service| of(service, |it| Cell::count(it.pending))),
    Column::new("definition", "the task definition of new tasks, `family:revision`", |service| {
        of(service, |it| Cell::maybe(it.task_definition.as_ref().map(Arn::name)))
    }),
    Column::new("rollout", "how far the newest deployment is: `IN_PROGRESS`, `COMPLETED` or `FAILED`", |service| {
        of(service, |it| Cell::maybe_state(newest(it).and_then(|deployment| deployment.rollout.as_deref())))
    }),
    Column::new("deployed", "when the newest deployment began", |service| {
        of(service, |it| Cell::moment(newest(it).and_then(|deployment| deployment.created)))
    }),
    Column::new("launch", "`FARGATE`, `EC2`, `EXTERNAL` or the capacity providers", |service| {
        of(service, |it| Cell::text(&*it.launch))
    }),
    Column::new("exec", "whether new tasks can be logged in to", |service| {
        of(service, |it| Cell::Truth(it.exec_enabled))
    }),
    Column::fields_only("arn", "the service's ARN", |service| Cell::text(service.arn.as_str())),
    Column::fields_only("created", "when the service was created", |service| {
        of(service, |it| Cell::moment(it.created))
    }),
    Column::fields_only("deployments", "the deployments, newest first", |service| {
        of(service, |it| Cell::rows(DEPLOYMENTS, &it.deployments))
    }),
];

/// The columns of a service's deployments.
pub(super) const DEPLOYMENTS: &[Column<Deployment>] = &[
    Column::new("id", "the deployment's id", |it| Cell::text(&*it.id)),
    Column::new("status", "`PRIMARY`, `ACTIVE` or `INACTIVE`", |it| Cell::state(&*it.status)),
    Column::new("rollout", "`IN_PROGRESS`, `COMPLETED` or `FAILED`", |it| Cell::maybe_state(it.rollout.as_deref())),
    Column::new("desired", "how many tasks are wanted", |it| Cell::count(it.desired)),
    Column::new("running", "how many tasks run", |it| Cell::count(it.running)),
    Column::new("pending", "how many tasks are on their way", |it| Cell::count(it.pending)),
    Column::new("failed", "how many tasks failed to start", |it| Cell::count(it.failed)),
    Column::new("definition", "the task definition", |it| Cell::maybe(it.task_definition.as_ref().map(Arn::name))),
    Column::new("created", "when it began", |it| Cell::moment(it.created)),
    Column::new("reason", "why the rollout is where it is", |it| Cell::maybe(it.reason.as_deref())),
];

/// The columns of a service's tasks.
pub(super) const TASKS: &[Column<Task>] = &[
    Column::new("task", "the task's id", |it| Cell::text(it.arn.name())),
    Column::new("status", "where the task is in its life", |it| Cell::state(&*it.last_status)),
    Column::new("desired", "where ECS wants it to be", |it| Cell::text(&*it.desired_status)),
    Column::new("health", "`HEALTHY`, `UNHEALTHY` or `UNKNOWN`", |it| Cell::state(&*it.health)),
    Column::new("definition", "the task definition it was started from", |it| Cell::text(it.definition.name())),
    Column::new("ip", "its address in the VPC", |it| Cell::maybe(it.ip.as_deref())),
    Column::new("zone", "the availability zone", |it| Cell::maybe(it.zone.as_deref())),
    Column::new("started", "when it became RUNNING", |it| Cell::moment(it.started)),
    Column::new("exec", "the containers one can log in to", |it| {
        let ready = it.containers.iter().filter(|container| agent(&container.exec) == "ready");
        Cell::joined(ready.map(|container| container.name.to_string()))
    }),
];

/// The columns of a task definition's containers.
pub(super) const CONTAINERS: &[Column<ContainerDefinition>] = &[
    Column::new("container", "the container's name", |it| Cell::text(&*it.name)),
    Column::new("image", "the image", |it| Cell::text(&*it.image)),
    Column::new("essential", "whether the task stops when it stops", |it| Cell::Truth(it.essential)),
    Column::new("ports", "the ports it listens on, `host:container/protocol`", |it| {
        Cell::joined(it.ports.iter().map(port))
    }),
    Column::new("entry_point", "what replaces the image's entry point", |it| words(&it.entry_point)),
    Column::new("command", "what replaces the image's command", |it| words(&it.command)),
];

/// What `ecsui ls CLUSTER SERVICE` adds in JSON and TSV.
pub(super) const MORE: &[Column<Whole>] = &[
    Column::fields_only("tasks", "its tasks, newest first", |whole| Cell::rows(TASKS, &whole.tasks)),
    Column::fields_only("containers", "the containers of its task definition", |whole| {
        let containers = whole.definition.as_ref().map(|definition| definition.containers.as_slice());
        Cell::rows(CONTAINERS, containers.unwrap_or_default())
    }),
];

/// A service with what belongs to it.
#[derive(Debug)]
pub(super) struct Whole {
    service: Service,
    tasks: Vec<Task>,
    definition: Option<Arc<TaskDefinition>>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let (cx, style) = (context.cx(), context.style());
    match (args.cluster.as_deref().or(context.cluster()), args.service.as_deref()) {
        (None, _) => output::print(CLUSTERS, &context.wait(ls::clusters(cx))??, &style)?,
        (Some(cluster), None) => output::print(SERVICES, &context.wait(services(cx, cluster))??, &style)?,
        (Some(cluster), Some(service)) => {
            let whole = context.wait(whole(cx, cluster, service))??;
            if style.format == Format::Table {
                output::print_text(&page(&whole, &style))?;
            } else {
                let fields = Fields::of(SERVICES, &whole.service).and(MORE, &whole);
                output::print_fields(&[fields], style.format)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// Returns the services of a cluster, described.
async fn services(cx: &Cx, cluster: &str) -> ops::Result<Vec<Service>> {
    let cluster = find::cluster(cx, cluster).await?;
    let arns: Vec<Arn> = ls::services(cx, &cluster).await?.into_iter().map(|service| service.arn).collect();
    let tens = arns.chunks(DESCRIBED_AT_ONCE).map(|ten| ls::service_details(cx, &cluster, ten));
    Ok(try_join_all(tens).await?.into_iter().flatten().collect())
}

/// Returns a service with its tasks and its task definition.
async fn whole(cx: &Cx, cluster: &str, service: &str) -> ops::Result<Whole> {
    let cluster = find::cluster(cx, cluster).await?;
    let named = find::service(cx, &cluster, service).await?;
    let arns = std::slice::from_ref(&named.arn);
    let (described, tasks) =
        try_join(ls::service_details(cx, &cluster, arns), ls::tasks(cx, &cluster, Some(&named.arn))).await?;
    let service = described.into_iter().next().unwrap_or(named);
    let definition = match service.detail.as_ref().and_then(|detail| detail.task_definition.as_ref()) {
        Some(arn) => Some(ls::task_definition(cx, arn).await?),
        None => None,
    };
    Ok(Whole { service, tasks, definition })
}

/// Returns a service as a page: its own fields, then a table for each thing it has many of.
fn page(whole: &Whole, style: &Style) -> String {
    let service = std::slice::from_ref(&whole.service);
    let mut text = output::table(SERVICES, service, style);
    let deployments = whole.service.detail.as_ref().map(|detail| detail.deployments.as_slice()).unwrap_or_default();
    let mut section = |title: &str, table: String| text.extend(["\n", title, "\n", &table]);
    section("Deployments", output::table(DEPLOYMENTS, deployments, style));
    section("Tasks", output::table(TASKS, &whole.tasks, style));
    if let Some(definition) = &whole.definition {
        let title = format!("Task definition {}", crate::model::text::clean(definition.arn.name()));
        section(&title, output::table(CONTAINERS, &definition.containers, style));
    }
    text
}

/// Returns what the detail of a service says, where it has been described.
fn of(service: &Service, say: impl FnOnce(&ServiceDetail) -> Cell) -> Cell {
    service.detail.as_deref().map_or(Cell::Nothing, say)
}

fn newest(detail: &ServiceDetail) -> Option<&Deployment> {
    detail.deployments.first()
}

fn port(mapping: &PortMapping) -> String {
    let host = mapping.host.filter(|&port| port != 0).map_or_else(|| "*".to_owned(), |port| port.to_string());
    format!("{host}:{}/{}", mapping.container, mapping.protocol)
}

fn words(words: &[String]) -> Cell {
    let quoted = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "));
    if words.is_empty() { Cell::Nothing } else { Cell::text(quoted) }
}
