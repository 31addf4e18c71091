//! Enable exec: new tasks of services can be logged in to, and all of them are new.

use super::{
    Base, Call, Check, NewDefinition, Place, Request, Verdict,
    plan::{Draft, name},
    standing::{self, Asked},
};
use crate::{
    aws::ServiceChange,
    model::{
        Service,
        taskdef::diff::{Change, Difference},
        text::{clean, listing},
    },
    ops::{Cx, Error, Identity, Kind, Result, ls, verify},
};

/// Returns what has to be done.
pub(super) async fn plan(cx: &Cx, by: &Identity, places: &[Place]) -> Result<Draft> {
    let services = standing::services(cx, places, Asked::Deployment).await?;
    let (on, off): (Vec<Service>, Vec<Service>) = services.into_iter().partition(|service| Base::of(service).exec);
    if off.is_empty() {
        return Err(is_on(cx, &on).await);
    }
    let base: Vec<Base> = off.iter().map(Base::of).collect();
    let paths: Vec<String> = base.iter().map(|base| base.place.path()).collect();
    let mut checks = Vec::new();
    for base in &base {
        checks.extend(has_role(cx, base).await);
    }
    checks.extend(verify::services(cx, by, &off).await);
    let mut notes = vec!["all tasks are replaced: only those started from now on can be logged in to".to_owned()];
    notes.extend(on.iter().map(|service| format!("exec is enabled for {} already", service.name)));
    notes.extend(standing::under_way(&off));
    Ok(Draft {
        title: format!("Enable exec for {}", listing(&paths)),
        changes: base.iter().map(enabled).collect(),
        calls: base.iter().map(|base| call(&base.place)).collect(),
        name: name(&base),
        checks,
        notes,
        base,
        ..Draft::default()
    })
}

/// Returns the error of services for which exec is enabled, with what helps those of their tasks that are from before.
async fn is_on(cx: &Cx, services: &[Service]) -> Error {
    let paths: Vec<String> = services.iter().map(|service| Place::of(service).path()).collect();
    let mut error = Error::new(Kind::Refused, format!("exec is enabled for {} already", clean(listing(&paths))));
    for service in services {
        let Ok(tasks) = ls::tasks(cx, &service.cluster, Some(&service.arn)).await else { continue };
        let old = tasks.iter().filter(|task| !task.exec_enabled).count();
        if old > 0 {
            let path = clean(Place::of(service).path());
            let tasks = if old == 1 { "1 task".to_owned() } else { format!("{old} tasks") };
            error = error.hint(format!("{tasks} of {path} are from before: `ecsui redeploy {path}` replaces them"));
        }
    }
    if error.hints.is_empty() {
        error = error.hint("if a login fails all the same, it says why");
    }
    error
}

/// Checks that tasks have a role, without which the agent that lets people in cannot reach Session Manager.
async fn has_role(cx: &Cx, base: &Base) -> Option<Check> {
    let arn = base.definition.as_ref()?;
    let what = format!("{} has a task role", arn.name());
    let verdict = match ls::task_definition(cx, arn).await {
        Ok(definition) if definition.task_role.is_some() => Verdict::Passed,
        Ok(_) => Verdict::Failed(
            "the agent in the containers needs one that allows ssmmessages:CreateControlChannel, CreateDataChannel, \
             OpenControlChannel and OpenDataChannel"
                .to_owned(),
        ),
        Err(error) => Verdict::Unknown(error.line()),
    };
    Some(Check::new(what, verdict))
}

fn enabled(base: &Base) -> Difference {
    Difference {
        place: format!("service {}", base.place.name()),
        what: "exec".to_owned(),
        change: Change::Changed("disabled".to_owned(), "enabled".to_owned()),
        secret: false,
    }
}

fn call(place: &Place) -> Call {
    Call {
        action: "ecs:UpdateService",
        resource: place.service.to_string(),
        what: "enable exec, and force a new deployment".to_owned(),
        request: Request::UpdateService {
            place: place.clone(),
            definition: NewDefinition::Kept,
            change: ServiceChange { force: true, exec: Some(true), ..ServiceChange::default() },
        },
    }
}
