//! Tasks that were run, waited for until they have ended.

use std::{sync::Arc, time::Duration};

use super::telling;
use crate::{
    model::{Arn, Ending, Task},
    ops::{Cx, Error, Kind, Result, ls},
};

/// How often is looked.
const POLL: Duration = Duration::from_secs(3);
/// How often AWS may not know a task that it has just started.
const PATIENCE: u32 = 10;

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The task, as it was at last.
    pub task: Task,
    /// The exit code of the container that counts; none where it never ran.
    pub exit: Option<i32>,
    /// How that came, in words; parts of it are untrusted.
    pub words: String,
}

/// Waits until these tasks have stopped, and returns how each did, in their order. The exit code is that of the
/// container of this name, else the first of the essential ones that is not 0. `report` is told of each task that has
/// come further.
pub async fn wait_for(
    cx: &Cx,
    cluster: &Arn,
    tasks: &[Arn],
    container: Option<&str>,
    mut report: impl FnMut(&Task),
) -> Result<Vec<Ended>> {
    let mut seen: Vec<Option<Task>> = vec![None; tasks.len()];
    let mut unknown = 0;
    loop {
        let left = unfinished(tasks, &seen);
        match ls::tasks_named(cx, cluster, &left).await {
            Ok(found) => {
                unknown = if found.len() < left.len() { unknown + 1 } else { 0 };
                for task in found {
                    let Some(place) = tasks.iter().position(|arn| *arn == task.arn) else { continue };
                    let moved = seen[place].as_ref().is_none_or(|before| before.last_status != task.last_status);
                    if moved {
                        report(&task);
                    }
                    seen[place] = Some(task);
                }
            }
            Err(error) if error.passes() => {}
            Err(error) => return Err(error),
        }
        if unfinished(tasks, &seen).is_empty() {
            break;
        }
        if unknown > PATIENCE {
            return Err(Error::new(Kind::NotFound, "AWS no longer knows the task that was started"));
        }
        cx.clock.sleep(POLL).await;
    }
    let mut ended = Vec::new();
    for task in seen.into_iter().flatten() {
        let names = match ls::task_definition(cx, &task.definition).await {
            Ok(definition) => telling(&definition, container),
            // Without it every container counts.
            Err(_) => task.containers.iter().map(|it| Arc::clone(&it.name)).collect(),
        };
        ended.push(end(task, &names));
    }
    Ok(ended)
}

/// Returns those that are not known to have stopped. AWS forgets the others, while these may run for long.
fn unfinished<'a>(tasks: &'a [Arn], seen: &[Option<Task>]) -> Vec<&'a str> {
    let is_over = |task: &Option<Task>| task.as_ref().is_some_and(|task| &*task.last_status == "STOPPED");
    tasks.iter().zip(seen).filter(|(_, task)| !is_over(task)).map(|(arn, _)| arn.as_str()).collect()
}

fn end(task: Task, names: &[Arc<str>]) -> Ended {
    let codes: Vec<Option<i32>> =
        names.iter().filter_map(|name| task.container(name)).map(|container| container.exit_code).collect();
    let failed = codes.iter().flatten().find(|code| **code != 0);
    let exit = failed.or_else(|| codes.iter().flatten().next()).copied();
    let words = Ending::of(&task).map_or_else(|| "it has stopped".to_owned(), |ending| ending.words);
    Ended { task, exit, words }
}
