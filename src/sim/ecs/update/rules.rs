//! What AWS refuses to change of a service, in its words.

use serde_json::{Map, Value};

use super::super::Account;
use crate::sim::{
    refusal::Refusal,
    world::{Controller, Definition, Service},
};

/// The platform versions of Fargate on Linux:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html>.
const PLATFORMS: [&str; 3] = ["LATEST", "1.4.0", "1.3.0"];

/// Looks at a request; `wanted` is the definition that it names.
pub(super) fn check(
    cx: Account<'_>,
    service: &Service,
    wanted: Option<&Definition>,
    given: &Map<String, Value>,
) -> Result<(), Refusal> {
    let definition = wanted.unwrap_or(&service.primary().definition);
    check_controller(service, given)?;
    check_count(service, given)?;
    check_percents(service, given)?;
    if wanted.is_some() {
        cx.check_launch(definition, service.launch)?;
    }
    if wanted.is_some() || given.contains_key("networkConfiguration") {
        let in_force = cx.network_json(service).filter(|_| definition.template.network_mode == "awsvpc");
        Account::check_network(definition, given.get("networkConfiguration").or(in_force.as_ref()))?;
    }
    let wants_exec = given.get("enableExecuteCommand").is_some_and(|it| it == true);
    if wants_exec && definition.template.task_role.is_none() {
        return Err(Refusal::parameter(
            "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
        ));
    }
    let platform = given.get("platformVersion").and_then(Value::as_str);
    if platform.is_some_and(|platform| !PLATFORMS.contains(&platform)) {
        return Err(Refusal::new("PlatformUnknownException", "The specified platform version does not exist."));
    }
    let balancers = cx.load_balancers(service);
    check_balancers(cx, definition, given.get("loadBalancers").unwrap_or(&balancers))
}

/// Refuses what another controller does.
fn check_controller(service: &Service, given: &Map<String, Value>) -> Result<(), Refusal> {
    let controller = service.controller.as_str();
    let then = match service.controller {
        Controller::Ecs => return Ok(()),
        Controller::CodeDeploy => " Use AWS CodeDeploy to trigger a new deployment.",
        Controller::External => "",
    };
    let forced = given.get("forceNewDeployment").is_some_and(|it| it == true);
    let what = if given.contains_key("taskDefinition") {
        "Unable to update task definition"
    } else if given.contains_key("networkConfiguration") {
        "Unable to update network parameters"
    } else if given.contains_key("loadBalancers") {
        "Unable to update load balancers"
    } else if forced {
        "Cannot force a new deployment"
    } else {
        return Ok(());
    };
    Err(Refusal::parameter(format!("{what} on services with a {controller} deployment controller.{then}")))
}

fn check_count(service: &Service, given: &Map<String, Value>) -> Result<(), Refusal> {
    match given.get("desiredCount").and_then(Value::as_i64) {
        Some(_) if service.daemon => Err(Refusal::parameter(
            "The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again",
        )),
        Some(..0) => Err(Refusal::parameter("desiredCount should be non-negative.")),
        _ => Ok(()),
    }
}

fn check_percents(service: &Service, given: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(configuration) = given.get("deploymentConfiguration") else { return Ok(()) };
    let of = |name: &str, otherwise: u32| configuration[name].as_i64().unwrap_or(otherwise.into());
    let (least, most) = (of("minimumHealthyPercent", service.percents.0), of("maximumPercent", service.percents.1));
    if !(0..=100).contains(&least) && !service.daemon || most < least || most <= 0 {
        return Err(Refusal::parameter("deploymentConfiguration is not valid."));
    }
    if (least, most) == (100, 100) {
        return Err(Refusal::parameter(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ));
    }
    Ok(())
}

/// Looks whether the containers are there that load balancers send requests to.
fn check_balancers(cx: Account<'_>, definition: &Definition, balancers: &Value) -> Result<(), Refusal> {
    for balancer in balancers.as_array().into_iter().flatten() {
        let name = balancer["containerName"].as_str().unwrap_or_default();
        let Some(container) = definition.container(name) else {
            return Err(Refusal::parameter(format!("The container {name} does not exist in the task definition.")));
        };
        let port = balancer["containerPort"].as_u64().unwrap_or_default();
        if !container.ports.iter().any(|it| u64::from(it.container) == port) {
            return Err(Refusal::parameter(format!(
                "The container {name} did not have a container port {port} defined."
            )));
        }
        let arn = balancer["targetGroupArn"].as_str();
        if arn.is_some_and(|arn| cx.world.group_of(arn).is_none()) {
            return Err(Refusal::parameter(
                "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being passed has the proper permissions.",
            ));
        }
    }
    Ok(())
}
