//! The SDK's configuration: from the user's files, environment and flags, or from given keys alone.

use std::{env, fs, time::Duration};

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig,
    ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider,
    identity::IdentityCache,
    imds::credentials::ImdsCredentialsProvider,
    meta::region::ProvideRegion,
    profile::{Profile, ProfileFileRegionProvider, ProfileSet},
    provider_config::ProviderConfig,
    retry::RetryConfig,
    timeout::TimeoutConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{SharedCredentialsProvider, error::CredentialsError},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{
    os_shim_internal::{Env, Fs},
    service_config::ServiceConfigKey,
};
use hyper_util::client::proxy::matcher::Matcher;

use super::{
    Access, Codes, Error,
    clients::{ANSWER, CONNECT, is_plain_loopback},
    credentials::{EnvironmentKeys, Kept, Sources},
    error::last_cause,
    lend::Lending,
    pool,
    role::{self, Follow},
};
use crate::{
    model::{is_region, text::listing},
    session::{
        Secret,
        dial::{Bundle, Network, Proxies},
    },
};

/// The name that means the environment's keys where a profile is asked for.
pub const ENVIRONMENT: &str = "env";

/// The variables that name a region, the strongest first.
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The variable that names every service's endpoint; with `_ECS` and the like behind it, one service's.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The variable that names a file of certificates, and the profile's setting of the same.
const BUNDLE: [&str; 2] = ["AWS_CA_BUNDLE", "ca_bundle"];

/// What [`configure`] found.
pub(super) struct Configuration {
    /// For the service clients.
    pub(super) sdk: SdkConfig,
    /// The profile's name.
    pub(super) profile: String,
    /// The region.
    pub(super) region: String,
    /// Where the services are instead of at AWS.
    pub(super) endpoints: Endpoints,
    /// What helps when the profile's credentials do not, where its kind says so.
    pub(super) advice: Option<Advice>,
    /// How another program gets at the credentials.
    pub(super) lending: Lending,
    /// The way to AWS that calls go, for sessions.
    pub(super) network: Network,
    /// The connections to a service with TLS on this machine.
    pub(super) direct: SharedHttpClient,
    /// Gives the credentials.
    pub(super) credentials: SharedCredentialsProvider,
}

/// What helps when a profile's credentials do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advice {
    /// What to do.
    pub(super) text: String,
    /// Whether it is to log in: then what failed works as soon as that has been done.
    pub(super) login: bool,
}

/// Where services are instead of at AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub(super) autoscaling: Option<String>,
    pub(super) cloudwatch: Option<String>,
    pub(super) ec2: Option<String>,
    pub(super) ecr: Option<String>,
    pub(super) ecs: Option<String>,
    pub(super) elb: Option<String>,
    pub(super) elbv2: Option<String>,
    pub(super) iam: Option<String>,
    pub(super) kms: Option<String>,
    pub(super) logs: Option<String>,
    pub(super) secrets: Option<String>,
    pub(super) ssm: Option<String>,
    pub(super) sts: Option<String>,
}

impl Endpoints {
    /// Asks for each service by its id as variables spell it:
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html>.
    fn find(endpoint: impl Fn(&str) -> Result<Option<String>, Error>) -> Result<Self, Error> {
        Ok(Self {
            autoscaling: endpoint("APPLICATION_AUTO_SCALING")?,
            cloudwatch: endpoint("CLOUDWATCH")?,
            ec2: endpoint("EC2")?,
            ecr: endpoint("ECR")?,
            ecs: endpoint("ECS")?,
            elb: endpoint("ELASTIC_LOAD_BALANCING")?,
            elbv2: endpoint("ELASTIC_LOAD_BALANCING_V2")?,
            iam: endpoint("IAM")?,
            kms: endpoint("KMS")?,
            logs: endpoint("CLOUDWATCH_LOGS")?,
            secrets: endpoint("SECRETS_MANAGER")?,
            ssm: endpoint("SSM")?,
            sts: endpoint("STS")?,
        })
    }

    /// Returns one place where all services are.
    fn all(url: &str) -> Self {
        Self::find(|_| Ok(Some(url.to_owned()))).expect("no look-up can fail")
    }
}

/// Returns the configuration that `access` describes. Reads files and the environment (never for fixed keys), makes
/// no call but, where nothing else names a region, one to the instance's metadata.
pub(super) async fn configure(access: &Access, codes: &Codes) -> Result<Configuration, Error> {
    match access {
        Access::Chain { profile, region, endpoint_url } => {
            chain(profile.as_deref(), region.as_deref(), endpoint_url.as_deref(), codes).await
        }
        Access::Fixed { name, region, endpoint_url, access_key, secret_key } => {
            Ok(fixed(name, region, endpoint_url, access_key, secret_key))
        }
    }
}

async fn chain(
    profile: Option<&str>,
    region: Option<&str>,
    endpoint_url: Option<&str>,
    codes: &Codes,
) -> Result<Configuration, Error> {
    let [profile, region, endpoint_url] =
        [profile, region, endpoint_url].map(|said| said.filter(|said| !said.is_empty()));
    let environment_only = profile == Some(ENVIRONMENT);
    let named = profile.filter(|_| !environment_only);
    let unnamed = is_empty("AWS_PROFILE").then_some("default");
    let profiles = profiles(named.or(unnamed), environment_only).await?;
    let selected = profiles.get_profile(profiles.selected_profile());

    let bundle = bundle(selected)?;
    let pool = pool::with_tls(bundle.as_ref());
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(pool.clone())
        .app_name(AppName::new("ecsui").expect("letters are a valid name"))
        // For getting credentials; our calls have their own. Left to the SDK it reads the user's settings for other
        // tools and panics at those it does not know: `retry_mode = legacy`, the AWS CLI's default for years.
        .retry_config(RetryConfig::standard())
        .identity_cache(IdentityCache::lazy().load_timeout(Duration::from_secs(30)).build());
    if let Some(profile) = named.or(unnamed) {
        loader = loader.profile_name(profile);
    }
    let region = match region {
        None if REGIONS.into_iter().any(is_empty) => region_beside_empty_variables(profiles.selected_profile()).await,
        region => region.map(str::to_owned),
    };
    if let Some(region) = region {
        loader = loader.region(Region::new(valid_region(&region)?.to_owned()));
    }
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(valid_endpoint(url)?);
    }
    // The SDK's own chain would hide why a profile gave nothing behind what an instance's metadata said.
    let sdk = loader.no_credentials().load().await;

    let Some(region) = sdk.region().map(ToString::to_string).filter(|region| !region.is_empty()) else {
        return Err(Error::setup("no region is set")
            .hint("choose one with --region, AWS_REGION, or `region = …` in the profile"));
    };
    valid_region(&region)?;
    let endpoints = match endpoint_url {
        Some(url) => Endpoints::all(url),
        None => Endpoints::find(|service| {
            endpoint_of(service, &sdk, selected).map(|url| valid_endpoint(&url).map(str::to_owned)).transpose()
        })?,
    };
    let sources = if environment_only {
        SharedCredentialsProvider::new(EnvironmentKeys)
    } else {
        let config = ProviderConfig::without_region()
            .with_region(Some(Region::new(region.clone())))
            .with_http_client(pool)
            .with_retry_config(RetryConfig::standard());
        let sts = for_sts(&sdk, &region, endpoints.sts.as_deref());
        let follow = Follow { profiles: &profiles, config: &config, sts: &sts, codes };
        let of_profile = follow.provider(profiles.selected_profile());
        SharedCredentialsProvider::new(sources(of_profile, selected.is_some(), named.is_some(), &config))
    };
    let way = role::way(&profiles, profiles.selected_profile());
    let kept = Kept::new(sources);
    let asks = way.iter().any(|profile| profile.get("mfa_serial").is_some());
    let kept = if asks { kept.waiting_for_a_person() } else { kept };
    let credentials = SharedCredentialsProvider::new(kept);
    let name = if environment_only { ENVIRONMENT } else { profiles.selected_profile() };
    Ok(Configuration {
        sdk: sdk.into_builder().credentials_provider(credentials.clone()).build(),
        profile: name.to_owned(),
        region,
        endpoints,
        advice: way.into_iter().find_map(advice).filter(|_| !environment_only),
        lending: named.map_or(Lending::Ambient, |name| Lending::Profile(name.to_owned())),
        direct: pool::direct(bundle.as_ref()),
        network: Network::new(Proxies::of(Matcher::from_env()), bundle),
        credentials,
    })
}

fn fixed(name: &str, region: &str, endpoint_url: &str, access_key: &str, secret_key: &Secret) -> Configuration {
    let keys = Credentials::new(access_key, secret_key.expose(), None, None, "fixed");
    let credentials = SharedCredentialsProvider::new(keys);
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(pool::plain())
        .credentials_provider(credentials.clone())
        .build();
    Configuration {
        sdk,
        profile: name.to_owned(),
        region: region.to_owned(),
        endpoints: Endpoints::all(endpoint_url),
        advice: None,
        lending: Lending::Keys,
        direct: pool::direct(None),
        network: Network::default(),
        credentials,
    }
}

/// Returns the certificates that are believed instead of this machine's, where the environment or the profile names a
/// file of them. As with the AWS CLI (botocore 1.x, `configprovider.py` and `httpsession.py`) the variable is the
/// stronger, and the file replaces the machine's certificates rather than adding to them.
fn bundle(profile: Option<&Profile>) -> Result<Option<Bundle>, Error> {
    let [variable, setting] = BUNDLE;
    let of_environment = env::var_os(variable).map(|path| (path, variable.to_owned()));
    let of_profile = || profile?.get(setting).map(|path| (path.into(), format!("the profile's {setting}")));
    let named = of_environment.filter(|(path, _)| !path.is_empty()).or_else(of_profile);
    let Some((path, named_by)) = named.filter(|(path, _)| !path.is_empty()) else { return Ok(None) };
    let failed = |reason: String| {
        Error::setup(format!("the CA bundle {} cannot be used: {reason}", path.display()))
            .hint(format!("{named_by} names it; it should be a file of certificates in PEM"))
    };
    let pem = fs::read(&path).map_err(|error| failed(error.to_string()))?;
    Bundle::parse(&pem).map(Some).map_err(|error| failed(error.to_string()))
}

/// Returns the profiles of the user's files, after a look whether the chosen one is among them.
#[expect(clippy::default_trait_access, reason = "the only name of the files' type that aws-config gives is deprecated")]
async fn profiles(named: Option<&str>, environment_only: bool) -> Result<ProfileSet, Error> {
    let override_name = named.map(|name| name.to_owned().into());
    let profiles = aws_config::profile::load(&Fs::default(), &Env::default(), &Default::default(), override_name)
        .await
        .map_err(|error| Error::setup(format!("the AWS configuration cannot be read: {}", last_cause(&error))))?;
    let selected = profiles.selected_profile();
    // Without any file there is no `default` either, and nobody has to have one.
    if environment_only || selected == "default" || profiles.get_profile(selected).is_some() {
        return Ok(profiles);
    }
    let mut known: Vec<&str> = profiles.profiles().collect();
    known.sort_unstable();
    let error = Error::setup(format!("there is no profile {selected:?} in the AWS configuration"));
    let close: Vec<&str> = known.iter().copied().filter(|name| resembles(name, selected)).collect();
    let error = match close[..] {
        [] => error,
        _ => error.hint(format!("did you mean {}?", listing(&close))),
    };
    Err(match known.len() {
        0 => error.hint("no profile is set up on this machine: `aws configure sso` or `aws configure` makes one"),
        _ => error.hint(format!("the profiles are: {}", listing(&known))),
    })
}

/// Whether one name may have been meant for the other: one holds the other, or they are two letters apart.
fn resembles(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    one.contains(&other) || other.contains(&one) || distance(&one, &other) <= 2
}

/// Returns how many letters must be changed, added or left out to make one word the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, candidate) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *candidate);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// Returns where credentials are looked for, in the order of the SDK's own chain. A profile that was asked for by name
/// comes before keys in the environment, as with the AWS CLI.
fn sources(
    of_profile: Result<SharedCredentialsProvider, CredentialsError>,
    profile_exists: bool,
    by_name: bool,
    config: &ProviderConfig,
) -> Sources {
    let web_identity = WebIdentityTokenCredentialsProvider::builder().configure(config).build();
    Sources {
        environment: (!by_name).then(EnvironmentVariableCredentialsProvider::new),
        profile: of_profile.map_err(|error| last_cause(&error)),
        profile_exists,
        web_identity: (!by_name).then_some(web_identity),
        container: SharedCredentialsProvider::new(EcsCredentialsProvider::builder().configure(config).build()),
        instance: SharedCredentialsProvider::new(ImdsCredentialsProvider::builder().configure(config).build()),
    }
}

/// Returns what calls of STS need that get credentials: each is made once, for a code is good once.
fn for_sts(sdk: &SdkConfig, region: &str, endpoint: Option<&str>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ANSWER).build();
    let mut sts = sdk.to_builder().region(Region::new(region.to_owned()));
    sts = sts.retry_config(RetryConfig::disabled()).timeout_config(timeouts);
    sts.set_identity_cache(Some(IdentityCache::no_cache()));
    if let Some(url) = endpoint {
        sts = sts.endpoint_url(url);
        if is_plain_loopback(url) {
            sts = sts.http_client(pool::plain());
        }
    }
    sts.build()
}

/// Returns what helps when the credentials of a profile, or of one that it is followed to, do not.
fn advice(profile: &Profile) -> Option<Advice> {
    let name = profile.name();
    let sso = profile.get("sso_session").or_else(|| profile.get("sso_start_url")).map(|_| "aws sso login");
    if let Some(command) = sso.or_else(|| profile.get("login_session").map(|_| "aws login")) {
        let name = shlex::try_quote(name).unwrap_or(name.into());
        return Some(Advice { text: format!("log in again: `{command} --profile {name}`"), login: true });
    }
    let device = profile.get("mfa_serial").filter(|_| profile.get("role_arn").is_none())?;
    let text = format!(
        "profile {name} names an MFA device ({device}) and no role to assume with it: get session keys with `aws sts \
         get-session-token` and put them into the environment"
    );
    Some(Advice { text, login: false })
}

/// Whether a variable is set and says nothing.
fn is_empty(variable: &str) -> bool {
    env::var(variable).is_ok_and(|value| value.is_empty())
}

/// Returns what a variable says.
fn said(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

/// Returns the region of the other variable or the profile: the SDK takes a variable that is set and empty for the
/// name of a region.
async fn region_beside_empty_variables(profile: &str) -> Option<String> {
    if let Some(region) = REGIONS.into_iter().find_map(said) {
        return Some(region);
    }
    let of_profile = ProfileFileRegionProvider::builder().profile_name(profile).build().region().await;
    of_profile.map(|region| region.to_string()).filter(|region| !region.is_empty())
}

/// Returns where a service is instead of at AWS, found as the SDK's own client finds it: its own variable, the general
/// one, the profile's `services` section, the profile. Unlike there, what is set and empty is not set.
fn endpoint_of(service: &str, sdk: &SdkConfig, profile: Option<&Profile>) -> Option<String> {
    let load = |variable| {
        let key = ServiceConfigKey::builder().service_id(service).env(variable).profile("endpoint_url").build();
        sdk.service_config()?.load_config(key.expect("every field is set"))
    };
    // Nothing as well where the user wants what is configured to be ignored.
    let found = load(ENDPOINT).or_else(|| sdk.endpoint_url().map(str::to_owned))?;
    if !found.is_empty() {
        return Some(found);
    }
    [&format!("{ENDPOINT}_{service}"), ENDPOINT]
        .into_iter()
        .find_map(said)
        // A variable that nobody sets: leaves the files.
        .or_else(|| load("ECSUI_NO_ENDPOINT_URL").filter(|url| !url.is_empty()))
        .or_else(|| profile?.get("endpoint_url").filter(|url| !url.is_empty()).map(str::to_owned))
}

/// Returns the region if it could be one; whether it exists only AWS knows.
fn valid_region(region: &str) -> Result<&str, Error> {
    if is_region(region) {
        return Ok(region);
    }
    Err(Error::setup(format!("{region:?} is not the name of a region")).hint("regions look like eu-west-1"))
}

fn valid_endpoint(url: &str) -> Result<&str, Error> {
    let parsed = url.parse::<http::Uri>().ok();
    let usable = parsed.is_some_and(|uri| {
        uri.host().is_some_and(|host| !host.is_empty()) && matches!(uri.scheme_str(), Some("http" | "https"))
    });
    if usable {
        return Ok(url);
    }
    Err(Error::setup(format!("{url:?} is not an endpoint URL")).hint("endpoint URLs look like http://127.0.0.1:5555"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_need_a_scheme_and_a_host() {
        for good in ["http://127.0.0.1:5555", "https://vpce-1.ecs.eu-west-1.vpce.amazonaws.com"] {
            assert!(valid_endpoint(good).is_ok(), "{good}");
        }
        for bad in ["", "127.0.0.1:5555", "localhost", "ftp://host", "http://", "file:///etc/passwd"] {
            assert!(valid_endpoint(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_typing_error_is_recognised() {
        assert!(resembles("production", "prod") && resembles("dev", "dve") && resembles("Dev", "dev"));
        assert!(!resembles("staging", "prod"));
        assert_eq!((distance("", "abc"), distance("kitten", "sitting"), distance("a", "a")), (3, 3, 0));
    }
}
