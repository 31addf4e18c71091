//! The operations of ECS that tell of container instances.

use aws_sdk_ecs::types;

use super::{
    Error,
    budget::Category,
    call::Operation,
    clients::Clients,
    convert,
    ecs::{PAGE, heed, in_pieces},
    whole,
};
use crate::model::{Arn, ContainerInstance, Resource};

const LIST_CONTAINER_INSTANCES: Operation = Operation::read("ecs:ListContainerInstances", Category::ResourceRead);
const DESCRIBE_CONTAINER_INSTANCES: Operation =
    Operation::read("ecs:DescribeContainerInstances", Category::ResourceRead);

impl Clients {
    /// Returns the container instances of a cluster, those that drain included, by ARN.
    pub async fn container_instances(&self, cluster: &Arn) -> Result<Vec<ContainerInstance>, Error> {
        let arns: Vec<String> = whole::list(LIST_CONTAINER_INSTANCES.name, |token| async move {
            let call =
                || self.ecs().list_container_instances().cluster(cluster.as_str()).set_next_token(token.clone()).send();
            let answer = self.call(LIST_CONTAINER_INSTANCES, call).await?;
            Ok((answer.container_instance_arns.unwrap_or_default(), answer.next_token))
        })
        .await?;
        self.describe_container_instances(cluster, &arns).await
    }

    /// Returns these container instances, by ARN; those that are gone are absent.
    pub async fn describe_container_instances<N: ToString>(
        &self,
        cluster: &Arn,
        instances: &[N],
    ) -> Result<Vec<ContainerInstance>, Error> {
        let mut described: Vec<ContainerInstance> = in_pieces(instances, PAGE, move |arns| async move {
            let call = || {
                let call = self.ecs().describe_container_instances().cluster(cluster.as_str());
                call.set_container_instances(Some(arns.clone())).send()
            };
            let answer = self.call(DESCRIBE_CONTAINER_INSTANCES, call).await?;
            heed(DESCRIBE_CONTAINER_INSTANCES.name, answer.failures())?;
            Ok(answer.container_instances().iter().filter_map(instance).collect())
        })
        .await?;
        described.sort_by(|one, other| one.arn.cmp(&other.arn));
        described.dedup_by(|one, other| one.arn == other.arn);
        Ok(described)
    }
}

fn instance(instance: &types::ContainerInstance) -> Option<ContainerInstance> {
    let attribute = |name: &str| {
        let attribute = instance.attributes().iter().find(|attribute| attribute.name() == name);
        attribute.and_then(|attribute| attribute.value()).map(Into::into)
    };
    let resource = |name: &str| Resource {
        remaining: amount(instance.remaining_resources(), name),
        registered: amount(instance.registered_resources(), name),
    };
    let version = instance.version_info().and_then(|version| version.agent_version());
    Some(ContainerInstance {
        arn: instance.container_instance_arn()?.parse().ok()?,
        ec2: instance.ec2_instance_id().map(Into::into),
        status: instance.status().unwrap_or("UNKNOWN").into(),
        reason: instance.status_reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
        kind: attribute("ecs.instance-type"),
        zone: attribute("ecs.availability-zone"),
        provider: instance.capacity_provider_name().map(Into::into),
        agent_version: version.map(Into::into),
        agent_connected: instance.agent_connected(),
        cpu: resource("CPU"),
        memory: resource("MEMORY"),
        running: u32::try_from(instance.running_tasks_count()).unwrap_or_default(),
        pending: u32::try_from(instance.pending_tasks_count()).unwrap_or_default(),
        registered: instance.registered_at().and_then(|time| convert::time(*time)),
    })
}

/// Returns how much of a resource there is.
fn amount(resources: &[types::Resource], name: &str) -> u32 {
    let resource = resources.iter().find(|resource| resource.name() == Some(name));
    resource.and_then(|resource| u32::try_from(resource.integer_value()).ok()).unwrap_or_default()
}
