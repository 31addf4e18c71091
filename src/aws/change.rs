//! The calls of ECS that change something. Each is made once; [`Error::lost`] says where nobody knows what became of
//! it.

mod register;
mod tasks;

use aws_sdk_ecs::types::{AdvancedConfiguration, LoadBalancer, StopServiceDeploymentStopType};

use super::{Error, budget::Category, call::Operation, clients::Clients};
use crate::model::{Arn, AttachedTo, Attachment, Service, Shifting};

pub use tasks::{NetworkPlace, NewTasks, NotStarted, Started};

const UPDATE_SERVICE: Operation = Operation::change("ecs:UpdateService", Category::ServiceModify);
const STOP_DEPLOYMENT: Operation = Operation::change("ecs:StopServiceDeployment", Category::ServiceModify);

/// What is to be different about a service; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceChange {
    /// The task definition that new tasks are started from.
    pub definition: Option<Arn>,
    /// How many tasks are wanted.
    pub desired: Option<u32>,
    /// Whether tasks are replaced even where nothing else changes.
    pub force: bool,
    /// Whether new tasks can be logged in to.
    pub exec: Option<bool>,
    /// What new tasks are registered with: all of it, for what is not named is detached.
    pub attachments: Option<Vec<Attachment>>,
}

impl Clients {
    /// Changes a service and returns it as it is then. Made once.
    pub async fn update_service(&self, cluster: &Arn, service: &Arn, change: &ServiceChange) -> Result<Service, Error> {
        let attachments = change.attachments.as_ref().map(|all| all.iter().map(load_balancer).collect::<Vec<_>>());
        let call = || {
            let call = self.ecs().update_service().cluster(cluster.as_str()).service(service.as_str());
            let call = call.set_task_definition(change.definition.as_ref().map(ToString::to_string));
            let call = call.set_desired_count(change.desired.map(|count| i32::try_from(count).unwrap_or(i32::MAX)));
            let call = call.set_force_new_deployment(change.force.then_some(true));
            call.set_enable_execute_command(change.exec).set_load_balancers(attachments.clone()).send()
        };
        let answer = self.call(UPDATE_SERVICE, call).await?;
        let service = answer.service.and_then(|service| self.words().service(cluster, service));
        service.ok_or_else(|| Error::broken(UPDATE_SERVICE.name, "an answer without a service"))
    }

    /// Ends a service deployment that is under way, and brings back what ran before. Made once.
    ///
    /// The model knows a second way, to leave everything as it is, which AWS does not document and refuses.
    pub async fn roll_back_deployment(&self, deployment: &Arn) -> Result<(), Error> {
        let call = || {
            let call = self.ecs().stop_service_deployment().service_deployment_arn(deployment.as_str());
            call.stop_type(StopServiceDeploymentStopType::Rollback).send()
        };
        self.call(STOP_DEPLOYMENT, call).await.map(drop)
    }
}

fn load_balancer(attachment: &Attachment) -> LoadBalancer {
    let built = LoadBalancer::builder();
    let built = match &attachment.to {
        AttachedTo::TargetGroup(arn) => built.target_group_arn(arn.as_str()),
        AttachedTo::Classic(name) => built.load_balancer_name(&**name),
    };
    let built = built.container_name(&*attachment.container).container_port(attachment.port.into());
    built.set_advanced_configuration(attachment.shifting.as_deref().cloned().map(advanced)).build()
}

fn advanced(shifting: Shifting) -> AdvancedConfiguration {
    AdvancedConfiguration::builder()
        .set_alternate_target_group_arn(shifting.alternate)
        .set_production_listener_rule(shifting.production)
        .set_test_listener_rule(shifting.test)
        .set_role_arn(shifting.role)
        .build()
}
