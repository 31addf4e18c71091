//! Watching a session's task, so that its end is said with the reason and not as a frozen screen.

use std::{sync::Arc, time::Duration};

use super::ExecTarget;
use crate::{
    aws::{self, Urgency},
    model::Task,
    session::{
        clock::Clock,
        ssm::{Fate, Stage},
    },
};

/// How often the task is looked at.
const INTERVAL: Duration = Duration::from_secs(10);

/// Returns what tells a session of its task's end.
pub(super) fn fate(aws: &aws::Clients, target: &ExecTarget, clock: &Clock) -> Fate {
    let (aws, target, clock) = (aws.with_urgency(Urgency::Background), target.clone(), clock.clone());
    Arc::new(move |stage| {
        let (aws, target, clock) = (aws.clone(), target.clone(), clock.clone());
        Box::pin(async move { end(&aws, &target, &clock, stage).await })
    })
}

/// Waits until the task has come so far, and returns the reason in words.
async fn end(aws: &aws::Clients, target: &ExecTarget, clock: &Clock, stage: Stage) -> String {
    let (name, mut was_there) = (target.task.short(), false);
    loop {
        clock.sleep(INTERVAL).await;
        let tasks = aws.describe_tasks(&target.cluster, std::slice::from_ref(&target.task)).await;
        match tasks.as_deref() {
            Ok([task]) if has_come_to(stage, task) => return words(task),
            Ok([_, ..]) => was_there = true,
            // ECS forgets stopped tasks; one that it never knew is none of ours to judge.
            Ok([]) if was_there => return format!("task {name} is gone"),
            Err(error) if error.kind == aws::Kind::Denied => return std::future::pending().await,
            Ok([]) | Err(_) => {}
        }
    }
}

fn has_come_to(stage: Stage, task: &Task) -> bool {
    match stage {
        Stage::Stopping => has_stopped(task) || &*task.desired_status == "STOPPED",
        Stage::Stopped => has_stopped(task),
    }
}

fn has_stopped(task: &Task) -> bool {
    &*task.last_status == "STOPPED"
}

fn words(task: &Task) -> String {
    let event = if has_stopped(task) { "has stopped" } else { "is being stopped" };
    let reason = task.stopped_reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("task {} {event}{reason}", task.arn.short())
}
