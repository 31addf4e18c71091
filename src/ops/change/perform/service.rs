//! UpdateService.

use super::{Failure, Sent, once};
use crate::{
    aws::{self, ServiceChange},
    model::{Service, text::clean},
    ops::{
        Cx, Error,
        change::{
            Base, Made, Place, Plan,
            carry_out::counts,
            standing::{self, Asked},
        },
    },
};

/// Changes a service; `again` looks before whether it is still as the plan has it.
pub(super) async fn update(
    cx: &Cx,
    plan: &Plan,
    place: &Place,
    change: &ServiceChange,
    again: bool,
) -> Result<Made, Failure> {
    let planned = plan.base_of(place).cloned();
    let before = match planned {
        Some(base) if !again => base,
        planned => {
            let now = Base::of(&standing::service(cx, place, Asked::Nothing).await?);
            if let Some(base) = planned {
                standing::still(&base, &now, counts(plan, place))?;
            }
            now
        }
    };
    let aws = cx.aws().await?;
    let send = || aws.update_service(&place.cluster, &place.service, change);
    let look = || async {
        let found = aws.describe_services(&place.cluster, std::slice::from_ref(&place.service)).await?;
        Ok(found.into_iter().find(|service| shows(service, change, &before)))
    };
    // Two forced deployments are two, and whoever has changed it meanwhile is not to lose that.
    let again = || async {
        let now = if change.force { None } else { standing::service(cx, place, Asked::Nothing).await.ok() };
        now.is_some_and(|now| standing::still(&before, &Base::of(&now), counts(plan, place)).is_ok())
    };
    match once(cx, send, look, again).await {
        Sent::Made(service) => Ok(made(place, &before, &service)),
        Sent::NotTaken(error) => Err(not_taken(cx, place, &aws, error).into()),
        Sent::Unknown(error) => {
            let error = not_taken(cx, place, &aws, error);
            let path = clean(place.path());
            let hint = format!(
                "it may have been changed all the same; look with `ecsui deployments {path}` before you try again"
            );
            Err(Failure { error: error.hint(hint), unknown: true })
        }
    }
}

/// Whether a service looks as if a change of it had been taken.
fn shows(service: &Service, change: &ServiceChange, before: &Base) -> bool {
    let now = Base::of(service);
    let definition = change.definition.as_ref().or(before.definition.as_ref());
    let is_as_wanted = now.definition.as_ref() == definition
        && change.desired.is_none_or(|desired| now.desired == desired)
        && change.exec.is_none_or(|exec| now.exec == exec);
    let deploys = change.force
        || change.attachments.is_some()
        || change.definition.as_ref().is_some_and(|wanted| before.definition.as_ref() != Some(wanted));
    is_as_wanted && (!deploys || now.deployment != before.deployment)
}

fn made(place: &Place, before: &Base, service: &Service) -> Made {
    let now = Base::of(service);
    let deployments = service.detail.as_deref().map(|detail| detail.deployments.as_slice()).unwrap_or_default();
    let deployment = deployments.iter().find(|it| Some(&it.id) == now.deployment.as_ref());
    Made::Updated {
        place: place.clone(),
        before: before.definition.clone(),
        deploys: now.deployment != before.deployment,
        definition: now.definition,
        begun: deployment.and_then(|it| it.created),
        deployment: now.deployment,
        desired: now.desired,
    }
}

fn not_taken(cx: &Cx, place: &Place, aws: &aws::Clients, error: aws::Error) -> Error {
    let path = clean(place.path());
    let code = error.code.clone();
    let error = cx.failed(format!("service {path} cannot be changed"), aws, error);
    match code.as_deref() {
        Some("ServiceNotActiveException") => error.hint(format!("{path} was deleted; `ecsui ls` shows what is there")),
        _ => error,
    }
}
