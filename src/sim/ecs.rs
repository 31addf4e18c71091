//! Amazon ECS: reads a request's members, asks the world, answers in AWS's shapes.
//!
//! Shapes, limits and error codes are those of botocore's service model (`ecs/2014-11-13/service-2.json`), which
//! `tests/sim.rs` holds against every answer.

mod clusters;
mod containers;
mod definitions;
mod deployments;
mod execute;
mod identifier;
mod instances;
pub(crate) mod members;
pub(crate) mod paging;
mod quantity;
mod register;
mod run;
mod services;
mod shape;
mod stop_deployment;
mod stop_task;
mod tagging;
mod tasks;
mod update;

pub(crate) use execute::{Admitted, admit};
use serde_json::Value;

use super::{
    clock::{Clock, Moment},
    refusal::Refusal,
    world::World,
};

/// What an operation may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account<'a> {
    pub(crate) world: &'a World,
    pub(crate) clock: &'a Clock,
}

impl Account<'_> {
    fn seconds(self, moment: Moment) -> f64 {
        self.clock.seconds(moment)
    }
}

/// Does what an operation asks for that changes something; `None` where there is no such operation.
pub(crate) fn change(
    world: &mut World,
    clock: &Clock,
    operation: &str,
    body: &Value,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "RegisterTaskDefinition" => register::register(world, clock, body),
        "DeregisterTaskDefinition" => register::deregister(world, clock, body),
        "RunTask" => run::run(world, clock, body),
        "StopTask" => stop_task::stop(world, clock, body),
        "ListTagsForResource" => tagging::list(world, body),
        "TagResource" => tagging::tag(world, body),
        "UntagResource" => tagging::untag(world, body),
        "StopServiceDeployment" => stop_deployment::stop(world, clock, body),
        "UpdateService" => update::update(world, clock, body),
        _ => return None,
    })
}

/// Answers an operation that changes nothing; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "ListClusters" => clusters::list(cx, body),
        "DescribeClusters" => clusters::describe(cx, body),
        "ListServices" => services::list(cx, body),
        "DescribeServices" => services::describe(cx, body),
        "ListServiceDeployments" => deployments::list(cx, body),
        "DescribeServiceDeployments" => deployments::describe(cx, body),
        "DescribeServiceRevisions" => deployments::describe_revisions(cx, body),
        "ListTasks" => tasks::list(cx, body),
        "DescribeTasks" => tasks::describe(cx, body),
        "ListTaskDefinitions" => definitions::list(cx, body),
        "ListTaskDefinitionFamilies" => definitions::families(cx, body),
        "DescribeTaskDefinition" => definitions::describe(cx, body),
        "ListContainerInstances" => instances::list(cx, body),
        "DescribeContainerInstances" => instances::describe(cx, body),
        _ => return None,
    })
}
