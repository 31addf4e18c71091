//! The plan for everything at once: clusters, their services and their tasks in the fewest calls AWS's pages allow.

use futures_util::future::{try_join, try_join_all};

use super::{Error, Kind, clients::Clients};
use crate::model::{Arn, Service, Task};

/// A cluster with its services and its running tasks, each of which may be closed to the caller.
#[derive(Debug)]
pub struct Branch {
    /// The cluster.
    pub cluster: Arn,
    /// Its services by name, without details; a failure is a denial.
    pub services: Result<Vec<Service>, Error>,
    /// Its tasks that run or are about to, newest first; a task's group names its service. A failure is a denial.
    pub tasks: Result<Vec<Task>, Error>,
}

impl Clients {
    /// Returns every cluster with all that is in it.
    ///
    /// ListTasks is asked per cluster and not per service: the `group` of a task names its service, so a cluster of
    /// 100 services with three tasks each takes one page of services, and three pages of tasks described as they come.
    pub async fn tree(&self) -> Result<Vec<Branch>, Error> {
        self.tree_of(&self.cluster_arns().await?).await
    }

    /// Returns these clusters with all that is in them, by name.
    pub async fn tree_of(&self, arns: &[Arn]) -> Result<Vec<Branch>, Error> {
        let mut branches = try_join_all(arns.iter().map(|cluster| self.branch(cluster))).await?;
        branches.sort_by(|one, other| (one.cluster.name(), &one.cluster).cmp(&(other.cluster.name(), &other.cluster)));
        Ok(branches)
    }

    async fn branch(&self, cluster: &Arn) -> Result<Branch, Error> {
        let services = async { unless_it_fails(self.services(cluster).await) };
        let tasks = async { unless_it_fails(self.tasks(cluster, None).await) };
        let (services, tasks) = try_join(services, tasks).await?;
        Ok(Branch { cluster: cluster.clone(), services, tasks })
    }
}

/// Sets failures apart from denials, which are an answer of their own.
fn unless_it_fails<T>(answer: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match answer {
        Err(error) if error.kind != Kind::Denied => Err(error),
        answer => Ok(answer),
    }
}
