//! Amazon EC2: DescribeInstances, for the instances that clusters run on.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ecs::{Account, members::without_nulls},
    elbv2::VPC,
    form::{self, Part},
    identity,
    refusal::Refusal,
    world::{Cluster, Instance},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    instance_id: Option<Vec<String>>,
    filter: Option<Vec<Filter>>,
    max_results: Option<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    name: String,
    value: Vec<String>,
}

/// What a filter looks at in an instance.
type Look<'a> = Box<dyn Fn(&Instance) -> Option<String> + 'a>;

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    (operation == "DescribeInstances").then(|| describe(cx, body))
}

fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Describe = form::read(body, "InvalidParameterValue")?;
    if asked.instance_id.is_some() && asked.max_results.is_some() {
        let text = "The parameter instancesSet cannot be used with the parameter maxResults";
        return Err(Refusal::new("InvalidParameterCombination", text));
    }
    let part = Part::read(asked.max_results.as_deref(), asked.next_token.as_deref(), 5..=1000, 1000)
        .ok_or_else(|| Refusal::new("InvalidParameterValue", "maxResults or nextToken is not valid"))?;
    let all = || cx.world.clusters.iter().flat_map(|cluster| cluster.instances.iter().map(move |it| (cluster, it)));
    let mut found: Vec<(&Cluster, &Instance)> = Vec::new();
    match &asked.instance_id {
        None => found.extend(all()),
        Some(ids) => {
            for id in ids {
                if !id.starts_with("i-") {
                    return Err(Refusal::new("InvalidInstanceID.Malformed", format!("Invalid id: \"{id}\"")));
                }
                let one = all().find(|(_, instance)| *instance.ec2 == **id);
                found.push(one.ok_or_else(|| {
                    Refusal::new("InvalidInstanceID.NotFound", format!("The instance ID '{id}' does not exist"))
                })?);
            }
        }
    }
    for filter in asked.filter.iter().flatten() {
        let Some(value) = value_of(filter) else {
            return Err(Refusal::new("InvalidParameterValue", format!("The filter '{}' is invalid", filter.name)));
        };
        found.retain(|(_, instance)| value(instance).is_some_and(|value| filter.value.contains(&value)));
    }
    let (reservations, token) = part.of(found.into_iter().map(|(_, instance)| cx.reservation(instance)).collect());
    Ok(without_nulls(json!({ "reservationSet": reservations, "nextToken": token })))
}

/// Returns what a filter looks at; `None` for one that is not simulated.
fn value_of(filter: &Filter) -> Option<Look<'_>> {
    Some(match filter.name.as_str() {
        "instance-id" => Box::new(|instance| Some(instance.ec2.to_string())),
        "instance-type" => Box::new(|instance| Some(instance.kind.to_string())),
        "availability-zone" => Box::new(|instance| Some(instance.zone.to_string())),
        "instance-state-name" => Box::new(|_| Some("running".to_owned())),
        "private-ip-address" => Box::new(|instance| Some(Account::instance_address(instance))),
        name => {
            let key = name.strip_prefix("tag:")?;
            let value = move |instance: &Instance| {
                instance.tags.iter().find(|(name, _)| **name == *key).map(|(_, value)| value.to_string())
            };
            Box::new(value)
        }
    })
}

impl Account<'_> {
    /// Returns the private address of an instance.
    fn instance_address(instance: &Instance) -> String {
        let number = identity::number(&["instance address", &instance.ec2]);
        let zone = instance.zone.bytes().last().unwrap_or(b'a').saturating_sub(b'a');
        format!("10.40.{}.{}", u128::from(zone) * 64 + (number >> 8) % 64, 4 + number % 250)
    }

    fn reservation(self, instance: &Instance) -> Value {
        let address = Self::instance_address(instance);
        let dashed = address.replace('.', "-");
        let tags: Vec<Value> =
            instance.tags.iter().map(|(key, value)| json!({ "key": &**key, "value": &**value })).collect();
        json!({
            "reservationId": format!("r-0{}", identity::hex(&["reservation", &instance.ec2], 16)),
            "ownerId": &*self.world.account,
            "groupSet": [],
            "instancesSet": [{
                "instanceId": &*instance.ec2,
                "imageId": "ami-0c3d9fb1f5a7e6420",
                "instanceState": { "code": 16, "name": "running" },
                "privateDnsName": format!("ip-{dashed}.{}.compute.internal", self.world.region),
                "dnsName": "",
                "instanceType": &*instance.kind,
                "launchTime": self.clock.text(instance.registered),
                "placement": { "availabilityZone": &*instance.zone, "groupName": "", "tenancy": "default" },
                "privateIpAddress": address,
                "subnetId": Self::subnet(&instance.zone),
                "vpcId": VPC,
                "architecture": "x86_64",
                "tagSet": tags,
            }],
        })
    }
}
