//! Stopped tasks: those that AWS still knows, and those that were seen here before AWS forgot them.

use std::{collections::HashSet, sync::Arc};

use super::{Cx, Error, Result, history, ls};
use crate::model::{Arn, Task, Timestamp};

/// Whose stopped tasks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// All of a cluster.
    Cluster(Arn),
    /// Those of a service.
    Service {
        /// The service's cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// Those of a cluster that no service started.
    Standalone(Arn),
    /// This task.
    Task {
        /// The task's cluster.
        cluster: Arn,
        /// The task.
        task: Arn,
    },
}

/// A task that has stopped or is stopping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedTask {
    /// The task.
    pub task: Arc<Task>,
    /// Whether AWS has forgotten it, so that this is what was seen of it here.
    pub remembered: bool,
}

/// What is known of stopped tasks.
#[derive(Debug)]
pub struct Stopped {
    /// The tasks, those that are still stopping first, then the last to stop.
    pub tasks: Vec<StoppedTask>,
    /// Why AWS could not be asked; the remembered ones are there all the same.
    pub failure: Option<Error>,
    /// What is wrong with the history.
    pub notices: Vec<String>,
}

impl Whose {
    /// Returns the cluster.
    pub fn cluster(&self) -> &Arn {
        match self {
            Self::Cluster(cluster)
            | Self::Service { cluster, .. }
            | Self::Standalone(cluster)
            | Self::Task { cluster, .. } => cluster,
        }
    }

    fn has(&self, task: &Task) -> bool {
        match self {
            Self::Cluster(cluster) => task.cluster == *cluster,
            Self::Service { cluster, service } => {
                task.cluster == *cluster && task.group.service().is_some_and(|name| &**name == service.name())
            }
            Self::Standalone(cluster) => task.cluster == *cluster && task.group.service().is_none(),
            Self::Task { task: arn, .. } => task.arn == *arn,
        }
    }
}

/// Returns the stopped tasks, and remembers those that AWS will forget. A failure of AWS hides no remembered one.
pub async fn tasks(cx: &Cx, whose: &Whose) -> Stopped {
    let (seen, failure) = match ask(cx, whose).await {
        Ok(seen) => (seen, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let known: HashSet<Arn> = seen.iter().map(|task| task.arn.clone()).collect();
    let history = history::remember(cx, whose.cluster(), &seen).await;
    let old = history.tasks.into_iter().filter(|task| !known.contains(&task.arn));
    let fresh = seen.into_iter().map(|task| (task, false));
    let all = fresh.chain(old.map(|task| (task, true))).filter(|(task, _)| whose.has(task));
    let mut tasks: Vec<StoppedTask> =
        all.map(|(task, remembered)| StoppedTask { task: Arc::new(task), remembered }).collect();
    tasks.sort_by(|one, two| since(&two.task).cmp(&since(&one.task)).then_with(|| one.task.arn.cmp(&two.task.arn)));
    Stopped { tasks, failure, notices: history.notices }
}

/// Asks AWS.
async fn ask(cx: &Cx, whose: &Whose) -> Result<Vec<Task>> {
    let service = match whose {
        Whose::Cluster(_) | Whose::Standalone(_) => None,
        Whose::Service { service, .. } => Some(service),
        Whose::Task { cluster, task } => {
            let tasks = ls::tasks_named(cx, cluster, &[task.as_str()]).await?;
            return Ok(tasks.into_iter().filter(ends).collect());
        }
    };
    ls::stopped_tasks(cx, whose.cluster(), service).await
}

/// Whether a task has stopped or is stopping.
fn ends(task: &Task) -> bool {
    &*task.desired_status == "STOPPED" || &*task.last_status == "STOPPED"
}

fn since(task: &Task) -> (bool, Option<Timestamp>) {
    (task.stopped.is_none(), task.stopped.or(task.stopping).or(task.created))
}
