//! Looking: clusters, services, tasks, task definitions.

use std::sync::Arc;

use super::{Cx, Error, Identity, Kind, Result};
use crate::{
    aws,
    model::{Arn, Cluster, Service, Task, TaskDefinition},
};

/// Clusters with all that is in them.
#[derive(Debug)]
pub struct Tree {
    /// The clusters, by name.
    pub branches: Vec<Branch>,
    /// What is missing because IAM said no.
    pub denied: Vec<Error>,
}

/// A cluster with its services and tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The cluster.
    pub cluster: Arn,
    /// Its services by name, without details.
    pub services: Vec<Service>,
    /// Its tasks that run or are about to, newest first; a task's group names its service.
    pub tasks: Vec<Task>,
}

/// The clusters of an account.
#[derive(Debug)]
pub struct Clusters {
    /// The clusters by name, with their counts where these may be read.
    pub clusters: Vec<Cluster>,
    /// Why the counts are missing: IAM said no.
    pub denied: Option<Error>,
}

/// Returns who asks, and where. A refused `sts:GetCallerIdentity` is no error: the account stays unknown.
pub async fn identity(cx: &Cx) -> Result<Identity> {
    let aws = cx.aws().await?;
    let caller = match aws.caller().await {
        Ok(caller) => caller,
        Err(error) if error.kind == aws::Kind::Denied => aws::Caller { account: None, arn: None },
        Err(error) => return Err(cx.failed("the caller cannot be told", &aws, error)),
    };
    if let Some(account) = &caller.account {
        cx.way.leads_to(account, aws.region());
    }
    Ok(Identity {
        profile: aws.profile().to_owned(),
        region: aws.region().to_owned(),
        account: caller.account,
        caller: caller.arn,
    })
}

/// Returns every cluster with its counts, by name; by name alone where the counts may not be read.
pub async fn clusters(cx: &Cx) -> Result<Clusters> {
    let arns = cluster_arns(cx).await?;
    let aws = cx.aws().await?;
    match aws.describe_clusters(&arns).await {
        Ok(clusters) => Ok(Clusters { clusters, denied: None }),
        Err(error) => {
            let error = cx.failed("the clusters cannot be described", &aws, error);
            if error.kind == Kind::Denied { Ok(named_alone(arns, error)) } else { Err(error) }
        }
    }
}

fn named_alone(arns: Vec<Arn>, denied: Error) -> Clusters {
    let mut clusters: Vec<Cluster> = arns.into_iter().map(Cluster::named).collect();
    clusters.sort_by(|one, other| (&one.name, &one.arn).cmp(&(&other.name, &other.arn)));
    Clusters { clusters, denied: Some(denied) }
}

/// Returns the cluster of this very name or ARN.
pub(super) async fn cluster_named(cx: &Cx, name: &str) -> Result<Option<Cluster>> {
    Ok(clusters_named(cx, &[name]).await?.into_iter().next())
}

/// Returns the clusters of these very names or ARNs, by name; those that are not there are absent.
pub(super) async fn clusters_named(cx: &Cx, names: &[&str]) -> Result<Vec<Cluster>> {
    let aws = cx.aws().await?;
    let clusters = aws.describe_clusters(names).await;
    clusters.map_err(|error| cx.failed(format!("cluster {} cannot be described", names.join(", ")), &aws, error))
}

/// Returns the services of these very names or ARNs, described; those that are not there are absent.
pub async fn services_named(cx: &Cx, cluster: &Arn, names: &[&str]) -> Result<Vec<Service>> {
    let aws = cx.aws().await?;
    let services = aws.describe_services(cluster, names).await;
    services.map_err(|error| cx.failed(format!("the services of {} cannot be described", cluster.name()), &aws, error))
}

/// Returns the tasks of these ids, newest first, whether they run or have just stopped; those that are gone are absent.
pub async fn tasks_named(cx: &Cx, cluster: &Arn, ids: &[&str]) -> Result<Vec<Task>> {
    let aws = cx.aws().await?;
    let tasks = aws.describe_tasks(cluster, ids).await;
    tasks.map_err(|error| cx.failed(format!("the tasks of {} cannot be described", cluster.name()), &aws, error))
}

/// Returns every service of a cluster by name, without details.
pub async fn services(cx: &Cx, cluster: &Arn) -> Result<Vec<Service>> {
    let aws = cx.aws().await?;
    let services = aws.services(cluster).await;
    services.map_err(|error| cx.failed(format!("the services of {} cannot be listed", cluster.name()), &aws, error))
}

/// Returns these services with their details, by name; those that are gone are absent.
pub async fn service_details(cx: &Cx, cluster: &Arn, services: &[Arn]) -> Result<Vec<Service>> {
    let aws = cx.aws().await?;
    let services = aws.describe_services(cluster, services).await;
    services.map_err(|error| cx.failed(format!("the services of {} cannot be described", cluster.name()), &aws, error))
}

/// Returns the tasks of a cluster, or of one of its services, that run or are about to; newest first.
pub async fn tasks(cx: &Cx, cluster: &Arn, service: Option<&Arn>) -> Result<Vec<Task>> {
    let aws = cx.aws().await?;
    let tasks = aws.tasks(cluster, service.map(Arn::name)).await;
    let place = || service.unwrap_or(cluster).name().to_owned();
    tasks.map_err(|error| cx.failed(format!("the tasks of {} cannot be listed", place()), &aws, error))
}

/// Returns the tasks of a cluster, or of one of its services, that have stopped or are stopping, as far as AWS
/// remembers them; the last to stop first.
pub(super) async fn stopped_tasks(cx: &Cx, cluster: &Arn, service: Option<&Arn>) -> Result<Vec<Task>> {
    let aws = cx.aws().await?;
    let tasks = aws.stopped_tasks(cluster, service.map(Arn::name)).await;
    let place = || service.unwrap_or(cluster).name().to_owned();
    tasks.map_err(|error| cx.failed(format!("the stopped tasks of {} cannot be listed", place()), &aws, error))
}

/// Returns a task definition; one that was read before is not read again.
pub async fn task_definition(cx: &Cx, arn: &Arn) -> Result<Arc<TaskDefinition>> {
    if let Some(definition) = cx.way.definition(arn) {
        return Ok(definition);
    }
    task_definition_now(cx, arn).await
}

/// Returns a task definition as it is now: its tags and its status are what may have changed, and who may read them.
pub(super) async fn task_definition_now(cx: &Cx, arn: &Arn) -> Result<Arc<TaskDefinition>> {
    let aws = cx.aws().await?;
    let definition = aws.task_definition(arn.as_str()).await;
    let definition =
        definition.map_err(|error| cx.failed(format!("task definition {} cannot be read", arn.name()), &aws, error))?;
    let definition = Arc::new(definition);
    cx.way.keep(arn, &definition);
    Ok(definition)
}

/// Returns every cluster with all that is in it, in the fewest calls.
pub async fn tree(cx: &Cx) -> Result<Tree> {
    let aws = cx.aws().await?;
    let branches = aws.tree().await.map_err(|error| cx.failed("the clusters cannot be listed", &aws, error))?;
    Ok(grown(cx, &aws, branches))
}

/// Returns the ARNs of all clusters.
pub async fn cluster_arns(cx: &Cx) -> Result<Vec<Arn>> {
    let aws = cx.aws().await?;
    let arns = aws.cluster_arns().await.map_err(|error| cx.failed("the clusters cannot be listed", &aws, error))?;
    if let Some(arn) = arns.first() {
        cx.way.leads_to(arn.account(), arn.region());
    }
    Ok(arns)
}

/// Returns these clusters with all that is in them.
pub(super) async fn tree_of(cx: &Cx, clusters: &[Arn]) -> Result<Tree> {
    let aws = cx.aws().await?;
    let branches = aws.tree_of(clusters).await;
    let branches = branches.map_err(|error| cx.failed("the clusters cannot be listed", &aws, error))?;
    Ok(grown(cx, &aws, branches))
}

/// Sets what is denied apart from what was read.
fn grown(cx: &Cx, aws: &aws::Clients, branches: Vec<aws::Branch>) -> Tree {
    let mut denied = Vec::new();
    let mut deny = |what: &str, cluster: &Arn, error| {
        denied.push(cx.failed(format!("the {what} of {} cannot be listed", cluster.name()), aws, error));
    };
    let branches = branches.into_iter().map(|aws::Branch { cluster, services, tasks }| {
        let services = services.unwrap_or_else(|error| {
            deny("services", &cluster, error);
            Vec::new()
        });
        let tasks = tasks.unwrap_or_else(|error| {
            deny("tasks", &cluster, error);
            Vec::new()
        });
        Branch { cluster, services, tasks }
    });
    Tree { branches: branches.collect(), denied }
}
