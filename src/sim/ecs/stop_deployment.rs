//! StopServiceDeployment: brings back what ran before.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use super::members::read;
use crate::{
    model::Arn,
    sim::{
        clock::Clock,
        life::Change,
        refusal::Refusal,
        world::{Cause, Rollout, Service, Stage, World},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stop {
    service_deployment_arn: String,
    stop_type: Option<String>,
}

pub(super) fn stop(world: &mut World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let Stop { service_deployment_arn: arn, stop_type } = read(body)?;
    // The model knows ABORT, and the documentation ROLLBACK alone.
    if !["ROLLBACK"].contains(&stop_type.as_deref().unwrap_or("ROLLBACK")) {
        return Err(Refusal::parameter("The specified stopType is not supported. The valid values are ROLLBACK."));
    }
    let parsed: Option<Arn> = arn.parse().ok().filter(|arn: &Arn| arn.kind() == "service-deployment");
    let parsed = parsed.ok_or_else(|| Refusal::parameter(format!("Invalid identifier: {arn}")))?;
    let not_found = || Refusal::new("ServiceDeploymentNotFoundException", "Service deployment not found.");
    let [_, cluster, name, id] = parsed.resource().split('/').collect::<Vec<_>>()[..] else {
        return Err(not_found());
    };
    let service = world.cluster_mut(cluster).and_then(|cluster| cluster.services.get_mut(name));
    let service = service.ok_or_else(not_found)?;
    let place = service.releases.iter().position(|release| &*release.id == id).ok_or_else(not_found)?;
    let (cluster, name): (Arc<str>, Arc<str>) = (cluster.into(), Arc::clone(&service.name));
    roll_back(service, place, clock)?;
    let change = Change::Reconcile { cluster, service: name };
    world.agenda.add(clock.now().after(Duration::from_secs(1)), change);
    Ok(json!({ "serviceDeploymentArn": arn }))
}

/// Rolls the release at a place back. One that is being rolled back goes on.
fn roll_back(service: &mut Service, place: usize, clock: &Clock) -> Result<(), Refusal> {
    let conflict = |message: &str| Err(Refusal::new("ConflictException", message));
    match service.releases[place].stage {
        Stage::Pending | Stage::InProgress => {}
        Stage::RollbackRequested | Stage::RollbackInProgress => return Ok(()),
        Stage::Successful | Stage::Stopped | Stage::RollbackSuccessful => {
            return conflict("The service deployment can't be stopped because it is not in progress.");
        }
    }
    let before = service.primary().rollout;
    service.primary_mut().rollout = Rollout::Failed;
    if !service.roll_back(clock.now(), Cause::Asked) {
        service.primary_mut().rollout = before;
        return conflict("The service deployment can't be rolled back because there is no previous service revision.");
    }
    Ok(())
}
