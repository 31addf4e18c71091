//! A service: its name at once, its details when they have been described.

use std::sync::Arc;

use super::{Arn, Attachment, ServiceEvent, Timestamp};

/// A service as ListServices names it; `detail` comes with DescribeServices, ten at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its identity.
    pub arn: Arn,
    /// The cluster it runs in.
    pub cluster: Arn,
    /// Its name.
    pub name: Arc<str>,
    /// What DescribeServices says; `None` until somebody looked.
    pub detail: Option<Box<ServiceDetail>>,
}

/// What DescribeServices says about a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDetail {
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: Arc<str>,
    /// How many tasks are wanted.
    pub desired: u32,
    /// How many tasks run.
    pub running: u32,
    /// How many tasks are on their way.
    pub pending: u32,
    /// The task definition that new tasks are started from.
    pub task_definition: Option<Arn>,
    /// `FARGATE`, `EC2`, `EXTERNAL` or the names of the capacity providers.
    pub launch: Arc<str>,
    /// Who deploys it: `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub controller: Arc<str>,
    /// `REPLICA`, or `DAEMON` for one task on each container instance.
    pub scheduling: Arc<str>,
    /// Whether a circuit breaker gives deployments up whose tasks fail.
    pub breaker: bool,
    /// Whether tasks started from now on can be logged in to.
    pub exec_enabled: bool,
    /// What its tasks are registered with.
    pub attachments: Vec<Attachment>,
    /// When the service was created.
    pub created: Option<Timestamp>,
    /// The deployments under way and the one in force, newest first.
    pub deployments: Vec<Deployment>,
    /// The scheduler's latest events, newest first, at most 100.
    pub events: Vec<ServiceEvent>,
}

/// One of a service's deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its id, `ecs-svc/…`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`.
    pub status: Arc<str>,
    /// `IN_PROGRESS`, `COMPLETED` or `FAILED`; absent for external controllers.
    pub rollout: Option<Arc<str>>,
    /// Why the rollout is in that state.
    pub reason: Option<String>,
    /// The task definition it rolls out.
    pub task_definition: Option<Arn>,
    /// How many tasks are wanted.
    pub desired: u32,
    /// How many tasks run.
    pub running: u32,
    /// How many tasks are on their way.
    pub pending: u32,
    /// How many tasks failed to start.
    pub failed: u32,
    /// When it began.
    pub created: Option<Timestamp>,
}
