//! GetParameterHistory: the versions of a parameter, oldest first.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{bad_token, find, invalid, metadata, size, value_of};
use crate::sim::{
    clock::Clock,
    ecs::members::{self, without_nulls},
    pages::page,
    refusal::Refusal,
    world::World,
};

/// The largest page.
const PAGE: i64 = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct History {
    name: String,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn history(world: &World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let asked: History = members::read(body).map_err(invalid)?;
    let size = size(asked.max_results, PAGE)?;
    let (name, parameter) = find(world, &asked.name)?;
    let versions = parameter.versions().map(|version| {
        let mut shown = metadata(world, clock, name, version);
        shown["Value"] = value_of(name, version, asked.with_decryption).into();
        shown["Labels"] = json!([]);
        // Only DescribeParameters tells it.
        shown.as_object_mut().and_then(|members| members.remove("ARN"));
        (format!("{:010}", version.version), without_nulls(shown))
    });
    let question = format!("history of {name}");
    let (versions, next) = page(&question, versions, size, asked.next_token.as_deref()).ok_or_else(bad_token)?;
    Ok(without_nulls(json!({ "Parameters": versions, "NextToken": next })))
}
