//! How services stand before they are changed, and whether that still holds.

use std::slice;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Base, Place};
use crate::{
    model::{Service, text::clean},
    ops::{Cx, Error, Kind, Result, ls},
};

/// How many services are described at once; the budget decides how fast.
const AT_ONCE: usize = 8;

/// What a wish asks of a service that not every service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing.
    Nothing,
    /// Another number of tasks.
    Count,
    /// A deployment by ECS.
    Deployment,
}

/// Returns these services as they are, in their order, each once; one that cannot be changed so is an error.
pub(super) async fn services(cx: &Cx, places: &[Place], asked: Asked) -> Result<Vec<Service>> {
    let mut once: Vec<&Place> = Vec::new();
    for place in places {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    if once.is_empty() {
        return Err(Error::new(Kind::Usage, "no service is meant"));
    }
    let looks: Vec<_> = once.into_iter().map(|place| service(cx, place, asked)).collect();
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

/// Returns a service as it is; one that cannot be changed so is an error.
pub(super) async fn service(cx: &Cx, place: &Place, asked: Asked) -> Result<Service> {
    let found = ls::service_details(cx, &place.cluster, slice::from_ref(&place.service)).await?;
    let gone = || Error::new(Kind::NotFound, format!("service {} is gone", clean(place.path())));
    let service = found.into_iter().next().ok_or_else(gone)?;
    let Some(detail) = service.detail.as_deref() else { return Ok(service) };
    if matches!(&*detail.status, "DRAINING" | "INACTIVE") {
        let what = format!("service {} was deleted and is no longer active", clean(place.path()));
        return Err(Error::new(Kind::Refused, what).hint("only services that are ACTIVE can be changed"));
    }
    match asked {
        Asked::Deployment if &*detail.controller != "ECS" => Err(deployed_elsewhere(place, &detail.controller)),
        Asked::Count if &*detail.scheduling == "DAEMON" => Err(uncounted(place)),
        Asked::Nothing | Asked::Count | Asked::Deployment => Ok(service),
    }
}

/// Returns the error of a service that ECS does not deploy.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>
fn deployed_elsewhere(place: &Place, controller: &str) -> Error {
    let (path, controller) = (clean(place.path()), clean(controller));
    let what = format!("{path} has the deployment controller {controller}, and ECS begins no deployment of it");
    Error::new(Kind::Refused, what).hint(match &*controller {
        "CODE_DEPLOY" => "deploy it with CodeDeploy: `aws ecs deploy`, or `aws deploy create-deployment`",
        _ => "whoever makes its task sets deploys it",
    })
}

/// Returns the error of a service of which no number of tasks can be wanted.
fn uncounted(place: &Place) -> Error {
    let (path, cluster) = (clean(place.path()), clean(place.cluster.name()));
    let what = format!("{path} has the scheduling strategy DAEMON: a task on each container instance, and no number");
    Error::new(Kind::Refused, what).hint(format!("`ecsui instances {cluster}` shows what they run on"))
}

/// Returns a sentence for each service that a deployment is under way of: a new one takes its place.
pub(super) fn under_way(services: &[Service]) -> impl Iterator<Item = String> {
    services.iter().filter_map(|service| {
        let deployments = &service.detail.as_deref()?.deployments;
        let primary = deployments.iter().find(|it| &*it.status == "PRIMARY")?;
        (primary.rollout.as_deref() == Some("IN_PROGRESS"))
            .then(|| format!("a deployment of {} is under way: this one takes its place", service.name))
    })
}

/// Fails where somebody else has changed a service since the plan was made; how many tasks are wanted counts only
/// where that is what changes.
pub(super) fn still(base: &Base, now: &Base, counts: bool) -> Result<()> {
    let name = |definition: &Option<crate::model::Arn>| {
        definition.as_ref().map_or_else(|| "none".to_owned(), |arn| clean(arn.name()))
    };
    let path = clean(base.place.path());
    let what = if base.definition != now.definition {
        let (before, after) = (name(&base.definition), name(&now.definition));
        format!("{path} was changed meanwhile: its task definition was {before} and is {after}")
    } else if base.deployment != now.deployment {
        format!("{path} was changed meanwhile: another deployment has begun")
    } else if counts && base.desired != now.desired {
        format!("{path} was changed meanwhile: {} tasks were wanted and {} are", base.desired, now.desired)
    } else {
        return Ok(());
    };
    Err(Error::new(Kind::Refused, what).hint("look at what it is now, and plan it again"))
}
