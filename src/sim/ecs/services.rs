//! ListServices and DescribeServices.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Account,
    members::{included, missing, read, tags, without_nulls},
    paging::Page,
};
use crate::sim::{
    identity,
    refusal::Refusal,
    world::{Breaker, Cause, Cluster, Controller, Deployment, Launch, Phase, Rollout, Service, Task},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    cluster: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    launch_type: Option<String>,
    scheduling_strategy: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Describe {
    cluster: Option<String>,
    services: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

/// What is told of a service's deployments, and not of the service.
const OF_DEPLOYMENTS: [&str; 3] = ["serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"];

/// How many tasks of a service, or of one of its deployments, run or are on their way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) running: usize,
    pub(super) pending: usize,
}

pub(super) fn list(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let List { cluster, next_token, max_results, launch_type, scheduling_strategy } = read(body)?;
    let cluster = cx.cluster(cluster.as_deref())?;
    let question = format!("services {} {launch_type:?} {scheduling_strategy:?}", cluster.name);
    // Ten, where every other list has a hundred: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html
    let page = Page::read(question, max_results, next_token.as_deref(), 10)?;
    let fits = |service: &&Service| {
        service.status != "INACTIVE"
            && launch_type
                .as_deref()
                .is_none_or(|wanted| wanted == service.launch.as_str() && service.provider.is_none())
            && scheduling_strategy.as_deref().is_none_or(|wanted| wanted == service.strategy())
    };
    let services = cluster.services.values().filter(fits);
    let mut items: Vec<(String, String)> =
        services.map(|service| (Cluster::order(&service.name), cx.service_arn(cluster, &service.name))).collect();
    items.sort();
    Ok(page.of("serviceArns", items.into_iter()))
}

pub(super) fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Describe { cluster, services, include } = read(body)?;
    let include = included(&include, &["TAGS"])?;
    let cluster = cx.cluster(cluster.as_deref())?;
    if services.is_empty() {
        return Err(Refusal::parameter("Services cannot be empty."));
    }
    if services.len() > 10 {
        return Err(Refusal::parameter("service names can have at most 10 items."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for text in &services {
        let name = cx.name_in(cluster, "service", text)?;
        match name.and_then(|name| cluster.services.get(&*name)) {
            Some(service) => found.push(service),
            None if text.starts_with("arn:") => failures.push(missing(text)),
            None => failures.push(missing(&cx.service_arn(cluster, text))),
        }
    }
    found.sort_by_key(|service| std::cmp::Reverse(Cluster::order(&service.name)));
    found.dedup_by_key(|service| &service.name);
    let counts = counts(cluster, &found);
    let services: Vec<Value> = found
        .into_iter()
        .map(|service| cx.service_json(cluster, service, &counts, !include.is_empty()))
        .map(without_nulls)
        .collect();
    let mut answer = json!({ "failures": failures });
    // Moved in: `json!` would copy them.
    answer["services"] = services.into();
    Ok(answer)
}

/// Counts the tasks of the deployments of `services`, in one pass.
pub(super) fn counts<'a>(cluster: &'a Cluster, services: &[&'a Service]) -> HashMap<&'a str, Counts> {
    let deployments = services.iter().flat_map(|service| &service.deployments);
    let mut counts: HashMap<&str, Counts> = deployments.map(|it| (&*it.id, Counts::default())).collect();
    for task in cluster.tasks.values().filter(|task| task.wanted() || task.phase == Phase::Running) {
        if let Some(counts) = task.started_by.as_deref().and_then(|id| counts.get_mut(id)) {
            counts.add(task);
        }
    }
    counts
}

impl Counts {
    fn add(&mut self, task: &Task) {
        self.running += usize::from(task.phase == Phase::Running);
        self.pending += usize::from(task.phase.is_pending());
    }
}

impl Service {
    fn strategy(&self) -> &'static str {
        if self.daemon { "DAEMON" } else { "REPLICA" }
    }
}

impl Account<'_> {
    pub(super) fn service_arn(self, cluster: &Cluster, name: &str) -> String {
        self.world.arn(format_args!("service/{}/{name}", cluster.name))
    }

    pub(super) fn service_json(
        self,
        cluster: &Cluster,
        service: &Service,
        counts: &HashMap<&str, Counts>,
        with_tags: bool,
    ) -> Value {
        let of = |deployment: &Deployment| counts.get(&*deployment.id).copied().unwrap_or_default();
        let primary = service.primary();
        let events: Vec<Value> = service
            .events
            .iter()
            .map(|event| {
                json!({
                    "id": identity::uuid(&["event", &cluster.name, &service.name, &event.number.to_string()]),
                    "createdAt": self.seconds(event.at),
                    "message": event.message(&service.name),
                })
            })
            .collect();
        let mut answer = json!({
            "serviceArn": self.service_arn(cluster, &service.name),
            "serviceName": &*service.name,
            "clusterArn": self.cluster_arn(cluster),
            "loadBalancers": self.load_balancers(service),
            "serviceRegistries": [],
            "status": service.status,
            "desiredCount": service.desired,
            "runningCount": service.deployments.iter().map(|it| of(it).running).sum::<usize>(),
            "pendingCount": service.deployments.iter().map(|it| of(it).pending).sum::<usize>(),
            "launchType": service.provider.is_none().then(|| service.launch.as_str()),
            "capacityProviderStrategy": Self::strategy_json(service),
            "platformVersion": (service.launch == Launch::Fargate).then_some("LATEST"),
            "platformFamily": (service.launch == Launch::Fargate).then_some("Linux"),
            "taskDefinition": self.definition_arn(&primary.definition),
            "deploymentConfiguration": Self::configuration_json(service),
            "deployments": service
                .deployments
                .iter()
                .enumerate()
                .map(|(index, it)| self.deployment_json(service, it, index == 0, of(it)))
                .collect::<Vec<_>>(),
            "roleArn": format!("arn:aws:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", self.world.account),
            "events": events,
            "createdAt": self.seconds(service.created),
            "placementConstraints": [],
            "placementStrategy": if service.launch == Launch::Ec2 && !service.daemon {
                json!([{ "type": "spread", "field": "attribute:ecs.availability-zone" }])
            } else {
                json!([])
            },
            "networkConfiguration": self.network_json(service),
            "healthCheckGracePeriodSeconds": if service.targets.is_empty() { 0 } else { 60 },
            "schedulingStrategy": service.strategy(),
            "deploymentController": { "type": service.controller.as_str() },
            "createdBy": format!("arn:aws:iam::{}:role/terraform", self.world.account),
            "enableECSManagedTags": true,
            "propagateTags": "SERVICE",
            "enableExecuteCommand": service.exec,
            "availabilityZoneRebalancing": "DISABLED",
            "tags": with_tags.then(|| tags(&service.tags)),
        });
        let is_configuration = |name: &str| name == "deploymentConfiguration";
        let given = service.given.iter().filter(|(name, _)| !OF_DEPLOYMENTS.contains(&name.as_str()));
        for (name, value) in given.filter(|(name, _)| !is_configuration(name)) {
            answer[name] = value.clone();
        }
        answer["networkConfiguration"] = self.network_json(service).unwrap_or_default();
        answer["capacityProviderStrategy"] = Self::strategy_json(service).unwrap_or_default();
        if service.controller != Controller::Ecs {
            answer["deployments"] = json!([]);
            answer["taskSets"] = json!([self.task_set_json(cluster, service, of(primary))]);
        }
        if service.controller == Controller::External {
            answer["taskDefinition"] = Value::Null;
            answer["loadBalancers"] = json!([]);
        }
        answer
    }

    /// Returns the one task set of a service that another controller deploys.
    fn task_set_json(self, cluster: &Cluster, service: &Service, counts: Counts) -> Value {
        let set = service.primary();
        json!({
            "id": &*set.id,
            "taskSetArn": self.world.arn(format_args!("task-set/{}/{}/{}", cluster.name, service.name, set.id)),
            "serviceArn": self.service_arn(cluster, &service.name),
            "clusterArn": self.cluster_arn(cluster),
            "status": "PRIMARY",
            "taskDefinition": self.definition_arn(&set.definition),
            "computedDesiredCount": service.desired,
            "pendingCount": counts.pending,
            "runningCount": counts.running,
            "createdAt": self.seconds(set.created),
            "updatedAt": self.seconds(set.updated),
            "launchType": service.provider.is_none().then(|| service.launch.as_str()),
            "networkConfiguration": self.network_json(service),
            "loadBalancers": self.load_balancers(service),
            "serviceRegistries": [],
            "scale": { "value": 100.0, "unit": "PERCENT" },
            "stabilityStatus": "STEADY_STATE",
            "stabilityStatusAt": self.seconds(set.updated),
        })
    }

    fn deployment_json(self, service: &Service, deployment: &Deployment, primary: bool, counts: Counts) -> Value {
        let asked = service.releases.iter().any(|release| {
            let parts = release.source.iter().chain([&release.target]);
            release.cause == Cause::Asked && parts.into_iter().any(|part| part.deployment == deployment.id)
        });
        let reason = match deployment.rollout {
            Rollout::InProgress if deployment.returned && asked => {
                format!("ECS deployment rollback requested: rolling back to deploymentId {}.", deployment.id)
            }
            Rollout::InProgress if deployment.returned => {
                format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", deployment.id)
            }
            Rollout::InProgress => format!("ECS deployment {} in progress.", deployment.id),
            Rollout::Completed => format!("ECS deployment {} completed.", deployment.id),
            Rollout::Failed if asked => "ECS deployment stopped: rollback requested.".to_owned(),
            Rollout::Failed => "ECS deployment circuit breaker: tasks failed to start.".to_owned(),
        };
        let (given, provider) = match deployment.setup.as_deref().filter(|_| !primary) {
            Some(setup) => (&setup.given, setup.provider.as_deref()),
            None => (&service.given, service.provider.as_deref()),
        };
        let mut answer = json!({
            "id": &*deployment.id,
            "status": if primary { "PRIMARY" } else { "ACTIVE" },
            "taskDefinition": self.definition_arn(&deployment.definition),
            "desiredCount": if primary { service.desired as usize } else { counts.running + counts.pending },
            "pendingCount": counts.pending,
            "runningCount": counts.running,
            "failedTasks": deployment.failed,
            "createdAt": self.seconds(deployment.created),
            "updatedAt": self.seconds(deployment.updated),
            "launchType": provider.is_none().then(|| service.launch.as_str()),
            "capacityProviderStrategy": Self::strategy_of(given, provider),
            "platformVersion": (service.launch == Launch::Fargate).then_some("1.4.0"),
            "platformFamily": (service.launch == Launch::Fargate).then_some("Linux"),
            "networkConfiguration": self.network_of(given, service),
            "rolloutState": deployment.rollout.as_str(),
            "rolloutStateReason": reason,
        });
        for name in OF_DEPLOYMENTS {
            answer[name] = given.get(name).cloned().unwrap_or_default();
        }
        answer
    }

    pub(super) fn configuration_json(service: &Service) -> Value {
        let (least, most) = service.percents;
        let mut answer = json!({
            "deploymentCircuitBreaker": {
                "enable": service.breaker != Breaker::Off,
                "rollback": service.breaker == Breaker::Rollback,
            },
            "maximumPercent": most,
            "minimumHealthyPercent": least,
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
        });
        let given = service.given.get("deploymentConfiguration").and_then(Value::as_object);
        let others = given.into_iter().flatten().filter(|(name, _)| *name != "deploymentCircuitBreaker");
        for (name, value) in others {
            answer[name] = value.clone();
        }
        answer
    }

    pub(super) fn strategy_json(service: &Service) -> Option<Value> {
        Self::strategy_of(&service.given, service.provider.as_deref())
    }

    pub(super) fn strategy_of(given: &Map<String, Value>, provider: Option<&str>) -> Option<Value> {
        let provider = provider?;
        let given = given.get("capacityProviderStrategy").filter(|given| given[0]["capacityProvider"] == provider);
        Some(given.cloned().unwrap_or_else(|| json!([{ "capacityProvider": provider, "weight": 1, "base": 0 }])))
    }

    pub(super) fn network_json(self, service: &Service) -> Option<Value> {
        self.network_of(&service.given, service)
    }

    pub(super) fn network_of(self, given: &Map<String, Value>, service: &Service) -> Option<Value> {
        if let Some(given) = given.get("networkConfiguration") {
            let mut given = given.clone();
            if let Some(network) = given["awsvpcConfiguration"].as_object_mut() {
                network.entry("assignPublicIp").or_insert_with(|| json!("DISABLED"));
                network.entry("securityGroups").or_insert_with(|| json!([]));
            }
            return Some(given);
        }
        let subnets: Vec<String> =
            ["a", "b", "c"].map(|zone| Self::subnet(&format!("{}{zone}", self.world.region))).into();
        (service.primary().definition.template.network_mode == "awsvpc").then(|| {
            json!({ "awsvpcConfiguration": {
                "subnets": subnets,
                "securityGroups": [format!("sg-0{}", identity::hex(&["security group", &service.name], 16))],
                "assignPublicIp": "DISABLED",
            }})
        })
    }

    pub(super) fn load_balancers(self, service: &Service) -> Value {
        let targets = service.targets.iter();
        targets
            .map(|it| {
                json!({
                    "targetGroupArn": (!it.classic).then(|| self.world.group_arn(&it.group)),
                    "loadBalancerName": it.classic.then_some(&*it.group),
                    "containerName": &*it.container,
                    "containerPort": it.port,
                    "advancedConfiguration": it.advanced,
                })
            })
            .collect()
    }
}
