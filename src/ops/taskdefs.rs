//! Task definitions: families, revisions, and one of them.

use std::sync::{Arc, OnceLock};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::{Cx, Error, Kind, Result, ls};
use crate::model::{Arn, Described, TaskDefinition, text::clean};

/// How many families are asked for their newest revision at once; the budget decides how fast.
const AT_ONCE: usize = 16;

/// What there is of task definitions, as far as it may be read.
#[derive(Debug)]
pub struct Listing<T> {
    /// What there is.
    pub all: Vec<T>,
    /// What is missing because IAM said no.
    pub denied: Option<Error>,
}

/// A family of task definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// Its newest ACTIVE revision; `None` where that may not be read.
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
pub async fn families(cx: &Cx) -> Result<Listing<Family>> {
    let aws = cx.aws().await?;
    let names = aws.families().await;
    let names = names.map_err(|error| cx.failed("the task definition families cannot be listed", &aws, error))?;
    let refusal = Refusal::default();
    let latest = stream::iter(names).map(|name| async {
        let read = async {
            let latest = aws.latest_revision(&name).await;
            latest.map_err(|error| cx.failed("the revisions of the families cannot be listed", &aws, error))
        };
        Ok::<_, Error>(Family { latest: refusal.unless(read).await?.flatten(), name })
    });
    let all = latest.buffered(AT_ONCE).try_collect().await?;
    Ok(Listing { all, denied: refusal.into() })
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

/// Returns the revisions of a family in full, the newest first; a family without any is an error. Where revisions may
/// not be described they are bare: an identity and a status. Where they may not be listed there is the newest alone.
pub async fn all(cx: &Cx, family: &str, inactive: bool) -> Result<Listing<Arc<TaskDefinition>>> {
    let revisions = match revisions(cx, family, inactive).await {
        Err(error) if error.kind == Kind::Denied => {
            return match one(cx, family).await {
                Ok(newest) => Ok(Listing { all: vec![newest], denied: Some(error) }),
                Err(_) => Err(error),
            };
        }
        revisions => revisions?,
    };
    if revisions.is_empty() {
        return Err(nothing(family));
    }
    let refusal = Refusal::default();
    let read = stream::iter(revisions).map(|revision| async {
        let described = refusal.unless(ls::task_definition(cx, &revision.arn)).await?;
        Ok::<_, Error>(described.unwrap_or_else(|| Arc::new(bare(revision))))
    });
    let all = read.buffered(AT_ONCE).try_collect().await?;
    Ok(Listing { all, denied: refusal.into() })
}

/// Returns what a list tells of a revision.
fn bare(Revision { arn, active }: Revision) -> TaskDefinition {
    let status = if active { "ACTIVE" } else { "INACTIVE" };
    let mut definition = TaskDefinition::bare(arn, status);
    definition.described = Described::new(json!({ "taskDefinition": {
        "taskDefinitionArn": definition.arn.as_str(),
        "family": definition.family(),
        "revision": definition.revision(),
        "status": status,
    } }));
    definition
}

/// That IAM said no to one of many reads: then nobody asks again.
#[derive(Debug, Default)]
struct Refusal(OnceLock<Error>);

impl Refusal {
    /// Reads unless that has been refused; a refusal is kept.
    async fn unless<T>(&self, read: impl Future<Output = Result<T>>) -> Result<Option<T>> {
        if self.0.get().is_some() {
            return Ok(None);
        }
        match read.await {
            Err(error) if error.kind == Kind::Denied => {
                let _another_was_first = self.0.set(error);
                Ok(None)
            }
            read => read.map(Some),
        }
    }
}

impl From<Refusal> for Option<Error> {
    fn from(refusal: Refusal) -> Self {
        refusal.0.into_inner()
    }
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
