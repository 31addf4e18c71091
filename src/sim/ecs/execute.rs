//! ExecuteCommand: who may log in to which container, in AWS's words.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Account, containers::Agent, members::read};
use crate::sim::{
    identity::TaskId,
    refusal::Refusal,
    world::{ContainerSpec, Exec, Phase, Task},
};

const NOT_ENABLED: &str = "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.";
const NOT_CONNECTED: &str = "The execute command failed due to an internal error. Try again later.";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Execute {
    cluster: Option<String>,
    container: Option<String>,
    command: String,
    interactive: bool,
    task: String,
}

/// A command that may be run.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) task: TaskId,
    pub(crate) command: String,
    /// The container's environment, as its definition has it.
    pub(crate) environment: Vec<(String, String)>,
    /// Cluster, task and container, for people.
    pub(crate) label: String,
    /// ARN of the KMS key that the cluster's sessions are encrypted with.
    pub(crate) key: Option<String>,
    /// What the agent is to Session Manager.
    pub(crate) identity: String,
    /// The answer without its session.
    pub(crate) answer: Value,
}

/// Lets a command in, or says why not.
pub(crate) fn admit(cx: Account<'_>, body: &Value) -> Result<Admitted, Refusal> {
    let Execute { cluster, container, command, interactive, task } = read(body)?;
    let cluster = cx.cluster(cluster.as_deref())?;
    if !interactive {
        return Err(Refusal::parameter("Interactive is the only mode supported currently."));
    }
    if command.trim().is_empty() {
        return Err(Refusal::parameter("command cannot be blank."));
    }
    let id = cx.task_id(cluster, &task)?;
    let task = id
        .and_then(|id| cluster.tasks.get(&id))
        .ok_or_else(|| Refusal::parameter("The task provided in the request was not found."))?;
    if task.phase != Phase::Running || !task.exec {
        return Err(Refusal::parameter(NOT_ENABLED));
    }
    let container = choose(task, container.as_deref())?;
    match cx.agent(task, container) {
        Some(Agent::Running(_)) => {}
        Some(Agent::Pending | Agent::Stopped(_)) | None => return Err(Refusal::parameter(NOT_ENABLED)),
    }
    if container.exec == Exec::Disconnected {
        return Err(Refusal::new("TargetNotConnectedException", NOT_CONNECTED));
    }
    let definition = &task.definition;
    let fill = |(name, value): &(String, String)| (name.clone(), definition.fill(value));
    Ok(Admitted {
        task: task.id,
        command,
        environment: container.environment.iter().map(fill).collect(),
        label: format!("{}/{}/{}", cluster.name, task.id, container.name),
        key: cluster.kms_key.as_deref().map(|id| cx.world.key_arn(id)),
        identity: format!("ecs:{}_{}_{}", cluster.name, task.id, Account::runtime_id(task, container)),
        answer: json!({
            "clusterArn": cx.cluster_arn(cluster),
            "containerArn": cx.container_arn(cluster, task, container),
            "containerName": container.name,
            "interactive": true,
            "taskArn": cx.task_arn(cluster, task.id),
        }),
    })
}

/// Returns the container that is named, or the only one.
fn choose<'a>(task: &'a Task, named: Option<&str>) -> Result<&'a ContainerSpec, Refusal> {
    match (named, &task.definition.template.containers[..]) {
        (Some(name), _) => task
            .definition
            .container(name)
            .ok_or_else(|| Refusal::parameter(format!("The container name {name} was not found in the task."))),
        (None, [only]) => Ok(only),
        (None, _) => Err(Refusal::parameter(
            "The container name must be specified in the request when the task has more than one container.",
        )),
    }
}
