//! Service deployments and service revisions: the history that ECS keeps beside a service's own `deployments`.

use std::sync::Arc;

use super::{Arn, Timestamp};

/// A service deployment: one release of a service, from its beginning to its end or its rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDeployment {
    /// Its identity.
    pub arn: Arn,
    /// `PENDING`, `IN_PROGRESS`, `SUCCESSFUL`, `STOPPED`, `ROLLBACK_IN_PROGRESS` …
    pub status: Arc<str>,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// The service revision it brings.
    pub target: Option<Arn>,
    /// When it was asked for.
    pub created: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// What DescribeServiceDeployments says; `None` until somebody looked.
    pub detail: Option<Box<ReleaseDetail>>,
}

/// What DescribeServiceDeployments says about a service deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseDetail {
    /// The tasks of the revision it brings.
    pub target: Option<RevisionTasks>,
    /// The tasks of the revisions that it replaces.
    pub sources: Vec<RevisionTasks>,
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR`, `CANARY`.
    pub strategy: Option<String>,
    /// Where a blue/green deployment is: `SCALE_UP`, `BAKE_TIME` …
    pub stage: Option<String>,
    /// What the circuit breaker has counted.
    pub breaker: Option<CircuitBreaker>,
    /// The alarms that ended it.
    pub alarms: Vec<String>,
    /// How it was rolled back, if it was.
    pub rollback: Option<Rollback>,
}

/// How many tasks of a service revision there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionTasks {
    /// The revision.
    pub revision: Arn,
    /// How many are wanted.
    pub requested: u32,
    /// How many run.
    pub running: u32,
    /// How many are on their way.
    pub pending: u32,
}

/// What the circuit breaker of a service deployment has counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// `MONITORING`, `MONITORING_COMPLETE`, `TRIGGERED` or `DISABLED`.
    pub status: Arc<str>,
    /// How many tasks failed.
    pub failures: u32,
    /// How many give the deployment up.
    pub threshold: u32,
}

impl CircuitBreaker {
    /// Returns how many failures give a deployment up where nothing else is said: half of the tasks that are wanted,
    /// rounded up, but 3 at least and 200 at most.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
    pub fn threshold_of(desired: u32) -> u32 {
        desired.div_ceil(2).clamp(3, 200)
    }
}

/// How a service deployment was rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// Why.
    pub reason: Option<String>,
    /// When it began.
    pub at: Option<Timestamp>,
    /// The revision that came back.
    pub revision: Option<Arn>,
}

/// A service revision: what a service was made of; it never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRevision {
    /// Its identity.
    pub arn: Arn,
    /// Its task definition.
    pub task_definition: Option<Arn>,
    /// The images of its containers, by container.
    pub images: Vec<RevisionImage>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// The image of one container of a service revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionImage {
    /// The container.
    pub container: String,
    /// The image as the task definition writes it.
    pub image: String,
    /// The digest that its tag meant then.
    pub digest: Option<String>,
}

impl ServiceDeployment {
    /// Returns what the circuit breaker has counted, once somebody looked.
    pub fn breaker(&self) -> Option<&CircuitBreaker> {
        self.detail.as_ref()?.breaker.as_ref()
    }

    /// Whether it is under way.
    pub fn is_under_way(&self) -> bool {
        matches!(
            &*self.status,
            "PENDING" | "IN_PROGRESS" | "STOP_REQUESTED" | "ROLLBACK_REQUESTED" | "ROLLBACK_IN_PROGRESS"
        )
    }

    /// Whether it failed: given up, stopped, or rolled back.
    pub fn has_failed(&self) -> bool {
        matches!(
            &*self.status,
            "STOPPED"
                | "STOP_REQUESTED"
                | "ROLLBACK_REQUESTED"
                | "ROLLBACK_IN_PROGRESS"
                | "ROLLBACK_SUCCESSFUL"
                | "ROLLBACK_FAILED"
        )
    }
}
