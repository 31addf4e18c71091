//! IAM: which roles there are, and what they may do.
//!
//! Shapes and error codes are those of botocore's service model (`iam/2010-05-08/service-2.json`).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ecs::{Account, members::without_nulls},
    form::{Part, read},
    identity,
    refusal::Refusal,
    sts,
    world::{Denied, World},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Role {
    role_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Simulate {
    policy_source_arn: String,
    action_names: Vec<String>,
    #[serde(default)]
    resource_arns: Vec<String>,
    #[serde(default)]
    context_entries: Vec<Entry>,
    max_items: Option<String>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    context_key_name: String,
    #[serde(rename = "ContextKeyValues")]
    _values: Vec<String>,
    #[serde(rename = "ContextKeyType")]
    _kind: String,
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "GetRole" => role(cx, body),
        "SimulatePrincipalPolicy" => simulate(cx, body),
        _ => return None,
    })
}

fn role(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Role { role_name: name } = read(body, "ValidationError")?;
    if !cx.world.has_role(&name) {
        return Err(no_entity(&name));
    }
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole",
        }],
    });
    Ok(json!({ "Role": {
        "Path": "/",
        "RoleName": name,
        "RoleId": format!("AROA{}", identity::hex(&["role", &name], 17).to_uppercase()),
        "Arn": format!("arn:aws:iam::{}:role/{name}", cx.world.account),
        "CreateDate": "2019-04-01T09:30:00Z",
        "AssumeRolePolicyDocument": encoded(&trust.to_string()),
        "MaxSessionDuration": 3600,
    }}))
}

fn simulate(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Simulate = read(body, "ValidationError")?;
    let source = principal(cx.world, &asked.policy_source_arn)?;
    let everything = vec!["*".to_owned()];
    let resources = if asked.resource_arns.is_empty() { &everything } else { &asked.resource_arns };
    let mut results = Vec::new();
    for action in &asked.action_names {
        for resource in resources {
            let denied = cx.world.denied.iter().find(|denied| denied.strikes(source, action, resource));
            let given = |key: &Arc<str>| asked.context_entries.iter().any(|entry| *entry.context_key_name == **key);
            let missing = denied.and_then(|denied| denied.unless.as_ref()).filter(|key| !given(key));
            results.push(result(action, resource, denied, missing));
        }
    }
    let part = Part::read(asked.max_items.as_deref(), asked.marker.as_deref(), 1..=1000, 100);
    let part = part.ok_or_else(|| Refusal::new("InvalidInput", "Invalid marker or number of items."))?;
    let (results, marker) = part.of(results);
    Ok(without_nulls(json!({ "EvaluationResults": results, "IsTruncated": marker.is_some(), "Marker": marker })))
}

fn result(action: &str, resource: &str, denied: Option<&Denied>, missing: Option<&Arc<str>>) -> Value {
    let statement = |id: &str| {
        json!([{
            "SourcePolicyId": id, "SourcePolicyType": "user-managed",
            "StartPosition": { "Line": 3, "Column": 18 }, "EndPosition": { "Line": 9, "Column": 6 },
        }])
    };
    let (decision, matched) = match denied {
        None => ("allowed", statement("allows")),
        Some(denied) if denied.explicit => ("explicitDeny", statement("denies")),
        Some(_) => ("implicitDeny", json!([])),
    };
    json!({
        "EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision, "MatchedStatements": matched,
        "MissingContextValues": missing.map(ToString::to_string).into_iter().collect::<Vec<_>>(),
    })
}

/// Returns the name of the role or user whose policies are asked about.
fn principal<'a>(world: &World, arn: &'a str) -> Result<&'a str, Refusal> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    if arn == sts::caller(world) {
        return Ok(name);
    }
    let is_role = arn.starts_with(&format!("arn:aws:iam::{}:role/", world.account));
    match (is_role, world.has_role(name)) {
        (true, true) => Ok(name),
        (true, false) => Err(no_entity(name)),
        (false, _) => {
            let message = format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.");
            Err(Refusal::new("InvalidInput", message))
        }
    }
}

fn no_entity(name: &str) -> Refusal {
    let message = format!("The role with name {name} cannot be found.");
    Refusal { status: 404, ..Refusal::new("NoSuchEntity", message) }
}

/// Encodes a document as IAM does in its answers: RFC 3986.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
