//! Tasks, from PROVISIONING to STOPPED.

use std::sync::Arc;

use super::{Definition, Fate, Launch, Run, Tags};
use crate::sim::{clock::Moment, identity::TaskId};

/// A task; what can be derived from its id and its definition is not kept.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) definition: Definition,
    pub(crate) group: Group,
    pub(crate) started_by: Option<Arc<str>>,
    pub(crate) launch: Launch,
    pub(crate) provider: Option<Arc<str>>,
    /// The container instance it runs on.
    pub(crate) instance: Option<Arc<str>>,
    pub(crate) zone: Arc<str>,
    pub(crate) exec: bool,
    pub(crate) healthy: bool,
    pub(crate) created: Moment,
    pub(crate) phase: Phase,
    /// When it became RUNNING.
    pub(crate) started: Option<Moment>,
    /// How it will end by itself, if it will.
    pub(crate) fate: Option<Arc<Fate>>,
    /// How it was run by hand, if it was by RunTask.
    pub(crate) run: Option<Arc<Run>>,
    pub(crate) stop: Option<Box<Stop>>,
    pub(crate) tags: Tags,
}

/// What started a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Group {
    Service(Arc<str>),
    /// Run by hand: its group is its family.
    Family,
    /// Run by hand with a group of the caller's choice.
    Named(Arc<str>),
}

/// Where a task is in its life:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

/// How a task ends or ended.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub(crate) asked: Moment,
    pub(crate) stopped: Option<Moment>,
    /// A `TaskStopCode` of AWS's model.
    pub(crate) code: &'static str,
    pub(crate) reason: Arc<str>,
    pub(crate) endings: Vec<Ending>,
}

/// How one container ended.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) container: String,
    /// `None` when it never ran.
    pub(crate) exit: Option<i32>,
    pub(crate) reason: Option<String>,
}

impl Task {
    /// Returns `service:NAME` or `family:NAME`.
    pub(crate) fn group(&self) -> String {
        match &self.group {
            Group::Service(name) => format!("service:{name}"),
            Group::Family => format!("family:{}", self.definition.family),
            Group::Named(name) => name.to_string(),
        }
    }

    /// Returns the service that started it.
    pub(crate) fn service(&self) -> Option<&Arc<str>> {
        match &self.group {
            Group::Service(name) => Some(name),
            Group::Family | Group::Named(_) => None,
        }
    }

    /// Returns whether ECS wants it to run.
    pub(crate) fn wanted(&self) -> bool {
        self.stop.is_none()
    }

    /// Returns `RUNNING` or `STOPPED`.
    pub(crate) fn desired_status(&self) -> &'static str {
        if self.wanted() { "RUNNING" } else { "STOPPED" }
    }
}

impl Phase {
    /// Returns AWS's `lastStatus`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }

    /// Returns whether ECS counts the task as pending.
    pub(crate) fn is_pending(self) -> bool {
        matches!(self, Self::Provisioning | Self::Pending | Self::Activating)
    }
}
