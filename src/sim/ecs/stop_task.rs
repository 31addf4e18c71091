//! StopTask.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Account, members::read};
use crate::sim::{clock::Clock, refusal::Refusal, world::World};

/// The longest reason.
const LONGEST: usize = 255;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stop {
    cluster: Option<String>,
    task: String,
    reason: Option<String>,
}

/// Asks a task to stop. One that has stopped is answered with as it is.
pub(super) fn stop(world: &mut World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let Stop { cluster, task, reason } = read(body)?;
    let reason = reason.unwrap_or_else(|| "Task stopped by user".to_owned());
    if reason.chars().count() > LONGEST {
        return Err(Refusal::parameter(format!("reason can have at most {LONGEST} characters.")));
    }
    let cx = Account { world, clock };
    let cluster = cx.cluster(cluster.as_deref())?;
    let id = cx.task_id(cluster, &task)?.filter(|id| cluster.tasks.contains_key(id));
    let id = id.ok_or_else(|| Refusal::parameter("The referenced task was not found."))?;
    let name = Arc::clone(&cluster.name);
    world.stop_task(clock.now(), &name, id, "UserInitiated", &reason);
    let cx = Account { world, clock };
    let cluster = cx.cluster(Some(&name))?;
    Ok(json!({ "task": cx.whole_task_json(cluster, &cluster.tasks[&id]) }))
}
