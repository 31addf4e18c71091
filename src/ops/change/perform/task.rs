//! StopTask and RunTask.

use super::{APART, Failure, Sent, harmless, once};
use crate::{
    aws::NewTasks,
    model::{Arn, text::clean},
    ops::{
        Cx,
        change::{Made, TaskPlace, not_started},
    },
};
use std::sync::Arc;

/// How often RunTask is made where no answer comes: by its token every call after the first is the same one.
const TRIES: u32 = 3;

/// Asks a task to stop.
pub(super) async fn stop(
    cx: &Cx,
    place: &TaskPlace,
    service: Option<&Arc<str>>,
    reason: &str,
) -> Result<Made, Failure> {
    let aws = cx.aws().await?;
    let send = || async { aws.stop_task(&place.cluster, &place.task, reason).await.map(drop) };
    let look = || async {
        let found = aws.describe_tasks(&place.cluster, &[place.task.as_str()]).await?;
        // What AWS knows no more has stopped long ago.
        Ok(found.first().is_none_or(crate::model::Task::is_ending).then_some(()))
    };
    let (cluster, task) = (clean(place.cluster.name()), clean(place.task.short()));
    let what = || format!("task {task} cannot be stopped");
    match once(cx, send, look, harmless).await {
        Sent::Made(()) => Ok(Made::Stopped { place: place.clone(), service: service.cloned() }),
        Sent::NotTaken(error) => Err(cx.failed(what(), &aws, error).into()),
        Sent::Unknown(error) => {
            let hint = format!(
                "it may be stopping all the same, and to stop it once more does no harm; `ecsui stopped {cluster}` \
                 shows it then"
            );
            Err(Failure { error: cx.failed(what(), &aws, error).hint(hint), unknown: true })
        }
    }
}

/// Starts tasks. Where the answer is lost it is asked for again, with the same token, so that no more are started.
pub(super) async fn run(cx: &Cx, new: &NewTasks) -> Result<Made, Failure> {
    let aws = cx.aws().await?;
    let what = || format!("{} cannot be run in {}", clean(new.definition.name()), clean(new.cluster.name()));
    let mut tries = 1;
    let started = loop {
        match aws.run_tasks(new).await {
            Ok(started) => break started,
            Err(error) if error.lost.is_some() && tries < TRIES => {
                tracing::warn!(operation = error.operation, "the answer is lost and asked for again");
                tries += 1;
                cx.clock.sleep(APART).await;
            }
            // What was lost before may have been taken, whatever is said of the last call.
            Err(error) if error.lost.is_some() || tries > 1 => {
                let hint = format!(
                    "tasks may have been started all the same, by {}; `ecsui list --cluster {}` shows them",
                    new.started_by.as_deref().unwrap_or("you"),
                    clean(new.cluster.name())
                );
                return Err(Failure { error: cx.failed(what(), &aws, error).hint(hint), unknown: true });
            }
            Err(error) => return Err(cx.failed(what(), &aws, error).into()),
        }
    };
    let failures: Vec<String> = started.failures.iter().map(not_started::words).collect();
    if started.tasks.is_empty() {
        return Err(not_started::error(what(), &failures).into());
    }
    let tasks: Vec<Arn> = started.tasks.into_iter().map(|task| task.arn).collect();
    let (cluster, definition) = (new.cluster.clone(), new.definition.clone());
    Ok(Made::Started { cluster, definition, tasks, failures })
}
