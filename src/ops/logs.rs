//! Logs: the lines of a container, a task, a service or a cluster, read back from the end, through a span of time, or
//! followed while they are written.

mod follow;
mod guess;
mod ledger;
mod reading;
mod roster;

use std::sync::Arc;

use self::roster::Roster;
pub use self::{
    follow::{Begin, Follow, Said, follow},
    reading::Reading,
};
use super::{Cx, Result, find::Target};
use crate::model::{Arn, Timestamp};

/// Whose logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// Of all tasks of a cluster.
    Cluster(Arn),
    /// Of the tasks of a service: those that run, those that stopped lately, and those that are yet to come.
    Service {
        /// The service's cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// Of these tasks.
    Tasks {
        /// Their cluster.
        cluster: Arn,
        /// The tasks.
        tasks: Vec<Arn>,
    },
}

/// Which logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wanted {
    /// Whose.
    pub whose: Whose,
    /// Of the tasks alone whose ids begin like this.
    pub task: Option<String>,
    /// Of the containers of this name alone.
    pub container: Option<Arc<str>>,
    /// Only the lines that fit this filter pattern of CloudWatch Logs.
    pub pattern: Option<String>,
}

impl Wanted {
    /// Returns all lines of a target.
    pub fn of(target: &Target) -> Self {
        let cluster = target.cluster().clone();
        let tasks = || target.tasks().iter().map(|task| task.arn.clone()).collect();
        let whose = match target {
            Target::Cluster(_) => Whose::Cluster(cluster),
            Target::Service(service) => Whose::Service { cluster, service: service.arn.clone() },
            Target::Task(_) => Whose::Tasks { cluster, tasks: tasks() },
            Target::Container { .. } => match target.service() {
                // Of a service all tasks are meant, also those to come.
                Some(name) if target.tasks().len() > 1 => {
                    Whose::Service { service: service_arn(&cluster, name), cluster }
                }
                Some(_) | None => Whose::Tasks { cluster, tasks: tasks() },
            },
        };
        Self { whose, task: None, container: target.container().map(Into::into), pattern: None }
    }
}

fn service_arn(cluster: &Arn, name: &str) -> Arn {
    let (partition, region, account) = (cluster.partition(), cluster.region(), cluster.account());
    let arn = format!("arn:{partition}:ecs:{region}:{account}:service/{}/{name}", cluster.name());
    arn.parse().expect("it has six parts")
}

impl Whose {
    /// Returns the cluster.
    pub fn cluster(&self) -> &Arn {
        match self {
            Self::Cluster(cluster) | Self::Service { cluster, .. } | Self::Tasks { cluster, .. } => cluster,
        }
    }

    /// Returns the name of whose logs these are.
    fn name(&self) -> String {
        match self {
            Self::Cluster(arn) | Self::Service { service: arn, .. } => arn.name().to_owned(),
            Self::Tasks { tasks, .. } => {
                let names: Vec<&str> = tasks.iter().map(Arn::short).collect();
                if names.len() == 1 { format!("task {}", names[0]) } else { format!("tasks {}", names.join(", ")) }
            }
        }
    }
}

/// Returns what reads the lines up to `until`, the latest first, a piece at a time.
pub async fn back(cx: &Cx, wanted: &Wanted, until: Option<Timestamp>) -> Result<Reading> {
    let roster = Roster::read(cx, wanted).await?;
    Ok(Reading::backwards(cx, &roster, until))
}

/// Returns what reads the lines of a span of time, the earliest first, a piece at a time.
pub async fn span(cx: &Cx, wanted: &Wanted, since: Timestamp, until: Option<Timestamp>) -> Result<Reading> {
    let roster = Roster::read(cx, wanted).await?;
    Ok(Reading::forwards(cx, &roster, since, until))
}
