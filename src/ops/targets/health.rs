//! How a service's targets are, each with the task it is.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::{join, join_all};

use crate::{
    aws::Clients,
    model::{Arn, AttachedTo, Attachment, Target, TargetCondition, Task},
    ops::{
        Cx, Result,
        missing::{Missing, note, tolerated},
    },
};

/// How targets are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// One for each thing that tasks are registered with, in that order.
    pub sets: Vec<TargetSet>,
    /// What could not be read.
    pub missing: Vec<Missing>,
}

/// The targets of one target group or classic load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSet {
    /// What is registered where.
    pub attachment: Attachment,
    /// The targets, those that need somebody's eye first; `None` where they must not be read.
    pub rows: Option<Vec<Row>>,
}

/// A target, and the task it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The target.
    pub target: Target,
    /// The service's task that it is; other services may share a target group.
    pub task: Option<Arc<Task>>,
}

/// How many targets there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Where they are registered.
    pub attachment: Attachment,
    /// How many are healthy; `None` where that must not be read.
    pub healthy: Option<usize>,
    /// How many fail their checks.
    pub unhealthy: Option<usize>,
    /// How many there are, those that are being taken out not counted.
    pub registered: Option<usize>,
}

impl Health {
    /// Whether the state of something will soon be another.
    pub fn is_under_way(&self) -> bool {
        self.sets.iter().filter_map(|set| set.rows.as_ref()).flatten().any(|row| row.target.is_under_way())
    }
}

/// Returns how the targets of a service are: a call for each target group, the list of its tasks, and more only where a
/// target cannot be told from these.
pub async fn health(cx: &Cx, cluster: &Arn, service: &Arn, attachments: &[Attachment]) -> Result<Health> {
    if attachments.is_empty() {
        return Ok(Health::default());
    }
    let aws = cx.aws().await?;
    let mut missing = Vec::new();
    let (targets, tasks) = join(read(cx, &aws, attachments), aws.tasks(cluster, Some(service.name()))).await;
    let tasks = note(&mut missing, tolerated(cx, &aws, "the service's tasks", tasks)?);
    let mut known = Known { tasks: tasks.map(shared).unwrap_or_default(), ..Known::default() };
    let mut read = Vec::new();
    for (attachment, targets) in attachments.iter().zip(targets?) {
        read.push((attachment, note(&mut missing, targets)));
    }
    let all =
        || read.iter().flat_map(|(attachment, targets)| targets.iter().flatten().map(move |it| (*attachment, it)));
    if all().any(|(_, target)| is_instance(target)) {
        known.read_instances(cx, &aws, cluster, &mut missing).await?;
    }
    let leaving = |target: &Target| target.condition() == TargetCondition::Draining;
    if all().any(|(attachment, target)| leaving(target) && known.task(attachment, target).is_none()) {
        let stopped =
            tolerated(cx, &aws, "the tasks that are stopping", aws.stopped_tasks(cluster, Some(service.name())).await)?;
        known.tasks.extend(note(&mut missing, stopped).map(shared).unwrap_or_default());
        if all().any(|(_, target)| is_instance(target)) {
            known.read_instances(cx, &aws, cluster, &mut missing).await?;
        }
    }
    let sets = read.into_iter().map(|(attachment, targets)| TargetSet {
        attachment: attachment.clone(),
        rows: targets.map(|targets| known.rows(attachment, targets)),
    });
    Ok(Health { sets: sets.collect(), missing })
}

/// Returns how many healthy targets there are, a call for each target group, and what must not be read.
pub async fn counts(cx: &Cx, attachments: &[Attachment]) -> Result<(Vec<Counts>, Vec<Missing>)> {
    if attachments.is_empty() {
        return Ok(Default::default());
    }
    let aws = cx.aws().await?;
    let mut missing = Vec::new();
    let mut counts = Vec::new();
    for (attachment, targets) in attachments.iter().zip(read(cx, &aws, attachments).await?) {
        let conditions = note(&mut missing, targets)
            .map(|targets| targets.iter().map(Target::condition).collect::<Vec<TargetCondition>>());
        let count = |wanted: fn(&TargetCondition) -> bool| {
            conditions.as_ref().map(|conditions| conditions.iter().filter(|it| wanted(it)).count())
        };
        counts.push(Counts {
            attachment: attachment.clone(),
            healthy: count(|condition| *condition == TargetCondition::Healthy),
            unhealthy: count(|condition| *condition == TargetCondition::Unhealthy),
            registered: count(|condition| *condition != TargetCondition::Draining),
        });
    }
    Ok((counts, missing))
}

type Part<T> = std::result::Result<T, Missing>;

/// Returns the targets of each.
async fn read(cx: &Cx, aws: &Clients, attachments: &[Attachment]) -> Result<Vec<Part<Vec<Target>>>> {
    let read = join_all(attachments.iter().map(|attachment| async move {
        match &attachment.to {
            AttachedTo::TargetGroup(arn) => aws.target_health(arn).await,
            AttachedTo::Classic(name) => aws.instance_health(name).await,
        }
    }));
    read.await.into_iter().map(|targets| tolerated(cx, aws, "the health of the targets", targets)).collect()
}

/// What targets are told from.
#[derive(Debug, Default)]
struct Known {
    tasks: Vec<Arc<Task>>,
    /// The EC2 instances that container instances are.
    instances: HashMap<Arn, Arc<str>>,
}

impl Known {
    /// Reads which EC2 instances the tasks run on, as far as that is not known yet.
    async fn read_instances(
        &mut self,
        cx: &Cx,
        aws: &Clients,
        cluster: &Arn,
        missing: &mut Vec<Missing>,
    ) -> Result<()> {
        let mut arns: Vec<&Arn> = self.tasks.iter().filter_map(|task| task.instance.as_ref()).collect();
        arns.retain(|arn| !self.instances.contains_key(arn));
        arns.sort();
        arns.dedup();
        let read =
            tolerated(cx, aws, "the container instances", aws.describe_container_instances(cluster, &arns).await)?;
        let described = note(missing, read).unwrap_or_default();
        self.instances.extend(described.into_iter().filter_map(|instance| Some((instance.arn, instance.ec2?))));
        Ok(())
    }

    fn rows(&self, attachment: &Attachment, targets: Vec<Target>) -> Vec<Row> {
        let row = |target: Target| Row { task: self.task(attachment, &target).cloned(), target };
        let mut rows: Vec<Row> = targets.into_iter().map(row).collect();
        rows.sort_by(|one, other| {
            let key = |row: &Row| (rank(row.target.condition()), row.target.id.clone(), row.target.port);
            key(one).cmp(&key(other))
        });
        rows
    }

    /// Returns the task that a target is: by its address, or by its instance and the port there.
    fn task(&self, attachment: &Attachment, target: &Target) -> Option<&Arc<Task>> {
        let is_it = |task: &&Arc<Task>| {
            if !is_instance(target) {
                return task.ip.as_ref() == Some(&target.id);
            }
            let there = task.instance.as_ref().and_then(|arn| self.instances.get(arn)) == Some(&target.id);
            let container = task.container(&attachment.container);
            there
                && container.into_iter().flat_map(|container| &container.bindings).any(|binding| match target.port {
                    Some(port) => binding.host == port,
                    None => binding.container == attachment.port,
                })
        };
        // An address may be another task's by now.
        self.tasks.iter().filter(|task| &*task.last_status != "STOPPED").find(is_it)
    }
}

/// Whether a target is an EC2 instance, or a machine of one's own.
fn is_instance(target: &Target) -> bool {
    target.id.starts_with("i-") || target.id.starts_with("mi-")
}

/// What is wrong comes first, then what moves.
fn rank(condition: TargetCondition) -> u8 {
    match condition {
        TargetCondition::Unhealthy => 0,
        TargetCondition::Initial => 1,
        TargetCondition::Draining => 2,
        TargetCondition::Idle => 3,
        TargetCondition::Healthy => 4,
    }
}

fn shared(tasks: Vec<Task>) -> Vec<Arc<Task>> {
    tasks.into_iter().map(Arc::new).collect()
}
