//! Update: a new revision in which one thing is another, and the service that runs it.

use std::sync::Arc;

use super::{
    Base, Call, Check, NewDefinition, Place, Request, Verdict,
    plan::{Draft, name},
    standing::{self, Asked},
};
use crate::{
    aws::ServiceChange,
    model::{
        Arn, AttachedTo, Attachment, EnvironmentValue, ImageWish, Service, TaskDefinition,
        taskdef::{
            self, Document,
            diff::{self, Change, Difference},
        },
        text::{clean, listing},
    },
    ops::{Cx, Error, Identity, Kind, Result, ls, verify},
};

/// What is to be different about a service's task definition, and about the service with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The service.
    pub place: Place,
    /// Whose image and variables.
    pub whose: Whose,
    /// The image.
    pub image: Option<ImageWish>,
    /// Variables, in the place of those of the same name.
    pub set: Vec<EnvironmentValue>,
    /// The names of variables that are to go.
    pub unset: Vec<String>,
    /// The target group that new tasks are registered with, in the place of the one that they were.
    pub target_group: Option<Arn>,
    /// The value of the attribute `group` of the container instances that tasks are placed on.
    pub placement_group: Option<String>,
}

/// Whose image and variables are to be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of the one container that there is; where there are several, one has to be named.
    TheOne,
    /// Those of the container of this name.
    Named(String),
    /// Those of every container.
    All,
}

/// What becomes of a service and of its task definition.
struct Next {
    service: Service,
    base: Base,
    definition: Arc<TaskDefinition>,
    document: Document,
    attachments: Option<Vec<Attachment>>,
    changes: Vec<Difference>,
    notes: Vec<String>,
    registers: bool,
}

/// Whether anything would be different.
pub async fn is_needed(cx: &Cx, update: &Update) -> Result<bool> {
    Ok(!next(cx, update).await?.changes.is_empty())
}

/// Returns what has to be done.
pub(super) async fn plan(cx: &Cx, by: &Identity, update: &Update) -> Result<Draft> {
    let Next { service, base, definition, document, attachments, changes, mut notes, registers } =
        next(cx, update).await?;
    if changes.is_empty() {
        return Err(nothing(update, &base));
    }
    let latest = if registers { latest(cx, &definition).await } else { None };
    let ready = ready(cx, &definition, &document, latest.as_ref()).await;
    notes.extend(newer(&definition, latest.as_ref(), ready.is_some()));
    let mut checks = Vec::new();
    if registers && ready.is_none() {
        notes.extend(carried_over(&document, &definition));
        checks.extend(tags_are_kept(&definition));
    }
    if registers {
        checks.extend(verify::definition(cx, by, &document).await);
    }
    checks.extend(verify::attached(cx, attachments.as_deref().unwrap_or_default(), &document).await);
    notes.extend(standing::under_way(std::slice::from_ref(&service)));
    Ok(Draft {
        title: format!("Update {}", update.place.path()),
        calls: match ready {
            Some(ready) => vec![given(&base, NewDefinition::This(ready), attachments)],
            None => calls(&base, registers.then_some(document), latest, attachments),
        },
        name: name(std::slice::from_ref(&base)),
        base: vec![base],
        changes,
        checks,
        notes,
        ..Draft::default()
    })
}

async fn next(cx: &Cx, update: &Update) -> Result<Next> {
    let service = standing::service(cx, &update.place, Asked::Deployment).await?;
    let base = Base::of(&service);
    let definition = definition(cx, &base).await?;
    let before = Document::of(&definition);
    let mut document = before.clone();
    let containers = if update.concerns_containers() { meant(update, &before)? } else { Vec::new() };
    let mut notes = changed(update, &containers, &mut document)?;
    let attachments = attachments(update, &service, &document)?;
    notes.extend(shifted(update, attachments.as_deref().unwrap_or_default()));
    let mut changes = diff::between(&before.described(), &document.described());
    changes.extend(attachments.as_ref().and_then(|after| moved(&service, after)));
    let registers = document != before;
    Ok(Next { service, base, definition, document, attachments, changes, notes, registers })
}

impl Update {
    fn concerns_containers(&self) -> bool {
        self.image.is_some() || !self.set.is_empty() || !self.unset.is_empty()
    }
}

/// Returns the task definition that a service runs, with everything that AWS says about it.
async fn definition(cx: &Cx, base: &Base) -> Result<Arc<TaskDefinition>> {
    let none = || {
        let what = format!("service {} has no task definition of its own", clean(base.place.path()));
        Error::new(Kind::Refused, what).hint("its task sets have; another deployment controller changes them")
    };
    // Read now, for its tags are carried over.
    ls::task_definition_now(cx, base.definition.as_ref().ok_or_else(none)?).await
}

/// Returns the names of the containers that are meant.
fn meant(update: &Update, document: &Document) -> Result<Vec<String>> {
    let all: Vec<(&str, &str)> = document.containers().collect();
    let shown = || listing(&all.iter().map(|(name, image)| format!("{name} ({image})")).collect::<Vec<_>>());
    match (&update.whose, &all[..]) {
        (Whose::All, _) => Ok(all.iter().map(|(name, _)| (*name).to_owned()).collect()),
        (Whose::TheOne, [(name, _)]) => Ok(vec![(*name).to_owned()]),
        (Whose::TheOne, _) => {
            let what = format!("{} has several containers: {}", clean(document.family()), shown());
            Err(Error::new(Kind::Usage, what).hint("name one of them with --container"))
        }
        (Whose::Named(wanted), _) if all.iter().any(|(name, _)| name == wanted) => Ok(vec![wanted.clone()]),
        (Whose::Named(wanted), _) => {
            let what = format!("{} has no container {:?}", clean(document.family()), clean(wanted));
            Err(Error::new(Kind::NotFound, what).hint(format!("there are {}", shown())))
        }
    }
}

/// Changes the document as the wish says; returns what somebody should know about it.
fn changed(update: &Update, containers: &[String], document: &mut Document) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for container in containers {
        if let Some(wish) = &update.image {
            let current = document.containers().find(|(name, _)| name == container).map(|(_, image)| image.to_owned());
            let image = wish.applied_to(&current.unwrap_or_default()).map_err(|error| {
                Error::new(Kind::Usage, format!("container {} cannot be given another image", clean(container)))
                    .because(error)
            })?;
            document.set_image(container, &image);
        }
        for EnvironmentValue { name, value } in &update.set {
            if document.has_secret(container, name) {
                let what = format!("{} is given to container {} from a secret store", clean(name), clean(container));
                return Err(Error::new(Kind::Refused, what).hint("change it there: `ecsui params put`"));
            }
            document.set_variable(container, name, value);
        }
        for name in &update.unset {
            if !document.unset_variable(container, name) {
                notes.push(format!("container {container} has no variable {name} that could be taken away"));
            }
        }
    }
    if let Some(group) = &update.placement_group {
        document.set_placement_group(group);
    }
    Ok(notes)
}

/// Returns what new tasks are to be registered with; `None` where that stays.
fn attachments(update: &Update, service: &Service, document: &Document) -> Result<Option<Vec<Attachment>>> {
    let Some(group) = &update.target_group else { return Ok(None) };
    if !group.resource().starts_with("targetgroup/") {
        return Err(Error::new(Kind::Usage, format!("{} is not the ARN of a target group", clean(group.as_str()))));
    }
    let now = service.detail.as_deref().map(|detail| detail.attachments.clone()).unwrap_or_default();
    let is_meant = |it: &Attachment| match &update.whose {
        Whose::Named(container) => *it.container == **container,
        Whose::TheOne | Whose::All => true,
    };
    let meant = now.iter().filter(|it| it.group().is_some() && is_meant(it)).count();
    let to = AttachedTo::TargetGroup(group.clone());
    match meant {
        1 => {
            let moved = |it: Attachment| {
                if it.group().is_some() && is_meant(&it) { Attachment { to: to.clone(), ..it } } else { it }
            };
            Ok(Some(now.into_iter().map(moved).collect()))
        }
        0 => {
            let (container, port) = only_port(update, document)?;
            Ok(Some(
                now.into_iter().chain([Attachment { to, container: container.into(), port, shifting: None }]).collect(),
            ))
        }
        _ => {
            let all: Vec<String> =
                now.iter().map(|it| format!("{} ({}:{})", it.name(), it.container, it.port)).collect();
            let what = format!("{} is registered with several target groups: {}", service.name, listing(&all));
            Err(Error::new(Kind::Usage, clean(what)).hint("name the container of one of them with --container"))
        }
    }
}

/// Returns a sentence where requests are shifted between the new target group and another one.
fn shifted(update: &Update, attachments: &[Attachment]) -> Option<String> {
    let moved = attachments.iter().find(|it| it.group() == update.target_group.as_ref())?;
    let alternate = moved.shifting.as_ref()?.alternate.as_deref().unwrap_or("none");
    Some(format!(
        "the other target group that deployments shift requests to stays {alternate}, and the listener rules stay too"
    ))
}

/// Returns the container and the port that a target group leads to where there was none before: the only ones there
/// are.
fn only_port(update: &Update, document: &Document) -> Result<(String, u16)> {
    let container = match &update.whose {
        Whose::Named(name) => Some(name.as_str()),
        Whose::TheOne | Whose::All => None,
    };
    let ports: Vec<(String, u16)> =
        document.ports().filter(|(name, _)| container.is_none_or(|it| it == name)).collect();
    match &ports[..] {
        [one] => Ok(one.clone()),
        [] => Err(Error::new(Kind::Refused, "no container has a port that a target group could lead to")),
        several => {
            let several: Vec<String> = several.iter().map(|(name, port)| format!("{name}:{port}")).collect();
            let what = format!("a target group could lead to several ports: {}", listing(&several));
            Err(Error::new(Kind::Usage, what).hint("name a container with one port with --container"))
        }
    }
}

/// Returns the difference that other target groups make, where they make one.
fn moved(service: &Service, after: &[Attachment]) -> Option<Difference> {
    let before = service.detail.as_deref().map(|detail| detail.attachments.as_slice()).unwrap_or_default();
    let words = |all: &[Attachment]| {
        let words: Vec<String> =
            all.iter().map(|it| format!("{} to {}:{}", it.name(), it.container, it.port)).collect();
        words.join(", ")
    };
    let change =
        if before.is_empty() { Change::Added(words(after)) } else { Change::Changed(words(before), words(after)) };
    let (place, what) = (format!("service {}", service.name), "target groups".to_owned());
    (before != after).then_some(Difference { place, what, change, secret: false })
}

/// Returns the newest revision, so that one that is registered can be told from those before.
async fn latest(cx: &Cx, definition: &TaskDefinition) -> Option<Arn> {
    let found = match cx.aws().await {
        Ok(aws) => aws.latest_revision(definition.family()).await.ok().flatten(),
        Err(_) => None,
    };
    found.or_else(|| Some(definition.arn.clone()))
}

/// Returns the newest revision where it says all that is wanted: whoever wished for this before was interrupted after
/// it was registered, and needs no second one.
async fn ready(cx: &Cx, definition: &TaskDefinition, document: &Document, latest: Option<&Arn>) -> Option<Arn> {
    let latest = latest.filter(|latest| **latest != definition.arn)?;
    let made = ls::task_definition_now(cx, latest).await.ok()?;
    (taskdef::knows_tags(&made) && document.is_told_by(&made)).then(|| latest.clone())
}

/// Returns a sentence where there is a newer revision than that of the service: it is what is wanted already, or not
/// what the new one is made from.
fn newer(definition: &TaskDefinition, latest: Option<&Arn>, is_ready: bool) -> Option<String> {
    let (newest, own) = (latest.filter(|latest| **latest != definition.arn)?.name(), definition.arn.name());
    Some(if is_ready {
        format!("{newest} says all that already, and no second one is registered")
    } else {
        format!("{newest} is newer than {own}, which the service has and the new revision is made from")
    })
}

/// Returns what is carried over without being understood, and what cannot be carried over.
fn carried_over(document: &Document, definition: &TaskDefinition) -> Vec<String> {
    let mut notes = Vec::new();
    let unknown = document.unknown();
    if !unknown.is_empty() {
        notes.push(format!("carried over as they are, though ecsui does not know them: {}", listing(&unknown)));
    }
    let reserved = taskdef::reserved_tags(definition);
    if !reserved.is_empty() {
        notes.push(format!("not carried over, for AWS gives them itself: the tags {}", listing(&reserved)));
    }
    notes
}

/// Returns a failed check where the tags could not be read, and so would be lost.
fn tags_are_kept(definition: &TaskDefinition) -> Option<Check> {
    let why = "they may not be read, so the new revision would have none";
    let check = || Check::new("tags of the task definition are kept", Verdict::Failed(why.to_owned()));
    (!taskdef::knows_tags(definition)).then(check)
}

fn calls(
    base: &Base,
    document: Option<Document>,
    latest: Option<Arn>,
    attachments: Option<Vec<Attachment>>,
) -> Vec<Call> {
    let definition = if document.is_some() { NewDefinition::Registered } else { NewDefinition::Kept };
    let register = document.map(|document| Call {
        action: "ecs:RegisterTaskDefinition",
        resource: format!("task-definition/{}", document.family()),
        what: format!("register a new revision of {}", document.family()),
        request: Request::Register { document, latest },
    });
    register.into_iter().chain([given(base, definition, attachments)]).collect()
}

/// Returns the call that gives the service what is new.
fn given(base: &Base, definition: NewDefinition, attachments: Option<Vec<Attachment>>) -> Call {
    let what = match (&definition, &attachments) {
        (NewDefinition::Kept, _) => "give the service the target group".to_owned(),
        (NewDefinition::Registered, None) => "give the service the new revision".to_owned(),
        (NewDefinition::Registered, Some(_)) => "give the service the new revision and the target group".to_owned(),
        (NewDefinition::This(arn), None) => format!("give the service {}", arn.name()),
        (NewDefinition::This(arn), Some(_)) => format!("give the service {} and the target group", arn.name()),
    };
    Call {
        action: "ecs:UpdateService",
        resource: base.place.service.to_string(),
        what,
        request: Request::UpdateService {
            place: base.place.clone(),
            definition,
            change: ServiceChange { attachments, ..ServiceChange::default() },
        },
    }
}

fn nothing(update: &Update, base: &Base) -> Error {
    let definition = base.definition.as_ref().map(Arn::name).unwrap_or_default();
    let path = update.place.path();
    let what = format!("nothing about {path} would be different: {definition} is like that already");
    Error::new(Kind::Refused, clean(what))
        .hint(format!("`ecsui redeploy {}` replaces its tasks all the same", clean(path)))
}
