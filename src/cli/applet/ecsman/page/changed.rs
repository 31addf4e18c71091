//! What ecsman says of what it changes.

use super::{Page, parts};
use crate::{
    model::{
        Arn, Service, Task, TaskDefinition,
        text::{Clean, clean},
    },
    ops::change::Plan,
};

/// Returns what the image of a service is, and what it becomes.
pub(in super::super) fn images(plan: &Plan) -> String {
    let image = plan.changes.iter().find(|it| it.what == "image");
    let Some((Some(before), Some(after))) = image.map(|it| it.values(false)) else { return String::new() };
    let family = plan.base.first().and_then(|base| base.definition.as_ref()).map(|it| parts(it).0).unwrap_or_default();
    let mut page = Page(String::new());
    page.say(format_args!("  - Task Definition: {}", Clean::new(family)));
    page.say(format_args!("  - Current image: {}", Clean::new(before)));
    page.say(format_args!("  - Updating to: {}", Clean::new(after)));
    page.0
}

/// Returns that a revision was registered for a service.
pub(in super::super) fn revision(definition: &Arn) -> String {
    format!("  -> Task definition updated, registered as revision {}\n", clean(parts(definition).1))
}

/// Returns how a service stands that was changed, as far as that is known.
pub(in super::super) fn updated(service: Option<&Service>) -> String {
    let mut page = Page("  -> Service updated with new task definition:\n".to_owned());
    if let Some(detail) = service.and_then(|service| service.detail.as_deref()) {
        page.say(format_args!("     - Desired count: {}", detail.desired));
        page.say(format_args!("     - Pending count: {}", detail.pending));
        page.say(format_args!("     - Running count: {}", detail.running));
        page.say(format_args!("     - Service status: {}", Clean::new(&*detail.status)));
    }
    page.0
}

/// Returns a revision that was registered, with what is known of it.
pub(in super::super) fn registered(definition: &Arn, told: Option<&TaskDefinition>) -> String {
    let (family, revision) = parts(definition);
    let mut page = Page("Registered new Task Definition:\n".to_owned());
    page.say(format_args!("  - Family: {}", Clean::new(family)));
    page.say(format_args!("  - Revision: {}", Clean::new(revision)));
    if let Some(told) = told {
        page.say(format_args!("  - Status: {}", Clean::new(&*told.status)));
    }
    page.0
}

/// Returns a task that was started by hand.
pub(in super::super) fn started(task: &Task) -> String {
    let containers: Vec<&str> = task.containers.iter().map(|container| &*container.name).collect();
    let mut page = Page(String::new());
    page.say(format_args!("  Running task definition: {}", Clean::new(task.definition.as_str())));
    page.say(format_args!("  - Task Running on container(s) [{}]", Clean::new(containers.join(" "))));
    page.say(format_args!("  - Last known status: {}", Clean::new(&*task.last_status)));
    page.0
}
