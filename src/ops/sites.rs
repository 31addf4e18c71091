//! Profiles and regions: which there are, and going from one to another.

use super::{Cx, Error, Result};
use crate::aws;
pub use aws::{ENVIRONMENT, KnownProfile};

/// AWS's regions, as far as they are known offline; which of them an account has enabled only AWS knows. From botocore's
/// `endpoints.json`, without those of secret networks.
pub const REGIONS: [&str; 39] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "cn-north-1",
    "cn-northwest-1",
    "eusc-de-east-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// A profile in a region; what is open is left as it was when the program began.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Site {
    /// The profile's name.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
}

/// Returns the profiles of the user's files, by name. Makes no call.
pub async fn profiles(cx: &Cx) -> Result<Vec<KnownProfile>> {
    aws::profiles(cx.way.access()).await.map_err(|error| Error::aws("the profiles cannot be listed", error))
}

impl Cx {
    /// Returns the same context at another site, on a way of its own. MFA sessions are shared.
    #[must_use]
    pub fn at(&self, site: &Site) -> Self {
        let access = self.way.access().at(site.profile.as_deref(), site.region.as_deref());
        Self { way: std::sync::Arc::new(self.way.toward(access)), ..self.clone() }
    }

    /// Returns the same context on a way of its own, on which nobody is asked for codes: a profile that needs one says
    /// so, unless it has been given elsewhere.
    #[must_use]
    pub fn unasked(&self) -> Self {
        Self { way: std::sync::Arc::new(self.way.unasked()), ..self.clone() }
    }
}
