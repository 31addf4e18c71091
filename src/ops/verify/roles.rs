//! Whether the roles are there, whether they may be handed to tasks, and what they may do.

use std::collections::BTreeMap;

use super::untold;
use crate::{
    aws::{self, Decision, Permission},
    model::{Arn, taskdef::Document, text::listing},
    ops::{
        Identity,
        change::{Check, Verdict},
    },
};

/// Returns a check of each role: that it is there, and that who asks may hand it to tasks.
pub(super) async fn checks(aws: &aws::Clients, by: &Identity, document: &Document) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut there = BTreeMap::new();
    for member in ["taskRoleArn", "executionRoleArn"] {
        let Some(role) = document.value()[member].as_str() else { continue };
        let name = role.rsplit('/').next().unwrap_or(role);
        if there.contains_key(name) {
            continue;
        }
        let what = format!("role {name} is there");
        let elsewhere = role.parse::<Arn>().is_ok_and(|arn| Some(arn.account()) != by.account.as_deref());
        if elsewhere && by.account.is_some() {
            checks.push(Check::new(what, Verdict::Failed("it is in another account".to_owned())));
            continue;
        }
        let (verdict, arn) = match aws.role(name).await {
            Ok(Some(arn)) => (Verdict::Passed, Some(arn)),
            Ok(None) => (Verdict::Failed("there is none".to_owned()), None),
            Err(error) => (untold(error), role.parse().ok()),
        };
        checks.push(Check::new(what, verdict));
        there.insert(name, arn);
    }
    let passed: Vec<String> = there.into_values().flatten().map(|arn| arn.to_string()).collect();
    checks.extend(passable(aws, by, &passed).await);
    checks
}

/// Returns a check of whether a principal may do an action on each of these, in a line for those that it may and a line
/// for each that it may not.
pub(super) async fn may(aws: &aws::Clients, principal: &str, action: &str, resources: &[String]) -> Vec<Check> {
    if resources.is_empty() {
        return Vec::new();
    }
    let name = principal.rsplit('/').next().unwrap_or(principal);
    let what = format!("{name} is allowed {action}");
    let permissions = match aws.permissions(principal, action, resources).await {
        Ok(permissions) => permissions,
        Err(error) => return vec![Check::new(what, untold(error))],
    };
    vec![Check::new(what, verdict(principal, action, &permissions))]
}

/// Returns what the permissions of a principal come to: nothing but what its policies alone decide fails.
fn verdict(principal: &str, action: &str, permissions: &[Permission]) -> Verdict {
    let (mut denied, mut open) = (Vec::new(), Vec::new());
    for Permission { resource, decision } in permissions {
        match decision {
            Decision::Allowed => {}
            Decision::NotAllowed if others_may_allow(principal, action, resource) => {
                open.push(format!("on {resource}, but a policy of that may"));
            }
            Decision::Depends(keys) => {
                open.push(format!("on {resource} as far as can be told without {}", listing(keys)));
            }
            Decision::Denied | Decision::NotAllowed => denied.push(resource.as_str()),
        }
    }
    match (&denied[..], &open[..]) {
        ([], []) => Verdict::Passed,
        ([], open) => Verdict::Unknown(format!("its policies do not allow it {}", open.join("; "))),
        (denied, _) => Verdict::Failed(format!("its policies do not allow it on {}", denied.join(", "))),
    }
}

/// Whether a policy of the resource can allow what none of a principal's does: secrets have policies, and so may be
/// what is in another account.
fn others_may_allow(principal: &str, action: &str, resource: &str) -> bool {
    let account = |arn: &str| arn.parse::<Arn>().ok().map(|arn| arn.account().to_owned());
    action.starts_with("secretsmanager:") || account(resource) != account(principal)
}

/// Returns a check of whether who asks may hand these roles to tasks.
async fn passable(aws: &aws::Clients, by: &Identity, roles: &[String]) -> Vec<Check> {
    if roles.is_empty() {
        return Vec::new();
    }
    match principal(aws, by).await {
        Ok(principal) => may(aws, &principal, "iam:PassRole", roles).await,
        Err(verdict) => vec![Check::new("the roles may be handed to tasks", verdict)],
    }
}

/// Returns who asks as IAM knows them: of the session of a role, the role.
async fn principal(aws: &aws::Clients, by: &Identity) -> Result<String, Verdict> {
    let unknown = |why: &str| Verdict::Unknown(why.to_owned());
    let caller = by.caller.as_deref().ok_or_else(|| unknown("AWS does not say who asks"))?;
    let Ok(arn) = caller.parse::<Arn>() else { return Err(unknown("AWS does not say who asks")) };
    match arn.kind() {
        "user" | "role" => Ok(caller.to_owned()),
        "assumed-role" => {
            // arn:…:assumed-role/NAME/SESSION, which leaves out the path that the role's own ARN has.
            let name = arn.resource().split('/').nth(1).unwrap_or_default().to_owned();
            match aws.role(&name).await {
                Ok(Some(role)) => Ok(role.to_string()),
                Ok(None) => Err(unknown("the role of who asks is in another account")),
                Err(error) => Err(untold(error)),
            }
        }
        _ => Err(unknown("policies of who asks cannot be looked at: neither a user nor a role")),
    }
}
