//! The images of a repository: those that something is said of, and those that a scenario's definitions run.

use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};

use super::blobs;
use crate::sim::{
    clock::Moment,
    ecs::Account,
    identity,
    refusal::Refusal,
    world::{Platform, oci_architecture},
};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// Which image is meant.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    image_digest: Option<String>,
    image_tag: Option<String>,
}

/// An image of a repository.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) digest: String,
    tags: Vec<String>,
    platforms: Vec<Platform>,
    pushed: Moment,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".to_owned());
        write!(f, "{{imageDigest:'{}', imageTag:'{}'}}", or_null(&self.image_digest), or_null(&self.image_tag))
    }
}

impl Wanted {
    pub(super) fn json(&self) -> Value {
        json!({ "imageDigest": self.image_digest, "imageTag": self.image_tag })
    }
}

/// Returns the images of a repository.
pub(super) fn images(cx: Account<'_>, name: &str, registry: Option<&str>) -> Result<Vec<Found>, Refusal> {
    let world = cx.world;
    let prefix = format!("{}/{name}:", world.registry_host());
    let said = world.registry.repositories.get(name);
    let mut found: Vec<Found> = said
        .into_iter()
        .flat_map(|repository| &repository.images)
        .map(|image| Found {
            digest: image.digest.to_string(),
            tags: image.tags.iter().map(ToString::to_string).collect(),
            platforms: image.platforms.clone(),
            pushed: image.pushed,
        })
        .collect();
    let ours = registry.is_none_or(|registry| registry == &*world.account);
    let mut known = ours && said.is_some();
    for derived in world.derived().filter(|_| ours) {
        let Some(tag) = derived.image.strip_prefix(&prefix) else { continue };
        known = true;
        let there = found.iter().any(|image| image.tags.iter().any(|known| known == tag));
        if !there && !world.registry.missing.contains(&derived.image) {
            found.push(Found {
                digest: cx.digest(&derived.image, cx.clock.now()),
                tags: vec![tag.to_owned()],
                platforms: vec![Platform {
                    os: "linux".into(),
                    architecture: oci_architecture(derived.architecture).into(),
                }],
                pushed: derived.registered,
            });
        }
    }
    if known {
        return Ok(found);
    }
    let account = registry.unwrap_or(&world.account);
    let message = format!("The repository with name '{name}' does not exist in the registry with id '{account}'");
    Err(Refusal::new("RepositoryNotFoundException", message))
}

/// Returns the image that is meant: by its digest, where both are given by both.
pub(super) fn find<'f>(images: &'f [Found], wanted: &Wanted) -> Option<&'f Found> {
    images.iter().find(|image| {
        let by_digest = wanted.image_digest.as_ref().map(|digest| *digest == image.digest);
        let by_tag = wanted.image_tag.as_ref().map(|tag| image.tags.contains(tag));
        (by_digest, by_tag) != (None, None) && by_digest.unwrap_or(true) && by_tag.unwrap_or(true)
    })
}

impl Found {
    pub(super) fn details_json(&self, cx: Account<'_>, repository: &str) -> Value {
        json!({
            "registryId": &*cx.world.account,
            "repositoryName": repository,
            "imageDigest": self.digest,
            "imageTags": (!self.tags.is_empty()).then_some(&self.tags),
            "imageSizeInBytes": self.size(),
            "imagePushedAt": cx.clock.seconds(self.pushed),
            "imageManifestMediaType": self.media_type(),
            "artifactMediaType": (self.platforms.len() == 1).then_some(blobs::CONFIG),
        })
    }

    pub(super) fn manifest_json(&self, cx: Account<'_>, repository: &str, wanted: &Wanted) -> Value {
        json!({
            "registryId": &*cx.world.account,
            "repositoryName": repository,
            "imageId": { "imageDigest": self.digest, "imageTag": wanted.image_tag },
            "imageManifest": self.manifest().to_string(),
            "imageManifestMediaType": self.media_type(),
        })
    }

    /// Returns the image of one platform of an index, by its digest.
    pub(super) fn child(&self, wanted: &Wanted) -> Option<Self> {
        let children = if self.platforms.len() > 1 { &self.platforms[..] } else { &[] };
        let child = children.iter().find(|platform| Some(self.child_digest(platform)) == wanted.image_digest)?;
        Some(Self {
            digest: self.child_digest(child),
            tags: Vec::new(),
            platforms: vec![child.clone()],
            pushed: self.pushed,
        })
    }

    fn media_type(&self) -> &'static str {
        if self.platforms.len() == 1 { MANIFEST } else { INDEX }
    }

    fn manifest(&self) -> Value {
        if let [platform] = &self.platforms[..] {
            let (config, digest) = blobs::config(platform);
            return json!({
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": { "mediaType": blobs::CONFIG, "size": config.len(), "digest": format!("sha256:{digest}") },
                "layers": [{
                    "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    "size": self.size(),
                    "digest": format!("sha256:{}", identity::long_hex(&["layer", &self.digest])),
                }],
            });
        }
        let child = |platform: &Platform| {
            json!({
                "mediaType": MANIFEST,
                "size": 1_362,
                "digest": self.child_digest(platform),
                "platform": { "architecture": &*platform.architecture, "os": &*platform.os },
            })
        };
        json!({
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": self.platforms.iter().map(child).collect::<Vec<_>>(),
        })
    }

    fn child_digest(&self, platform: &Platform) -> String {
        format!("sha256:{}", identity::long_hex(&["child", &self.digest, &platform.os, &platform.architecture]))
    }

    fn size(&self) -> u64 {
        30_000_000 + u64::try_from(identity::number(&["size", &self.digest]) % 200_000_000).unwrap_or_default()
    }
}
