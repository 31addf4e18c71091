//! Services in full: each with its tasks, its task definition and its latest events, part by part. What may not be read
//! hides nothing else.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::{join, join_all, join3};

use super::{Cx, Error, Kind, Result, events, ls};
use crate::model::{Arn, Cluster, Service, ServiceEvent, Task, TaskDefinition};

/// A service with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The service, described where that may be read.
    pub service: Service,
    /// Its tasks that run or are about to, newest first; `None` where they may not be read.
    pub tasks: Option<Vec<Task>>,
    /// The task definition of new tasks; `None` where it may not be read or the service names none.
    pub definition: Option<Arc<TaskDefinition>>,
    /// Its latest events, newest first, as many as were asked for.
    pub events: Vec<Said>,
}

/// An event, and the task that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The event.
    pub event: ServiceEvent,
    /// The task that it is about, where ECS still knows it.
    pub task: Option<Task>,
}

/// Services of one cluster in full.
#[derive(Debug)]
pub struct Wholes {
    /// The cluster with its counts; `None` where they may not be read.
    pub cluster: Option<Cluster>,
    /// The services, by name.
    pub services: Vec<Whole>,
    /// What may not be read, and who to ask.
    pub denied: Vec<Error>,
}

impl Whole {
    /// Whether a task is of another revision than new tasks of its service would be.
    pub fn is_of_another_revision(&self, task: &Task) -> bool {
        let definition = self.service.detail.as_ref().and_then(|detail| detail.task_definition.as_ref());
        definition.is_some_and(|definition| *definition != task.definition)
    }
}

/// Returns these services of a cluster in full, each with its latest `events` events.
pub async fn wholes(cx: &Cx, cluster: &Arn, services: Vec<Service>, events: usize) -> Result<Wholes> {
    let mut denied = Vec::new();
    let arns: Vec<Arn> = services.iter().map(|service| service.arn.clone()).collect();
    // One list for all of them, or that of the one.
    let one = if let [one] = &arns[..] { Some(one) } else { None };
    let (counts, described, tasks) = join3(
        ls::cluster_named(cx, cluster.as_str()),
        ls::service_details(cx, cluster, &arns),
        tasks(cx, cluster, &arns, one),
    )
    .await;
    let counts = unless_denied(counts, &mut denied)?.flatten();
    let services = unless_denied(described, &mut denied)?.unwrap_or(services);
    let mut tasks = unless_denied(tasks, &mut denied)?.map(by_service);
    let (definitions, told) =
        join(definitions(cx, &services), told(cx, cluster, &services, events, tasks.as_ref())).await;
    let (definitions, mut told) = (definitions_of(definitions, &mut denied)?, unless_denied(told, &mut denied)?);
    let whole = |service: Service| {
        let definition = definition(&service).and_then(|arn| definitions.get(arn)).cloned();
        let tasks = tasks.as_mut().map(|tasks| tasks.remove(&service.name).unwrap_or_default());
        let without_tasks =
            || latest(&service, events).map(|event| Said { event: event.clone(), task: None }).collect();
        let events = told.as_mut().and_then(|told| told.remove(&service.arn)).unwrap_or_else(without_tasks);
        Whole { service, tasks, definition, events }
    };
    let services = services.into_iter().map(whole).collect();
    Ok(Wholes { cluster: counts, services, denied })
}

/// Returns the services of a cluster, described where that may be read; `None` where they may not be listed. Notes what
/// may not be read.
pub async fn services(cx: &Cx, cluster: &Arn, denied: &mut Vec<Error>) -> Result<Option<Vec<Service>>> {
    match unless_denied(ls::services(cx, cluster).await, denied)? {
        None => Ok(None),
        Some(named) => described(cx, cluster, named, denied).await.map(Some),
    }
}

/// Returns these services, described where that may be read. Notes where it may not.
pub async fn described(cx: &Cx, cluster: &Arn, named: Vec<Service>, denied: &mut Vec<Error>) -> Result<Vec<Service>> {
    let arns: Vec<Arn> = named.iter().map(|service| service.arn.clone()).collect();
    let described = ls::service_details(cx, cluster, &arns).await;
    Ok(unless_denied(described, denied)?.unwrap_or(named))
}

/// Returns what was read, or notes that it may not be.
pub fn unless_denied<T>(answer: Result<T>, denied: &mut Vec<Error>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == Kind::Denied => {
            denied.push(error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn tasks(cx: &Cx, cluster: &Arn, services: &[Arn], one: Option<&Arn>) -> Result<Vec<Task>> {
    if services.is_empty() { Ok(Vec::new()) } else { ls::tasks(cx, cluster, one).await }
}

fn by_service(tasks: Vec<Task>) -> HashMap<Arc<str>, Vec<Task>> {
    let mut by_service: HashMap<Arc<str>, Vec<Task>> = HashMap::new();
    for task in tasks {
        if let Some(service) = task.group.service().cloned() {
            by_service.entry(service).or_default().push(task);
        }
    }
    by_service
}

fn definition(service: &Service) -> Option<&Arn> {
    service.detail.as_ref()?.task_definition.as_ref()
}

/// Reads each task definition that the services name, once.
async fn definitions(cx: &Cx, services: &[Service]) -> Vec<(Arn, Result<Arc<TaskDefinition>>)> {
    let mut arns: Vec<&Arn> = services.iter().filter_map(definition).collect();
    arns.sort_unstable();
    arns.dedup();
    join_all(arns.into_iter().map(|arn| async move { (arn.clone(), ls::task_definition(cx, arn).await) })).await
}

/// Returns those that may be read; a denial is noted once.
fn definitions_of(
    answers: Vec<(Arn, Result<Arc<TaskDefinition>>)>,
    denied: &mut Vec<Error>,
) -> Result<HashMap<Arn, Arc<TaskDefinition>>> {
    let mut definitions = HashMap::new();
    let mut refusals = Vec::new();
    for (arn, answer) in answers {
        definitions.extend(unless_denied(answer, &mut refusals)?.map(|definition| (arn, definition)));
    }
    denied.extend(refusals.into_iter().next());
    Ok(definitions)
}

/// Returns the latest events of each service, each with the task that it is about.
async fn told(
    cx: &Cx,
    cluster: &Arn,
    services: &[Service],
    count: usize,
    tasks: Option<&HashMap<Arc<str>, Vec<Task>>>,
) -> Result<HashMap<Arn, Vec<Said>>> {
    let known = tasks.iter().flat_map(|tasks| tasks.values().flatten());
    let mut known: HashMap<&str, Task> = known.map(|task| (task.arn.name(), task.clone())).collect();
    let unknown: Vec<&ServiceEvent> = services
        .iter()
        .flat_map(|service| latest(service, count))
        .filter(|event| event.task().is_some_and(|id| !known.contains_key(id)))
        .collect();
    let described = events::tasks(cx, cluster, unknown).await?;
    known.extend(described.iter().map(|(id, task)| (id.as_str(), task.clone())));
    let told =
        |event: &ServiceEvent| Said { event: event.clone(), task: event.task().and_then(|id| known.get(id)).cloned() };
    Ok(services.iter().map(|service| (service.arn.clone(), latest(service, count).map(told).collect())).collect())
}

fn latest(service: &Service, count: usize) -> impl Iterator<Item = &ServiceEvent> {
    service.detail.iter().flat_map(move |detail| detail.events.iter().take(count))
}
