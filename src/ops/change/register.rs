//! Register: a revision of a task definition, as somebody has written it.

use super::{Call, Request, plan::Draft};
use crate::{
    model::{
        Arn, TaskDefinition,
        taskdef::{Described, Document, Written, diff},
        text::{clean, listing},
    },
    ops::{Cx, Error, Identity, Kind, Result, ls, verify},
};
use std::sync::Arc;

/// A revision to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// All of it.
    pub document: Document,
    /// What was left out of what was written, for it is AWS's to say.
    pub dropped: Vec<String>,
}

impl Registration {
    /// Reads what somebody has written; what is wrong is said with `name`, by which people know the text, and the place
    /// in it.
    pub fn read(name: &str, text: &str) -> Result<Self> {
        let Written { document, dropped } = Document::read(text).map_err(|misread| {
            // With what a compiler puts between a file and a line, so that editors find the place.
            let between = if misread.place.starts_with(|c: char| c.is_ascii_digit()) { ":" } else { ": " };
            Error::new(Kind::Usage, clean(format!("{name}{between}{misread}")))
                .hint("it has to hold what RegisterTaskDefinition takes, or what describe-task-definition prints")
        })?;
        Ok(Self { document, dropped })
    }

    /// Returns the error of a text that could not be read at all.
    pub fn unreadable(name: &str, error: std::io::Error) -> Error {
        Error::new(Kind::Usage, clean(format!("{name} cannot be read"))).because(error)
    }
}

/// Returns what has to be done.
pub(super) async fn plan(cx: &Cx, by: &Identity, registration: &Registration) -> Result<Draft> {
    let Registration { document, dropped } = registration;
    let family = document.family();
    let mut notes = Vec::new();
    let latest = latest(cx, family, &mut notes).await?;
    let is_known = notes.is_empty();
    let changes = match &latest {
        Some(latest) => document.differences_from(latest),
        None => diff::between(&Described::default(), &document.described()),
    };
    if let Some(latest) = latest.as_ref().filter(|_| changes.is_empty()) {
        notes.push(format!("nothing is different from {}: the new revision says the same", latest.arn.name()));
    }
    if !dropped.is_empty() {
        notes.push(format!("left out, for AWS says it itself: {}", listing(dropped)));
    }
    let unknown = document.unknown();
    if !unknown.is_empty() {
        notes.push(format!("sent as they are, though ecsui does not know them: {}", listing(&unknown)));
    }
    let what = match &latest {
        Some(latest) => format!("register a revision of {family}, the newest of which is {}", latest.arn.name()),
        None if is_known => format!("register the first revision of {family}"),
        None => format!("register a revision of {family}"),
    };
    Ok(Draft {
        title: format!("Register a revision of {family}"),
        changes,
        calls: vec![call(document, what, latest.map(|latest| latest.arn.clone()))],
        checks: verify::definition(cx, by, document).await,
        notes,
        name: family.to_owned(),
        ..Draft::default()
    })
}

fn call(document: &Document, what: String, latest: Option<Arn>) -> Call {
    Call {
        action: "ecs:RegisterTaskDefinition",
        resource: format!("task-definition/{}", document.family()),
        what,
        request: Request::Register { document: document.clone(), latest },
    }
}

/// Returns the newest ACTIVE revision of a family; none where there is no such family, or where it may not be read,
/// which is noted.
async fn latest(cx: &Cx, family: &str, notes: &mut Vec<String>) -> Result<Option<Arc<TaskDefinition>>> {
    let aws = cx.aws().await?;
    let what = || format!("the revisions of {family} cannot be listed");
    let found = match aws.latest_revision(family).await {
        Ok(Some(arn)) => ls::task_definition(cx, &arn).await.map(Some),
        Ok(None) => return Ok(None),
        Err(error) => Err(cx.failed(what(), &aws, error)),
    };
    match found {
        Err(error) if error.kind == Kind::Denied => {
            notes.push(format!("what is different from the newest revision cannot be told: {}", error.line()));
            Ok(None)
        }
        found => found,
    }
}
