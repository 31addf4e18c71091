//! The plan for everything at once: clusters, their services and their tasks in the fewest calls AWS's pages allow.

use std::collections::HashMap;

use futures_util::future::{try_join, try_join_all};

use super::{Error, clients::Clients};
use crate::model::{Arn, Cluster, Service, Task};

/// A cluster with its services (by name, without details) and its running tasks (newest first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The cluster.
    pub cluster: Cluster,
    /// Its services by name, without details.
    pub services: Vec<Service>,
    /// Its tasks that run or are about to, newest first; a task's group names its service.
    pub tasks: Vec<Task>,
}

impl Clients {
    /// Returns every cluster with all that is in it.
    ///
    /// ListTasks is asked per cluster and not per service: the `group` of a task names its service, so a cluster of
    /// 100 services with three tasks each takes one page of services, and three pages of tasks described as they come.
    pub async fn tree(&self) -> Result<Vec<Branch>, Error> {
        self.tree_of(&self.cluster_arns().await?).await
    }

    /// Returns these clusters with all that is in them; those that are gone are absent.
    pub async fn tree_of(&self, arns: &[Arn]) -> Result<Vec<Branch>, Error> {
        let contents = try_join_all(arns.iter().map(|cluster| self.contents(cluster)));
        let (clusters, contents) = try_join(self.describe_clusters(arns), contents).await?;
        let mut contents: HashMap<&Arn, _> = arns.iter().zip(contents).collect();
        let branch = |cluster: Cluster| {
            let (services, tasks) = contents.remove(&cluster.arn)?;
            Some(Branch { cluster, services, tasks })
        };
        Ok(clusters.into_iter().filter_map(branch).collect())
    }

    async fn contents(&self, cluster: &Arn) -> Result<(Vec<Service>, Vec<Task>), Error> {
        try_join(self.services(cluster), self.tasks(cluster, None)).await
    }
}
