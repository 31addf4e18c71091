//! The containers of a task, derived from its definition and its phase.

use std::time::Duration;

use serde_json::{Value, json};

use super::Account;
use crate::sim::{
    clock::Moment,
    identity,
    world::{Cluster, ContainerSpec, Exec, Launch, Phase, Port, Task},
};

/// How long after its task became RUNNING a container's ExecuteCommandAgent does.
const AGENT_START: Duration = Duration::from_secs(1);
/// How long after its task became RUNNING the first health check has passed.
const FIRST_HEALTH_CHECK: Duration = Duration::from_secs(3);

/// The state of a container's ExecuteCommandAgent as DescribeTasks tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Agent {
    Pending,
    Running(Moment),
    Stopped(Option<String>),
}

impl Account<'_> {
    pub(super) fn containers_json(self, cluster: &Cluster, task: &Task) -> Vec<Value> {
        let containers = &task.definition.template.containers;
        containers.iter().map(|container| self.container_json(cluster, task, container)).collect()
    }

    /// Returns the container's id to its runtime, where it has run.
    pub(crate) fn runtime_id(task: &Task, container: &ContainerSpec) -> String {
        let (id, name) = (task.id.to_string(), &*container.name);
        match task.launch {
            Launch::Fargate => format!("{id}-{:010}", identity::number(&["runtime", &id, name]) % 10_000_000_000),
            Launch::Ec2 | Launch::External => identity::long_hex(&["runtime", &id, name]),
        }
    }

    fn container_json(self, cluster: &Cluster, task: &Task, container: &ContainerSpec) -> Value {
        let id = task.id.to_string();
        let name = &*container.name;
        let image = task.definition.fill(&container.image);
        let ending = task.stop.as_ref().and_then(|stop| stop.endings.iter().find(|it| it.container == container.name));
        let stopped = task.phase == Phase::Stopped;
        let ran = task.started.is_some();
        let runtime = Self::runtime_id(task, container);
        let interfaces = if task.definition.template.network_mode == "awsvpc" && task.phase > Phase::Provisioning {
            json!([{ "attachmentId": identity::uuid(&["attachment", &id]), "privateIpv4Address": Self::address(task) }])
        } else {
            json!([])
        };
        json!({
            "containerArn": self.container_arn(cluster, task, container),
            "taskArn": self.task_arn(cluster, task.id),
            "name": name,
            "image": image,
            "imageDigest": ran.then(|| self.digest(&image, task.created)),
            "runtimeId": ran.then_some(runtime),
            "lastStatus": container_status(task.phase),
            "exitCode": stopped.then(|| ending.map_or(ran.then_some(0), |ending| ending.exit)).flatten(),
            "reason": ending.and_then(|ending| ending.reason.as_deref()),
            "networkBindings": Self::bindings(task, container),
            "networkInterfaces": interfaces,
            "healthStatus": self.container_health(task, container),
            "managedAgents": self.agent(task, container).map(|agent| self.agent_json(agent)),
            "cpu": container.cpu.to_string(),
            "memory": container.memory.map(|it| it.to_string()),
            "memoryReservation": container.memory_reservation.map(|it| it.to_string()),
        })
    }

    /// Returns the digest that a tag stood for at a moment.
    pub(crate) fn digest(self, image: &str, at: Moment) -> String {
        if let Some(found) = self.world.said_image(image) {
            return found.digest.to_string();
        }
        let pushes = self.world.pushes.get(image).into_iter().flatten().filter(|push| **push <= at).count();
        let parts = ["image", image, &pushes.to_string()];
        format!("sha256:{}", identity::long_hex(if pushes == 0 { &parts[..2] } else { &parts }))
    }

    pub(super) fn container_arn(self, cluster: &Cluster, task: &Task, container: &ContainerSpec) -> String {
        let uuid = identity::uuid(&["container", &task.id.to_string(), &container.name]);
        self.world.arn(format_args!("container/{}/{}/{uuid}", cluster.name, task.id))
    }

    /// Returns the state of a container's ExecuteCommandAgent; `None` where the container was given none.
    pub(crate) fn agent(self, task: &Task, container: &ContainerSpec) -> Option<Agent> {
        if !task.exec || container.exec == Exec::Absent {
            return None;
        }
        let now = self.clock.now();
        let since = task.started.map(|started| started.after(AGENT_START));
        Some(match (task.phase, &container.exec, since) {
            (Phase::Running, Exec::Stopped(reason), _) => Agent::Stopped(Some(reason.clone())),
            (Phase::Running, Exec::Ready | Exec::Disconnected, Some(since)) if since <= now => Agent::Running(since),
            (Phase::Provisioning | Phase::Pending | Phase::Activating | Phase::Running, _, _) => Agent::Pending,
            (Phase::Deactivating | Phase::Stopping | Phase::Deprovisioning | Phase::Stopped, _, _) => {
                Agent::Stopped(None)
            }
        })
    }

    fn agent_json(self, agent: Agent) -> Value {
        let (status, since, reason) = match agent {
            Agent::Pending => ("PENDING", None, None),
            Agent::Running(since) => ("RUNNING", Some(self.seconds(since)), None),
            Agent::Stopped(reason) => ("STOPPED", None, reason),
        };
        json!([{ "name": "ExecuteCommandAgent", "lastStatus": status, "lastStartedAt": since, "reason": reason }])
    }

    /// Returns a task's health: that of its essential containers with a health check.
    pub(super) fn task_health(self, task: &Task) -> &'static str {
        let containers = task.definition.template.containers.iter().filter(|it| it.essential && !it.health.is_empty());
        let mut states = containers.map(|container| self.container_health(task, container));
        let first = states.next().unwrap_or("UNKNOWN");
        states.fold(first, |worst, state| if worst == "HEALTHY" { state } else { worst })
    }

    fn container_health(self, task: &Task, container: &ContainerSpec) -> &'static str {
        let checked = task.started.is_some_and(|started| started.after(FIRST_HEALTH_CHECK) <= self.clock.now());
        match (checked && task.phase == Phase::Running && !container.health.is_empty(), task.healthy) {
            (false, _) => "UNKNOWN",
            (true, true) => "HEALTHY",
            (true, false) => "UNHEALTHY",
        }
    }

    /// Returns the ports that a container has on its host: with bridge and host networks only.
    fn bindings(task: &Task, container: &ContainerSpec) -> Value {
        let up = (Phase::Running..=Phase::Stopping).contains(&task.phase);
        if task.definition.template.network_mode == "awsvpc" || !up {
            return json!([]);
        }
        let ports = container.ports.iter();
        ports
            .map(|port| {
                json!({
                    "bindIP": "0.0.0.0",
                    "containerPort": port.container,
                    "hostPort": Self::host_port(task, port),
                    "protocol": port.protocol,
                })
            })
            .collect()
    }
}

impl Account<'_> {
    /// Returns the port of the host that leads to a container's.
    pub(crate) fn host_port(task: &Task, port: &Port) -> u16 {
        let chosen = || identity::number(&["host port", &task.id.to_string(), &port.container.to_string()]) % 28_232;
        let fixed = port.host.filter(|host| *host != 0);
        fixed.unwrap_or_else(|| 32_768 + u16::try_from(chosen()).unwrap_or_default())
    }
}

fn container_status(phase: Phase) -> &'static str {
    match phase {
        Phase::Provisioning | Phase::Pending | Phase::Activating => "PENDING",
        Phase::Running | Phase::Deactivating | Phase::Stopping => "RUNNING",
        Phase::Deprovisioning | Phase::Stopped => "STOPPED",
    }
}
