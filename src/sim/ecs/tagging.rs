//! ListTagsForResource, TagResource and UntagResource.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::members::{check_tags, read, tags, tags_in};
use crate::{
    model::Arn,
    sim::{
        refusal::Refusal,
        world::{Tags, World},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    resource_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Tag {
    resource_arn: String,
    tags: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Untag {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) fn list(world: &mut World, body: &Value) -> Result<Value, Refusal> {
    let List { resource_arn } = read(body)?;
    Ok(json!({ "tags": tags(find(world, &resource_arn)?) }))
}

pub(super) fn tag(world: &mut World, body: &Value) -> Result<Value, Refusal> {
    let Tag { resource_arn, tags } = read(body)?;
    check_tags(Some(&tags))?;
    let known = find(world, &resource_arn)?;
    let mut merged = known.clone();
    for (key, value) in tags_in(Some(&tags)) {
        merged.retain(|(other, _)| *other != key);
        merged.push((key, value));
    }
    check_tags(Some(&super::members::tags(&merged)))?;
    *known = merged;
    Ok(json!({}))
}

pub(super) fn untag(world: &mut World, body: &Value) -> Result<Value, Refusal> {
    let Untag { resource_arn, tag_keys } = read(body)?;
    find(world, &resource_arn)?.retain(|(key, _)| !tag_keys.iter().any(|gone| **gone == **key));
    Ok(json!({}))
}

/// Returns the tags of what an ARN names.
fn find<'w>(world: &'w mut World, text: &str) -> Result<&'w mut Tags, Refusal> {
    let arn: Arn = text.parse().map_err(|_| Refusal::parameter(format!("Invalid resource ARN: {text}")))?;
    let parts: Vec<String> = arn.resource().split('/').map(str::to_owned).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let missing = |what: &str| Refusal::parameter(format!("The specified {what} could not be found."));
    if let ["task-definition", name] = parts[..] {
        return definition_tags(world, name).ok_or_else(|| missing("task definition"));
    }
    let (["cluster", name] | [_, name, _]) = parts[..] else {
        return Err(Refusal::parameter(format!("Invalid resource ARN: {text}")));
    };
    let cluster = world.cluster_mut(name);
    let cluster = cluster.ok_or_else(|| Refusal::new("ClusterNotFoundException", "Cluster not found."))?;
    match parts[..] {
        ["cluster", _] => Some(&mut cluster.tags),
        ["service", _, name] => cluster.services.get_mut(name).map(|service| &mut service.tags),
        ["task", _, id] => {
            let task = id.parse().ok().and_then(|id| cluster.tasks.get_mut(&id));
            task.map(|task| &mut task.tags)
        }
        ["container-instance", _, id] => {
            cluster.instances.iter_mut().find(|instance| &*instance.id == id).map(|instance| &mut instance.tags)
        }
        _ => None,
    }
    .ok_or_else(|| missing(parts[0]))
}

fn definition_tags<'w>(world: &'w mut World, name: &str) -> Option<&'w mut Tags> {
    let (family, revision) = name.split_once(':')?;
    let definition = world.definition(family, Some(revision.parse().ok()?))?;
    let now: Tags = world.tags_of(&definition).clone();
    let family: Arc<str> = Arc::clone(&definition.family);
    Some(world.families.get_mut(&family)?.tags.entry(definition.revision).or_insert(now))
}
