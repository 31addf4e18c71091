//! What `ecsui ls` says, column by column.

use super::{
    super::{
        list::agent,
        output::{Cell, Column},
    },
    Listed, Shown,
};
use crate::{
    model::{
        Arn, Backend, ClusterDetail, ContainerDefinition, Deployment, EnvironmentValue, LoadBalancer, PortMapping,
        Service, ServiceDetail, Task,
        taskdef::{MASK, looks_secret},
    },
    ops::{targets::Front, whole::Said},
};

/// The columns of `ecsui ls`.
pub(in super::super) const CLUSTERS: &[Column<Listed>] = &[
    Column::new("cluster", "the cluster's name", |it| Cell::text(&*it.cluster.name)),
    Column::new("status", "`ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED` or `INACTIVE`", |it| {
        counted(it, |it| Cell::state(&*it.status))
    }),
    Column::new("services", "services that are ACTIVE", |it| counted(it, |it| Cell::count(it.services))),
    Column::new("running", "tasks that run", |it| counted(it, |it| Cell::count(it.running))),
    Column::new("pending", "tasks on their way", |it| counted(it, |it| Cell::count(it.pending))),
    Column::new("instances", "container instances registered", |it| counted(it, |it| Cell::count(it.instances))),
    Column::fields_only("arn", "the cluster's ARN", |it| Cell::text(it.cluster.arn.as_str())),
    Column::fields_only("contents", "its services, with `-v`", |it| {
        it.services.as_ref().map_or(Cell::Nothing, |services| Cell::rows(SERVICES, services))
    }),
];

/// The columns of `ecsui ls CLUSTER`.
pub(in super::super) const SERVICES: &[Column<Service>] = &[
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
pub(in super::super) const DEPLOYMENTS: &[Column<Deployment>] = &[
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

/// A task of a service.
#[derive(Debug)]
pub(in super::super) struct Member {
    task: Task,
    /// Whether new tasks of the service are of another revision.
    is_other: bool,
}

/// The columns of a service's tasks.
pub(in super::super) const TASKS: &[Column<Member>] = &[
    Column::new("task", "the task's id", |Member { task, .. }| Cell::text(task.arn.name())),
    Column::new("status", "where the task is in its life", |Member { task, .. }| Cell::state(&*task.last_status)),
    Column::new("desired", "where ECS wants it to be", |Member { task, .. }| Cell::text(&*task.desired_status)),
    Column::new("health", "`HEALTHY`, `UNHEALTHY` or `UNKNOWN`", |Member { task, .. }| Cell::state(&*task.health)),
    Column::new("definition", "the task definition it was started from", |Member { task, .. }| {
        Cell::text(task.definition.name())
    }),
    Column::new("ip", "its address in the VPC", |Member { task, .. }| Cell::maybe(task.ip.as_deref())),
    Column::new("zone", "the availability zone", |Member { task, .. }| Cell::maybe(task.zone.as_deref())),
    Column::new("started", "when it became RUNNING", |Member { task, .. }| Cell::moment(task.started)),
    Column::new("exec", "the containers one can log in to", |Member { task, .. }| {
        let ready = task.containers.iter().filter(|container| agent(&container.exec) == "ready");
        Cell::joined(ready.map(|container| container.name.to_string()))
    }),
    Column::new(
        "warning",
        "`another revision` where it was not started from the service's task definition",
        |member| {
            if member.is_other { Cell::text("another revision") } else { Cell::Nothing }
        },
    ),
];

/// The columns of a task definition's containers.
pub(in super::super) const CONTAINERS: &[Column<ContainerDefinition>] = &[
    Column::new("container", "the container's name", |it| Cell::text(&*it.name)),
    Column::new("image", "the image", |it| Cell::text(&*it.image)),
    Column::new("essential", "whether the task stops when it stops", |it| Cell::Truth(it.essential)),
    Column::new("cpu", "CPU units reserved; 1024 are one vCPU", |it| Cell::Count(it.cpu.into())),
    Column::new("memory", "the most memory it may use, in MiB", |it| {
        it.memory.map_or(Cell::Nothing, |memory| Cell::Count(memory.into()))
    }),
    Column::fields_only("memory_reservation", "the memory reserved for it, in MiB", |it| {
        it.memory_reservation.map_or(Cell::Nothing, |memory| Cell::Count(memory.into()))
    }),
    Column::new("ports", "the ports it listens on, `host:container/protocol`", |it| {
        Cell::joined(it.ports.iter().map(port))
    }),
    Column::new("entry_point", "what replaces the image's entry point", |it| words(&it.entry_point)),
    Column::new("command", "what replaces the image's command", |it| words(&it.command)),
];

/// A variable in the environment of a container.
pub(in super::super) struct Variable {
    container: String,
    name: String,
    /// Its value, or what stands for one that looks secret.
    value: Option<String>,
    masked: bool,
    from: Option<String>,
}

/// The columns of the environment of a task definition's containers.
pub(in super::super) const VARIABLES: &[Column<Variable>] = &[
    Column::new("container", "the container's name", |it| Cell::text(&it.container)),
    Column::new("name", "the variable's name", |it| Cell::text(&it.name)),
    Column::new("value", "its value; `••••••` where that looks secret, unless `--reveal`", |it| {
        Cell::maybe(it.value.as_ref())
    }),
    Column::new("from", "where a secret is read from", |it| Cell::maybe(it.from.as_ref())),
    Column::fields_only("masked", "whether the value is not shown", |it| Cell::Truth(it.masked)),
];

/// The columns of a service's events.
pub(in super::super) const EVENTS: &[Column<Said>] = &[
    Column::new("at", "when it happened", |it| Cell::moment(it.event.at)),
    Column::new("message", "what the scheduler says", |it| Cell::text(&*it.event.message)),
    Column::new("definition", "the task definition of the task that it is about", |it| {
        Cell::maybe(it.task.as_ref().map(|task| task.definition.name()))
    }),
    Column::new("status", "where that task is in its life", |it| {
        Cell::maybe_state(it.task.as_ref().map(|task| &*task.last_status))
    }),
    Column::fields_only("task", "the id of that task", |it| Cell::maybe(it.event.task())),
    Column::fields_only("id", "the event's id", |it| Cell::text(&*it.event.id)),
];

/// A load balancer before a service, or the place of one that is not there or must not be read.
pub(in super::super) struct Before {
    front: Front,
    balancer: Option<LoadBalancer>,
}

/// The columns of the load balancers before a service.
pub(in super::super) const BEFORE: &[Column<Before>] = &[
    Column::new("load_balancer", "the load balancer's name", |it| Cell::maybe(it.of(|it| Some(it.name.to_string())))),
    Column::new("type", "`application`, `network`, `gateway` or `classic`", |it| {
        Cell::maybe(it.of(|it| Some(it.kind.to_string())))
    }),
    Column::new("dns_name", "the name under which it is found", |it| {
        Cell::maybe(it.of(|it| it.dns_name.as_ref().map(ToString::to_string)))
    }),
    Column::new("group", "the target group that it leads to", |it| {
        Cell::maybe(it.front.attachment.group().map(|_| it.front.attachment.name()))
    }),
    Column::new("instances", "the instances that are registered with a classic one", |it| {
        Cell::joined(it.balancer.iter().flat_map(|it| &it.instances).map(ToString::to_string))
    }),
    Column::new("backend_ports", "the ports that it speaks to: of a target group's container, or of instances", |it| {
        Cell::joined(it.ports().iter().map(ToString::to_string))
    }),
];

impl Before {
    fn of(&self, say: impl FnOnce(&LoadBalancer) -> Option<String>) -> Option<String> {
        self.balancer.as_ref().and_then(say)
    }

    fn ports(&self) -> Vec<u16> {
        if self.front.attachment.group().is_some() {
            return vec![self.front.attachment.port];
        }
        let backends = self.balancer.iter().flat_map(|it| &it.listeners).filter_map(|it| it.backend.as_ref());
        backends.map(|Backend { port, .. }| *port).collect()
    }
}

/// Returns the load balancers before a service.
pub(super) fn before(shown: &Shown) -> Vec<Before> {
    let mut all = Vec::new();
    for front in shown.fronts.iter().flat_map(|fronts| &fronts.fronts) {
        let row = |balancer| Before { front: front.clone(), balancer };
        if front.balancers.is_empty() {
            all.push(row(None));
        }
        all.extend(front.balancers.iter().cloned().map(|balancer| row(Some(balancer))));
    }
    all
}

/// What a service in full adds in JSON and TSV.
pub(in super::super) const MORE: &[Column<Shown>] = &[
    Column::fields_only("tasks", "its tasks, newest first; nothing where they may not be read", |it| {
        it.whole.tasks.as_ref().map_or(Cell::Nothing, |_| Cell::rows(TASKS, &members(it)))
    }),
    Column::fields_only("containers", "the containers of its task definition", |it| {
        it.whole.definition.as_ref().map_or(Cell::Nothing, |definition| Cell::rows(CONTAINERS, &definition.containers))
    }),
    Column::fields_only("events", "its latest events, as many as `--events` asks for", |it| {
        Cell::rows(EVENTS, &it.whole.events)
    }),
    Column::fields_only("load_balancers", "the load balancers before it, with `--elb`", |it| {
        it.fronts.as_ref().map_or(Cell::Nothing, |_| Cell::rows(BEFORE, &before(it)))
    }),
    Column::fields_only("environment", "the environment of its containers, with `-v`", |it| {
        if it.extent.verbose { Cell::rows(VARIABLES, &variables(it)) } else { Cell::Nothing }
    }),
];

/// Returns the tasks of a service, each with what is to be said of it.
pub(super) fn members(shown: &Shown) -> Vec<Member> {
    let member = |task: &Task| Member { is_other: shown.whole.is_of_another_revision(task), task: task.clone() };
    shown.whole.tasks.iter().flatten().map(member).collect()
}

/// Returns the environment of the containers, with what looks secret masked unless it is to be seen.
pub(super) fn variables(shown: &Shown) -> Vec<Variable> {
    let containers = shown.whole.definition.iter().flat_map(|definition| &definition.containers);
    containers.flat_map(|container| of_container(container, shown.extent.reveal)).collect()
}

fn of_container(definition: &ContainerDefinition, reveal: bool) -> impl Iterator<Item = Variable> {
    let container = &definition.name;
    let plain = definition.environment.iter().map(move |EnvironmentValue { name, value }| {
        let masked = !reveal && looks_secret(name, value);
        let value = if masked { MASK } else { value };
        Variable { container: container.clone(), name: name.clone(), value: Some(value.to_owned()), masked, from: None }
    });
    let secret = definition.secrets.iter().map(move |secret| Variable {
        container: container.clone(),
        name: secret.name.clone(),
        value: None,
        masked: true,
        from: Some(secret.value_from.clone()),
    });
    plain.chain(secret)
}

/// Returns what the detail of a cluster says, where it may be read.
fn counted(listed: &Listed, say: impl FnOnce(&ClusterDetail) -> Cell) -> Cell {
    listed.cluster.detail.as_ref().map_or(Cell::Nothing, say)
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
