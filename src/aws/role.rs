//! The roles that profiles assume, each with the credentials of the one before, and with a code where it names an MFA
//! device.
//!
//! aws-config assumes roles too, but knows neither `mfa_serial` nor `duration_seconds`.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_config::{
    SdkConfig,
    ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider,
    imds::credentials::ImdsCredentialsProvider,
    profile::{Profile, ProfileFileCredentialsProvider, ProfileSet},
    provider_config::ProviderConfig,
};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use tokio::time::timeout;

use super::{
    Error, Kind,
    credentials::PATIENCE,
    given::OfProfile,
    mfa::{CodeWanted, Codes},
};

/// How often a code is asked for before the person is believed to have none that is right.
const ATTEMPTS: usize = 3;
/// What AWS says of a code that is wrong or was used before.
const WRONG_CODE: &str = "MultiFactorAuthentication failed";

/// The profiles, and what is needed to follow one to its credentials.
pub(super) struct Follow<'a> {
    pub(super) profiles: &'a ProfileSet,
    /// For the SDK's own providers.
    pub(super) config: &'a ProviderConfig,
    /// For our calls of STS: everything but the credentials.
    pub(super) sts: &'a SdkConfig,
    pub(super) codes: &'a Codes,
}

/// A role that is assumed.
#[derive(Clone)]
struct Role {
    profile: String,
    arn: String,
    external_id: Option<String>,
    session: Option<String>,
    seconds: Option<i32>,
    device: Option<String>,
    source: SharedCredentialsProvider,
    sts: SdkConfig,
    codes: Codes,
}

impl Follow<'_> {
    /// Returns what gives the credentials of a profile.
    pub(super) fn provider(&self, name: &str) -> Result<SharedCredentialsProvider, CredentialsError> {
        self.after(name, &mut Vec::new())
    }

    fn after<'a>(
        &'a self,
        name: &'a str,
        before: &mut Vec<&'a str>,
    ) -> Result<SharedCredentialsProvider, CredentialsError> {
        let invalid = |what: String| Err(CredentialsError::invalid_configuration(what));
        let Some(profile) = self.profiles.get_profile(name) else {
            return match before.last() {
                None => Ok(self.left_to_the_sdk(name)),
                Some(last) => {
                    invalid(format!("profile `{name}` was not defined, which profile `{last}` names as its source"))
                }
            };
        };
        if before.contains(&name) {
            return invalid(format!("the profiles {} and {name} lead to one another", before.join(", ")));
        }
        // As everywhere, the keys of a source are stronger than its role.
        if !before.is_empty()
            && let Some(keys) = keys(profile)
        {
            return Ok(SharedCredentialsProvider::new(keys));
        }
        let Some(arn) = role(profile) else { return Ok(self.left_to_the_sdk(name)) };
        before.push(profile.name());
        let source = match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(own), None) if own == name => match keys(profile) {
                Some(keys) => SharedCredentialsProvider::new(keys),
                None => return invalid(format!("profile {name} names itself as its source and holds no keys")),
            },
            (Some(source), None) => self.after(source, before)?,
            (None, Some(source)) => match self.named(source) {
                Some(source) => source,
                None => return invalid(format!("profile {name} names {source:?} as its credential_source")),
            },
            (Some(_), Some(_)) => {
                return invalid(format!("profile {name} names both a source_profile and a credential_source"));
            }
            (None, None) => {
                return invalid(format!(
                    "profile {name} names a role and neither source_profile nor credential_source"
                ));
            }
        };
        Ok(SharedCredentialsProvider::new(self.role(profile, arn, source)))
    }

    fn role(&self, profile: &Profile, arn: &str, source: SharedCredentialsProvider) -> Role {
        let said = |key: &str| profile.get(key).filter(|value| !value.is_empty()).map(str::to_owned);
        Role {
            profile: profile.name().to_owned(),
            arn: arn.to_owned(),
            external_id: said("external_id"),
            session: said("role_session_name"),
            seconds: said("duration_seconds").and_then(|seconds| seconds.parse().ok()),
            device: said("mfa_serial"),
            source,
            sts: self.sts.clone(),
            codes: self.codes.clone(),
        }
    }

    fn left_to_the_sdk(&self, name: &str) -> SharedCredentialsProvider {
        let builder = ProfileFileCredentialsProvider::builder().configure(self.config);
        SharedCredentialsProvider::new(OfProfile {
            profile: name.to_owned(),
            source: SharedCredentialsProvider::new(builder.profile_name(name).build()),
            // One with a web identity's token, which asks the region's STS.
            is_regional: self.profiles.get_profile(name).is_some_and(|profile| profile.get("role_arn").is_some()),
            given: self.codes.given.clone(),
        })
    }

    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
    fn named(&self, source: &str) -> Option<SharedCredentialsProvider> {
        Some(match source.to_ascii_lowercase().as_str() {
            "environment" => SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()),
            "ec2instancemetadata" => {
                SharedCredentialsProvider::new(ImdsCredentialsProvider::builder().configure(self.config).build())
            }
            "ecscontainer" => {
                SharedCredentialsProvider::new(EcsCredentialsProvider::builder().configure(self.config).build())
            }
            _ => return None,
        })
    }
}

/// Returns the profiles on the way from one to its credentials, itself first.
pub(super) fn way<'a>(profiles: &'a ProfileSet, name: &'a str) -> Vec<&'a Profile> {
    let mut way: Vec<&Profile> = Vec::new();
    let mut next = Some(name);
    while let Some(profile) = next.and_then(|name| profiles.get_profile(name))
        && !way.iter().any(|seen| seen.name() == profile.name())
    {
        way.push(profile);
        next = role(profile).and_then(|_| profile.get("source_profile"));
    }
    way
}

/// Returns the role that a profile assumes; one with a web identity's token is the SDK's.
fn role(profile: &Profile) -> Option<&str> {
    profile.get("role_arn").filter(|_| profile.get("web_identity_token_file").is_none())
}

fn keys(profile: &Profile) -> Option<Credentials> {
    let [access, secret] = ["aws_access_key_id", "aws_secret_access_key"].map(|key| profile.get(key));
    let token = profile.get("aws_session_token").map(str::to_owned);
    Some(Credentials::new(access?, secret?, token, None, "profile"))
}

impl Role {
    async fn get(&self) -> provider::Result {
        let Some(device) = &self.device else {
            let whose = (self.profile.clone(), Some(self.arn.clone()));
            let assume = || {
                let role = self.clone();
                async move {
                    let source = role.source().await?;
                    role.assume(source, None).await.map_err(CredentialsError::provider_error)
                }
            };
            return self.codes.given.one_by_one(&whose, assume).await;
        };
        let opened = (self.profile.clone(), self.arn.clone(), device.clone());
        self.codes
            .session(opened, async {
                let source = self.source().await?;
                self.assume_with_code(&source, device).await.map_err(CredentialsError::provider_error)
            })
            .await
    }

    async fn source(&self) -> provider::Result {
        let source = timeout(PATIENCE, self.source.provide_credentials());
        source.await.map_err(|_| CredentialsError::provider_timed_out(PATIENCE))?
    }

    /// Asks for a code and assumes the role with it. A code is shown to AWS once.
    async fn assume_with_code(&self, source: &Credentials, device: &str) -> Result<Credentials, Error> {
        let mut refused = None;
        for _ in 0..ATTEMPTS {
            let wanted = CodeWanted {
                profile: self.profile.clone(),
                device: device.to_owned(),
                role: self.arn.clone(),
                refused: refused.take(),
            };
            let code = self.codes.ask(wanted).await.map_err(|why| without_code(device, &why))?;
            let code = code.expose().trim();
            if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
                refused = Some("a code has six digits".to_owned());
                continue;
            }
            match self.assume(source.clone(), Some((device, code))).await {
                Err(error) if error.message.contains(WRONG_CODE) => refused = Some(error.message.trim().to_owned()),
                assumed => return assumed,
            }
        }
        Err(without_code(device, &refused.unwrap_or_default()))
    }

    async fn assume(&self, source: Credentials, code: Option<(&str, &str)>) -> Result<Credentials, Error> {
        let keys = source.access_key_id().to_owned();
        let config = self.sts.to_builder().credentials_provider(SharedCredentialsProvider::new(source)).build();
        // Left to the SDK, a variable that is set and empty is an endpoint, at which it panics.
        let endpoint = config.endpoint_url().filter(|url| !url.is_empty()).map(str::to_owned);
        let mut config = aws_sdk_sts::config::Builder::from(&config);
        config.set_endpoint_url(endpoint);
        let client = aws_sdk_sts::Client::from_conf(config.build());
        let session = self.session.clone().unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            format!("ecsui-{}", since.as_secs())
        });
        let call = client
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(session)
            .set_external_id(self.external_id.clone())
            .set_duration_seconds(self.seconds)
            .set_serial_number(code.map(|(device, _)| device.to_owned()))
            .set_token_code(code.map(|(_, code)| code.to_owned()));
        let answer = call.send().await.map_err(|error| Error::from_sdk("sts:AssumeRole", &error));
        let answer = answer.inspect_err(|error| {
            if error.kind == Kind::Credentials {
                self.codes.forget(&keys);
            }
        })?;
        let keys = answer.credentials.ok_or_else(|| Error::broken("sts:AssumeRole", "AWS gave no credentials"))?;
        let expiry = SystemTime::try_from(keys.expiration).ok();
        Ok(Credentials::new(keys.access_key_id, keys.secret_access_key, Some(keys.session_token), expiry, "role"))
    }
}

fn without_code(device: &str, why: &str) -> Error {
    Error::without_call(Kind::Credentials, format!("the code of the MFA device {device} is needed: {why}"))
}

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role").field("profile", &self.profile).field("arn", &self.arn).finish_non_exhaustive()
    }
}
