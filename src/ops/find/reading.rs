//! What is read to find out what words mean: as little as will do.

use std::sync::Arc;

use futures_util::future::join_all;

use super::{Depth, Found, Target, cluster, words::Query};
use crate::{
    model::{Arn, Service, Task},
    ops::{Cx, Error, Kind, Result, ls},
};

/// Returns what the words may mean of the wanted depths, the closest first.
pub(super) async fn found(cx: &Cx, words: &[String], within: Option<&str>, wanted: &[Depth]) -> Result<Vec<Found>> {
    let query = Query::new(words, wanted)?;
    let all = clusters(cx, &query, within).await?;
    let named = query.narrow(&all);
    let mut found = search(cx, &query, &named, wanted).await?;
    if found.is_empty() && named.len() < all.len() {
        let others: Vec<Arn> = all.into_iter().filter(|cluster| !named.contains(cluster)).collect();
        found = search(cx, &query, &others, wanted).await?;
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.fit));
    Ok(found)
}

/// Returns the services of a cluster. Who may not list them gets those of these very names.
pub(super) async fn services(cx: &Cx, cluster: &Arn, names: &[&str]) -> Result<Vec<Service>> {
    match ls::services(cx, cluster).await {
        Err(error) if error.kind == Kind::Denied && !names.is_empty() => {
            let named = ls::services_named(cx, cluster, names).await.unwrap_or_default();
            if named.is_empty() { Err(error) } else { Ok(named) }
        }
        services => services,
    }
}

/// Returns the clusters to look into: the named one, that of an ARN, or all.
async fn clusters(cx: &Cx, query: &Query, within: Option<&str>) -> Result<Vec<Arn>> {
    for arn in query.arns() {
        is_of_this_region(cx, arn).await?;
    }
    if let Some(name) = within {
        return Ok(vec![cluster(cx, name).await?]);
    }
    match query.arns().find_map(Arn::cluster) {
        Some(cluster) => Ok(vec![cluster]),
        None => match ls::cluster_arns(cx).await {
            Err(error) if error.kind == Kind::Denied => named_clusters(cx, query).await.ok_or(error),
            arns => arns,
        },
    }
}

/// Returns the clusters of the very names that are among the words, for who may not list them; none where none is.
async fn named_clusters(cx: &Cx, query: &Query) -> Option<Vec<Arn>> {
    let names: Vec<&str> = query.names().collect();
    let clusters = if names.is_empty() { Vec::new() } else { ls::clusters_named(cx, &names).await.ok()? };
    (!clusters.is_empty()).then(|| clusters.into_iter().map(|cluster| cluster.arn).collect())
}

/// Looks into clusters, level by level, until something comes close enough.
async fn search(cx: &Cx, query: &Query, clusters: &[Arn], wanted: &[Depth]) -> Result<Vec<Found>> {
    let wants = |depth| wanted.contains(&depth);
    let deepest = wanted.iter().max().copied().unwrap_or(Depth::Cluster);
    let mut found = Vec::new();
    if wants(Depth::Cluster) {
        found.extend(query.fitting(clusters.iter().cloned().map(Target::Cluster)));
    }
    let is_said = !query.is_empty();
    if deepest == Depth::Cluster || (is_said && found.iter().any(|found| found.fit.is_exact())) {
        return Ok(found);
    }
    let tasks_named = query.arns().any(|arn| matches!(arn.kind(), "task" | "container"));
    let services = if tasks_named { vec![] } else { all_services(cx, query, clusters).await? };
    if wants(Depth::Service) {
        found.extend(query.fitting(services.iter().flatten().cloned().map(Target::Service)));
    }
    if deepest == Depth::Service || (is_said && found.iter().any(|found| found.fit.is_close())) {
        return Ok(found);
    }
    let fitting = |tasks: Vec<Arc<Task>>| {
        let mut found =
            if wants(Depth::Task) { query.fitting(tasks.iter().cloned().map(Target::Task)) } else { vec![] };
        if wants(Depth::Container) {
            found.extend(query.fitting(tasks.iter().flat_map(containers)));
        }
        found
    };
    let named = fitting(named_tasks(cx, query, clusters, &services).await?);
    found.extend(if named.is_empty() && !tasks_named { fitting(all_tasks(cx, clusters).await?) } else { named });
    Ok(found)
}

/// Returns the containers of a task.
fn containers(task: &Arc<Task>) -> impl Iterator<Item = Target> {
    let names = task.containers.iter().map(|container| Arc::clone(&container.name));
    names.map(|name| Target::Container { tasks: vec![Arc::clone(task)], name })
}

/// Returns the services of each cluster.
async fn all_services(cx: &Cx, query: &Query, clusters: &[Arn]) -> Result<Vec<Vec<Service>>> {
    let names: Vec<&str> = query.names().collect();
    allowed(join_all(clusters.iter().map(|cluster| services(cx, cluster, &names))).await)
}

/// Returns the tasks whose ARN or whole id is among the words, whether they run or not, or else those of the services
/// that are named letter by letter.
async fn named_tasks(cx: &Cx, query: &Query, clusters: &[Arn], services: &[Vec<Service>]) -> Result<Vec<Arc<Task>>> {
    let ids: Vec<&str> = query.arns().filter_map(task_id).chain(query.ids()).collect();
    let tasks = if ids.is_empty() {
        let named = services.iter().filter_map(|services| query.service(services));
        join_all(named.map(|service| ls::tasks(cx, &service.cluster, Some(&service.arn)))).await
    } else {
        join_all(clusters.iter().map(|cluster| ls::tasks_named(cx, cluster, &ids))).await
    };
    Ok(allowed(tasks)?.into_iter().flatten().map(Arc::new).collect())
}

/// Returns the tasks of the clusters.
async fn all_tasks(cx: &Cx, clusters: &[Arn]) -> Result<Vec<Arc<Task>>> {
    let tasks = join_all(clusters.iter().map(|cluster| ls::tasks(cx, cluster, None))).await;
    Ok(allowed(tasks)?.into_iter().flatten().map(Arc::new).collect())
}

/// Returns the id of the task that an ARN is of.
fn task_id(arn: &Arn) -> Option<&str> {
    let mut parts = arn.resource().split('/');
    match (parts.next()?, parts.next()?, parts.next()) {
        ("task" | "container", _, Some(id)) | ("task", id, None) => Some(id),
        _ => None,
    }
}

/// Returns what may be read: a cluster that is closed to the caller hides no other. Where all are, it says so.
fn allowed<T>(answers: Vec<Result<T>>) -> Result<Vec<T>> {
    let mut denied = None;
    let mut allowed = Vec::new();
    for answer in answers {
        match answer {
            Ok(answer) => allowed.push(answer),
            Err(error) if error.kind == Kind::Denied => denied = Some(error),
            Err(error) => return Err(error),
        }
    }
    match denied {
        Some(error) if allowed.is_empty() => Err(error),
        _ => Ok(allowed),
    }
}

/// Refuses an ARN of a region that is not looked into.
async fn is_of_this_region(cx: &Cx, arn: &Arn) -> Result<()> {
    let aws = cx.aws().await?;
    let (region, own) = (arn.region(), aws.region());
    if region == own || region.is_empty() {
        return Ok(());
    }
    let what = format!("{} is in {region}, and this is {own}", crate::model::text::clean(arn.as_str()));
    Err(Error::new(Kind::NotFound, what).hint(format!("--region {region} looks there")))
}
