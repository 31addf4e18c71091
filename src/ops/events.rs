//! The events of services: read, followed as they come, and joined to the tasks that they are about.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{Cx, Error, Kind, Result, Urgency, history, ls};
use crate::model::{Arn, EventLog, Heard, Service, ServiceEvent, Task};

/// Of a cluster so many services are read, by name: ten calls each time, out of a bucket that refills by twenty a
/// second for the whole account.
pub const MOST_SERVICES: usize = 100;

/// Whose events are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those of a service.
    Service(Service),
    /// Those of the services of a cluster.
    Cluster(Arn),
}

/// Something that a scheduler said, and of which service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The service's name.
    pub service: Arc<str>,
    /// What was said.
    pub heard: Heard,
}

/// Follows the events of a service, or of the services of a cluster, from poll to poll.
#[derive(Debug)]
pub struct Follow {
    scope: Scope,
    logs: BTreeMap<Arn, EventLog>,
    left_out: usize,
}

impl Scope {
    /// Returns the cluster.
    pub fn cluster(&self) -> &Arn {
        match self {
            Self::Service(service) => &service.cluster,
            Self::Cluster(cluster) => cluster,
        }
    }
}

impl Follow {
    /// Returns what follows the events of this scope; nothing has been read yet.
    pub fn new(scope: Scope) -> Self {
        Self { scope, logs: BTreeMap::new(), left_out: 0 }
    }

    /// Returns how many services of the cluster are not read.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Reads once and returns what is new, oldest first; at first all that AWS still knows.
    pub async fn poll(&mut self, cx: &Cx) -> Result<Vec<Told>> {
        let (cluster, mut services) = match &self.scope {
            Scope::Service(service) => (service.cluster.clone(), vec![service.arn.clone()]),
            Scope::Cluster(cluster) => {
                let services = ls::services(cx, cluster).await?.into_iter().map(|service| service.arn).collect();
                (cluster.clone(), services)
            }
        };
        self.left_out = services.len().saturating_sub(MOST_SERVICES);
        services.truncate(MOST_SERVICES);
        let described = described(cx, &cluster, &services).await?;
        if let (Scope::Service(service), true) = (&self.scope, described.is_empty()) {
            return Err(Error::new(Kind::NotFound, format!("there is no service {} any more", service.name)));
        }
        let mut told: Vec<Told> = described.iter().flat_map(|service| self.hear(service)).collect();
        // Stable: events of the same time stay as each service has them.
        told.sort_by_key(|told| told.heard.event.at);
        Ok(told)
    }

    fn hear(&mut self, service: &Service) -> Vec<Told> {
        let log = self.logs.entry(service.arn.clone()).or_default();
        let events = service.detail.as_ref().map_or(&[][..], |detail| &detail.events);
        let fresh = log.hear(events);
        let known = log.len().saturating_sub(fresh);
        log.heard().skip(known).map(|heard| Told { service: service.name.clone(), heard: heard.clone() }).collect()
    }
}

/// Returns these services with their latest events. More than one call's worth is read in the background's share of the
/// calls: a view of everything is no reason to keep the console and the deployments waiting.
pub async fn described(cx: &Cx, cluster: &Arn, services: &[Arn]) -> Result<Vec<Service>> {
    const AT_ONCE: usize = 10;
    let services = &services[..services.len().min(MOST_SERVICES)];
    let urgency = if services.len() > AT_ONCE { Urgency::Background } else { cx.urgency };
    ls::service_details(&cx.with_urgency(urgency), cluster, services).await
}

/// Returns the tasks that the events are about, by id: what AWS still knows of them, or else what was remembered when
/// they stopped.
pub async fn tasks(
    cx: &Cx,
    cluster: &Arn,
    events: impl IntoIterator<Item = &ServiceEvent>,
) -> Result<HashMap<String, Task>> {
    let mut ids: Vec<&str> = events.into_iter().filter_map(ServiceEvent::task).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut tasks = by_id(ls::tasks_named(cx, cluster, &ids).await?);
    if tasks.len() < ids.len() {
        let remembered = history::recall(cx, cluster).await.tasks;
        for (id, task) in by_id(remembered).into_iter().filter(|(id, _)| ids.binary_search(&id.as_str()).is_ok()) {
            tasks.entry(id).or_insert(task);
        }
    }
    Ok(tasks)
}

fn by_id(tasks: Vec<Task>) -> HashMap<String, Task> {
    tasks.into_iter().map(|task| (task.arn.name().to_owned(), task)).collect()
}
