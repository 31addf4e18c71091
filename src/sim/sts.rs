//! STS: who the keys belong to.

use serde_json::{Value, json};

use super::{ecs::Account, identity, refusal::Refusal, world::World};

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    (operation == "GetCallerIdentity").then(|| match body.as_object().and_then(|members| members.keys().next()) {
        Some(name) => Err(Refusal::new("ValidationError", format!("not simulated: unknown parameter {name}"))),
        None => Ok(identity(cx)),
    })
}

fn identity(cx: Account<'_>) -> Value {
    let account = &*cx.world.account;
    json!({
        "UserId": format!("AIDA{}", identity::hex(&["user", account], 16).to_uppercase()),
        "Account": account,
        "Arn": caller(cx.world),
    })
}

/// Returns the ARN of whoever calls.
pub(crate) fn caller(world: &World) -> String {
    format!("arn:aws:iam::{}:user/demo", world.account)
}
