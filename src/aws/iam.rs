//! IAM: which roles there are, and what a principal may do.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};

use super::{Error, Kind, budget::Category, call::Operation, clients::Clients};
use crate::model::Arn;

const GET_ROLE: Operation = Operation::read("iam:GetRole", Category::Other);
const SIMULATE: Operation = Operation::read("iam:SimulatePrincipalPolicy", Category::Other);

/// Whether somebody may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// On what.
    pub resource: String,
    /// What the policies of who wants to do it say.
    pub decision: Decision,
}

/// What the policies of a user or a role say together. A policy of the resource may say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They allow it.
    Allowed,
    /// None of them allows it.
    NotAllowed,
    /// One of them denies it.
    Denied,
    /// They do not allow it as far as can be told: it depends on keys whose values only a call has.
    Depends(Vec<String>),
}

impl Clients {
    /// Returns the ARN of the role of this name; `None` where there is none.
    pub async fn role(&self, name: &str) -> Result<Option<Arn>, Error> {
        let call = || self.iam().get_role().role_name(name).send();
        match self.call(GET_ROLE, call).await {
            Ok(answer) => Ok(answer.role.and_then(|role| role.arn.parse().ok())),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether a user or a role may do an action on resources; a role that is passed is passed to ECS.
    pub async fn permissions(
        &self,
        principal: &str,
        action: &str,
        resources: &[String],
    ) -> Result<Vec<Permission>, Error> {
        let mut permissions = Vec::new();
        let mut marker: Option<String> = None;
        let passed = ContextEntry::builder()
            .context_key_name("iam:PassedToService")
            .context_key_type(ContextKeyTypeEnum::String)
            .context_key_values("ecs-tasks.amazonaws.com")
            .build();
        loop {
            let call = || {
                let call = self.iam().simulate_principal_policy().policy_source_arn(principal).action_names(action);
                let call = call.set_resource_arns(Some(resources.to_vec())).context_entries(passed.clone());
                call.set_marker(marker.clone()).send()
            };
            let answer = self.call(SIMULATE, call).await?;
            permissions.extend(answer.evaluation_results().iter().map(|result| Permission {
                resource: result.eval_resource_name().unwrap_or("*").to_owned(),
                decision: Decision::of(result),
            }));
            match answer.marker.filter(|next| answer.is_truncated && !next.is_empty()) {
                None => return Ok(permissions),
                next if next == marker => return Err(Error::broken(SIMULATE.name, "the same page again and again")),
                next => marker = next,
            }
        }
    }
}

impl Decision {
    fn of(result: &EvaluationResult) -> Self {
        let missing = result.missing_context_values();
        match result.eval_decision() {
            PolicyEvaluationDecisionType::Allowed => Self::Allowed,
            _ if !missing.is_empty() => Self::Depends(missing.to_vec()),
            PolicyEvaluationDecisionType::ExplicitDeny => Self::Denied,
            _ => Self::NotAllowed,
        }
    }
}
