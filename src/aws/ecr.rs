//! Amazon ECR: whether an image is there, and what it is built for.

use std::fmt;

use aws_sdk_ecr::{
    config::{self, Region},
    types::ImageIdentifier,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextMut, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use serde_json::Value;

use super::{Error, Kind, body::Body, budget::Category, call::Operation, clients::Clients};
use crate::model::{EcrRepository, Image, Platform};

const BATCH_GET_IMAGE: Operation = Operation::read("ecr:BatchGetImage", Category::Other);
const DOWNLOAD_URL: Operation = Operation::read("ecr:GetDownloadUrlForLayer", Category::Other);

const CACHE_RULES: Operation = Operation::read("ecr:DescribePullThroughCacheRules", Category::Other);

/// What a manifest may be: an image's own, or an index of several.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

impl Clients {
    /// Returns what an image of a repository is built for; `None` where it is not there.
    pub async fn image_platforms(&self, at: &EcrRepository, image: &Image) -> Result<Option<Vec<Platform>>, Error> {
        let id = ImageIdentifier::builder().set_image_digest(image.digest.clone());
        let tag = image.tag.clone().or_else(|| image.digest.is_none().then(|| "latest".to_owned()));
        // By its digest alone: that is what is pulled where both are given, and tags move on.
        let id = id.set_image_tag(tag.filter(|_| image.digest.is_none())).build();
        let call = || {
            let call = self.ecr().batch_get_image().registry_id(&at.account).repository_name(&at.name);
            let call = call.image_ids(id.clone()).set_accepted_media_types(Some(MANIFESTS.map(str::to_owned).to_vec()));
            call.customize().config_override(in_region(&at.region)).send()
        };
        let answer = match self.call(BATCH_GET_IMAGE, call).await {
            Err(error) if error.kind == Kind::NotFound => return Ok(None),
            answer => answer?,
        };
        let Some(found) = answer.images().first() else { return Ok(None) };
        let manifest = found.image_manifest().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let manifest = manifest.ok_or_else(|| Error::broken(BATCH_GET_IMAGE.name, "a manifest that is none"))?;
        match (manifest["manifests"].as_array(), manifest["config"]["digest"].as_str()) {
            (Some(several), _) => Ok(Some(several.iter().filter_map(|one| platform(&one["platform"])).collect())),
            (None, Some(config)) => self.configured(at, config).await.map(Some),
            (None, None) => Err(Error::broken(BATCH_GET_IMAGE.name, "a manifest without a configuration")),
        }
    }

    /// Returns the prefixes of the repositories that pull through caches fill, in the registry of this one; `ROOT`
    /// stands for all repositories.
    pub async fn cached_prefixes(&self, at: &EcrRepository) -> Result<Vec<String>, Error> {
        let mut prefixes = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = || {
                let call = self.ecr().describe_pull_through_cache_rules().registry_id(&at.account);
                let call = call.set_next_token(token.clone());
                call.customize().config_override(in_region(&at.region)).send()
            };
            let answer = self.call(CACHE_RULES, call).await?;
            let rules = answer.pull_through_cache_rules.unwrap_or_default().into_iter();
            prefixes.extend(rules.filter_map(|rule| rule.ecr_repository_prefix));
            match answer.next_token.filter(|next| !next.is_empty()) {
                None => return Ok(prefixes),
                next if next == token => return Err(Error::broken(CACHE_RULES.name, "the same page again and again")),
                next => token = next,
            }
        }
    }

    /// Returns what an image is built for by its configuration, which lies beside its layers.
    async fn configured(&self, at: &EcrRepository, config: &str) -> Result<Vec<Platform>, Error> {
        let call = || {
            let call = self.ecr().get_download_url_for_layer().registry_id(&at.account).repository_name(&at.name);
            call.layer_digest(config).customize().config_override(in_region(&at.region)).send()
        };
        let url = self.call(DOWNLOAD_URL, call).await?.download_url;
        let url = url.ok_or_else(|| Error::broken(DOWNLOAD_URL.name, "an answer without a URL"))?;
        let (elsewhere, body) = (Elsewhere(url), Body::default());
        let call = || {
            let call = self.ecr().get_download_url_for_layer().registry_id(&at.account).repository_name(&at.name);
            call.layer_digest(config).customize().interceptor(elsewhere.clone()).interceptor(body.clone()).send()
        };
        self.call(DOWNLOAD_URL, call).await?;
        Ok(platform(&body.take().unwrap_or_default()).into_iter().collect())
    }
}

/// Leads a call to where a URL leads that AWS gave and has signed itself, by the connections of all other calls.
#[derive(Clone)]
struct Elsewhere(String);

impl fmt::Debug for Elsewhere {
    /// Whoever has the URL can read what it leads to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Elsewhere")
    }
}

#[dyn_dispatch_hint]
impl Intercept for Elsewhere {
    fn name(&self) -> &'static str {
        "Elsewhere"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.set_method("GET")?;
        request.set_uri(self.0.as_str())?;
        *request.body_mut() = SdkBody::empty();
        // Nobody but AWS's APIs is shown what was signed for them.
        let names: Vec<String> = request.headers().iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            request.headers_mut().remove(&name);
        }
        Ok(())
    }
}

fn in_region(region: &str) -> config::Builder {
    config::Builder::new().region(Region::new(region.to_owned()))
}

/// Returns a platform; attestations have one that is unknown, and that is none.
fn platform(words: &Value) -> Option<Platform> {
    let text = |name: &str| words[name].as_str().filter(|text| *text != "unknown").map(str::to_owned);
    Some(Platform { os: text("os")?, architecture: text("architecture")? })
}
