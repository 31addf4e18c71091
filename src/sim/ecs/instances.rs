//! ListContainerInstances and DescribeContainerInstances.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Account,
    members::{included, missing, read, tags, without_nulls},
    paging::Page,
};
use crate::sim::{
    identity,
    refusal::Refusal,
    world::{Cluster, Instance, Phase, Task},
};

/// What an m6i.xlarge has: CPU units, and MiB of memory that ECS may use.
const CPU: u32 = 4_096;
const MEMORY: u32 = 15_842;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    cluster: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    cluster: Option<String>,
    container_instances: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn list(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let List { cluster, next_token, max_results, status } = read(body)?;
    let cluster = cx.cluster(cluster.as_deref())?;
    let question = format!("instances {} {status:?}", cluster.name);
    let page = Page::read(question, max_results, next_token.as_deref(), 100)?;
    // Without a status, AWS lists the ACTIVE and the DRAINING ones, and we have no others.
    let instances = cluster.instances.iter().filter(|it| status.as_deref().is_none_or(|wanted| wanted == &*it.status));
    let mut items: Vec<(String, String)> =
        instances.map(|instance| (instance.id.to_string(), cx.instance_arn(cluster, &instance.id))).collect();
    items.sort();
    Ok(page.of("containerInstanceArns", items.into_iter()))
}

pub(super) fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Describe { cluster, container_instances, include } = read(body)?;
    let include = included(&include, &["TAGS", "CONTAINER_INSTANCE_HEALTH"])?;
    let cluster = cx.cluster(cluster.as_deref())?;
    if container_instances.is_empty() {
        return Err(Refusal::parameter("Container instances cannot be empty."));
    }
    if container_instances.len() > 100 {
        return Err(Refusal::parameter("Container instances cannot have more than 100 elements."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for text in &container_instances {
        let name = cx.name_in(cluster, "container-instance", text)?;
        match cluster.instances.iter().find(|instance| Some(&*instance.id) == name.as_deref()) {
            Some(instance) => found.push(cx.instance_json(cluster, instance, &include)),
            None if text.starts_with("arn:") => failures.push(missing(text)),
            None => failures.push(missing(&cx.instance_arn(cluster, text))),
        }
    }
    Ok(json!({ "containerInstances": found, "failures": failures }))
}

impl Account<'_> {
    pub(super) fn instance_arn(self, cluster: &Cluster, id: &str) -> String {
        self.world.arn(format_args!("container-instance/{}/{id}", cluster.name))
    }

    /// Returns the CPU units and the MiB of memory that an instance has left.
    pub(super) fn remaining(cluster: &Cluster, instance: &Instance) -> (u32, u32) {
        let busy = Self::tasks_on(cluster, instance).filter(|task| task.phase < Phase::Deprovisioning);
        busy.fold((CPU, MEMORY), |(cpu, memory), task| {
            let template = &task.definition.template;
            (cpu.saturating_sub(template.cpu), memory.saturating_sub(template.memory))
        })
    }

    /// Whether a task on an instance has taken a port of it.
    pub(super) fn has_port(cluster: &Cluster, instance: &Instance, host: u16) -> bool {
        let busy = Self::tasks_on(cluster, instance).filter(|task| task.phase < Phase::Deprovisioning);
        let bound = busy.filter(|task| task.definition.template.network_mode != "awsvpc");
        let mut ports = bound.flat_map(|task| &task.definition.template.containers).flat_map(|it| &it.ports);
        ports.any(|port| port.host == Some(host))
    }

    fn tasks_on<'c>(cluster: &'c Cluster, instance: &'c Instance) -> impl Iterator<Item = &'c Task> {
        cluster.tasks.values().filter(|task| task.instance.as_ref() == Some(&instance.id))
    }

    fn instance_json(self, cluster: &Cluster, instance: &Instance, include: &[String]) -> Value {
        let has = |word: &str| include.iter().any(|included| included == word);
        let here = || Self::tasks_on(cluster, instance);
        let (cpu, memory) = Self::remaining(cluster, instance);
        let health = json!({ "overallStatus": "OK", "details": [{ "type": "CONTAINER_RUNTIME", "status": "OK" }] });
        let attributes = [
            ("ecs.availability-zone", &*instance.zone),
            ("ecs.instance-type", &*instance.kind),
            ("ecs.os-type", "linux"),
            ("ecs.os-family", "LINUX"),
            ("ecs.cpu-architecture", "x86_64"),
            ("ecs.vpc-id", "vpc-0a4f5c1be2d387906"),
            ("ecs.subnet-id", &Self::subnet(&instance.zone)),
            ("ecs.ami-id", "ami-0c3d9fb1f5a7e6420"),
        ];
        let mut attributes: Vec<Value> =
            attributes.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        attributes.push(json!({ "name": "com.amazonaws.ecs.capability.docker-remote-api.1.44" }));
        without_nulls(json!({
            "containerInstanceArn": self.instance_arn(cluster, &instance.id),
            "ec2InstanceId": &*instance.ec2,
            "version": 3,
            "versionInfo": {
                "agentVersion": "1.98.0",
                "agentHash": identity::hex(&["agent"], 8),
                "dockerVersion": "DockerVersion: 25.0.8",
            },
            "registeredResources": resources(CPU, MEMORY),
            "remainingResources": resources(cpu, memory),
            "status": &*instance.status,
            "agentConnected": instance.connected,
            "runningTasksCount": here().filter(|task| task.phase == Phase::Running).count(),
            "pendingTasksCount": here().filter(|task| task.phase.is_pending()).count(),
            "attributes": attributes,
            "registeredAt": self.seconds(instance.registered),
            "attachments": [],
            "tags": if has("TAGS") { tags(&instance.tags) } else { json!([]) },
            "healthStatus": has("CONTAINER_INSTANCE_HEALTH").then_some(health),
        }))
    }
}

/// Returns resources as ECS counts them: every member of each is always there.
fn resources(cpu: u32, memory: u32) -> Value {
    let number = |name: &str, value: u32| json!({ "name": name, "type": "INTEGER", "doubleValue": 0.0, "longValue": 0, "integerValue": value });
    let ports = json!({
        "name": "PORTS", "type": "STRINGSET", "doubleValue": 0.0, "longValue": 0, "integerValue": 0,
        "stringSetValue": ["22", "2375", "2376", "51678", "51679"],
    });
    json!([number("CPU", cpu), number("MEMORY", memory), ports])
}
