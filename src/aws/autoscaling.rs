//! Application Auto Scaling: how a service is scaled.

use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalingPolicy as Policy, ServiceNamespace, StepScalingPolicyConfiguration, SuspendedState,
    TargetTrackingScalingPolicyConfiguration,
};

use super::{Error, budget::Category, call::Operation, clients::Clients, convert::time};
use crate::model::{Arn, PolicyKind, ScalingActivity, ScalingLimits, ScalingPolicy};

const DESCRIBE_TARGETS: Operation = Operation::read("application-autoscaling:DescribeScalableTargets", Category::Other);
const DESCRIBE_POLICIES: Operation =
    Operation::read("application-autoscaling:DescribeScalingPolicies", Category::Other);
const DESCRIBE_ACTIVITIES: Operation =
    Operation::read("application-autoscaling:DescribeScalingActivities", Category::Other);

impl Clients {
    /// Returns the limits of a service's desired count; `None` where it is not scaled.
    pub async fn scaling_limits(&self, cluster: &Arn, service: &Arn) -> Result<Option<ScalingLimits>, Error> {
        let id = resource(cluster, service);
        let call = || {
            let call = self.autoscaling().describe_scalable_targets().service_namespace(ServiceNamespace::Ecs);
            call.resource_ids(&id).scalable_dimension(ScalableDimension::EcsServiceDesiredCount).send()
        };
        let answer = self.call(DESCRIBE_TARGETS, call).await?;
        let target = answer.scalable_targets.unwrap_or_default().into_iter().find(|target| target.resource_id == id);
        Ok(target.map(|target| ScalingLimits {
            min: u32::try_from(target.min_capacity).unwrap_or_default(),
            max: u32::try_from(target.max_capacity).unwrap_or_default(),
            suspended: target.suspended_state.as_ref().map(suspended).unwrap_or_default(),
        }))
    }

    /// Returns the policies that a service is scaled by, by name.
    pub async fn scaling_policies(&self, cluster: &Arn, service: &Arn) -> Result<Vec<ScalingPolicy>, Error> {
        let id = resource(cluster, service);
        let mut policies = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = || {
                let call = self.autoscaling().describe_scaling_policies().service_namespace(ServiceNamespace::Ecs);
                let call = call.resource_id(&id).scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
                call.set_next_token(token.clone()).send()
            };
            let answer = self.call(DESCRIBE_POLICIES, call).await?;
            policies.extend(answer.scaling_policies.unwrap_or_default().into_iter().map(policy));
            match answer.next_token.filter(|next| !next.is_empty()) {
                None => break,
                next if next == token => {
                    return Err(Error::broken(DESCRIBE_POLICIES.name, "the same page again and again"));
                }
                next => token = next,
            }
        }
        policies.sort_by(|one: &ScalingPolicy, other| one.name.cmp(&other.name));
        Ok(policies)
    }

    /// Returns at most `most` of the latest things that scaling did to a service, newest first.
    pub async fn scaling_activities(
        &self,
        cluster: &Arn,
        service: &Arn,
        most: i32,
    ) -> Result<Vec<ScalingActivity>, Error> {
        let id = resource(cluster, service);
        let call = || {
            let call = self.autoscaling().describe_scaling_activities().service_namespace(ServiceNamespace::Ecs);
            let call = call.resource_id(&id).scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
            call.max_results(most).send()
        };
        let answer = self.call(DESCRIBE_ACTIVITIES, call).await?;
        let activities = answer.scaling_activities.unwrap_or_default().into_iter();
        let mut activities: Vec<ScalingActivity> = activities
            .map(|activity| ScalingActivity {
                at: time(activity.start_time),
                description: activity.description,
                cause: activity.cause,
                status: activity.status_code.as_str().to_owned(),
            })
            .collect();
        activities.sort_by_key(|activity| std::cmp::Reverse(activity.at));
        Ok(activities)
    }
}

/// Returns what a service is called there.
fn resource(cluster: &Arn, service: &Arn) -> String {
    format!("service/{}/{}", cluster.name(), service.name())
}

fn suspended(state: &SuspendedState) -> Vec<&'static str> {
    let parts = [
        (state.dynamic_scaling_in_suspended, "scaling in"),
        (state.dynamic_scaling_out_suspended, "scaling out"),
        (state.scheduled_scaling_suspended, "scheduled scaling"),
    ];
    parts.into_iter().filter(|(suspended, _)| *suspended == Some(true)).map(|(_, what)| what).collect()
}

fn policy(policy: Policy) -> ScalingPolicy {
    let alarms = policy.alarms.unwrap_or_default().into_iter().map(|alarm| alarm.alarm_name).collect();
    let kind = match (policy.target_tracking_scaling_policy_configuration, policy.step_scaling_policy_configuration) {
        (Some(tracking), _) => track(tracking),
        (None, Some(stepping)) => step(stepping, alarms),
        (None, None) if policy.predictive_scaling_policy_configuration.is_some() => PolicyKind::Predictive,
        (None, None) => PolicyKind::Other(policy.policy_type.as_str().to_owned()),
    };
    ScalingPolicy { name: policy.policy_name, kind }
}

fn track(tracking: TargetTrackingScalingPolicyConfiguration) -> PolicyKind {
    let predefined =
        tracking.predefined_metric_specification.map(|metric| metric.predefined_metric_type.as_str().to_owned());
    let custom = tracking.customized_metric_specification.and_then(|metric| metric.metric_name);
    PolicyKind::Track {
        metric: predefined.or(custom).unwrap_or_else(|| "an expression".to_owned()),
        target: tracking.target_value.to_string(),
        scales_in: tracking.disable_scale_in != Some(true),
    }
}

fn step(stepping: StepScalingPolicyConfiguration, alarms: Vec<String>) -> PolicyKind {
    let steps = stepping.step_adjustments.unwrap_or_default().into_iter();
    PolicyKind::Step {
        adjustment: stepping.adjustment_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        steps: steps
            .map(|step| {
                let bound = step.metric_interval_lower_bound.or(step.metric_interval_upper_bound);
                (bound.map(|bound| bound.to_string()), step.scaling_adjustment)
            })
            .collect(),
        alarms,
    }
}
