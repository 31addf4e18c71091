//! The shapes of what changing operations take, as `shapes.json` beside it has them.
//!
//! AWS refuses a member of the wrong type, and passes over one that it does not know; so does this. `tests/sim.rs`
//! holds the shapes against botocore's model.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::{Map, Value};

use crate::sim::refusal::Refusal;

static SHAPES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("shapes.json")).expect("the shapes are JSON"));

/// Returns the members of a request that AWS takes: those that are null are absent, and those that are in no shape are
/// gone, but for the names `newer` than the shapes.
pub(super) fn taken(operation: &str, body: &Value, newer: &BTreeSet<String>) -> Result<Map<String, Value>, Refusal> {
    let mut body = body.clone();
    fit(&SHAPES[operation], &mut body, operation, newer)?;
    match body {
        Value::Object(members) => Ok(members),
        _ => Err(unlike("a structure", operation)),
    }
}

/// Cuts a value down to its shape.
fn fit(shape: &Value, value: &mut Value, path: &str, newer: &BTreeSet<String>) -> Result<(), Refusal> {
    match (shape, value) {
        (Value::Object(shapes), Value::Object(members)) => {
            members.retain(|name, value| {
                !value.is_null() && (shapes.contains_key("*") || shapes.contains_key(name) || newer.contains(name))
            });
            for (name, value) in members {
                if let Some(shape) = shapes.get(name).or_else(|| shapes.get("*")) {
                    fit(shape, value, name, newer)?;
                }
            }
            Ok(())
        }
        (Value::Array(shapes), Value::Array(items)) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().try_for_each(|item| fit(&shapes[0], item, path, newer))
        }
        (Value::String(shape), value) => fit_plain(shape, value, path),
        (Value::Object(_), _) => Err(unlike("a structure", path)),
        (_, _) => Err(unlike("a list", path)),
    }
}

fn fit_plain(shape: &str, value: &Value, path: &str) -> Result<(), Refusal> {
    let (kind, words) = shape.split_once(':').map_or((shape, None), |(kind, words)| (kind, Some(words)));
    let fits = match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "double" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => true,
    };
    if !fits {
        return Err(unlike(kind, path));
    }
    match (words, value.as_str()) {
        (Some(words), Some(text)) if !words.split('|').any(|word| word == text) => Err(Refusal::parameter(format!(
            "1 validation error detected: Value '{text}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
            words.replace('|', ", ")
        ))),
        _ => Ok(()),
    }
}

fn unlike(kind: &str, path: &str) -> Refusal {
    Refusal::new("SerializationException", format!("the value of {path} can not be converted to {kind}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fitted(body: &Value) -> Result<Value, Refusal> {
        taken("RegisterTaskDefinition", body, &BTreeSet::from(["teleport".to_owned()])).map(Value::Object)
    }

    #[test]
    fn what_is_in_no_shape_is_left_out_and_what_is_newer_kept() {
        let body = json!({
            "family": "web", "revision": 4, "teleport": { "to": "moon" }, "cpu": null,
            "containerDefinitions": [{ "name": "app", "nonsense": 1, "teleport": true, "dockerLabels": { "any": "thing" } }],
        });
        let left = json!({
            "family": "web", "teleport": { "to": "moon" },
            "containerDefinitions": [{ "name": "app", "teleport": true, "dockerLabels": { "any": "thing" } }],
        });
        assert_eq!(fitted(&body), Ok(left));
    }

    #[test]
    fn a_wrong_type_and_a_wrong_word_are_refused() {
        let code = |body: Value| fitted(&body).unwrap_err().code;
        for body in [
            json!({ "family": 7 }),
            json!({ "containerDefinitions": {} }),
            json!({ "containerDefinitions": [7] }),
            json!({ "containerDefinitions": [{ "cpu": "7" }] }),
            json!({ "runtimePlatform": [] }),
        ] {
            assert_eq!(code(body), "SerializationException");
        }
        assert_eq!(code(json!({ "networkMode": "carrier pigeon" })), "InvalidParameterException");
    }
}
