//! STS: who the keys belong to.

use serde_json::{Map, Value, json};

use super::{ecs::Account, identity, refusal::Refusal};

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
        "Arn": format!("arn:aws:iam::{account}:user/demo"),
    })
}

/// Returns a result as STS's query protocol writes it; the members are texts.
pub(crate) fn xml(operation: &str, result: &Value, request_id: &str) -> String {
    let none = Map::new();
    let members = result.as_object().unwrap_or(&none).iter();
    let members = members.fold(String::new(), |text, (name, value)| {
        text + &format!("<{name}>{}</{name}>", escaped(value.as_str().unwrap_or_default()))
    });
    format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{members}</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// Returns an error as STS's query protocol writes it.
pub(crate) fn xml_error(refusal: &Refusal, request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        escaped(&refusal.code),
        escaped(&refusal.message)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
