//! Task definitions: families, revisions, and one revision with everything that AWS says about it.

use aws_sdk_ecs::types::{SortOrder, TaskDefinitionFamilyStatus, TaskDefinitionField, TaskDefinitionStatus};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::Value;

use super::{
    Error, Kind,
    body::Body,
    budget::Category,
    call::Operation,
    clients::Clients,
    convert,
    ecs::{PAGE_SIZE, pages},
};
use crate::model::{Arn, Described, TaskDefinition, Timestamp};

const DESCRIBE_TASK_DEFINITION: Operation = Operation::read("ecs:DescribeTaskDefinition", Category::DefinitionRead);
const LIST_FAMILIES: Operation = Operation::read("ecs:ListTaskDefinitionFamilies", Category::DefinitionRead);
const LIST_REVISIONS: Operation = Operation::read("ecs:ListTaskDefinitions", Category::DefinitionRead);

/// The members of an answer that are points in time, which the wire tells in epoch seconds.
const TIMES: [&str; 3] = ["registeredAt", "deregisteredAt", "deleteRequestedAt"];

impl Clients {
    /// Returns a task definition: that of an ARN or of `family:revision`, or the newest ACTIVE one of a family.
    pub async fn task_definition(&self, named: &str) -> Result<TaskDefinition, Error> {
        match self.described(named, true).await {
            // Who may not read tags may still read the definition.
            Err(error) if error.kind == Kind::Denied => self.described(named, false).await,
            described => described,
        }
    }

    async fn described(&self, named: &str, tags: bool) -> Result<TaskDefinition, Error> {
        let body = Body::default();
        let call = || {
            let call = self.ecs().describe_task_definition().task_definition(named);
            let call = call.set_include(tags.then(|| vec![TaskDefinitionField::Tags]));
            call.customize().interceptor(body.clone()).send()
        };
        let answer = self.call(DESCRIBE_TASK_DEFINITION, call).await?;
        let described = described(&body, tags).unwrap_or_default();
        let definition = answer.task_definition.and_then(|definition| convert::task_definition(definition, described));
        definition.ok_or_else(|| Error::broken(DESCRIBE_TASK_DEFINITION.name, "an answer without a task definition"))
    }

    /// Returns the names of the families that have an ACTIVE revision, sorted.
    pub async fn families(&self) -> Result<Vec<String>, Error> {
        let pages = pages(LIST_FAMILIES.name, move |token| async move {
            let call = || {
                let call = self.ecs().list_task_definition_families().status(TaskDefinitionFamilyStatus::Active);
                call.max_results(PAGE_SIZE).set_next_token(token.clone()).send()
            };
            let answer = self.call(LIST_FAMILIES, call).await?;
            Ok((answer.families.unwrap_or_default(), answer.next_token))
        });
        let mut families: Vec<String> = pages.try_concat().await?;
        families.sort();
        families.dedup();
        Ok(families)
    }

    /// Returns the newest ACTIVE revision of a family, in one call.
    pub async fn latest_revision(&self, family: &str) -> Result<Option<Arn>, Error> {
        let call = || {
            let call = self.ecs().list_task_definitions().family_prefix(family).sort(SortOrder::Desc);
            call.max_results(1).send()
        };
        let answer = self.call(LIST_REVISIONS, call).await?;
        Ok(answer.task_definition_arns().iter().find_map(|arn| arn.parse().ok()))
    }

    /// Returns all revisions of a family that are ACTIVE, or INACTIVE, the newest first.
    pub async fn revisions(&self, family: &str, active: bool) -> Result<Vec<Arn>, Error> {
        let status = if active { TaskDefinitionStatus::Active } else { TaskDefinitionStatus::Inactive };
        let status = &status;
        let pages = pages(LIST_REVISIONS.name, move |token| async move {
            let call = || {
                let call = self.ecs().list_task_definitions().family_prefix(family).status(status.clone());
                call.sort(SortOrder::Desc).max_results(PAGE_SIZE).set_next_token(token.clone()).send()
            };
            let answer = self.call(LIST_REVISIONS, call).await?;
            Ok((answer.task_definition_arns.unwrap_or_default(), answer.next_token))
        });
        let arns: Vec<String> = pages.try_concat().await?;
        Ok(arns.iter().filter_map(|arn| arn.parse().ok()).collect())
    }

    /// Returns these task definitions in their order, several read at once.
    pub async fn task_definitions(&self, arns: &[Arn]) -> Result<Vec<TaskDefinition>, Error> {
        const AT_ONCE: usize = 8;
        let read = futures_util::stream::iter(arns).map(|arn| self.task_definition(arn.as_str()));
        read.buffered(AT_ONCE).try_collect().await
    }
}

/// Returns an answer as AWS's command line would print it. Where tags were asked for there are some, if only none.
pub(super) fn described(body: &Body, tags: bool) -> Option<Described> {
    let mut value = body.take()?;
    if let Some(answer) = value.as_object_mut().filter(|_| tags) {
        answer.entry("tags").or_insert_with(|| Value::Array(Vec::new()));
    }
    for name in TIMES {
        let moment = value["taskDefinition"][name].as_f64().and_then(time);
        if let Some(moment) = moment {
            value["taskDefinition"][name] = moment.to_string().into();
        }
    }
    Some(Described::new(value))
}

/// Returns a time that AWS tells in seconds since 1970, to the millisecond.
pub(super) fn time(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1000.0).round();
    (milliseconds.abs() < 1e15).then(|| Timestamp::from_millisecond(milliseconds as i64).ok()).flatten()
}
