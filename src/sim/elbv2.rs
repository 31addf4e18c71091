//! Elastic Load Balancing, version 2: target groups, their targets' health, load balancers, listeners and rules.
//!
//! Shapes and error codes are those of botocore's service model (`elasticloadbalancingv2/2015-12-01`).

mod balancers;

pub(crate) use balancers::dns_name;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ecs::{Account, members::without_nulls},
    form::{self, Part},
    refusal::Refusal,
    registration::{Condition, Registered},
    world::{Ailment, Listener, TargetGroup},
};

/// The most ARNs or names that a describe takes.
const AT_ONCE: usize = 20;
const LARGEST_PAGE: usize = 400;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Groups {
    load_balancer_arn: Option<String>,
    target_group_arns: Option<Vec<String>>,
    names: Option<Vec<String>>,
    marker: Option<String>,
    page_size: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Health {
    target_group_arn: String,
    targets: Option<Vec<Asked>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Asked {
    id: String,
    port: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Attributes {
    target_group_arn: String,
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "DescribeTargetGroups" => groups(cx, body),
        "DescribeTargetHealth" => health(cx, body),
        "DescribeTargetGroupAttributes" => attributes(cx, body),
        "DescribeLoadBalancers" => balancers::balancers(cx, body),
        "DescribeListeners" => balancers::listeners(cx, body),
        "DescribeRules" => balancers::rules(cx, body),
        _ => return None,
    })
}

fn groups(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Groups = form::read(body, "ValidationError")?;
    let part = part(asked.page_size.as_deref(), asked.marker.as_deref())?;
    for many in [&asked.target_group_arns, &asked.names].into_iter().flatten() {
        at_once(many, "target groups")?;
    }
    let all = cx.group_names();
    let named = |text: &String| {
        let found = all.iter().find(|name| ***name == **text || cx.world.group_arn(name) == *text);
        found.copied().ok_or_else(|| Refusal::new("TargetGroupNotFound", "One or more target groups not found"))
    };
    let wanted: Vec<&str> = match (&asked.target_group_arns, &asked.names, &asked.load_balancer_arn) {
        (Some(named_), None, None) | (None, Some(named_), None) => {
            named_.iter().map(named).collect::<Result<_, _>>()?
        }
        (None, None, Some(arn)) => {
            let balancer = cx.balancer(arn)?;
            all.into_iter()
                .filter(|name| balancer.listeners.iter().any(|it| it.groups().any(|to| **to == **name)))
                .collect()
        }
        (None, None, None) => all.into_iter().collect(),
        _ => {
            let text = "Load balancer ARN, target group ARNs and target group names cannot be specified together";
            return Err(Refusal::new("ValidationError", text));
        }
    };
    let (groups, marker) = part.of(wanted.into_iter().map(|name| cx.group_json(name)).collect());
    Ok(without_nulls(json!({ "TargetGroups": groups, "NextMarker": marker })))
}

fn health(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Health { target_group_arn, targets } = form::read(body, "ValidationError")?;
    let name = cx.group(&target_group_arn)?;
    let registered = cx.registered(name, false);
    let used = !cx.balancers_of(name).is_empty();
    let all = || registered.iter().map(|target| description(target, used)).collect();
    let descriptions: Vec<Value> = match &targets {
        None => all(),
        Some(asked) => asked
            .iter()
            .map(|asked| {
                let is = |it: &&Registered| {
                    it.id == asked.id && asked.port.as_ref().is_none_or(|port| *port == it.port.to_string())
                };
                registered.iter().find(is).map_or_else(|| stranger(asked), |target| description(target, used))
            })
            .collect(),
    };
    Ok(without_nulls(json!({ "TargetHealthDescriptions": descriptions })))
}

fn attributes(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Attributes { target_group_arn } = form::read(body, "ValidationError")?;
    let usual = TargetGroup::default();
    let group = cx.world.groups.get(cx.group(&target_group_arn)?).unwrap_or(&usual);
    let attributes = [
        ("deregistration_delay.timeout_seconds", group.drains.as_secs().to_string()),
        ("stickiness.enabled", "false".to_owned()),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration".to_owned()),
    ];
    let attributes: Vec<Value> =
        attributes.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "Attributes": attributes }))
}

fn part(size: Option<&str>, marker: Option<&str>) -> Result<Part, Refusal> {
    Part::read(size, marker, 1..=LARGEST_PAGE, LARGEST_PAGE)
        .ok_or_else(|| Refusal::new("ValidationError", "The page size or the marker is not valid"))
}

fn at_once(many: &[String], what: &str) -> Result<(), Refusal> {
    if many.len() <= AT_ONCE {
        return Ok(());
    }
    Err(Refusal::new("ValidationError", format!("You cannot describe more than '{AT_ONCE}' {what} at a time")))
}

/// Returns how a target is; where its group is `used` by no load balancer nobody looks.
fn description(target: &Registered, used: bool) -> Value {
    let code;
    let (state, reason, said) = match &target.condition {
        Condition::Draining => {
            ("draining", Some("Target.DeregistrationInProgress"), Some("Target deregistration is in progress"))
        }
        _ if !used => (
            "unused",
            Some("Target.NotInUse"),
            Some("Target group is not configured to receive traffic from the load balancer"),
        ),
        Condition::Registering => {
            ("initial", Some("Elb.RegistrationInProgress"), Some("Target registration is in progress"))
        }
        Condition::Checking => {
            ("initial", Some("Elb.InitialHealthChecking"), Some("Initial health checks in progress"))
        }
        Condition::Healthy => ("healthy", None, None),
        Condition::Unhealthy(Ailment::Code(status)) => {
            code = format!("Health checks failed with these codes: [{status}]");
            ("unhealthy", Some("Target.ResponseCodeMismatch"), Some(code.as_str()))
        }
        Condition::Unhealthy(Ailment::Timeout) => ("unhealthy", Some("Target.Timeout"), Some("Request timed out")),
        Condition::Unhealthy(Ailment::Refused) => {
            ("unhealthy", Some("Target.FailedHealthChecks"), Some("Health checks failed"))
        }
    };
    json!({
        "Target": { "Id": target.id, "Port": target.port, "AvailabilityZone": target.zone.as_deref() },
        "HealthCheckPort": target.port.to_string(),
        "TargetHealth": { "State": state, "Reason": reason, "Description": said },
    })
}

/// Returns how a target is that is none.
fn stranger(asked: &Asked) -> Value {
    json!({
        "Target": { "Id": asked.id, "Port": asked.port },
        "TargetHealth": {
            "State": "unused",
            "Reason": "Target.NotRegistered",
            "Description": "Target is not registered to the target group",
        },
    })
}

impl<'a> Account<'a> {
    /// Returns the names of all target groups there are.
    fn group_names(self) -> BTreeSet<&'a str> {
        let services = self.world.clusters.iter().flat_map(|cluster| cluster.services.values());
        let named = services.flat_map(|service| &service.targets).filter(|target| !target.classic);
        let routed = self.world.balancers.iter().flat_map(|it| &it.listeners).flat_map(Listener::groups);
        named
            .map(|target| &*target.group)
            .chain(routed.map(|name| &**name))
            .chain(self.world.groups.keys().map(|name| &**name))
            .collect()
    }

    /// Returns the name of the target group of this ARN.
    fn group(self, arn: &str) -> Result<&'a str, Refusal> {
        let found = self.group_names().into_iter().find(|name| self.world.group_arn(name) == arn);
        found.ok_or_else(|| Refusal::new("TargetGroupNotFound", "One or more target groups not found"))
    }

    fn group_json(self, name: &str) -> Value {
        let usual = TargetGroup::default();
        let group = self.world.groups.get(name).unwrap_or(&usual);
        let http = group.protocol.starts_with("HTTP");
        let instances = self
            .registering(name, false)
            .any(|(_, service, _)| service.primary().definition.template.network_mode != "awsvpc");
        json!({
            "TargetGroupArn": self.world.group_arn(name),
            "TargetGroupName": name,
            "Protocol": group.protocol,
            "ProtocolVersion": http.then_some("HTTP1"),
            "Port": group.port,
            "VpcId": VPC,
            "HealthCheckProtocol": group.protocol,
            "HealthCheckPort": "traffic-port",
            "HealthCheckEnabled": true,
            "HealthCheckIntervalSeconds": group.check.interval.as_secs(),
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 3,
            "UnhealthyThresholdCount": 2,
            "HealthCheckPath": http.then_some(&group.check.path),
            "Matcher": http.then(|| json!({ "HttpCode": group.check.codes })),
            "LoadBalancerArns": self.balancers_of(name),
            "TargetType": if instances { "instance" } else { "ip" },
            "IpAddressType": "ipv4",
        })
    }

    /// Returns the ARNs of the load balancers that send requests to a target group.
    fn balancers_of(self, group: &str) -> Vec<String> {
        let uses = |it: &&super::world::Balancer| it.listeners.iter().any(|it| it.groups().any(|to| **to == *group));
        self.world.balancers.iter().filter(uses).map(|balancer| self.balancer_arn(balancer)).collect()
    }
}

/// The network that everything is in.
pub(crate) const VPC: &str = "vpc-0a4f5c1be2d387906";
