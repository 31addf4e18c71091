//! Elastic Load Balancing, version 1: classic load balancers and the health of their instances.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ecs::{Account, members::without_nulls},
    elbv2::{VPC, dns_name},
    form::{self, Part},
    identity,
    refusal::Refusal,
    registration::{Condition, Registered},
    world::{Balancer, BalancerKind},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Balancers {
    load_balancer_names: Option<Vec<String>>,
    marker: Option<String>,
    page_size: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Health {
    load_balancer_name: String,
    instances: Option<Vec<Asked>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Asked {
    instance_id: String,
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "DescribeLoadBalancers" => balancers(cx, body),
        "DescribeInstanceHealth" => health(cx, body),
        _ => return None,
    })
}

fn balancers(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Balancers = form::read(body, "ValidationError")?;
    let part = Part::read(asked.page_size.as_deref(), asked.marker.as_deref(), 1..=400, 400)
        .ok_or_else(|| Refusal::new("ValidationError", "The page size or the marker is not valid"))?;
    let wanted: Vec<&Balancer> = match &asked.load_balancer_names {
        Some(names) => names.iter().map(|name| cx.classic(name)).collect::<Result<_, _>>()?,
        None => cx.world.balancers.iter().filter(|it| it.kind == BalancerKind::Classic).collect(),
    };
    let (balancers, marker) = part.of(wanted.into_iter().map(|it| cx.classic_json(it)).collect());
    Ok(without_nulls(json!({ "LoadBalancerDescriptions": balancers, "NextMarker": marker })))
}

fn health(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Health { load_balancer_name, instances } = form::read(body, "ValidationError")?;
    let balancer = cx.classic(&load_balancer_name)?;
    let registered = cx.registered(&balancer.name, true);
    let wanted: Vec<&Registered> = match &instances {
        None => registered.iter().collect(),
        Some(asked) => {
            let one = |asked: &Asked| {
                let found = registered.iter().find(|it| it.id == asked.instance_id);
                found.ok_or_else(|| {
                    Refusal::new("InvalidInstance", format!("Could not find EC2 instance {}.", asked.instance_id))
                })
            };
            asked.iter().map(one).collect::<Result<_, _>>()?
        }
    };
    let states: Vec<Value> = wanted.into_iter().map(state).collect();
    Ok(json!({ "InstanceStates": states }))
}

fn state(target: &Registered) -> Value {
    let (state, reason, said) = match &target.condition {
        Condition::Healthy => ("InService", "N/A", "N/A"),
        Condition::Registering | Condition::Checking => {
            ("OutOfService", "ELB", "Instance registration is still in progress.")
        }
        Condition::Unhealthy(_) | Condition::Draining => (
            "OutOfService",
            "Instance",
            "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
        ),
    };
    json!({ "InstanceId": target.id, "State": state, "ReasonCode": reason, "Description": said })
}

impl<'a> Account<'a> {
    /// Returns the classic load balancer of this name.
    fn classic(self, name: &str) -> Result<&'a Balancer, Refusal> {
        let found = self.world.balancers.iter().find(|it| it.kind == BalancerKind::Classic && *it.name == *name);
        found.ok_or_else(|| {
            Refusal::new("LoadBalancerNotFound", format!("There is no ACTIVE Load Balancer named '{name}'"))
        })
    }

    fn classic_json(self, balancer: &Balancer) -> Value {
        let region = &*self.world.region;
        let zones: Vec<String> = ["a", "b", "c"].iter().map(|zone| format!("{region}{zone}")).collect();
        let listener = |it: &super::world::Listener| {
            let listener = json!({
                "Protocol": it.protocol,
                "LoadBalancerPort": it.port,
                "InstanceProtocol": "HTTP",
                "InstancePort": it.instance_port,
            });
            json!({ "Listener": listener, "PolicyNames": [] })
        };
        let instances: Vec<Value> =
            self.registered(&balancer.name, true).iter().map(|target| json!({ "InstanceId": target.id })).collect();
        let port = balancer.listeners.first().map(|it| it.instance_port).unwrap_or_default();
        json!({
            "LoadBalancerName": &*balancer.name,
            "DNSName": dns_name(balancer, region),
            "CanonicalHostedZoneName": dns_name(balancer, region),
            "CanonicalHostedZoneNameID": "Z32O12XQLNTSW2",
            "ListenerDescriptions": balancer.listeners.iter().map(listener).collect::<Vec<_>>(),
            "Policies": { "AppCookieStickinessPolicies": [], "LBCookieStickinessPolicies": [], "OtherPolicies": [] },
            "BackendServerDescriptions": [],
            "AvailabilityZones": zones,
            "Subnets": zones.iter().map(|zone| Self::subnet(zone)).collect::<Vec<_>>(),
            "VPCId": VPC,
            "Instances": instances,
            "HealthCheck": {
                "Target": format!("HTTP:{port}/"), "Interval": 30, "Timeout": 5, "UnhealthyThreshold": 2,
                "HealthyThreshold": 10,
            },
            "SourceSecurityGroup": { "OwnerAlias": &*self.world.account, "GroupName": "classic" },
            "SecurityGroups": [format!("sg-0{}", identity::hex(&["balancer", &balancer.name], 16))],
            "CreatedTime": self.clock.text(balancer.created),
            "Scheme": balancer.scheme,
        })
    }
}
