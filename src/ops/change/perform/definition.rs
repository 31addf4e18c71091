//! RegisterTaskDefinition.

use super::{Failure, Sent, harmless, once};
use crate::{
    aws,
    model::{Arn, TaskDefinition, taskdef::Document, text::clean},
    ops::{Cx, change::Made},
};
use std::sync::Arc;

/// Registers a revision; `latest` is the newest one that was there before.
pub(super) async fn register(cx: &Cx, document: &Document, latest: Option<&Arn>) -> Result<Made, Failure> {
    let aws = cx.aws().await?;
    let send = || aws.register_task_definition(document.value());
    let look = || newer(&aws, document, latest);
    let what = || format!("a new revision of {} cannot be registered", clean(document.family()));
    match once(cx, send, look, harmless).await {
        Sent::Made(definition) => {
            let otherwise = document.differences_to(&definition);
            let definition = Arc::new(definition);
            cx.way.keep(&definition.arn, &definition);
            Ok(Made::Registered { definition: definition.arn.clone(), otherwise })
        }
        Sent::NotTaken(error) => Err(cx.failed(what(), &aws, error).into()),
        Sent::Unknown(error) => {
            let hint = format!(
                "it may have been registered all the same, and no service uses it; look with `ecsui taskdefs {}` \
                 before you try again",
                clean(document.family())
            );
            Err(Failure { error: cx.failed(what(), &aws, error).hint(hint), unknown: true })
        }
    }
}

/// Returns a revision that was registered since, and that says what the document says.
async fn newer(
    aws: &aws::Clients,
    document: &Document,
    latest: Option<&Arn>,
) -> Result<Option<TaskDefinition>, aws::Error> {
    const MOST: usize = 5;
    let number = |arn: &Arn| arn.name().rsplit_once(':').and_then(|(_, number)| number.parse::<u32>().ok());
    let known = latest.and_then(number).unwrap_or_default();
    let revisions = aws.revisions(document.family(), true).await?;
    for revision in revisions.iter().filter(|arn| number(arn).unwrap_or_default() > known).take(MOST) {
        let definition = aws.task_definition(revision.as_str()).await?;
        if document.is_told_by(&definition) {
            return Ok(Some(definition));
        }
    }
    Ok(None)
}
