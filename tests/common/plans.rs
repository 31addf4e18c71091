//! Plans to agree to.

use ecsui::{
    aws::ServiceChange,
    ops::{
        Identity,
        change::{Base, Call, Check, Guard, NewDefinition, Place, Plan, Request, Wish},
    },
};

use super::browser::arn;

/// The service that the plans are about.
pub(crate) fn payments() -> Place {
    Place { cluster: arn("cluster/prod"), service: arn("service/prod/payments-api") }
}

/// The plan to replace the tasks of a service.
pub(crate) fn plan(guard: Guard, checks: Vec<Check>) -> Box<Plan> {
    let place = payments();
    Box::new(Plan {
        title: "Redeploy payments-api in prod".to_owned(),
        name: "payments-api".to_owned(),
        wish: Wish::Redeploy { services: vec![place.clone()] },
        by: Identity {
            profile: "dev".to_owned(),
            region: "eu-west-1".to_owned(),
            account: Some("123456789012".to_owned()),
            caller: None,
        },
        base: vec![Base {
            place: place.clone(),
            definition: None,
            deployment: Some("ecs-svc/1".to_owned()),
            desired: 3,
            exec: true,
        }],
        scopes: Vec::new(),
        changes: Vec::new(),
        calls: vec![Call {
            action: "ecs:UpdateService",
            resource: place.service.to_string(),
            what: "starts a new deployment".to_owned(),
            request: Request::UpdateService {
                place,
                definition: NewDefinition::Kept,
                change: ServiceChange { force: true, ..ServiceChange::default() },
            },
        }],
        checks,
        notes: vec!["3 tasks are replaced".to_owned()],
        guard,
        colour: None,
    })
}
