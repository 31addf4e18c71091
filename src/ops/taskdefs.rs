//! Task definitions: families, revisions, and one of them.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Cx, Error, Kind, Result, ls};
use crate::model::{Arn, TaskDefinition, text::clean};

/// How many families are asked for their newest revision at once; the budget decides how fast.
const AT_ONCE: usize = 16;

/// A family of task definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// Its newest ACTIVE revision.
    pub latest: Option<Arn>,
}

/// A revision of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its identity; the last segment is `family:revision`.
    pub arn: Arn,
    /// Whether new tasks can be started from it.
    pub active: bool,
}

/// Returns every family that has an ACTIVE revision, with the newest one, by name.
pub async fn families(cx: &Cx) -> Result<Vec<Family>> {
    let aws = cx.aws().await?;
    let families = async {
        let names = aws.families().await?;
        let latest = stream::iter(names).map(|name| {
            let aws = &aws;
            async move { Ok(Family { latest: aws.latest_revision(&name).await?, name }) }
        });
        latest.buffered(AT_ONCE).try_collect().await
    };
    families.await.map_err(|error| cx.failed("the task definition families cannot be listed", &aws, error))
}

/// Returns the revisions of a family, the newest first: the ACTIVE ones, and the INACTIVE ones too where they are
/// wanted.
pub async fn revisions(cx: &Cx, family: &str, inactive: bool) -> Result<Vec<Revision>> {
    let aws = cx.aws().await?;
    let revisions = async {
        let mut revisions = Vec::new();
        for active in [true, false].into_iter().filter(|active| *active || inactive) {
            let arns = aws.revisions(family, active).await?;
            revisions.extend(arns.into_iter().map(|arn| Revision { arn, active }));
        }
        Ok(revisions)
    };
    let what = || format!("the revisions of {} cannot be listed", clean(family));
    let mut revisions: Vec<Revision> = revisions.await.map_err(|error| cx.failed(what(), &aws, error))?;
    revisions.sort_by_key(|revision| std::cmp::Reverse(number(&revision.arn)));
    Ok(revisions)
}

/// Returns the revisions of a family in full, the newest first; a family without any is an error.
pub async fn all(cx: &Cx, family: &str, inactive: bool) -> Result<Vec<Arc<TaskDefinition>>> {
    let revisions = revisions(cx, family, inactive).await?;
    if revisions.is_empty() {
        return Err(nothing(family));
    }
    let read = stream::iter(revisions).map(|revision| async move { ls::task_definition(cx, &revision.arn).await });
    read.buffered(AT_ONCE).try_collect().await
}

/// Returns what `family`, `family:revision`, `family:latest` or an ARN names: of a family the newest ACTIVE revision.
pub async fn one(cx: &Cx, named: &str) -> Result<Arc<TaskDefinition>> {
    if let Ok(arn) = named.parse::<Arn>() {
        return ls::task_definition(cx, &arn).await;
    }
    let named = named.strip_suffix(":latest").unwrap_or(named);
    let aws = cx.aws().await?;
    let definition = aws.task_definition(named).await.map_err(|error| {
        let error = cx.failed(format!("task definition {} cannot be read", clean(named)), &aws, error);
        if error.kind == Kind::NotFound { error.hint("`ecsui taskdefs` shows all families") } else { error }
    })?;
    let definition = Arc::new(definition);
    cx.way.keep(&definition.arn, &definition);
    Ok(definition)
}

/// Returns the number of a revision.
fn number(arn: &Arn) -> Option<u32> {
    arn.name().rsplit_once(':')?.1.parse().ok()
}

fn nothing(family: &str) -> Error {
    Error::new(Kind::NotFound, format!("there is no task definition family {:?}", clean(family)))
        .hint("`ecsui taskdefs` shows all families")
}
