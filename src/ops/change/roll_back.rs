//! Roll back: what ran before the newest deployment of a service comes back.

use super::{
    Base, Call, Check, NewDefinition, Place, Request, Verdict,
    plan::{Draft, name},
    standing::{self, Asked},
};
use crate::{
    aws::ServiceChange,
    model::{
        Arn, Service,
        taskdef::{
            Document,
            diff::{Change, Difference, diff},
        },
        text::clean,
    },
    ops::{
        Cx, Error, Identity, Kind, Result,
        deployments::{self, Deployments, Outcome, Release},
        ls, verify,
    },
};

/// Returns what has to be done: a deployment under way is stopped and rolled back by ECS, and of one that is over the
/// task definition before it comes back.
pub(super) async fn plan(cx: &Cx, by: &Identity, place: &Place) -> Result<Draft> {
    standing::service(cx, place, Asked::Deployment).await?;
    let seen = deployments::deployments(cx, &place.cluster, &place.service).await?;
    let mut draft = match seen.history.first() {
        Some(newest) if newest.outcome() == Outcome::RollingBack => return Err(rolling_back(place)),
        Some(newest) if newest.deployment.is_under_way() => of_deployment(place, &seen, newest),
        _ => of_definition(cx, by, place, &seen).await?,
    };
    draft.notes.extend(seen.gaps.iter().map(|gap| gap.text.clone()));
    draft.changes = changes(cx, &seen.service, &mut draft).await;
    Ok(draft)
}

/// Ends the deployment that is under way.
fn of_deployment(place: &Place, seen: &Deployments, newest: &Release) -> Draft {
    let base = vec![Base::of(&seen.service)];
    let mut draft = Draft {
        title: format!("Roll back the deployment of {} that is under way", place.path()),
        calls: vec![Call {
            action: "ecs:StopServiceDeployment",
            resource: newest.deployment.arn.to_string(),
            what: "stop the deployment, and bring back the service revision before it".to_owned(),
            request: Request::RollBackDeployment { place: place.clone(), deployment: newest.deployment.arn.clone() },
        }],
        name: name(&base),
        base,
        ..Draft::default()
    };
    let source = newest.source.as_ref().and_then(|source| source.task_definition.clone());
    if source.is_none() {
        let why = "AWS does not name it, and refuses where there is none".to_owned();
        draft.checks.push(Check::new("there is a service revision to go back to", Verdict::Unknown(why)));
    }
    draft.target = source;
    draft
}

/// Gives the service the task definition of the last deployment that was completed before.
async fn of_definition(cx: &Cx, by: &Identity, place: &Place, seen: &Deployments) -> Result<Draft> {
    let base = Base::of(&seen.service);
    let Before { definition: before, why, doubt } = before(cx, &base, seen).await?;
    let mut checks: Vec<Check> = doubt.into_iter().collect();
    checks.extend(is_usable(cx, by, &seen.service, &before).await);
    let mut notes = vec![format!("{} is {why}", before.name())];
    notes.extend(brought_nothing(seen, base.definition.as_ref()));
    notes.push("only the task definition comes back: what else was changed about the service stays".to_owned());
    Ok(Draft {
        title: format!("Roll {} back to {}", place.path(), before.name()),
        calls: vec![Call {
            action: "ecs:UpdateService",
            resource: place.service.to_string(),
            what: format!("give the service {}", before.name()),
            request: Request::UpdateService {
                place: place.clone(),
                definition: NewDefinition::This(before.clone()),
                change: ServiceChange::default(),
            },
        }],
        checks,
        target: Some(before),
        name: name(std::slice::from_ref(&base)),
        base: vec![base],
        notes,
        ..Draft::default()
    })
}

/// What ran before, and how that is known.
struct Before {
    definition: Arn,
    /// What it is.
    why: &'static str,
    /// Where it is guessed.
    doubt: Option<Check>,
}

/// Returns what ran before: by the history, by what is being replaced, or else by the numbers of the revisions alone.
async fn before(cx: &Cx, base: &Base, seen: &Deployments) -> Result<Before> {
    let now = base.definition.as_ref();
    let known = |definition: Arn, why| Before { definition, why, doubt: None };
    if let Some(definition) = completed_before(seen, now) {
        return Ok(known(definition, "what the last deployment before that was completed had"));
    }
    if let Some(definition) = replaced_before(seen, now) {
        return Ok(known(definition, "what ran when a deployment that ECS remembers replaced it"));
    }
    if let Some(definition) = being_replaced(seen, now) {
        return Ok(known(definition, "what the deployment has that is being replaced"));
    }
    let definition = revision_before(cx, base).await?;
    let (why, doubt) = match (seen.gaps.is_empty(), seen.history.is_empty()) {
        (false, _) => (
            "the ACTIVE revision before, for the deployments cannot be read",
            "the deployments cannot be read: it has the next lower number, and may never have run",
        ),
        (true, true) => (
            "the ACTIVE revision before, for ECS remembers no deployment before",
            "ECS, which forgets after 90 days, remembers no deployment: it has the next lower number, and may never \
             have run",
        ),
        (true, false) => (
            "the ACTIVE revision before, for the deployments that ECS remembers brought no other",
            "none of the deployments that ECS remembers, for 90 days, brought it or replaced it: it has the next lower \
             number, and may never have run",
        ),
    };
    let doubt = Some(Check::new(format!("{} ran before", definition.name()), Verdict::Failed(doubt.to_owned())));
    Ok(Before { definition, why, doubt })
}

/// Returns a sentence about a newest deployment that replaced a task definition by the same one.
fn brought_nothing(seen: &Deployments, now: Option<&Arn>) -> Option<String> {
    let newest = seen.history.first().filter(|newest| newest.outcome() == Outcome::Completed)?;
    let (before, after) = (source(newest)?, newest.definition()?);
    (before == after && Some(after) == now).then(|| {
        format!("the newest deployment changed nothing about the task definition: {} ran before it too", after.name())
    })
}

/// Returns the task definition of the newest deployment that the one in force replaces.
fn being_replaced(seen: &Deployments, now: Option<&Arn>) -> Option<Arn> {
    let mut others = seen.current().iter().filter(|it| &*it.status != "PRIMARY");
    let other = others.find(|it| it.rollout.as_deref() != Some("FAILED") && it.task_definition.as_ref() != now)?;
    other.task_definition.clone()
}

/// Returns the task definition of the newest completed deployment that had another one than the service has now.
fn completed_before(seen: &Deployments, now: Option<&Arn>) -> Option<Arn> {
    let completed = seen.history.iter().filter(|release| release.outcome() == Outcome::Completed);
    completed.filter_map(Release::definition).find(|definition| Some(*definition) != now).cloned()
}

/// Returns the newest task definition that a deployment replaced and that is another one than the service has now.
fn replaced_before(seen: &Deployments, now: Option<&Arn>) -> Option<Arn> {
    seen.history.iter().filter_map(source).find(|definition| Some(*definition) != now).cloned()
}

/// Returns the task definition that ran before a deployment.
fn source(release: &Release) -> Option<&Arn> {
    release.source.as_ref()?.task_definition.as_ref()
}

/// Returns the ACTIVE revision before the service's in its family.
async fn revision_before(cx: &Cx, base: &Base) -> Result<Arn> {
    let path = clean(base.place.path());
    let nothing = || Error::new(Kind::NotFound, format!("there is nothing that {path} could be rolled back to"));
    let now = base.definition.as_ref().ok_or_else(nothing)?;
    let (family, number) = numbered(now).ok_or_else(nothing)?;
    let aws = cx.aws().await?;
    let revisions = aws.revisions(family, true).await;
    let what = || format!("the revisions of {} cannot be listed", clean(family));
    let revisions = revisions.map_err(|error| cx.failed(what(), &aws, error))?;
    let before = revisions.into_iter().filter(|arn| numbered(arn).is_some_and(|(_, it)| it < number));
    before.max_by_key(|arn| numbered(arn).map(|(_, number)| number)).ok_or_else(nothing)
}

fn numbered(definition: &Arn) -> Option<(&str, u32)> {
    let (family, number) = definition.name().rsplit_once(':')?;
    Some((family, number.parse().ok()?))
}

/// Checks that tasks can be started from a definition, and that what they need is there still.
async fn is_usable(cx: &Cx, by: &Identity, service: &Service, definition: &Arn) -> Vec<Check> {
    let what = format!("{} can be used", definition.name());
    match ls::task_definition_now(cx, definition).await {
        Ok(definition) if definition.status == "ACTIVE" => {
            let document = Document::of(&definition);
            let needs = verify::definition(cx, by, &document).await;
            let attachments = service.detail.as_deref().map(|detail| detail.attachments.as_slice()).unwrap_or_default();
            let attached = verify::attached(cx, attachments, &document).await;
            std::iter::once(Check::new(what, Verdict::Passed)).chain(needs).chain(attached).collect()
        }
        Ok(definition) => {
            let why = format!("it is {}: it was deregistered", definition.status);
            vec![Check::new(what, Verdict::Failed(why))]
        }
        Err(error) => vec![Check::new(what, Verdict::Unknown(error.line()))],
    }
}

/// Returns what will be different: the task definition, and what that says.
async fn changes(cx: &Cx, service: &Service, draft: &mut Draft) -> Vec<Difference> {
    let now = service.detail.as_deref().and_then(|detail| detail.task_definition.clone());
    let (Some(now), Some(target)) = (now, draft.target.clone()) else { return Vec::new() };
    let mut changes = vec![Difference {
        place: format!("service {}", service.name),
        what: "task definition".to_owned(),
        change: Change::Changed(now.name().to_owned(), target.name().to_owned()),
        secret: false,
    }];
    match (ls::task_definition(cx, &now).await, ls::task_definition(cx, &target).await) {
        (Ok(now), Ok(target)) => changes.extend(diff(&now, &target)),
        (Err(error), _) | (_, Err(error)) => {
            draft.notes.push(format!("what differs cannot be told: {}", error.line()));
        }
    }
    changes
}

fn rolling_back(place: &Place) -> Error {
    let path = clean(place.path());
    Error::new(Kind::Refused, format!("the deployment of {path} is being rolled back already"))
        .hint(format!("`ecsui deployments {path} --wait` follows it"))
}
