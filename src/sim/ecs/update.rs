//! UpdateService: what is changed at once, and what only a new deployment brings.

mod rules;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    Account,
    members::{tags, texts, without_nulls},
    services::counts,
    shape,
};
use crate::sim::{
    clock::{Clock, Moment},
    life::Change,
    refusal::Refusal,
    world::{Ailment, Breaker, DEPLOYED, Definition, Deployment, Launch, Service, Target, World},
};

/// A request that has been let through.
#[derive(Debug)]
struct Update {
    cluster: Arc<str>,
    service: Arc<str>,
    /// The definition that is wanted, where it is another than the one in force.
    definition: Option<Definition>,
    /// Whether a deployment begins.
    deploys: bool,
    given: Map<String, Value>,
}

/// Changes a service, and answers with it as it then is.
pub(super) fn update(world: &mut World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let update = read(Account { world, clock }, body)?;
    let now = clock.now();
    let (cluster, name) = (Arc::clone(&update.cluster), Arc::clone(&update.service));
    let targets = update.given.get("loadBalancers").map(|balancers| targets(world, balancers));
    let service = world.cluster_mut(&cluster).and_then(|it| it.services.get_mut(&name));
    service.expect("it was just found").follow(now, &cluster, update, targets);
    let reconcile = Change::Reconcile { cluster: Arc::clone(&cluster), service: Arc::clone(&name) };
    world.agenda.add(now.after(std::time::Duration::from_secs(1)), reconcile);
    let cx = Account { world, clock };
    let cluster = cx.cluster(Some(&cluster))?;
    let service = &cluster.services[&name];
    let mut answer = cx.service_json(cluster, service, &counts(cluster, &[service]), true);
    answer["tags"] = tags(&service.tags);
    Ok(json!({ "service": without_nulls(answer) }))
}

/// Reads a request and looks at it by AWS's rules.
fn read(cx: Account<'_>, body: &Value) -> Result<Update, Refusal> {
    let mut given = shape::taken("UpdateService", body, &cx.world.newer_members)?;
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let cluster = cx.cluster(text("cluster"))?;
    let named = text("service").filter(|name| !name.is_empty());
    let named = named.ok_or_else(|| Refusal::parameter("service cannot be null or empty."))?;
    let name = cx.name_in(cluster, "service", named)?;
    let service = name.and_then(|name| cluster.services.get(&*name));
    let service = service.ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))?;
    if service.status != "ACTIVE" {
        return Err(Refusal::new("ServiceNotActiveException", "Service was not ACTIVE."));
    }
    let wanted = match text("taskDefinition") {
        None => None,
        Some(text) => Some(cx.usable_definition(text)?),
    };
    rules::check(cx, service, wanted.as_ref(), &given)?;
    let current = &service.primary().definition;
    let definition = wanted.filter(|it| (&it.family, it.revision) != (&current.family, current.revision));
    let now = without_nulls(cx.service_json(cluster, service, &counts(cluster, &[service]), false));
    let deploys = definition.is_some()
        || given.get("forceNewDeployment").is_some_and(|it| it == true)
        || DEPLOYED.iter().any(|name| given.get(*name).is_some_and(|value| differs(name, value, &now[*name])));
    for name in ["cluster", "service", "taskDefinition", "forceNewDeployment"] {
        given.remove(name);
    }
    Ok(Update { cluster: Arc::clone(&cluster.name), service: Arc::clone(&service.name), definition, deploys, given })
}

/// Whether a member says something else than what is in force.
fn differs(name: &str, given: &Value, now: &Value) -> bool {
    let mut given = given.clone();
    if name == "networkConfiguration"
        && let Some(network) = given["awsvpcConfiguration"].as_object_mut()
    {
        network.entry("assignPublicIp").or_insert_with(|| json!("DISABLED"));
        network.entry("securityGroups").or_insert_with(|| json!([]));
    }
    let nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    given != *now && !(nothing(&given) && nothing(now))
}

/// Returns where the tasks are to be registered.
fn targets(world: &World, balancers: &Value) -> Vec<Target> {
    let of = |words: &Value| {
        let arn = words["targetGroupArn"].as_str();
        let group = arn.and_then(|arn| world.group_of(arn));
        let text = |name: &str| words[name].as_str().unwrap_or_default();
        Target {
            group: group.unwrap_or_else(|| text("loadBalancerName")).into(),
            classic: arn.is_none(),
            ailment: Ailment::Code(503),
            container: text("containerName").into(),
            port: words["containerPort"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
            advanced: words.get("advancedConfiguration").cloned(),
        }
    };
    balancers.as_array().into_iter().flatten().map(of).collect()
}

impl Service {
    /// Does what a request says.
    fn follow(&mut self, at: Moment, cluster: &str, update: Update, targets: Option<Vec<Target>>) {
        let Update { definition, deploys, given, .. } = update;
        let before = Arc::new(self.setup());
        for deployment in &mut self.deployments {
            deployment.setup.get_or_insert_with(|| Arc::clone(&before));
        }
        if let Some(desired) = given.get("desiredCount").and_then(Value::as_u64) {
            let desired = u32::try_from(desired).unwrap_or(u32::MAX);
            self.unsettled |= desired != self.desired;
            self.desired = desired;
        }
        if let Some(exec) = given.get("enableExecuteCommand").and_then(Value::as_bool) {
            self.exec = exec;
        }
        if let Some(configuration) = given.get("deploymentConfiguration") {
            self.follow_configuration(configuration);
        }
        if let Some(strategy) = given.get("capacityProviderStrategy") {
            self.follow_strategy(strategy);
        }
        if let Some(targets) = targets {
            self.targets = targets;
        }
        self.keep_given(given);
        self.rests_until = at;
        if deploys {
            self.redeployed_every = None;
            let definition = definition.unwrap_or_else(|| self.primary().definition.clone());
            // What does not come up by the scenario does not come up if it is tried again.
            let same = |it: &Deployment| {
                (&it.definition.family, it.definition.revision) == (&definition.family, definition.revision)
            };
            let doomed = self.deployments.iter().any(|it| it.doomed && same(it));
            let id = self.next_deployment_id(cluster);
            self.ever += 1;
            let setup = Some(Arc::new(self.setup()));
            self.release(at, Deployment { doomed, setup, ..Deployment::begun(id, definition, at) });
        }
    }

    fn follow_configuration(&mut self, configuration: &Value) {
        let breaker = &configuration["deploymentCircuitBreaker"];
        self.breaker = match (breaker["enable"].as_bool(), breaker["rollback"].as_bool()) {
            (None, _) => self.breaker,
            (Some(false), _) => Breaker::Off,
            (Some(true), Some(true)) => Breaker::Rollback,
            (Some(true), _) => Breaker::On,
        };
        let percent = |name: &str| configuration[name].as_u64().and_then(|percent| u32::try_from(percent).ok());
        let (least, most) = self.percents;
        self.percents = (percent("minimumHealthyPercent").unwrap_or(least), percent("maximumPercent").unwrap_or(most));
    }

    fn follow_strategy(&mut self, strategy: &Value) {
        let first = strategy[0]["capacityProvider"].as_str();
        self.provider = first.map(Into::into);
        if let Some(provider) = first {
            self.launch = if provider.starts_with("FARGATE") { Launch::Fargate } else { Launch::Ec2 };
        }
    }

    /// Keeps what was given, to be given back.
    fn keep_given(&mut self, mut given: Map<String, Value>) {
        for name in ["desiredCount", "enableExecuteCommand"] {
            given.remove(name);
        }
        if let Some(configuration) = given.remove("deploymentConfiguration") {
            let kept = self.given.entry("deploymentConfiguration").or_insert_with(|| json!({}));
            if let (Value::Object(kept), Value::Object(members)) = (kept, configuration) {
                kept.extend(members);
            }
        }
        self.given.extend(given);
    }
}

impl Account<'_> {
    /// Returns a definition that may be run.
    pub(super) fn usable_definition(self, text: &str) -> Result<Definition, Refusal> {
        let client = |message: &str| Refusal::new("ClientException", message);
        let definition = self.find_definition(text).ok_or_else(|| client("TaskDefinition not found."))?;
        let family = self.world.families.get(&definition.family);
        match family.map(|family| family.status(definition.revision)) {
            Some("ACTIVE") => Ok(definition),
            _ => Err(client("TaskDefinition is inactive")),
        }
    }

    /// Refuses a definition that does not run where it is to.
    pub(super) fn check_launch(self, definition: &Definition, launch: Launch) -> Result<(), Refusal> {
        let json = self.definition_json(definition);
        if texts(json.get("compatibilities")).any(|word| word == launch.as_str()) {
            return Ok(());
        }
        Err(Refusal::parameter(format!("Task definition does not support launch_type {}.", launch.as_str())))
    }

    /// Looks at a network configuration by the mode that it is for.
    pub(super) fn check_network(definition: &Definition, network: Option<&Value>) -> Result<(), Refusal> {
        let awsvpc = definition.template.network_mode == "awsvpc";
        let subnets = network.and_then(|network| network["awsvpcConfiguration"]["subnets"].as_array());
        match (awsvpc, network) {
            (true, None) => Err(Refusal::parameter(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
            )),
            (true, Some(_)) if subnets.is_none_or(Vec::is_empty) => {
                Err(Refusal::parameter("subnets can not be empty."))
            }
            (false, Some(_)) => Err(Refusal::parameter(
                "Network Configuration is not valid for the given networkMode of this task definition.",
            )),
            _ => Ok(()),
        }
    }
}
