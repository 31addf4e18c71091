//! Amazon ECR: what images there are, and what they are built for.
//!
//! Shapes, limits and error codes are those of botocore's service model (`ecr/2015-09-21/service-2.json`).

mod blobs;
mod images;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use self::blobs::blob;
use self::images::{Wanted, find, images};
use super::{
    ecs::{
        Account,
        members::{self, without_nulls},
    },
    pages::page,
    refusal::Refusal,
};

/// The largest page of DescribeImages, and how many images BatchGetImage takes.
const MOST: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    registry_id: Option<String>,
    repository_name: String,
    #[serde(default)]
    image_ids: Vec<Wanted>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Get {
    registry_id: Option<String>,
    repository_name: String,
    image_ids: Vec<Wanted>,
    /// AWS converts nothing for those who accept nothing that it has; neither does this.
    #[serde(default, rename = "acceptedMediaTypes")]
    _accepted: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetLayer {
    registry_id: Option<String>,
    repository_name: String,
    layer_digest: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rules {
    registry_id: Option<String>,
    ecr_repository_prefixes: Option<Vec<String>>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// Answers an operation; `None` where there is no such operation. Layers are at `layers`.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value, layers: &str) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "DescribeImages" => describe(cx, body),
        "BatchGetImage" => get(cx, body),
        "GetDownloadUrlForLayer" => layer(cx, body, layers),
        "DescribePullThroughCacheRules" => rules(cx, body),
        _ => return None,
    })
}

fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Describe = members::read(body)?;
    let (name, registry) = (&*asked.repository_name, asked.registry_id.as_deref());
    let all = images(cx, name, registry)?;
    let mut chosen = Vec::new();
    if asked.image_ids.is_empty() {
        chosen.extend(&all);
    }
    for wanted in &asked.image_ids {
        let missing = || {
            let message = format!(
                "The image with imageId {wanted} does not exist within the repository with name '{name}' in the registry with id '{}'",
                cx.world.account
            );
            Refusal::new("ImageNotFoundException", message)
        };
        chosen.push(find(&all, wanted).ok_or_else(missing)?);
    }
    let items = chosen.into_iter().map(|image| (image.digest.clone(), image.details_json(cx, name)));
    let mut items: Vec<(String, Value)> = items.collect();
    items.sort_by(|one, other| one.0.cmp(&other.0));
    let size = asked.max_results.unwrap_or(MOST).clamp(1, MOST);
    let question = format!("images {name} {:?}", asked.image_ids);
    let (details, next) = page(&question, items.into_iter(), size, asked.next_token.as_deref())
        .ok_or_else(|| Refusal::parameter("The specified nextToken is not valid."))?;
    Ok(without_nulls(json!({ "imageDetails": details, "nextToken": next })))
}

fn get(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Get = members::read(body)?;
    let (name, registry) = (&*asked.repository_name, asked.registry_id.as_deref());
    if asked.image_ids.is_empty() || asked.image_ids.len() > MOST {
        return Err(Refusal::parameter(
            "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
        ));
    }
    let all = images(cx, name, registry)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for wanted in &asked.image_ids {
        match find(&all, wanted) {
            Some(image) => found.push(image.manifest_json(cx, name, wanted)),
            None => match all.iter().find_map(|image| image.child(wanted)) {
                Some(image) => found.push(image.manifest_json(cx, name, wanted)),
                None => failures.push(json!({
                    "imageId": wanted.json(),
                    "failureCode": "ImageNotFound",
                    "failureReason": "Requested image not found",
                })),
            },
        }
    }
    Ok(without_nulls(json!({ "images": found, "failures": failures })))
}

fn rules(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Rules = members::read(body)?;
    let registry = &*cx.world.account;
    let is_ours = asked.registry_id.as_deref().is_none_or(|wanted| wanted == registry);
    let wanted = asked.ecr_repository_prefixes;
    let caches = cx.world.registry.caches.iter().filter(|(prefix, _)| {
        is_ours && wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| **wanted == ***prefix))
    });
    let rule = |(prefix, upstream): (&Arc<str>, &Arc<str>)| {
        let rule = json!({
            "ecrRepositoryPrefix": **prefix, "upstreamRegistryUrl": **upstream, "registryId": registry,
            "createdAt": 1_700_000_000, "updatedAt": 1_700_000_000,
        });
        (prefix.to_string(), rule)
    };
    let size = asked.max_results.unwrap_or(MOST).clamp(1, 1000);
    let (rules, next) = page(&format!("rules {wanted:?}"), caches.map(rule), size, asked.next_token.as_deref())
        .ok_or_else(|| Refusal::parameter("The specified nextToken is not valid."))?;
    Ok(without_nulls(json!({ "pullThroughCacheRules": rules, "nextToken": next })))
}

fn layer(cx: Account<'_>, body: &Value, layers: &str) -> Result<Value, Refusal> {
    let GetLayer { registry_id, repository_name, layer_digest } = members::read(body)?;
    images(cx, &repository_name, registry_id.as_deref())?;
    let digits = layer_digest.strip_prefix("sha256:").filter(|digits| blob(digits).is_some());
    let digits = digits.ok_or_else(|| {
        let message = format!("Layers with digests '[{layer_digest}]' cannot be found.");
        Refusal::new("LayersNotFoundException", message)
    })?;
    Ok(json!({ "downloadUrl": format!("{layers}/{digits}"), "layerDigest": layer_digest }))
}
