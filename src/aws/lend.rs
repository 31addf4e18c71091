//! What another program needs to come to AWS as we do: a profile's name or keys, and where SSM is.

use aws_sdk_ssm::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};

use super::{Clients, Error, Kind};
use crate::session::Secret;

/// Variables that would lead a program with given keys elsewhere.
const MISLEADING: [&str; 3] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"];

/// How another program gets at the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lending {
    /// By this profile's name, so that it can refresh them.
    Profile(String),
    /// As everybody does who is told nothing.
    Ambient,
    /// Only from us: they are in no file.
    Keys,
}

/// What another program is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    /// The profile's name; empty where none was asked for.
    pub profile: String,
    /// Changes to its environment; `None` takes a variable away.
    pub environment: Vec<(String, Option<Secret>)>,
    /// The URL of the SSM endpoint.
    pub ssm_endpoint: String,
}

impl Clients {
    /// Returns what another program needs to come to AWS as we do.
    pub async fn lend(&self) -> Result<Lent, Error> {
        let (profile, environment) = match self.lending() {
            Lending::Profile(name) => (name.clone(), Vec::new()),
            Lending::Ambient => (String::new(), Vec::new()),
            Lending::Keys => {
                let keys = self.keys().await?;
                let given =
                    [("AWS_ACCESS_KEY_ID", keys.access_key_id()), ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key())];
                let given = given.map(|(name, value)| (name.to_owned(), Some(Secret::new(value))));
                (String::new(), MISLEADING.map(|name| (name.to_owned(), None)).into_iter().chain(given).collect())
            }
        };
        Ok(Lent { profile, environment, ssm_endpoint: self.ssm_url().await? })
    }

    /// Returns where SSM is: where somebody said, otherwise where the SDK has it.
    async fn ssm_url(&self) -> Result<String, Error> {
        if let Some(url) = self.ssm_endpoint() {
            return Ok(url.to_owned());
        }
        let nowhere =
            |reason: String| Error::without_call(Kind::Setup, format!("the SSM endpoint is unknown: {reason}"));
        let (fips, dual_stack) = self.variants();
        let params = Params::builder().region(self.region()).use_fips(fips).use_dual_stack(dual_stack).build();
        let params = params.map_err(|error| nowhere(error.to_string()))?;
        let endpoint = DefaultResolver::new().resolve_endpoint(&params).await;
        endpoint.map(|endpoint| endpoint.url().to_owned()).map_err(|error| nowhere(error.to_string()))
    }
}
