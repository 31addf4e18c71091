//! The operations of ECS: every list to its end, every describe in the pieces that AWS takes.

use std::{collections::HashSet, hash::Hash};

use aws_sdk_ecs::types::{DesiredStatus, Failure};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::{Error, Kind, budget::Category, call::Operation, clients::Clients};
use crate::model::{Arn, Cluster, Service, Task};

const LIST_CLUSTERS: Operation = Operation::read("ecs:ListClusters", Category::ClusterRead);
pub(super) const DESCRIBE_CLUSTERS: Operation = Operation::read("ecs:DescribeClusters", Category::ClusterRead);
const LIST_SERVICES: Operation = Operation::read("ecs:ListServices", Category::ServiceRead);
pub(super) const DESCRIBE_SERVICES: Operation = Operation::read("ecs:DescribeServices", Category::ServiceRead);
const LIST_TASKS: Operation = Operation::read("ecs:ListTasks", Category::ResourceRead);
pub(super) const DESCRIBE_TASKS: Operation = Operation::read("ecs:DescribeTasks", Category::ResourceRead);

/// The most that a list gives at once, and that DescribeClusters and DescribeTasks take.
pub(super) const PAGE: usize = 100;

/// [`PAGE`] as the API wants it.
pub(super) const PAGE_SIZE: i32 = 100;

/// The most that DescribeServices takes.
const SERVICES_AT_ONCE: usize = 10;

/// How many describes of one verb are under way at once; the budget decides how fast they start.
const AT_ONCE: usize = 32;

/// A page of a list, and the token of the next one.
type Page = (Vec<String>, Option<String>);

impl Clients {
    /// Returns the ARNs of all clusters.
    pub async fn cluster_arns(&self) -> Result<Vec<Arn>, Error> {
        let pages = pages(LIST_CLUSTERS.name, move |token| async move {
            let call = || self.ecs().list_clusters().max_results(PAGE_SIZE).set_next_token(token.clone()).send();
            let answer = self.call(LIST_CLUSTERS, call).await?;
            Ok((answer.cluster_arns.unwrap_or_default(), answer.next_token))
        });
        let arns: Vec<String> = pages.try_concat().await?;
        Ok(once(arns.iter().filter_map(|arn| arn.parse().ok()), Arn::clone))
    }

    /// Returns these clusters with their counts, by name; those that are gone are absent.
    pub async fn describe_clusters<N: ToString>(&self, clusters: &[N]) -> Result<Vec<Cluster>, Error> {
        let described: Vec<Cluster> = in_pieces(clusters, PAGE, move |arns| async move {
            let call = || self.ecs().describe_clusters().set_clusters(Some(arns.clone())).send();
            let answer = self.call(DESCRIBE_CLUSTERS, call).await?;
            heed(DESCRIBE_CLUSTERS.name, answer.failures())?;
            Ok(answer.clusters().iter().filter_map(|cluster| self.words().cluster(cluster)).collect())
        })
        .await?;
        let mut clusters = once(described, |cluster| cluster.arn.clone());
        clusters.sort_by(|one, other| (&one.name, &one.arn).cmp(&(&other.name, &other.arn)));
        Ok(clusters)
    }

    /// Returns all services of a cluster by name, without details.
    pub async fn services(&self, cluster: &Arn) -> Result<Vec<Service>, Error> {
        let pages = pages(LIST_SERVICES.name, move |token| async move {
            let call = || {
                let call = self.ecs().list_services().cluster(cluster.as_str());
                call.max_results(PAGE_SIZE).set_next_token(token.clone()).send()
            };
            let answer = self.call(LIST_SERVICES, call).await?;
            Ok((answer.service_arns.unwrap_or_default(), answer.next_token))
        });
        let arns: Vec<String> = pages.try_concat().await?;
        let services = arns.iter().filter_map(|arn| self.words().named_service(cluster, arn));
        Ok(by_name(once(services, |service| service.arn.clone())))
    }

    /// Returns these services with their details, by name; those that are gone are absent.
    pub async fn describe_services<N: ToString>(&self, cluster: &Arn, services: &[N]) -> Result<Vec<Service>, Error> {
        let described: Vec<Service> = in_pieces(services, SERVICES_AT_ONCE, move |arns| async move {
            let call = || {
                let call = self.ecs().describe_services().cluster(cluster.as_str());
                call.set_services(Some(arns.clone())).send()
            };
            let answer = self.call(DESCRIBE_SERVICES, call).await?;
            heed(DESCRIBE_SERVICES.name, answer.failures())?;
            let services = answer.services.unwrap_or_default().into_iter();
            Ok(services.filter_map(|service| self.words().service(cluster, service)).collect())
        })
        .await?;
        Ok(by_name(once(described, |service| service.arn.clone())))
    }

    /// Returns the tasks of a cluster, or of its service of this name, that run or are about to; newest first.
    pub async fn tasks(&self, cluster: &Arn, service: Option<&str>) -> Result<Vec<Task>, Error> {
        // RUNNING is what ECS wants the tasks to be: it lists the pending ones as well.
        Ok(newest_first(self.tasks_wanted(cluster, service, DesiredStatus::Running).await?))
    }

    /// Returns the tasks of a cluster, or of its service of this name, that have stopped or are stopping, as far as AWS
    /// remembers them (an hour at least); the last to stop first.
    ///
    /// AWS is known to list none of a service's where the cluster's list has them: then that one is read instead.
    pub async fn stopped_tasks(&self, cluster: &Arn, service: Option<&str>) -> Result<Vec<Task>, Error> {
        let stopped = |service| self.tasks_wanted(cluster, service, DesiredStatus::Stopped);
        let Some(service) = service else { return Ok(last_first(stopped(None).await?)) };
        match stopped(Some(service)).await {
            Ok(tasks) if !tasks.is_empty() => Ok(last_first(tasks)),
            Err(error) if error.kind != Kind::NotFound => Err(error),
            // A service that was deleted has stopped tasks all the same.
            Ok(_) | Err(_) => {
                let mut tasks = stopped(None).await?;
                tasks.retain(|task| task.group.service().is_some_and(|name| &**name == service));
                Ok(last_first(tasks))
            }
        }
    }

    async fn tasks_wanted(
        &self,
        cluster: &Arn,
        service: Option<&str>,
        wanted: DesiredStatus,
    ) -> Result<Vec<Task>, Error> {
        let wanted = &wanted;
        let pages = pages(LIST_TASKS.name, move |token| async move {
            let call = || {
                let call = self.ecs().list_tasks().cluster(cluster.as_str()).set_service_name(service.map(Into::into));
                let call = call.desired_status(wanted.clone());
                call.max_results(PAGE_SIZE).set_next_token(token.clone()).send()
            };
            let answer = self.call(LIST_TASKS, call).await?;
            Ok((answer.task_arns.unwrap_or_default(), answer.next_token))
        });
        // A page is described while the next one is being listed.
        let described = pages.map_ok(|arns| self.describe_task_arns(cluster, arns)).try_buffered(AT_ONCE);
        described.try_concat().await
    }

    /// Returns these tasks, newest first; those that are gone are absent.
    pub async fn describe_tasks<N: ToString>(&self, cluster: &Arn, tasks: &[N]) -> Result<Vec<Task>, Error> {
        let arns = tasks.iter().map(ToString::to_string).collect();
        Ok(newest_first(self.describe_task_arns(cluster, arns).await?))
    }

    async fn describe_task_arns(&self, cluster: &Arn, tasks: Vec<String>) -> Result<Vec<Task>, Error> {
        in_pieces(&tasks, PAGE, move |arns| async move {
            let call = || {
                let call = self.ecs().describe_tasks().cluster(cluster.as_str());
                call.set_tasks(Some(arns.clone())).send()
            };
            let answer = self.call(DESCRIBE_TASKS, call).await?;
            heed(DESCRIBE_TASKS.name, answer.failures())?;
            let tasks = answer.tasks.unwrap_or_default().into_iter();
            Ok(tasks.filter_map(|task| self.words().task(cluster, task)).collect())
        })
        .await
    }
}

/// Returns the pages of a list until AWS gives no further token.
pub(super) fn pages<'a, F>(
    operation: &'static str,
    page: impl Fn(Option<String>) -> F + Send + 'a,
) -> impl Stream<Item = Result<Vec<String>, Error>> + Send + 'a
where
    F: Future<Output = Result<Page, Error>> + Send + 'a,
{
    stream::unfold((page, Some(None)), move |(page, token)| async move {
        let token: Option<String> = token?;
        match page(token.clone()).await {
            Ok((_, Some(next))) if Some(&next) == token.as_ref() => {
                Some((Err(Error::broken(operation, "the same page again and again")), (page, None)))
            }
            Ok((arns, next)) => {
                let next = next.filter(|next| !next.is_empty());
                Some((Ok(arns), (page, next.map(Some))))
            }
            Err(error) => Some((Err(error), (page, None))),
        }
    })
}

/// Describes `all` in pieces of at most `size`, several at once; nothing is asked for where there is nothing.
pub(super) async fn in_pieces<A: ToString, T, F>(
    all: &[A],
    size: usize,
    describe: impl Fn(Vec<String>) -> F,
) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<Vec<T>, Error>>,
{
    let pieces = all.chunks(size).map(|piece| piece.iter().map(ToString::to_string).collect());
    let pieces: Vec<Vec<String>> = pieces.collect();
    stream::iter(pieces).map(describe).buffered(AT_ONCE).try_concat().await
}

/// Turns the failures inside an answer into an error. `MISSING` is none: what was listed may be gone when described.
pub(super) fn heed(operation: &'static str, failures: &[Failure]) -> Result<(), Error> {
    let Some(failure) = failures.iter().find(|failure| failure.reason() != Some("MISSING")) else { return Ok(()) };
    let parts = [failure.arn(), failure.reason(), failure.detail()];
    let message = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
    Err(Error { kind: Kind::Refused, lost: None, ..Error::broken(operation, message) })
}

/// Leaves out what was there already: lists that change while they are paged through may name a thing twice.
fn once<T, K: Hash + Eq>(all: impl IntoIterator<Item = T>, identity: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = HashSet::new();
    all.into_iter().filter(|one| seen.insert(identity(one))).collect()
}

fn by_name(mut services: Vec<Service>) -> Vec<Service> {
    services.sort_by(|one, other| (&one.name, &one.arn).cmp(&(&other.name, &other.arn)));
    services
}

fn newest_first(tasks: Vec<Task>) -> Vec<Task> {
    let mut tasks = once(tasks, |task| task.arn.clone());
    tasks.sort_by(|one, other| (other.created, &one.arn).cmp(&(one.created, &other.arn)));
    tasks
}

/// Sorts stopped tasks, those that are still stopping first, then the last to stop.
fn last_first(tasks: Vec<Task>) -> Vec<Task> {
    let mut tasks = once(tasks, |task| task.arn.clone());
    let since = |task: &Task| (task.stopped.is_none(), task.stopped.or(task.stopping).or(task.created));
    tasks.sort_by(|one, other| (since(other), &one.arn).cmp(&(since(one), &other.arn)));
    tasks
}
