//! The deployments of a service: what is under way, what came before, and a rollout followed to its end.

mod follow;
mod followed;
mod past;

use std::{collections::BTreeMap, slice, sync::Arc};

use futures_util::future::join;

use super::{Cx, Error, Kind, Result, ls};
use crate::model::{Arn, CircuitBreaker, Deployment, Service, ServiceDeployment, ServiceRevision, TaskDefinition};

pub(super) use follow::Following;
pub use follow::{POLL, follow};
pub(super) use followed::Followed;
pub use past::LATE;

/// How many service deployments are described: those that one call takes.
const DESCRIBED: usize = 20;

/// What is known of the deployments of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployments {
    /// The service, described.
    pub service: Service,
    /// Its releases, newest first.
    pub history: Vec<Release>,
    /// The task definitions that they are about, as far as they could be read.
    pub definitions: BTreeMap<Arn, Arc<TaskDefinition>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A service deployment and the revisions between which it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// What ECS remembers of it.
    pub deployment: ServiceDeployment,
    /// What it brought.
    pub target: Option<ServiceRevision>,
    /// What ran before it.
    pub source: Option<ServiceRevision>,
}

/// A part that could not be read, while the rest could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What failed and why, one clean line.
    pub text: String,
    /// What to do next.
    pub hints: Vec<String>,
}

/// How a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is under way.
    UnderWay,
    /// Its tasks fail, and nothing gives it up: the service has no circuit breaker.
    Failing,
    /// It failed, and the one before it is coming back.
    RollingBack,
    /// It is what runs.
    Completed,
    /// It was given up.
    Failed,
    /// It was given up, and the one before it runs again.
    RolledBack,
    /// A newer one took its place.
    Superseded,
    /// AWS does not say: another controller deploys this service.
    Unknown,
}

/// How far a deployment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many tasks of the new revision run.
    pub running: u32,
    /// How many are on their way.
    pub pending: u32,
    /// How many are wanted.
    pub desired: u32,
    /// How many failed.
    pub failed: u32,
    /// How many failures make the circuit breaker give up.
    pub threshold: Option<u32>,
}

impl Gap {
    pub(super) fn of(error: &Error) -> Self {
        Self { text: error.line(), hints: error.hints.clone() }
    }
}

impl Outcome {
    /// Whether there is nothing more to wait for.
    pub fn is_final(self) -> bool {
        match self {
            Self::UnderWay | Self::RollingBack => false,
            Self::Failing | Self::Completed | Self::Failed | Self::RolledBack | Self::Superseded | Self::Unknown => {
                true
            }
        }
    }

    /// Returns it in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::UnderWay => "in progress",
            Self::Failing => "failing",
            Self::RollingBack => "rolling back",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::RolledBack => "rolled back",
            Self::Superseded => "superseded by a newer deployment",
            Self::Unknown => "not told by AWS",
        }
    }
}

impl Release {
    /// Returns the task definition that it brought.
    pub fn definition(&self) -> Option<&Arn> {
        self.target.as_ref()?.task_definition.as_ref()
    }

    /// Returns how it stands.
    pub fn outcome(&self) -> Outcome {
        match &*self.deployment.status {
            "SUCCESSFUL" => Outcome::Completed,
            "STOPPED" | "ROLLBACK_FAILED" => Outcome::Failed,
            "ROLLBACK_SUCCESSFUL" => Outcome::RolledBack,
            "ROLLBACK_REQUESTED" | "ROLLBACK_IN_PROGRESS" => Outcome::RollingBack,
            "PENDING" | "IN_PROGRESS" | "STOP_REQUESTED" => Outcome::UnderWay,
            _ => Outcome::Unknown,
        }
    }
}

impl Deployments {
    /// Returns the deployments that DescribeServices tells of, the one in force first.
    pub fn current(&self) -> &[Deployment] {
        self.service.detail.as_ref().map(|detail| detail.deployments.as_slice()).unwrap_or_default()
    }

    /// Returns the deployment in force.
    pub fn primary(&self) -> Option<&Deployment> {
        self.current().iter().find(|it| &*it.status == "PRIMARY").or(self.current().first())
    }

    /// Returns how the newest deployment stands.
    pub fn outcome(&self) -> Outcome {
        let rollout = self.primary().and_then(|primary| primary.rollout.as_deref());
        let newest = self.history.first().map(Release::outcome).filter(|outcome| *outcome != Outcome::Unknown);
        match (rollout, newest) {
            (_, Some(outcome @ (Outcome::UnderWay | Outcome::RollingBack))) => outcome,
            (Some("IN_PROGRESS"), None) if self.failed_beside().is_some() => Outcome::RollingBack,
            (Some("IN_PROGRESS"), _) => Outcome::UnderWay,
            (Some("FAILED"), _) => Outcome::Failed,
            (_, Some(outcome)) => outcome,
            (Some("COMPLETED"), None) => Outcome::Completed,
            (_, None) => Outcome::Unknown,
        }
    }

    /// Returns why a deployment is [`Outcome::Failing`], in words.
    pub fn why_failing(&self) -> String {
        let failed = self.progress().failed;
        format!("{failed} tasks failed and the service has no circuit breaker: AWS goes on trying")
    }

    /// Whether so many tasks of a deployment have failed that a circuit breaker would give it up, and there is none.
    fn fails_for_ever(&self, deployment: &Deployment) -> bool {
        let Some(detail) = self.service.detail.as_deref().filter(|detail| !detail.breaker) else { return false };
        deployment.rollout.as_deref() == Some("IN_PROGRESS")
            && deployment.failed >= CircuitBreaker::threshold_of(detail.desired)
    }

    /// Returns how far the newest deployment has come; of one that gave way to what ran before, how many of its tasks
    /// failed.
    pub fn progress(&self) -> Progress {
        let gave_way = matches!(self.outcome(), Outcome::RollingBack | Outcome::RolledBack);
        // What is told of may still be the one before.
        let newest = self.history.first().filter(|it| gave_way || Followed::newest(self).is_of(it));
        let breaker = newest.and_then(|newest| newest.deployment.breaker());
        let breaker = breaker.filter(|breaker| &*breaker.status != "DISABLED");
        let failed = self.failed_beside().filter(|_| gave_way).or(self.primary()).map(|it| it.failed);
        let failed = failed.unwrap_or_default();
        let count = |count: fn(&Deployment) -> u32| self.primary().map(count).unwrap_or_default();
        Progress {
            running: count(|it| it.running),
            pending: count(|it| it.pending),
            desired: count(|it| it.desired),
            failed: breaker.map_or(failed, |breaker| breaker.failures.max(failed)),
            threshold: breaker.map(|breaker| breaker.threshold),
        }
    }

    /// Returns the task definitions between which the newest deployment goes, or went.
    pub fn change(&self) -> Option<(&Arn, &Arn)> {
        let of_newest = self
            .history
            .first()
            .and_then(|newest| Some((newest.source.as_ref()?.task_definition.as_ref()?, newest.definition()?)));
        let of_current = || {
            let newest = self.current().first()?.task_definition.as_ref()?;
            let others = self.current().iter().skip(1).filter_map(|it| it.task_definition.as_ref());
            others.into_iter().find(|other| *other != newest).map(|other| (other, newest))
        };
        of_newest.or_else(of_current)
    }

    /// Returns the deployment beside the one in force that has failed.
    fn failed_beside(&self) -> Option<&Deployment> {
        self.current().iter().skip(1).find(|it| it.rollout.as_deref() == Some("FAILED"))
    }
}

/// Returns what is known of the deployments of a service. What of it could not be read is a gap.
pub async fn deployments(cx: &Cx, cluster: &Arn, service: &Arn) -> Result<Deployments> {
    let mut gaps = Vec::new();
    let described = ls::service_details(cx, cluster, slice::from_ref(service));
    let (described, history) = join(described, history(cx, cluster, service, &mut gaps)).await;
    let gone = || Error::new(Kind::NotFound, format!("service {} is gone", service.name()));
    let service = described?.into_iter().next().ok_or_else(gone)?;
    let mut seen = Deployments { service, history, definitions: BTreeMap::new(), gaps: Vec::new() };
    seen.definitions = definitions(cx, &seen, &mut gaps).await;
    seen.gaps = gaps;
    Ok(seen)
}

/// Returns the releases that ECS remembers, newest first; the newest are described.
async fn history(cx: &Cx, cluster: &Arn, service: &Arn, gaps: &mut Vec<Gap>) -> Vec<Release> {
    let listed = match listed(cx, cluster, service).await {
        Ok(listed) => listed,
        Err(error) => {
            gaps.push(Gap::of(&error));
            return Vec::new();
        }
    };
    let newest: Vec<Arn> = listed.iter().take(DESCRIBED).map(|it| it.arn.clone()).collect();
    let mut described: BTreeMap<Arn, ServiceDeployment> = match described(cx, service, &newest).await {
        Ok(described) => described.into_iter().map(|it| (it.arn.clone(), it)).collect(),
        Err(error) => {
            gaps.push(Gap::of(&error));
            BTreeMap::new()
        }
    };
    let history: Vec<ServiceDeployment> =
        listed.into_iter().map(|listed| described.remove(&listed.arn).unwrap_or(listed)).collect();
    let revisions = match revisions(cx, service, &history).await {
        Ok(revisions) => revisions,
        Err(error) => {
            gaps.push(Gap::of(&error));
            BTreeMap::new()
        }
    };
    let revision = |arn: Option<&Arn>| arn.and_then(|arn| revisions.get(arn)).cloned();
    history
        .into_iter()
        .map(|deployment| Release {
            target: revision(deployment.target.as_ref()),
            source: revision(source(&deployment)),
            deployment,
        })
        .collect()
}

/// Returns the revision that ran before a service deployment.
fn source(deployment: &ServiceDeployment) -> Option<&Arn> {
    deployment.detail.as_ref()?.sources.first().map(|source| &source.revision)
}

async fn listed(cx: &Cx, cluster: &Arn, service: &Arn) -> Result<Vec<ServiceDeployment>> {
    if service.kind() != "service" {
        return Ok(Vec::new());
    }
    let aws = cx.aws().await?;
    let listed = aws.service_deployments(cluster, service).await;
    let what = || format!("the deployment history of {} cannot be read", service.name());
    listed.map_err(|error| cx.failed(what(), &aws, error))
}

async fn described(cx: &Cx, service: &Arn, arns: &[Arn]) -> Result<Vec<ServiceDeployment>> {
    let aws = cx.aws().await?;
    let described = aws.describe_service_deployments(arns).await;
    let what = || format!("the deployments of {} cannot be described", service.name());
    described.map_err(|error| cx.failed(what(), &aws, error))
}

/// Returns the revisions of the newest of these; one that was read before is not read again.
async fn revisions(cx: &Cx, service: &Arn, history: &[ServiceDeployment]) -> Result<BTreeMap<Arn, ServiceRevision>> {
    let newest = history.iter().take(DESCRIBED);
    let wanted: Vec<&Arn> = newest.flat_map(|it| it.target.iter().chain(source(it))).collect();
    let mut missing: Vec<Arn> =
        wanted.iter().filter(|arn| cx.way.revision(arn).is_none()).map(|arn| (*arn).clone()).collect();
    missing.sort();
    missing.dedup();
    if !missing.is_empty() {
        let aws = cx.aws().await?;
        let read = aws.service_revisions(&missing).await;
        let what = || format!("the revisions of {} cannot be described", service.name());
        read.map_err(|error| cx.failed(what(), &aws, error))?
            .into_iter()
            .for_each(|revision| cx.way.keep_revision(revision));
    }
    Ok(wanted.into_iter().filter_map(|arn| Some((arn.clone(), cx.way.revision(arn)?))).collect())
}

/// Returns the task definitions that the deployments under way and the newest release are about.
async fn definitions(cx: &Cx, seen: &Deployments, gaps: &mut Vec<Gap>) -> BTreeMap<Arn, Arc<TaskDefinition>> {
    let mut wanted: Vec<&Arn> = seen.current().iter().filter_map(|it| it.task_definition.as_ref()).collect();
    wanted.extend(seen.change().into_iter().flat_map(|(before, after)| [before, after]));
    wanted.sort();
    wanted.dedup();
    let mut definitions = BTreeMap::new();
    for arn in wanted {
        match ls::task_definition(cx, arn).await {
            Ok(definition) => {
                definitions.insert(arn.clone(), definition);
            }
            Err(error) => {
                gaps.push(Gap::of(&error));
                break;
            }
        }
    }
    definitions
}
