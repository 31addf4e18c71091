//! Whose a log stream is, for who may not read the tasks: by what it begins with, as the task definition has it.

use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::{
    model::{Arn, ContainerDefinition, LogPlace, LogSource, Service, TaskDefinition, Timestamp},
    ops::{Cx, Error, Result, ls},
};

/// The streams of a container of a service, whichever tasks write them.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    /// The region of the log group; `None` is ours.
    pub(super) region: Option<String>,
    /// The log group.
    pub(super) group: Arc<str>,
    /// What the names of the streams begin with, before the id of a task.
    pub(super) prefix: String,
    /// Since when there can be lines, in milliseconds since 1970.
    pub(super) since: i64,
    service: Arn,
    cluster: Arn,
    container: Arc<str>,
}

impl Guess {
    /// Returns who writes a stream; `None` where it is nobody's of these.
    pub(super) fn source(&self, group: &Arc<str>, stream: &str) -> Option<LogSource> {
        let id = stream.strip_prefix(&self.prefix).filter(|id| !id.is_empty() && !id.contains('/'))?;
        (*group == self.group).then_some(())?;
        Some(LogSource {
            group: Arc::clone(group),
            stream: stream.into(),
            task: self.task(id)?,
            service: Some(self.service.name().into()),
            container: Arc::clone(&self.container),
        })
    }

    fn task(&self, id: &str) -> Option<Arn> {
        let (partition, region, account) = (self.cluster.partition(), self.cluster.region(), self.cluster.account());
        format!("arn:{partition}:ecs:{region}:{account}:task/{}/{id}", self.cluster.name()).parse().ok()
    }
}

/// Returns the containers of the task definitions that these services run now, each with what its streams are told by.
pub(super) async fn containers(
    cx: &Cx,
    cluster: &Arn,
    services: &[Arn],
) -> Result<Vec<(ContainerDefinition, Option<Guess>)>> {
    let described = ls::service_details(cx, cluster, services).await?;
    let named = described.iter().flat_map(|service| definitions(service).into_iter().map(move |arn| (service, arn)));
    let read = named.map(async |(service, arn)| {
        let definition = ls::task_definition(cx, arn).await?;
        Ok::<_, Error>(of(&definition, service))
    });
    Ok(try_join_all(read).await?.into_iter().flatten().collect())
}

/// Returns the task definitions of the deployments of a service, each once.
fn definitions(service: &Service) -> Vec<&Arn> {
    let detail = service.detail.iter();
    let mut arns: Vec<&Arn> = detail
        .flat_map(|detail| {
            let deployed = detail.deployments.iter().filter_map(|deployment| deployment.task_definition.as_ref());
            detail.task_definition.iter().chain(deployed)
        })
        .collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}

fn of(definition: &TaskDefinition, service: &Service) -> Vec<(ContainerDefinition, Option<Guess>)> {
    let created = service.detail.as_ref().and_then(|detail| detail.created);
    let guess = |container: &ContainerDefinition| {
        let LogPlace::CloudWatch { group, region, .. } = &container.log else { return None };
        Some(Guess {
            region: region.clone(),
            group: group.as_str().into(),
            prefix: container.log.stream_prefix(&container.name)?,
            since: created.map_or(0, Timestamp::as_millisecond),
            service: service.arn.clone(),
            cluster: service.cluster.clone(),
            container: container.name.as_str().into(),
        })
    };
    definition.containers.iter().map(|container| (container.clone(), guess(container))).collect()
}
