//! ListTasks and DescribeTasks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Account,
    members::{included, missing, read, tags, without_nulls},
    paging::Page,
};
use crate::sim::{
    identity::{self, TaskId},
    refusal::Refusal,
    world::{Cluster, Launch, Phase, Task},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    cluster: Option<String>,
    container_instance: Option<String>,
    family: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    started_by: Option<String>,
    service_name: Option<String>,
    desired_status: Option<String>,
    launch_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Describe {
    cluster: Option<String>,
    tasks: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn list(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: List = read(body)?;
    let cluster = cx.cluster(asked.cluster.as_deref())?;
    let question = {
        let mut members = body.clone();
        if let Some(members) = members.as_object_mut() {
            members.retain(|name, _| !["nextToken", "maxResults", "cluster"].contains(&name.as_str()));
        }
        format!("tasks {} {members}", cluster.name)
    };
    let page = Page::read(question, asked.max_results, asked.next_token.as_deref(), 100)?;
    let wanted = cx.filter(cluster, &asked)?;
    let tasks = cluster.tasks.values().filter(|task| wanted(task));
    Ok(page.of("taskArns", tasks.map(|task| (task.id.to_string(), cx.task_arn(cluster, task.id)))))
}

pub(super) fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Describe { cluster, tasks, include } = read(body)?;
    let include = included(&include, &["TAGS"])?;
    let cluster = cx.cluster(cluster.as_deref())?;
    if tasks.is_empty() {
        return Err(Refusal::parameter("Tasks cannot be empty."));
    }
    if tasks.len() > 100 {
        return Err(Refusal::parameter("Tasks cannot have more than 100 elements."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for text in &tasks {
        match cx.task_id(cluster, text)?.and_then(|id| cluster.tasks.get(&id)) {
            Some(task) => found.push(task),
            None if text.starts_with("arn:") => failures.push(missing(text)),
            None => failures.push(missing(&cx.world.arn(format_args!("task/{}/{text}", cluster.name)))),
        }
    }
    found.sort_by_key(|task| task.id.0.reverse_bits());
    found.dedup_by_key(|task| task.id);
    let tasks: Vec<Value> =
        found.into_iter().map(|task| cx.task_json(cluster, task, !include.is_empty())).map(without_nulls).collect();
    let mut answer = json!({ "failures": failures });
    answer["tasks"] = tasks.into();
    Ok(answer)
}

impl<'a> Account<'a> {
    /// Returns the test that the filters of a ListTasks make.
    fn filter(self, cluster: &'a Cluster, asked: &'a List) -> Result<impl Fn(&Task) -> bool + 'a, Refusal> {
        if asked.family.is_some() && asked.service_name.is_some() {
            return Err(Refusal::parameter("family and serviceName cannot both be specified."));
        }
        let status = asked.desired_status.as_deref().unwrap_or("RUNNING");
        if !["RUNNING", "PENDING", "STOPPED"].contains(&status) {
            return Err(Refusal::parameter(format!("{status} is not a valid desired status.")));
        }
        let service = match asked.service_name.as_deref() {
            None => None,
            Some(text) => {
                let name = self.name_in(cluster, "service", text)?;
                let service = name.and_then(|name| cluster.services.get(&*name));
                Some(&service.ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))?.name)
            }
        };
        let instance = match asked.container_instance.as_deref() {
            None => None,
            Some(text) => {
                let name = self.name_in(cluster, "container-instance", text)?;
                let instance = cluster.instances.iter().find(|instance| Some(&*instance.id) == name.as_deref());
                Some(&instance.ok_or_else(|| Refusal::parameter("Container instance not found."))?.id)
            }
        };
        Ok(move |task: &Task| {
            task.desired_status() == status
                && service.is_none_or(|name| task.service() == Some(name))
                && instance.is_none_or(|id| task.instance.as_ref() == Some(id))
                && asked.family.as_deref().is_none_or(|family| family == &*task.definition.family)
                && asked.started_by.as_deref().is_none_or(|by| task.started_by.as_deref() == Some(by))
                && asked.launch_type.as_deref().is_none_or(|launch| launch == task.launch.as_str())
        })
    }

    pub(super) fn task_arn(self, cluster: &Cluster, id: TaskId) -> String {
        self.world.arn(format_args!("task/{}/{id}", cluster.name))
    }

    /// Returns a task with its tags, as the operations answer that change it.
    pub(super) fn whole_task_json(self, cluster: &Cluster, task: &Task) -> Value {
        without_nulls(self.task_json(cluster, task, true))
    }

    fn task_json(self, cluster: &Cluster, task: &Task, with_tags: bool) -> Value {
        let template = &task.definition.template;
        let fargate = task.launch == Launch::Fargate;
        let seconds = |moment| self.seconds(moment);
        let pulled = task.started.filter(|_| task.phase >= Phase::Running);
        let second = std::time::Duration::from_secs(1);
        let stop = task.stop.as_deref();
        let overrides = task.run.as_deref().map_or_else(
            || {
                let named = template.containers.iter().map(|it| json!({ "name": it.name })).collect::<Vec<_>>();
                json!({ "containerOverrides": named, "inferenceAcceleratorOverrides": [] })
            },
            |run| run.overrides.clone(),
        );
        let mut answer = json!({
            "taskArn": self.task_arn(cluster, task.id),
            "clusterArn": self.cluster_arn(cluster),
            "taskDefinitionArn": self.definition_arn(&task.definition),
            "containerInstanceArn": task.instance.as_deref().map(|id| self.instance_arn(cluster, id)),
            "group": task.group(),
            "startedBy": task.started_by.as_deref(),
            "launchType": task.launch.as_str(),
            "capacityProviderName": task.provider.as_deref(),
            "platformVersion": fargate.then_some("1.4.0"),
            "platformFamily": fargate.then_some("Linux"),
            "availabilityZone": &*task.zone,
            "lastStatus": task.phase.as_str(),
            "desiredStatus": task.desired_status(),
            "healthStatus": self.task_health(task),
            "enableExecuteCommand": task.exec,
            "cpu": template.cpu.to_string(),
            "memory": template.memory.to_string(),
            "connectivity": task.started.map(|_| "CONNECTED"),
            "connectivityAt": task.started.map(|at| seconds(at.before(second * 20))),
            "createdAt": seconds(task.created),
            "pullStartedAt": pulled.map(|at| seconds(at.before(second * 15))),
            "pullStoppedAt": pulled.map(|at| seconds(at.before(second * 3))),
            "startedAt": task.started.map(seconds),
            "stoppingAt": stop.map(|stop| seconds(stop.asked)),
            "executionStoppedAt": stop.and_then(|stop| stop.stopped).filter(|_| task.started.is_some()).map(seconds),
            "stoppedAt": stop.and_then(|stop| stop.stopped).map(seconds),
            "stopCode": stop.map(|stop| stop.code),
            "stoppedReason": stop.map(|stop| &*stop.reason),
            "version": task.version(),
            "attributes": [{ "name": "ecs.cpu-architecture", "value": template.architecture.to_lowercase() }],
            "overrides": overrides,
            "inferenceAccelerators": [],
            "ephemeralStorage": fargate.then(|| json!({ "sizeInGiB": 20 })),
            "fargateEphemeralStorage": fargate.then(|| json!({ "sizeInGiB": 20 })),
            "tags": if with_tags { tags(&task.tags) } else { json!([]) },
        });
        // Moved in: `json!` copies what it is given, and an answer holds a hundred tasks.
        answer["attachments"] = self.attachments(task);
        answer["containers"] = self.containers_json(cluster, task).into();
        answer
    }

    /// Returns the network interface of an awsvpc task.
    fn attachments(self, task: &Task) -> Value {
        if task.definition.template.network_mode != "awsvpc" {
            return json!([]);
        }
        let status = match task.phase {
            Phase::Provisioning => "ATTACHING",
            Phase::Pending | Phase::Activating | Phase::Running | Phase::Deactivating | Phase::Stopping => "ATTACHED",
            Phase::Deprovisioning | Phase::Stopped => "DELETED",
        };
        let id = task.id.to_string();
        let mac = identity::hex(&["mac", &id], 10);
        let mac: Vec<&str> = (0..5).map(|pair| &mac[pair * 2..pair * 2 + 2]).collect();
        let address = Self::address(task);
        let details = [
            ("subnetId", Self::subnet(&task.zone)),
            ("networkInterfaceId", format!("eni-0{}", identity::hex(&["eni", &id], 16))),
            ("macAddress", format!("0a:{}", mac.join(":"))),
            ("privateDnsName", format!("ip-{}.{}.compute.internal", address.replace('.', "-"), self.world.region)),
            ("privateIPv4Address", address),
        ];
        let details: Vec<Value> =
            details.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        json!([{
            "id": identity::uuid(&["attachment", &id]),
            "type": "ElasticNetworkInterface",
            "status": status,
            "details": details,
        }])
    }

    /// Returns the address of an awsvpc task, in a network of its zone.
    pub(crate) fn address(task: &Task) -> String {
        let number = identity::number(&["address", &task.id.to_string()]);
        let zone = task.zone.bytes().last().unwrap_or(b'a').saturating_sub(b'a');
        format!("10.40.{}.{}", u128::from(zone) * 64 + (number >> 8) % 64, 4 + number % 250)
    }

    /// Returns the subnet of a zone.
    pub(crate) fn subnet(zone: &str) -> String {
        format!("subnet-0{}", identity::hex(&["subnet", zone], 16))
    }
}

impl Task {
    /// Returns a number that grows with each change of state, as AWS's `version` does.
    fn version(&self) -> u8 {
        self.phase as u8 + 1
    }
}
