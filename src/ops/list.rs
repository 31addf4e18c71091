//! Everything as flat rows, one a container: what `ecsui list` prints and what targets are looked for in.

use std::{collections::HashSet, sync::Arc};

use super::{Cx, Error, Result, find, ls};
use crate::model::{Arn, Container, ExecAgent, Task, Timestamp, query::Column};

/// The rows of an account.
#[derive(Debug)]
pub struct Listing {
    /// Clusters and services by name, tasks newest first, containers as they stand in the task; standalone tasks follow
    /// the services of their cluster.
    pub rows: Vec<Row>,
    /// What is missing because IAM said no; services whose tasks are closed to the caller have the row of those
    /// without.
    pub denied: Vec<Error>,
}

/// One container and where it runs; a service without tasks, and a task without containers, have a row of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The cluster's identity; the last segment is its name.
    pub cluster: Arn,
    /// The service's name; `None` for standalone tasks.
    pub service: Option<Arc<str>>,
    /// The group of a standalone task: `family:NAME` or a name of the caller's choice; empty where AWS names none.
    pub group: Option<Arc<str>>,
    /// The task; `None` for a service without tasks.
    pub task: Option<Arc<Task>>,
    /// The container's place in the task; `None` for a task without containers.
    container: Option<usize>,
}

impl Row {
    /// The columns that words can look in, those first that need the least to be read.
    pub const COLUMNS: [Column; 14] = [
        Column::new("cluster"),
        Column::new("service"),
        Column::new("task"),
        Column::new("container"),
        Column::state("status"),
        Column::state("health"),
        Column::new("image"),
        Column::new("tag"),
        Column::number("rev").or(&["revision"]),
        Column::new("family"),
        Column::new("az").or(&["zone"]),
        Column::new("launch"),
        Column::new("ip"),
        Column::new("exec"),
    ];

    /// Returns the rows of one cluster that was read.
    pub fn all(branch: ls::Branch) -> Vec<Self> {
        flat(branch)
    }

    /// Returns the container.
    pub fn container(&self) -> Option<&Container> {
        self.task.as_ref().zip(self.container).and_then(|(task, index)| task.containers.get(index))
    }

    /// Returns the state of the container, or of a task that has none.
    pub fn status(&self) -> Option<&str> {
        let task = self.task.as_ref().map(|task| &*task.last_status);
        self.container().map(|container| &*container.last_status).or(task)
    }

    /// Returns the health of the container, or of a task that has none.
    pub fn health(&self) -> Option<&str> {
        let task = self.task.as_ref().map(|task| &*task.health);
        self.container().map(|container| &*container.health).or(task)
    }

    /// Returns the image.
    pub fn image(&self) -> Option<&str> {
        self.container().map(|container| &*container.image)
    }

    /// Returns the task's address.
    pub fn ip(&self) -> Option<&str> {
        self.task.as_ref().and_then(|task| task.ip.as_deref())
    }

    /// Returns the state of the agent that lets people in.
    pub fn exec(&self) -> Option<&ExecAgent> {
        self.container().map(|container| &container.exec)
    }

    /// Returns when the task became RUNNING.
    pub fn started(&self) -> Option<Timestamp> {
        self.task.as_ref().and_then(|task| task.started)
    }

    /// Returns what started the task: the service's name or the standalone task's group.
    pub fn place(&self) -> &str {
        self.service.as_deref().or(self.group.as_deref()).unwrap_or_default()
    }
}

/// Returns the rows of every cluster, or of the one that `cluster` names.
pub async fn rows(cx: &Cx, cluster: Option<&str>) -> Result<Listing> {
    let ls::Tree { branches, denied } = match cluster {
        None => ls::tree(cx).await?,
        Some(name) => {
            let cluster = find::cluster(cx, name).await?;
            ls::tree_of(cx, &[cluster]).await?
        }
    };
    Ok(Listing { rows: branches.into_iter().flat_map(flat).collect(), denied })
}

/// Returns the rows of this cluster.
pub async fn rows_of(cx: &Cx, cluster: &Arn) -> Result<Listing> {
    let ls::Tree { branches, denied } = ls::tree_of(cx, std::slice::from_ref(cluster)).await?;
    Ok(Listing { rows: branches.into_iter().flat_map(flat).collect(), denied })
}

/// Returns the rows of one cluster that was read.
pub fn flat(branch: ls::Branch) -> Vec<Row> {
    let ls::Branch { cluster, services, tasks } = branch;
    let mut rows: Vec<Row> = tasks.into_iter().flat_map(of_task).collect();
    let busy: HashSet<Arc<str>> = rows.iter().filter_map(|row| row.service.clone()).collect();
    let idle = services.into_iter().filter(|service| !busy.contains(&service.name));
    let idle = idle.map(|service| Row {
        cluster: cluster.clone(),
        service: Some(service.name),
        group: None,
        task: None,
        container: None,
    });
    rows.extend(idle);
    // Stable: tasks stay newest first, containers in their order; standalone tasks (no service) come last.
    rows.sort_by(|one, other| by_place(one).cmp(&by_place(other)));
    rows
}

fn by_place(row: &Row) -> (bool, &Option<Arc<str>>, &Option<Arc<str>>) {
    (row.service.is_none(), &row.service, &row.group)
}

fn of_task(task: Task) -> Vec<Row> {
    let task = Arc::new(task);
    let row = |container| Row {
        cluster: task.cluster.clone(),
        service: task.group.service().cloned(),
        group: task.group.standalone().cloned(),
        task: Some(Arc::clone(&task)),
        container,
    };
    match task.containers.len() {
        0 => vec![row(None)],
        count => (0..count).map(|index| row(Some(index))).collect(),
    }
}
