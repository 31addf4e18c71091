//! Redeploy: all tasks of services are replaced by new ones of the same task definition.

use super::{
    Base, Call, NewDefinition, Place, Request,
    plan::{Draft, name},
    standing::{self, Asked},
};
use crate::{
    aws::ServiceChange,
    model::{
        Service,
        taskdef::diff::{Change, Difference},
        text::listing,
    },
    ops::{Cx, Identity, Result, verify},
};

/// Returns what has to be done.
pub(super) async fn plan(cx: &Cx, by: &Identity, places: &[Place]) -> Result<Draft> {
    let services = standing::services(cx, places, Asked::Deployment).await?;
    let base: Vec<Base> = services.iter().map(Base::of).collect();
    let paths: Vec<String> = base.iter().map(|base| base.place.path()).collect();
    let running = |service: &Service| service.detail.as_deref().map(|detail| detail.running).unwrap_or_default();
    let idle = services.iter().filter(|service| running(service) == 0);
    let mut notes: Vec<String> =
        idle.map(|service| format!("{} runs no task that could be replaced", service.name)).collect();
    notes.extend(standing::under_way(&services));
    Ok(Draft {
        title: format!("Redeploy {}", listing(&paths)),
        changes: services.iter().map(|service| replaced(service, running(service))).collect(),
        calls: base.iter().map(|base| call(&base.place)).collect(),
        name: name(&base),
        base,
        checks: verify::services(cx, by, &services).await,
        notes,
        ..Draft::default()
    })
}

fn replaced(service: &Service, running: u32) -> Difference {
    let definition = service.detail.as_deref().and_then(|detail| detail.task_definition.as_ref());
    let definition = definition.map(|arn| format!(" of {}", arn.name())).unwrap_or_default();
    let tasks = |count: u32, kind: &str| {
        if count == 1 { format!("1 {kind} task{definition}") } else { format!("{count} {kind} tasks{definition}") }
    };
    Difference {
        place: format!("service {}", service.name),
        what: "tasks".to_owned(),
        change: Change::Changed(tasks(running, "running"), "as many new ones".to_owned()),
        secret: false,
    }
}

fn call(place: &Place) -> Call {
    Call {
        action: "ecs:UpdateService",
        resource: place.service.to_string(),
        what: "force a new deployment".to_owned(),
        request: Request::UpdateService {
            place: place.clone(),
            definition: NewDefinition::Kept,
            change: ServiceChange { force: true, ..ServiceChange::default() },
        },
    }
}
