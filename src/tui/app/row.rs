//! What the panes list: rows with an identity, the text that is searched, and the facts that are shown, made clean
//! once when they are read.

mod columns;

use std::sync::Arc;

use super::stock::KnownService;
use crate::model::{
    Arn, Cluster, Container, Deployment, Ending, ExecAgent, Group, Service, ServiceDetail, Task, Thing, Timestamp,
    tag_of, text::clean,
};
pub(super) use columns::{compare, exec as exec_word, number};

/// The four panes, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Clusters.
    Cluster,
    /// The services of the selected cluster.
    Service,
    /// The tasks of the selected service.
    Task,
    /// The containers of the selected task.
    Container,
}

impl Level {
    /// All of them, from left to right.
    pub const ALL: [Self; 4] = [Self::Cluster, Self::Service, Self::Task, Self::Container];

    /// Returns the pane to the right.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }

    /// Returns the pane to the left.
    pub fn previous(self) -> Option<Self> {
        (self as usize).checked_sub(1).map(|index| Self::ALL[index])
    }

    /// Returns what the pane lists.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Cluster => "clusters",
            Self::Service => "services",
            Self::Task => "tasks",
            Self::Container => "containers",
        }
    }
}

/// What a row is, whatever its place in the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    /// A cluster.
    Cluster(Arn),
    /// The tasks of this cluster that no service started.
    NoService(Arn),
    /// A service.
    Service(Arn),
    /// A task.
    Task(Arn),
    /// The container of this name in this task.
    Container(Arn, Arc<str>),
}

impl RowId {
    /// Returns the ARN that names the row to AWS: of a container its task's, as ECS has no other that calls take.
    pub fn arn(&self) -> &Arn {
        match self {
            Self::Cluster(arn)
            | Self::NoService(arn)
            | Self::Service(arn)
            | Self::Task(arn)
            | Self::Container(arn, _) => arn,
        }
    }

    /// Returns what it is of ECS, in this cluster; what no service started is the cluster's.
    pub(super) fn thing(&self, cluster: &Arn) -> Thing {
        let cluster = || cluster.clone();
        match self.clone() {
            Self::Cluster(arn) | Self::NoService(arn) => Thing::Cluster(arn),
            Self::Service(service) => Thing::Service { cluster: cluster(), service },
            Self::Task(task) => Thing::Task { cluster: cluster(), task },
            Self::Container(task, name) => Thing::Container { cluster: cluster(), task, name },
        }
    }

    /// Whether it can be marked.
    pub fn can_be_marked(&self) -> bool {
        match self {
            Self::Service(_) | Self::Task(_) | Self::Container(..) => true,
            Self::Cluster(_) | Self::NoService(_) => false,
        }
    }

    /// Returns the service that it is, if it is one.
    pub fn service(&self) -> Option<&Arn> {
        match self {
            Self::Service(service) => Some(service),
            Self::Cluster(_) | Self::NoService(_) | Self::Task(_) | Self::Container(..) => None,
        }
    }
}

/// One row of a pane. All its text is clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub id: RowId,
    /// What a query is matched against; begins with the name.
    pub text: String,
    name_end: usize,
    /// What else is shown.
    pub cells: Cells,
    /// Whether it is no longer there, and stands where it was until somebody moves.
    pub gone: bool,
}

/// What a row shows besides its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cells {
    /// Of a cluster; `None` where its counts may not be read.
    Cluster(Option<ClusterCells>),
    /// Of the row of tasks that no service started: how many, once that is known.
    NoService(Option<usize>),
    /// Of a service; `None` until it has been described.
    Service(Option<Box<ServiceCells>>),
    /// Of a task.
    Task(Box<TaskCells>),
    /// Of a container.
    Container(Box<ContainerCells>),
}

/// What a service's row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCells {
    /// Tasks that run.
    pub running: u32,
    /// Tasks that are wanted.
    pub desired: u32,
    /// `:41`.
    pub revision: String,
    /// When the last deployment began.
    pub deployed: Option<Timestamp>,
    /// How that deployment fares.
    pub rollout: Rollout,
    /// Whether new tasks can be logged in to.
    pub exec: bool,
    /// Its status where that is not ACTIVE.
    pub status: Option<String>,
}

/// How a deployment fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollout {
    /// COMPLETED.
    Steady,
    /// IN_PROGRESS.
    Rolling,
    /// FAILED.
    Failed,
    /// ECS does not say.
    Unknown,
}

/// What ECS says about the health of a task or container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// HEALTHY.
    Healthy,
    /// UNHEALTHY.
    Unhealthy,
    /// There is no health check, or it has not answered.
    Unknown,
}

/// What a task's row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCells {
    /// Where it is in its life.
    pub status: String,
    /// Its health.
    pub health: Health,
    /// When it started; where it has not, when it was asked for.
    pub since: Option<Timestamp>,
    /// `:41`; with the family where the service does not say it.
    pub revision: String,
    /// Availability zone.
    pub zone: Option<String>,
    /// Launch type.
    pub launch: String,
    /// Address in the VPC.
    pub ip: Option<String>,
    /// Why it stopped or is stopping, in words.
    pub ending: Option<String>,
}

/// What a container's row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerCells {
    /// PENDING, RUNNING, STOPPED.
    pub status: String,
    /// Its health.
    pub health: Health,
    /// Whether somebody can log in.
    pub exec: Readiness,
    /// Its image.
    pub image: String,
    /// The tag of its image, or the digest.
    pub tag: String,
    /// Its exit code.
    pub exit_code: Option<i32>,
}

/// Whether somebody can log in to a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// The agent is there.
    Ready,
    /// The agent is on its way.
    Starting,
    /// The agent was there.
    Stopped,
    /// There is no agent.
    NoAgent,
    /// The container does not run.
    NotRunning,
}

/// What a row shows of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterCells {
    /// Services.
    pub services: u32,
    /// Tasks, running and pending.
    pub tasks: u32,
    /// Container instances.
    pub instances: u32,
    /// Its status where that is not ACTIVE.
    pub status: Option<String>,
}

impl Row {
    /// Returns what the row is called on screen.
    pub fn name(&self) -> &str {
        &self.text[..self.name_end]
    }

    /// Returns the row of a cluster.
    pub(super) fn cluster(cluster: &Cluster) -> Self {
        let cells = cluster.detail.as_ref().map(|detail| ClusterCells {
            services: detail.services,
            tasks: detail.running.saturating_add(detail.pending),
            instances: detail.instances,
            status: unless(&detail.status, "ACTIVE"),
        });
        Self::named(RowId::Cluster(cluster.arn.clone()), &cluster.name, Cells::Cluster(cells))
    }

    /// Returns the row of the tasks that no service started.
    pub(super) fn no_service(cluster: &Arn, tasks: Option<usize>) -> Self {
        Self::named(RowId::NoService(cluster.clone()), "(no service)", Cells::NoService(tasks))
    }

    /// Returns the row of a service.
    pub(super) fn service(known: &KnownService) -> Self {
        let Service { arn, name, detail, .. } = &known.service;
        let cells = detail.as_ref().map(|detail| Box::new(service_cells(detail)));
        Self::named(RowId::Service(arn.clone()), name, Cells::Service(cells))
    }

    /// Returns the row of a task.
    pub(super) fn task(task: &Task) -> Self {
        let name = clean(task.arn.short());
        let definition = clean(task.definition.name());
        let cells = TaskCells {
            status: clean(&task.last_status),
            health: health(&task.health),
            since: task.started.or(task.created),
            revision: match task.group {
                Group::Service(_) => revision(&task.definition),
                Group::Standalone(_) => definition.clone(),
            },
            zone: task.zone.as_ref().map(clean),
            launch: clean(&task.launch),
            ip: task.ip.as_ref().map(clean),
            ending: Ending::of(task).map(|ending| clean(ending.words)),
        };
        let id = clean(task.arn.name());
        let text = [
            &id,
            &cells.status,
            &definition,
            cells.zone.as_deref().unwrap_or(""),
            &cells.launch,
            cells.ip.as_deref().unwrap_or(""),
            cells.ending.as_deref().unwrap_or(""),
        ]
        .join(" ");
        Self {
            id: RowId::Task(task.arn.clone()),
            text,
            name_end: name.len(),
            cells: Cells::Task(Box::new(cells)),
            gone: false,
        }
    }

    /// Returns the row of a container.
    pub(super) fn container(task: &Task, container: &Container) -> Self {
        let name = clean(&container.name);
        let cells = ContainerCells {
            status: clean(&container.last_status),
            health: health(&container.health),
            exec: readiness(container),
            image: clean(&container.image),
            tag: clean(tag_of(&container.image)),
            exit_code: container.exit_code,
        };
        Self {
            id: RowId::Container(task.arn.clone(), container.name.clone()),
            text: format!("{name} {} {}", cells.image, cells.status),
            name_end: name.len(),
            cells: Cells::Container(Box::new(cells)),
            gone: false,
        }
    }

    fn named(id: RowId, name: &str, cells: Cells) -> Self {
        let text = clean(name);
        Self { id, name_end: text.len(), text, cells, gone: false }
    }
}

/// Returns the deployment that new tasks belong to.
pub(super) fn primary(detail: &ServiceDetail) -> Option<&Deployment> {
    detail.deployments.iter().find(|deployment| &*deployment.status == "PRIMARY")
}

/// Returns the state of a rollout by ECS's word for it.
pub(super) fn rollout(word: Option<&str>) -> Rollout {
    match word {
        Some("COMPLETED") => Rollout::Steady,
        Some("IN_PROGRESS") => Rollout::Rolling,
        Some("FAILED") => Rollout::Failed,
        _ => Rollout::Unknown,
    }
}

/// Returns whether somebody can log in to the container.
pub(super) fn readiness(container: &Container) -> Readiness {
    if &*container.last_status != "RUNNING" {
        return Readiness::NotRunning;
    }
    match container.exec {
        ExecAgent::Running => Readiness::Ready,
        ExecAgent::Pending => Readiness::Starting,
        ExecAgent::Stopped(_) => Readiness::Stopped,
        ExecAgent::Absent => Readiness::NoAgent,
    }
}

fn service_cells(detail: &ServiceDetail) -> ServiceCells {
    let primary = primary(detail);
    ServiceCells {
        running: detail.running,
        desired: detail.desired,
        revision: detail.task_definition.as_ref().map(revision).unwrap_or_default(),
        deployed: primary.and_then(|deployment| deployment.created),
        rollout: rollout(primary.and_then(|deployment| deployment.rollout.as_deref())),
        exec: detail.exec_enabled,
        status: unless(&detail.status, "ACTIVE"),
    }
}

fn health(word: &str) -> Health {
    match word {
        "HEALTHY" => Health::Healthy,
        "UNHEALTHY" => Health::Unhealthy,
        _ => Health::Unknown,
    }
}

fn revision(definition: &Arn) -> String {
    let revision = definition.name().rsplit_once(':').map(|(_, revision)| revision);
    revision.map(|revision| format!(":{}", clean(revision))).unwrap_or_default()
}

fn unless(status: &str, usual: &str) -> Option<String> {
    (status != usual && !status.is_empty()).then(|| clean(status))
}

/// Returns what stands in the column of health for ECS's word.
pub(super) fn health_word(word: &str) -> &'static str {
    columns::health(health(word))
}
