//! The members of a request: what is not known is refused by name, never passed over.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::sim::{refusal::Refusal, world::Tags};

/// How many tags a resource has at most.
const MOST_TAGS: usize = 50;

/// Reads the members of a request.
///
/// AWS ignores members it does not know. Here they are refused, so that a client never believes that one has worked.
pub(crate) fn read<T: DeserializeOwned>(body: &Value) -> Result<T, Refusal> {
    serde_json::from_value(body.clone()).map_err(|error| {
        let message = error.to_string();
        if message.starts_with("unknown field") {
            Refusal::parameter(format!("not simulated: {message}"))
        } else if let Some(name) = message.strip_prefix("missing field ") {
            Refusal::parameter(format!("{} cannot be null or empty.", name.trim_matches('`')))
        } else {
            Refusal::new("SerializationException", message)
        }
    })
}

/// Checks that `include` holds nothing but `known` words; returns which of them it holds.
pub(crate) fn included(include: &[String], known: &[&str]) -> Result<Vec<String>, Refusal> {
    match include.iter().find(|word| !known.contains(&word.as_str())) {
        Some(word) => Err(Refusal::parameter(format!("include: {word} is not one of {}", known.join(", ")))),
        None => Ok(include.to_vec()),
    }
}

/// Returns `value` without the members that are null: AWS leaves absent members out.
pub(crate) fn without_nulls(mut value: Value) -> Value {
    drop_nulls(&mut value);
    value
}

/// In place: an answer of a hundred tasks has tens of thousands of members.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns tags as ECS lists them.
pub(crate) fn tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "key": &**key, "value": &**value })).collect()
}

/// Reads tags that have been let through.
pub(crate) fn tags_in(value: Option<&Value>) -> Tags {
    let text = |tag: &Value, name: &str| tag[name].as_str().unwrap_or_default().into();
    let tags = value.and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| (text(tag, "key"), text(tag, "value"))).collect()
}

/// Refuses tags that AWS does not take:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html>.
pub(crate) fn check_tags(value: Option<&Value>) -> Result<(), Refusal> {
    let Some(tags) = value.and_then(Value::as_array) else { return Ok(()) };
    let keys: BTreeSet<&str> = tags.iter().filter_map(|tag| tag["key"].as_str()).collect();
    if tags.is_empty() {
        return Err(Refusal::parameter("Tags can not be empty."));
    }
    if tags.len() > MOST_TAGS {
        return Err(Refusal::parameter(format!("Tags cannot have more than {MOST_TAGS} elements.")));
    }
    if keys.len() < tags.len() {
        return Err(Refusal::parameter("Tags cannot contain duplicate keys."));
    }
    if keys.iter().any(|key| key.is_empty() || key.len() > 128 || key.to_lowercase().starts_with("aws:")) {
        return Err(Refusal::parameter("Some tags contain invalid keys."));
    }
    Ok(())
}

/// Returns the texts of a list.
pub(crate) fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Returns the failure of something that is not there.
pub(crate) fn missing(arn: &str) -> Value {
    json!({ "arn": arn, "reason": "MISSING" })
}
