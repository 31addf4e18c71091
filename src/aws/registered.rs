//! How many of the targets that services register are well.

use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Error, budget::Category, call::Operation, clients::Clients};
use crate::model::Arn;

const DESCRIBE_SERVICES: Operation = Operation::read("ecs:DescribeServices", Category::ServiceRead);
const TARGET_HEALTH: Operation = Operation::read("elasticloadbalancing:DescribeTargetHealth", Category::Other);
const INSTANCE_HEALTH: Operation = Operation::read("elasticloadbalancing:DescribeInstanceHealth", Category::Other);

/// The most that DescribeServices takes.
const SERVICES_AT_ONCE: usize = 10;
/// How many calls are under way at once.
const AT_ONCE: usize = 8;

/// How the targets of a service are in one of the places where it registers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetCount {
    /// The service.
    pub service: Arn,
    /// The name of the target group or the classic load balancer.
    pub place: String,
    /// How many are well.
    pub healthy: usize,
    /// How many are not.
    pub unhealthy: usize,
}

impl Clients {
    /// Returns how the targets of these services are; those of a service without a load balancer are none.
    pub async fn target_counts(&self, cluster: &Arn, services: &[Arn]) -> Result<Vec<TargetCount>, Error> {
        let mut places: Vec<(Arn, LoadBalancer)> = Vec::new();
        for arns in services.chunks(SERVICES_AT_ONCE) {
            let arns: Vec<String> = arns.iter().map(ToString::to_string).collect();
            let call = || {
                let call = self.ecs().describe_services().cluster(cluster.as_str());
                call.set_services(Some(arns.clone())).send()
            };
            let answer = self.call(DESCRIBE_SERVICES, call).await?;
            for service in answer.services.unwrap_or_default() {
                let Some(arn) = service.service_arn.and_then(|arn| arn.parse::<Arn>().ok()) else { continue };
                let balancers = service.load_balancers.unwrap_or_default().into_iter();
                places.extend(balancers.map(|balancer| (arn.clone(), balancer)));
            }
        }
        let counts = stream::iter(places).map(|(service, place)| self.target_count(service, place));
        counts.buffered(AT_ONCE).try_filter_map(|count| async move { Ok(count) }).try_collect().await
    }

    async fn target_count(&self, service: Arn, place: LoadBalancer) -> Result<Option<TargetCount>, Error> {
        if let Some(group) = place.target_group_arn {
            let call = || self.elbv2().describe_target_health().target_group_arn(&group).send();
            let answer = self.call(TARGET_HEALTH, call).await?;
            let states: Vec<TargetHealthStateEnum> = answer
                .target_health_descriptions
                .unwrap_or_default()
                .into_iter()
                .filter_map(|target| target.target_health?.state)
                .collect();
            let count = |wanted: &TargetHealthStateEnum| states.iter().filter(|state| *state == wanted).count();
            let place = group.split('/').nth(1).unwrap_or(&group).to_owned();
            let (healthy, unhealthy) =
                (count(&TargetHealthStateEnum::Healthy), count(&TargetHealthStateEnum::Unhealthy));
            return Ok(Some(TargetCount { service, place, healthy, unhealthy }));
        }
        let Some(place) = place.load_balancer_name else { return Ok(None) };
        let call = || self.elb().describe_instance_health().load_balancer_name(&place).send();
        let answer = self.call(INSTANCE_HEALTH, call).await?;
        let states = answer.instance_states.unwrap_or_default();
        let count = |wanted: &str| states.iter().filter(|instance| instance.state() == Some(wanted)).count();
        let (healthy, unhealthy) = (count("InService"), count("OutOfService"));
        Ok(Some(TargetCount { service, place, healthy, unhealthy }))
    }
}
