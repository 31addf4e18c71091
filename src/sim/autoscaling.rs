//! Application Auto Scaling of services: limits, policies and what was done.
//!
//! Shapes, limits and error codes are those of botocore's service model
//! (`application-autoscaling/2016-02-06/service-2.json`).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ecs::{
        Account,
        members::{self, without_nulls},
    },
    identity,
    pages::page,
    refusal::Refusal,
    world::{Activity, Cluster, Metric, Policy, Scaling, Service},
};

/// What is scaled of a service.
const DIMENSION: &str = "ecs:service:DesiredCount";
/// The largest page.
const PAGE: i64 = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Targets {
    service_namespace: String,
    resource_ids: Option<Vec<String>>,
    scalable_dimension: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policies {
    service_namespace: String,
    policy_names: Option<Vec<String>>,
    resource_id: Option<String>,
    scalable_dimension: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Activities {
    service_namespace: String,
    resource_id: Option<String>,
    scalable_dimension: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// A service that is scaled.
struct Scaled<'a> {
    id: String,
    service: &'a Service,
    scaling: &'a Scaling,
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "DescribeScalableTargets" => targets(cx, body),
        "DescribeScalingPolicies" => policies(cx, body),
        "DescribeScalingActivities" => activities(cx, body),
        _ => return None,
    })
}

fn targets(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Targets = members::read(body).map_err(invalid)?;
    let size = checked(&asked.service_namespace, asked.scalable_dimension.as_deref(), asked.max_results)?;
    if asked.resource_ids.as_ref().is_some_and(|ids| ids.len() > 50) {
        return Err(validation(
            "1 validation error detected: Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
        ));
    }
    let among = |id: &String| asked.resource_ids.as_ref().is_none_or(|ids| ids.contains(id));
    let items = scaled(cx).filter(|it| among(&it.id)).map(|it| (it.id.clone(), target(cx, &it)));
    listed("ScalableTargets", &format!("targets {:?}", asked.resource_ids), items, size, asked.next_token.as_deref())
}

fn policies(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Policies = members::read(body).map_err(invalid)?;
    let size = checked(&asked.service_namespace, asked.scalable_dimension.as_deref(), asked.max_results)?;
    let question = format!("policies {:?} {:?}", asked.resource_id, asked.policy_names);
    let items = scaled(cx).filter(|it| asked.resource_id.as_ref().is_none_or(|id| *id == it.id)).flat_map(|it| {
        let all: Vec<(String, Value)> = it
            .scaling
            .policies
            .iter()
            .filter(|policy| {
                asked.policy_names.as_ref().is_none_or(|names| names.iter().any(|name| **name == **policy.name()))
            })
            .map(|policy| (format!("{} {}", it.id, policy.name()), self::policy(cx, &it, policy)))
            .collect();
        all
    });
    listed("ScalingPolicies", &question, items, size, asked.next_token.as_deref())
}

fn activities(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Activities = members::read(body).map_err(invalid)?;
    let size = checked(&asked.service_namespace, asked.scalable_dimension.as_deref(), asked.max_results)?;
    let question = format!("activities {:?}", asked.resource_id);
    let items = scaled(cx).filter(|it| asked.resource_id.as_ref().is_none_or(|id| *id == it.id)).flat_map(|it| {
        let all = it.scaling.activities.iter().enumerate();
        let all: Vec<(String, Value)> =
            all.map(|(place, done)| (format!("{} {place:06}", it.id), activity(cx, &it.id, place, done))).collect();
        all
    });
    listed("ScalingActivities", &question, items, size, asked.next_token.as_deref())
}

/// Returns the services that are scaled, by the ids that Application Auto Scaling gives them.
fn scaled(cx: Account<'_>) -> impl Iterator<Item = Scaled<'_>> {
    let of = |cluster: &'_ Cluster, name: &str| format!("service/{}/{name}", cluster.name);
    let mut all: Vec<Scaled<'_>> = cx
        .world
        .clusters
        .iter()
        .flat_map(|cluster| cluster.services.values().map(move |service| (cluster, service)))
        .filter_map(|(cluster, service)| {
            Some(Scaled { id: of(cluster, &service.name), service, scaling: service.scaling.as_ref()? })
        })
        .collect();
    all.sort_by(|one, two| one.id.cmp(&two.id));
    all.into_iter()
}

fn target(cx: Account<'_>, scaled: &Scaled<'_>) -> Value {
    let Scaled { id, service, scaling } = scaled;
    let account = &cx.world.account;
    let role =
        "aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService";
    json!({
        "ServiceNamespace": "ecs",
        "ResourceId": id,
        "ScalableDimension": DIMENSION,
        "MinCapacity": scaling.min,
        "MaxCapacity": scaling.max,
        "RoleARN": format!("arn:aws:iam::{account}:role/{role}"),
        "CreationTime": cx.clock.seconds(service.created),
        "SuspendedState": {
            "DynamicScalingInSuspended": scaling.suspended,
            "DynamicScalingOutSuspended": scaling.suspended,
            "ScheduledScalingSuspended": scaling.suspended,
        },
        "ScalableTargetARN": format!(
            "arn:aws:application-autoscaling:{}:{account}:scalable-target/{}",
            cx.world.region,
            identity::hex(&["scalable target", id], 24),
        ),
    })
}

fn policy(cx: Account<'_>, scaled: &Scaled<'_>, policy: &Policy) -> Value {
    let (account, region) = (&cx.world.account, &cx.world.region);
    let named = |alarm: String| {
        let arn = format!("arn:aws:cloudwatch:{region}:{account}:alarm:{alarm}");
        json!({ "AlarmName": alarm, "AlarmARN": arn })
    };
    let name = policy.name();
    let (kind, steps, tracking, alarms) = match policy {
        Policy::Track { metric, target, scales_in, cooldowns, .. } => {
            let predefined = match metric {
                Metric::Cpu => "ECSServiceAverageCPUUtilization",
                Metric::Memory => "ECSServiceAverageMemoryUtilization",
            };
            let tracking = json!({
                "TargetValue": target,
                "PredefinedMetricSpecification": { "PredefinedMetricType": predefined },
                "ScaleOutCooldown": cooldowns.0,
                "ScaleInCooldown": cooldowns.1,
                "DisableScaleIn": !scales_in,
            });
            let alarms: Vec<Value> =
                ["AlarmHigh", "AlarmLow"].map(|which| named(tracking_alarm(&scaled.id, name, which))).into();
            ("TargetTrackingScaling", Value::Null, tracking, alarms)
        }
        Policy::Step { alarm, steps, cooldown, .. } => {
            let ends = steps.iter().skip(1).map(|(bound, _)| Some(*bound)).chain([None]);
            let adjustments: Vec<Value> = steps
                .iter()
                .zip(ends)
                .map(|((bound, by), end)| {
                    json!({
                        "MetricIntervalLowerBound": bound,
                        "MetricIntervalUpperBound": end,
                        "ScalingAdjustment": by,
                    })
                })
                .collect();
            let steps = json!({
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": adjustments,
                "Cooldown": cooldown,
                "MetricAggregationType": "Average",
            });
            ("StepScaling", steps, Value::Null, vec![named(alarm.to_string())])
        }
    };
    let unique = identity::uuid(&["policy", &scaled.id, name]);
    without_nulls(json!({
        "PolicyARN": format!(
            "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{unique}:resource/ecs/{}:policyName/{name}",
            scaled.id,
        ),
        "PolicyName": &**name,
        "ServiceNamespace": "ecs",
        "ResourceId": scaled.id,
        "ScalableDimension": DIMENSION,
        "PolicyType": kind,
        "StepScalingPolicyConfiguration": steps,
        "TargetTrackingScalingPolicyConfiguration": tracking,
        "Alarms": alarms,
        "CreationTime": cx.clock.seconds(scaled.service.created),
    }))
}

/// Returns the name of an alarm that a target-tracking policy keeps for itself.
pub(crate) fn tracking_alarm(resource: &str, policy: &str, which: &str) -> String {
    let unique = identity::uuid(&["tracking alarm", resource, policy, which]);
    format!("TargetTracking-{resource}-{which}-{unique}")
}

fn activity(cx: Account<'_>, resource: &str, place: usize, done: &Activity) -> Value {
    let Activity { at, to, alarm, policy } = done;
    json!({
        "ActivityId": identity::uuid(&["activity", resource, &place.to_string()]),
        "ServiceNamespace": "ecs",
        "ResourceId": resource,
        "ScalableDimension": DIMENSION,
        "Description": format!("Setting desired count to {to}."),
        "Cause": format!("monitor alarm {alarm} in state ALARM triggered policy {policy}"),
        "StartTime": cx.clock.seconds(*at),
        "EndTime": cx.clock.seconds(at.after(std::time::Duration::from_secs(38))),
        "StatusCode": "Successful",
        "StatusMessage": format!("Successfully set desired count to {to}. Change successfully fulfilled by ecs."),
    })
}

fn listed(
    name: &str,
    question: &str,
    items: impl Iterator<Item = (String, Value)>,
    size: usize,
    token: Option<&str>,
) -> Result<Value, Refusal> {
    let page = page(question, items, size, token);
    let (items, next) = page.ok_or_else(|| Refusal::new("InvalidNextTokenException", "Invalid token"))?;
    Ok(without_nulls(json!({ name: items, "NextToken": next })))
}

/// Checks what all operations take, and returns the size of the page.
fn checked(namespace: &str, dimension: Option<&str>, size: Option<i64>) -> Result<usize, Refusal> {
    if namespace != "ecs" {
        return Err(validation(format!("not simulated: service namespace {namespace}")));
    }
    if let Some(dimension) = dimension.filter(|dimension| *dimension != DIMENSION) {
        return Err(validation(format!("not simulated: scalable dimension {dimension}")));
    }
    match size.unwrap_or(PAGE) {
        size @ 1..=PAGE => Ok(usize::try_from(size).unwrap_or_default()),
        size => Err(validation(format!("MaxResults {size} is not between 1 and {PAGE}"))),
    }
}

fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}

fn invalid(refusal: Refusal) -> Refusal {
    validation(refusal.message)
}
