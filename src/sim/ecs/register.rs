//! RegisterTaskDefinition and DeregisterTaskDefinition.

mod defaults;
mod requirements;
mod rules;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use self::requirements::{compatibilities, required};
use super::{
    Account,
    members::{read, tags, tags_in, without_nulls},
    shape,
};
use crate::sim::{
    clock::Clock,
    refusal::Refusal,
    world::{Template, World},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Deregister {
    task_definition: String,
}

/// Registers the next revision of a family, which has everything that was sent, word for word, and AWS's defaults.
pub(super) fn register(world: &mut World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let mut members = shape::taken("RegisterTaskDefinition", body, &world.newer_members)?;
    rules::check(&members, body.to_string().len())?;
    let tags_of = tags_in(members.remove("tags").as_ref());
    defaults::fill(&mut members);
    let family = members.remove("family").and_then(|family| family.as_str().map(str::to_owned)).unwrap_or_default();
    let template = Template::of(Value::Object(members), tags_of);
    let definition = world.register(&family, Arc::new(template), clock.now());
    let cx = Account { world, clock };
    let tags = (!definition.template.tags.is_empty()).then(|| tags(&definition.template.tags));
    Ok(without_nulls(json!({ "taskDefinition": cx.definition_json(&definition), "tags": tags })))
}

/// Takes a revision out of use: what runs by it runs on, and nothing new can.
pub(super) fn deregister(world: &mut World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let Deregister { task_definition: text } = read(body)?;
    let name = text.rsplit('/').next().unwrap_or(&text);
    if !name.contains(':') {
        return Err(Refusal::new("ClientException", "The specified task definition does not specify a revision."));
    }
    let found = Account { world, clock }.find_definition(&text);
    let definition =
        found.ok_or_else(|| Refusal::new("ClientException", "The specified task definition does not exist."))?;
    world.deregister(&definition, clock.now());
    let cx = Account { world, clock };
    Ok(without_nulls(json!({ "taskDefinition": cx.definition_json(&definition) })))
}
