//! A task and its containers.

use std::sync::Arc;

use super::{Arn, Timestamp};

/// A task, as DescribeTasks shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its identity; the last segment is the task's id.
    pub arn: Arn,
    /// The cluster it runs in.
    pub cluster: Arn,
    /// What started it.
    pub group: Group,
    /// The definition it was started from.
    pub definition: Arn,
    /// Where it is in its life: `PROVISIONING` … `RUNNING` … `STOPPED`.
    pub last_status: Arc<str>,
    /// Where ECS wants it to be: `RUNNING` or `STOPPED`.
    pub desired_status: Arc<str>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: Arc<str>,
    /// `FARGATE`, `EC2` or `EXTERNAL`; for capacity providers their name.
    pub launch: Arc<str>,
    /// Availability zone.
    pub zone: Option<Arc<str>>,
    /// The container instance it runs on (EC2 and EXTERNAL).
    pub instance: Option<Arn>,
    /// Its address in the VPC (awsvpc network mode).
    pub ip: Option<Arc<str>>,
    /// Whether the task was started with ECS Exec enabled.
    pub exec_enabled: bool,
    /// When it was asked for.
    pub created: Option<Timestamp>,
    /// When it became RUNNING.
    pub started: Option<Timestamp>,
    /// When it began to stop.
    pub stopping: Option<Timestamp>,
    /// When it became STOPPED.
    pub stopped: Option<Timestamp>,
    /// The kind of reason, a `TaskStopCode`: `EssentialContainerExited`, `UserInitiated` …
    pub stop_code: Option<Arc<str>>,
    /// Why it stopped or is stopping, untrusted text.
    pub stopped_reason: Option<String>,
    /// Its containers, in the order of the answer.
    pub containers: Vec<Container>,
}

/// What started a task; ECS calls it the task's group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// The service of this name.
    Service(Arc<str>),
    /// Something else: `family:NAME` for tasks that were run by hand, or a name of the caller's choice.
    Standalone(Arc<str>),
}

impl Group {
    /// Returns the name of the service, if a service started the task.
    pub fn service(&self) -> Option<&Arc<str>> {
        match self {
            Self::Service(name) => Some(name),
            Self::Standalone(_) => None,
        }
    }

    /// Returns the name of the group, if no service started the task.
    pub fn standalone(&self) -> Option<&Arc<str>> {
        match self {
            Self::Service(_) => None,
            Self::Standalone(name) => Some(name),
        }
    }
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its identity, where AWS tells it.
    pub arn: Option<Arn>,
    /// Its name in the task definition.
    pub name: Arc<str>,
    /// The image it runs, as the task definition writes it.
    pub image: Arc<str>,
    /// The digest of that image as it was pulled; absent until then.
    pub digest: Option<Arc<str>>,
    /// `PENDING`, `RUNNING` or `STOPPED`.
    pub last_status: Arc<str>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: Arc<str>,
    /// The id the container runtime knows it by; part of the Session Manager target.
    pub runtime_id: Option<Arc<str>>,
    /// Its exit code once it has stopped.
    pub exit_code: Option<i32>,
    /// Why it stopped, untrusted text.
    pub reason: Option<String>,
    /// The ports of its host that lead to it (bridge and host network modes).
    pub bindings: Vec<NetworkBinding>,
    /// Whether somebody can log in.
    pub exec: ExecAgent,
}

/// A port of a host that leads to a container's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkBinding {
    /// The container's.
    pub container: u16,
    /// The host's.
    pub host: u16,
}

/// The state of the ExecuteCommandAgent in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecAgent {
    /// There is none: exec was not enabled when the task started, or this container is not given one.
    Absent,
    /// Not yet there.
    Pending,
    /// Ready for a session.
    Running,
    /// Gone, with the reason ECS gives.
    Stopped(Option<String>),
}

impl Task {
    /// Returns the container of this name.
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|container| &*container.name == name)
    }

    /// Whether it has stopped or was asked to.
    pub fn is_ending(&self) -> bool {
        &*self.desired_status == "STOPPED" || &*self.last_status == "STOPPED"
    }
}
