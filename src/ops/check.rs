//! Whether services are as they should be: ecsman's three warnings, and more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::{join, join_all};

use super::{
    Cx, Error, Kind, Result, ls,
    missing::Missing,
    targets::{self, Counts},
};
use crate::model::{Arn, Deployment, Service, ServiceDetail, Task, Timestamp, text::clean};

/// How long a deployment with failures may be under way before it counts as stuck.
const FAILING: Duration = Duration::from_mins(10);
/// How long any deployment may be.
const SLOW: Duration = Duration::from_hours(1);

/// What is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every service of every cluster.
    Everything,
    /// Every service of a cluster.
    Cluster(Arn),
    /// One service.
    Service(Service),
}

/// A service that was checked, or a cluster that could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The cluster.
    pub cluster: Arn,
    /// The service's name; `None` for what could not be looked at in the whole cluster.
    pub service: Option<Arc<str>>,
    /// How many of its tasks run.
    pub running: usize,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// Something that is wrong, or that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// What it is about, where that is not the service: a task, a deployment, an image, an action.
    pub about: Option<String>,
    /// What is wrong, in words.
    pub text: String,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// No task runs although some are wanted.
    NoRunningTask,
    /// A task runs another revision than the service's, and no deployment is about to change that.
    OtherRevision,
    /// A deployment has failed.
    DeploymentFailed,
    /// A deployment is under way for too long.
    DeploymentStuck,
    /// Not as many targets of a load balancer are healthy as tasks run.
    TargetHealth,
    /// The same image is another one in some of the tasks.
    ImagesDiffer,
    /// Something could not be looked at.
    NotChecked,
}

impl FindingKind {
    /// Returns its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoRunningTask => "no-running-task",
            Self::OtherRevision => "other-revision",
            Self::DeploymentFailed => "deployment-failed",
            Self::DeploymentStuck => "deployment-stuck",
            Self::TargetHealth => "target-health",
            Self::ImagesDiffer => "images-differ",
            Self::NotChecked => "not-checked",
        }
    }
}

/// Checks services; `now` tells how long deployments have been under way. What cannot be read is a finding of its own.
pub async fn check(cx: &Cx, scope: Scope, now: Timestamp) -> Result<Vec<Checked>> {
    let clusters = match scope {
        Scope::Everything => ls::cluster_arns(cx).await?,
        Scope::Cluster(cluster) => vec![cluster],
        Scope::Service(service) => return Ok(vec![one(cx, service, now).await?]),
    };
    let checked = join_all(clusters.iter().map(|cluster| within(cx, cluster, now))).await;
    let mut checked: Vec<Checked> = checked.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    checked.sort_by(|one, two| (one.cluster.name(), &one.service).cmp(&(two.cluster.name(), &two.service)));
    Ok(checked)
}

/// Checks one service.
async fn one(cx: &Cx, named: Service, now: Timestamp) -> Result<Checked> {
    let arns = std::slice::from_ref(&named.arn);
    let described = ls::service_details(cx, &named.cluster, arns);
    let (described, tasks) = join(described, ls::tasks(cx, &named.cluster, Some(&named.arn))).await;
    let tasks = tolerated(tasks)?;
    let (service, unread) = match tolerated(described)? {
        Ok(described) => (described.into_iter().next().unwrap_or(named), None),
        Err(missing) => (named, Some(missing)),
    };
    let (counts, uncounted) = counted(cx, std::slice::from_ref(&service)).await?;
    let mut checked = judged(&service, tasks.as_deref().ok(), &counts, now);
    checked.findings.extend(unread.into_iter().chain(tasks.err()).chain(uncounted));
    Ok(checked)
}

/// Checks all services of a cluster.
async fn within(cx: &Cx, cluster: &Arn, now: Timestamp) -> Result<Vec<Checked>> {
    let (services, tasks) = join(described(cx, cluster), ls::tasks(cx, cluster, None)).await;
    let tasks = tolerated(tasks)?;
    let services = tolerated(services)?;
    let (counts, uncounted) = counted(cx, services.as_deref().unwrap_or_default()).await?;
    let judge = |service: &Service| {
        let own = |task: &&Task| task.group.service() == Some(&service.name);
        let own = tasks.as_ref().ok().map(|tasks| tasks.iter().filter(own).cloned().collect::<Vec<_>>());
        judged(service, own.as_deref(), &counts, now)
    };
    let mut checked: Vec<Checked> = services.iter().flatten().map(judge).collect();
    let findings: Vec<Finding> = services.err().into_iter().chain(tasks.err()).chain(uncounted).collect();
    if !findings.is_empty() {
        checked.push(Checked { cluster: cluster.clone(), service: None, running: 0, findings });
    }
    Ok(checked)
}

async fn described(cx: &Cx, cluster: &Arn) -> Result<Vec<Service>> {
    let arns: Vec<Arn> = ls::services(cx, cluster).await?.into_iter().map(|service| service.arn).collect();
    ls::service_details(cx, cluster, &arns).await
}

/// Returns what was read, or the finding that it must not be; other failures are failures.
fn tolerated<T>(read: Result<T>) -> Result<std::result::Result<T, Finding>> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(error) if error.kind == Kind::Denied => Ok(Err(not_checked(&error))),
        Err(error) => Err(error),
    }
}

/// Returns what is wrong with a service, as far as it and its tasks could be read.
fn judged(service: &Service, tasks: Option<&[Task]>, counts: &[(Arn, Counts)], now: Timestamp) -> Checked {
    let mut findings = Vec::new();
    let counted = service.detail.as_ref().map_or(0, |detail| detail.running as usize);
    let running = tasks.map_or(counted, |tasks| tasks.iter().filter(|task| is_running(task)).count());
    let tasks = tasks.unwrap_or_default();
    if let Some(detail) = service.detail.as_deref().filter(|detail| &*detail.status == "ACTIVE") {
        if running == 0 && detail.desired > 0 {
            let text = format!("no task runs, and {} are wanted", detail.desired);
            findings.push(Finding { kind: FindingKind::NoRunningTask, about: None, text });
        }
        findings.extend(detail.deployments.iter().filter_map(|deployment| troubled(deployment, now)));
        findings.extend(tasks.iter().filter_map(|task| outdated(task, detail)));
        let own = counts.iter().filter(|(of, _)| *of == service.arn);
        findings.extend(own.filter_map(|(_, counts)| unhealthy(counts, running, detail)));
    }
    findings.extend(differing(tasks));
    Checked { cluster: service.cluster.clone(), service: Some(Arc::clone(&service.name)), running, findings }
}

/// Returns what is wrong with a deployment.
fn troubled(deployment: &Deployment, now: Timestamp) -> Option<Finding> {
    let finding = |kind, text: String| Some(Finding { kind, about: Some(deployment.id.clone()), text });
    let revision = deployment.task_definition.as_ref().map_or("?", Arn::name);
    let age = deployment.created.and_then(|created| Duration::try_from(now.duration_since(created)).ok());
    let failed = deployment.failed;
    match deployment.rollout.as_deref() {
        Some("FAILED") => {
            let reason = deployment.reason.as_ref().map(|reason| format!(": {}", clean(reason))).unwrap_or_default();
            finding(FindingKind::DeploymentFailed, format!("the deployment of {revision} failed{reason}"))
        }
        Some("IN_PROGRESS") if failed > 0 && age.is_some_and(|age| age >= FAILING) => {
            let minutes = age.unwrap_or_default().as_secs() / 60;
            let text =
                format!("the deployment of {revision} is under way for {minutes} minutes, {failed} tasks failed");
            finding(FindingKind::DeploymentStuck, text)
        }
        Some("IN_PROGRESS") if age.is_some_and(|age| age >= SLOW) => {
            let hours = age.unwrap_or_default().as_secs() / 3600;
            let text = format!("the deployment of {revision} is under way for more than {hours} h");
            finding(FindingKind::DeploymentStuck, text)
        }
        _ => None,
    }
}

/// Returns what is wrong with a task's revision. While a deployment is under way, a task may run any revision that is
/// being deployed or replaced.
fn outdated(task: &Task, detail: &ServiceDetail) -> Option<Finding> {
    let wanted = detail.task_definition.as_ref()?;
    if task.definition == *wanted || !is_running(task) || &*task.desired_status != "RUNNING" {
        return None;
    }
    let rolling = detail.deployments.iter().any(|it| it.rollout.as_deref() == Some("IN_PROGRESS"));
    let replaced = detail.deployments.iter().any(|it| it.task_definition.as_ref() == Some(&task.definition));
    if rolling && replaced {
        return None;
    }
    let text =
        format!("task {} runs {}, and the service's is {}", task.arn.short(), task.definition.name(), wanted.name());
    Some(Finding { kind: FindingKind::OtherRevision, about: Some(task.arn.name().to_owned()), text })
}

/// Returns what is wrong with the targets in a place. While a deployment is under way tasks come and go there, and only
/// those that fail their checks count.
fn unhealthy(counts: &Counts, running: usize, detail: &ServiceDetail) -> Option<Finding> {
    let (healthy, unhealthy) = (counts.healthy?, counts.unhealthy?);
    let rolling = detail.deployments.iter().any(|it| it.rollout.as_deref() == Some("IN_PROGRESS"));
    if unhealthy == 0 && (rolling || healthy == running) {
        return None;
    }
    let place = counts.attachment.name();
    let text =
        format!("{running} tasks run, and {healthy} targets of {} are healthy, {unhealthy} are not", clean(place));
    Some(Finding { kind: FindingKind::TargetHealth, about: Some(place.to_owned()), text })
}

/// Returns how many targets of each service are well, by its ARN, and what must not be read of them.
async fn counted(cx: &Cx, services: &[Service]) -> Result<(Vec<(Arn, Counts)>, Vec<Finding>)> {
    let attachments = services.iter().flat_map(|service| {
        let attachments = service.detail.iter().flat_map(|detail| &detail.attachments);
        attachments.map(|attachment| (service.arn.clone(), attachment.clone()))
    });
    let (arns, attachments): (Vec<_>, Vec<_>) = attachments.unzip();
    let (counts, missing) = targets::counts(cx, &attachments).await?;
    let unread = missing.into_iter().map(|part: Missing| Finding {
        kind: FindingKind::NotChecked,
        text: part.line(),
        about: part.action,
    });
    Ok((arns.into_iter().zip(counts).collect(), unread.collect()))
}

/// Returns the images that are not the same everywhere: tags that were pushed anew while tasks ran.
fn differing(tasks: &[Task]) -> Vec<Finding> {
    let mut digests: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for task in tasks.iter().filter(|task| is_running(task)) {
        for container in &task.containers {
            if let Some(digest) = &container.digest {
                digests.entry((&container.name, &container.image)).or_default().insert(digest);
            }
        }
    }
    let several = digests.into_iter().filter(|(_, digests)| digests.len() > 1);
    several
        .map(|((container, image), digests)| Finding {
            kind: FindingKind::ImagesDiffer,
            about: Some(image.to_owned()),
            text: format!(
                "container {} runs {} different images, all called {}",
                clean(container),
                digests.len(),
                clean(image)
            ),
        })
        .collect()
}

fn is_running(task: &Task) -> bool {
    &*task.last_status == "RUNNING"
}

fn not_checked(error: &Error) -> Finding {
    Finding { kind: FindingKind::NotChecked, about: None, text: error.line() }
}
