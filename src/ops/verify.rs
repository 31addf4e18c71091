//! What can be known of a task definition before tasks are started from it: images, secrets, log groups,
//! roles, and that load balancers reach them.
//!
//! Nothing here stops a change by itself: what may not be looked at is unknown, and says which permission is missing.

mod attached;
mod images;
mod logs;
mod roles;
mod secrets;

use std::collections::BTreeSet;

use futures_util::future::join4;

use super::{Cx, Error, Identity, change::Check, ls};
use crate::{
    aws,
    model::{Arn, Service, taskdef::Document},
};
pub(super) use attached::attached;

/// How many things of a kind are looked at at once; the budget decides how fast.
const AT_ONCE: usize = 4;

/// Looks at everything that tasks of a definition need: the containers' images, what is read and written for them, and
/// the roles that `by` hands to them.
pub(super) async fn definition(cx: &Cx, by: &Identity, document: &Document) -> Vec<Check> {
    let aws = match cx.aws().await {
        Ok(aws) => aws,
        Err(error) => return vec![Check::new("what tasks need is there", unknown(&error))],
    };
    // Boxed: what waits for this lies deep enough.
    let looks = join4(
        Box::pin(images::checks(&aws, by, document)),
        Box::pin(secrets::checks(&aws, by, document)),
        Box::pin(logs::checks(&aws, by, document)),
        Box::pin(roles::checks(&aws, by, document)),
    );
    let (images, secrets, logs, roles) = looks.await;
    images.into_iter().chain(secrets).chain(logs).chain(roles).collect()
}

/// Looks at everything that new tasks of these services need, each thing once. What may not be read is unknown.
pub(super) async fn services(cx: &Cx, by: &Identity, services: &[Service]) -> Vec<Check> {
    let details = services.iter().filter_map(|service| service.detail.as_deref());
    let arns: BTreeSet<&Arn> = details.filter_map(|detail| detail.task_definition.as_ref()).collect();
    let mut checks: Vec<Check> = Vec::new();
    for arn in arns {
        let found = match ls::task_definition(cx, arn).await {
            Ok(found) => definition(cx, by, &Document::of(&found)).await,
            Err(error) => vec![Check::new(format!("what tasks of {} need is there", arn.name()), unknown(&error))],
        };
        for check in found {
            if !checks.contains(&check) {
                checks.push(check);
            }
        }
    }
    checks
}

/// Returns the verdict of what could not be looked at.
fn unknown(error: &Error) -> super::change::Verdict {
    super::change::Verdict::Unknown(error.line())
}

/// Returns the same where AWS has failed.
fn untold(error: aws::Error) -> super::change::Verdict {
    unknown(&Error::aws("it cannot be told", error))
}

/// Returns the role that pulls images, reads secrets and writes logs, where it is one of the account that asks.
fn execution_role<'a>(by: &Identity, document: &'a Document) -> Option<&'a str> {
    let role = document.value()["executionRoleArn"].as_str()?;
    let account = role.parse::<Arn>().ok().map(|arn| arn.account().to_owned());
    (account.is_some() && (by.account.is_none() || by.account == account)).then_some(role)
}

/// Returns the partition that a role is of, and all that it can reach: `aws`, `aws-cn`, `aws-us-gov`.
fn partition(role: &str) -> String {
    role.parse::<Arn>().map_or_else(|_| "aws".to_owned(), |arn| arn.partition().to_owned())
}

/// Returns the containers as they stand in a document.
fn containers(document: &Document) -> impl Iterator<Item = &serde_json::Value> {
    document.value()["containerDefinitions"].as_array().into_iter().flatten()
}
