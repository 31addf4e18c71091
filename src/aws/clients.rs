//! The way to AWS, once it is open: the service clients, made when first used, and what every call shares.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{
    Access, Codes, Error, Kind,
    budget::{Budget, Urgency},
    call::Operation,
    chain::{self, Advice, Configuration, Endpoints},
    convert::Words,
    endings::Endings,
    lend::Lending,
    pool,
};
use crate::session::dial::{Destination, Network, is_loopback};

/// How long a connection may take.
pub(super) const CONNECT: Duration = Duration::from_secs(3);

/// How long a call may take from the first byte sent to the last one read.
pub(super) const ANSWER: Duration = Duration::from_secs(15);

/// Writes the method that returns a service's client, made when it is first asked for.
macro_rules! service_client {
    ($service:ident: $sdk:ident) => {
        pub(super) fn $service(&self) -> &$sdk::Client {
            self.shared.$service.get_or_init(|| {
                let endpoint = &self.shared.endpoints.$service;
                let mut config = $sdk::config::Builder::from(&self.shared.sdk);
                config.set_endpoint_url(endpoint.clone());
                if let Some(pool) = self.pool_for(endpoint.as_deref()) {
                    config.set_http_client(Some(pool));
                }
                let config = config.retry_config(RetryConfig::disabled()).timeout_config(self.timeouts());
                $sdk::Client::from_conf(config.build())
            })
        }
    };
}

/// The clients of one profile in one region. Cheap to clone.
#[derive(Clone)]
pub struct Clients {
    urgency: Urgency,
    shared: Arc<Shared>,
}

struct Shared {
    sdk: SdkConfig,
    loopback: SharedHttpClient,
    prefixed: SharedHttpClient,
    direct: SharedHttpClient,
    network: Network,
    profile: String,
    region: String,
    endpoints: Endpoints,
    advice: Option<Advice>,
    lending: Lending,
    credentials: SharedCredentialsProvider,
    /// The id of the access key that was used last.
    last_keys: Mutex<String>,
    budget: Arc<Budget>,
    words: Words,
    endings: Endings,
    answer: Duration,
    autoscaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    ec2: OnceLock<aws_sdk_ec2::Client>,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    elb: OnceLock<aws_sdk_elasticloadbalancing::Client>,
    elbv2: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

impl Clients {
    /// Opens the way: reads the configuration and gets credentials. Calls are paid from `budget`.
    pub async fn open(access: &Access, budget: Arc<Budget>) -> Result<Self, Error> {
        Self::open_asking(access, budget, &Codes::default()).await
    }

    /// Opens the way, and asks for the codes of MFA devices where a profile wants them.
    pub async fn open_asking(access: &Access, budget: Arc<Budget>, codes: &Codes) -> Result<Self, Error> {
        Self::open_with(access, budget, codes, ANSWER).await
    }

    async fn open_with(access: &Access, budget: Arc<Budget>, codes: &Codes, answer: Duration) -> Result<Self, Error> {
        let Configuration { sdk, profile, region, endpoints, advice, lending, network, direct, credentials } =
            chain::configure(access, codes).await?;
        let shared = Shared {
            sdk,
            loopback: pool::plain(),
            prefixed: pool::plain_with_prefixes(),
            direct,
            network,
            profile,
            region,
            endpoints,
            advice,
            lending,
            credentials,
            last_keys: Mutex::new(String::new()),
            budget,
            words: Words::default(),
            endings: Endings::default(),
            answer,
            autoscaling: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            ec2: OnceLock::new(),
            ecr: OnceLock::new(),
            ecs: OnceLock::new(),
            elb: OnceLock::new(),
            elbv2: OnceLock::new(),
            iam: OnceLock::new(),
            kms: OnceLock::new(),
            logs: OnceLock::new(),
            secrets: OnceLock::new(),
            ssm: OnceLock::new(),
            sts: OnceLock::new(),
        };
        let clients = Self { urgency: Urgency::Waiting, shared: Arc::new(shared) };
        clients.keys().await?;
        Ok(clients)
    }

    /// Returns the same clients for work of this urgency.
    #[must_use]
    pub fn with_urgency(&self, urgency: Urgency) -> Self {
        Self { urgency, ..self.clone() }
    }

    /// Returns the name of the profile.
    pub fn profile(&self) -> &str {
        &self.shared.profile
    }

    /// Returns the region.
    pub fn region(&self) -> &str {
        &self.shared.region
    }

    /// Returns where ECS is instead of at AWS, if somebody said so.
    pub fn ecs_endpoint(&self) -> Option<&str> {
        self.shared.endpoints.ecs.as_deref()
    }

    pub(super) fn ssm_endpoint(&self) -> Option<&str> {
        self.shared.endpoints.ssm.as_deref()
    }

    pub(super) fn lending(&self) -> &Lending {
        &self.shared.lending
    }

    /// Returns whether the FIPS and the dual-stack endpoints were asked for.
    pub(super) fn variants(&self) -> (bool, bool) {
        let asked = |variant: Option<bool>| variant.unwrap_or_default();
        (asked(self.shared.sdk.use_fips()), asked(self.shared.sdk.use_dual_stack()))
    }

    /// Returns the way that calls go: through which proxy, and whose certificates are believed.
    pub fn network(&self) -> &Network {
        &self.shared.network
    }

    /// Lets `codes` forget the keys that are used here: AWS does not take them any more.
    pub fn forget_session(&self, codes: &Codes) {
        let keys = self.shared.last_keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        codes.forget(&keys);
    }

    /// Whether both are the same opening of the same way.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Blocks the thread until AWS was told of all sessions that nobody waits for, for at most this long.
    pub fn wait_for_endings(&self, limit: Duration) {
        self.shared.endings.wait(limit);
    }

    pub(super) fn endings(&self) -> &Endings {
        &self.shared.endings
    }

    /// Makes a call, paid from the budget, and explains its failure.
    pub(super) async fn call<T, E, F>(&self, operation: Operation, send: impl Fn() -> F + Send) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        // Before the call's own time begins: a person may be asked for a code.
        self.keys().await?;
        let answer = operation.call(&self.shared.budget, self.urgency, send).await;
        answer.map_err(|error| self.explain(error))
    }

    /// Returns valid credentials.
    pub(super) async fn keys(&self) -> Result<aws_credential_types::Credentials, Error> {
        let keys = self.shared.credentials.provide_credentials().await;
        let keys = keys.inspect(|keys| {
            keys.access_key_id().clone_into(&mut self.shared.last_keys.lock().unwrap_or_else(PoisonError::into_inner));
        });
        keys.map_err(|error| {
            let error = Error::from_credentials(&error);
            let message = format!("profile {}: {}", self.profile(), error.message);
            self.explain(Error { message, ..error })
        })
    }

    pub(super) fn words(&self) -> &Words {
        &self.shared.words
    }

    service_client!(autoscaling: aws_sdk_applicationautoscaling);
    service_client!(cloudwatch: aws_sdk_cloudwatch);
    service_client!(ec2: aws_sdk_ec2);
    service_client!(ecr: aws_sdk_ecr);
    service_client!(ecs: aws_sdk_ecs);
    service_client!(elb: aws_sdk_elasticloadbalancing);
    service_client!(elbv2: aws_sdk_elasticloadbalancingv2);
    service_client!(iam: aws_sdk_iam);
    service_client!(kms: aws_sdk_kms);
    service_client!(logs: aws_sdk_cloudwatchlogs);
    service_client!(secrets: aws_sdk_secretsmanager);
    service_client!(ssm: aws_sdk_ssm);
    service_client!(sts: aws_sdk_sts);

    /// Returns the connections of this machine alone for an endpoint that needs no others: an emulator, for which no
    /// proxy is asked, and without TLS no root certificates have to be loaded (some 10 ms).
    fn pool_for(&self, endpoint: Option<&str>) -> Option<SharedHttpClient> {
        loopback_scheme(endpoint?).map(|scheme| match scheme {
            Scheme::Http => self.shared.loopback.clone(),
            Scheme::Https => self.shared.direct.clone(),
        })
    }

    /// Returns the proxy that calls to AWS go through.
    fn proxy(&self) -> Option<String> {
        let host = format!("ecs.{}.amazonaws.com", self.region());
        self.network().proxy_toward(&Destination::with_tls(host, 443))
    }

    /// Returns the connections for operations of CloudWatch Logs whose host the SDK gives a prefix, where those of the
    /// others would not find it.
    pub(super) fn prefixed_pool(&self) -> Option<SharedHttpClient> {
        match loopback_scheme(self.shared.endpoints.logs.as_deref()?)? {
            Scheme::Http => Some(self.shared.prefixed.clone()),
            Scheme::Https => None,
        }
    }

    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(self.shared.answer).build()
    }

    /// Adds what to do next, as far as it depends on the profile and the region.
    fn explain(&self, error: Error) -> Error {
        match error.kind {
            // What helps has been said.
            Kind::Credentials if error.awaits_login => error,
            Kind::Credentials if error.tells_of_the_clock() => error.hint("is the clock of this machine right?"),
            Kind::Credentials => match &self.shared.advice {
                Some(Advice { text, login }) => Error { awaits_login: *login, ..error.hint(text) },
                None if error.operation.is_none() => error.hint(
                    "choose a profile with --profile, set one up with `aws configure sso`, or put keys into the \
                     environment",
                ),
                None => error.hint(format!("get fresh credentials for profile {}", self.profile())),
            },
            // What is wrong with a certificate has been said.
            Kind::Unreachable if !error.hints.is_empty() => error,
            Kind::Unreachable if let Some(endpoint) = self.ecs_endpoint() => {
                error.hint(format!("calls go to {endpoint} instead of AWS: is something there?"))
            }
            Kind::Unreachable => {
                let error = error.hint(format!("is {} the right region, and is there a network?", self.region()));
                let hint = self.proxy().map(|proxy| format!("calls go through the proxy {proxy}: does it answer?"));
                hint.into_iter().fold(error, Error::hint)
            }
            Kind::Denied => match error.denial() {
                Some(denial) => {
                    let resource = denial.resource.as_deref().unwrap_or("*");
                    let hint = format!("ask for {} on {resource} for {}", denial.action, denial.caller);
                    error.hint(hint)
                }
                None => error,
            },
            Kind::Throttled => error.hint("the account's call budget is used up; it refills by itself"),
            // What was set up was good enough to make a call, but not there.
            Kind::Setup if error.operation.is_some() => {
                let place = self.ecs_endpoint().unwrap_or("AWS");
                error.hint(format!("is {} the right region for {place}?", self.region()))
            }
            Kind::Setup | Kind::NotFound | Kind::Refused | Kind::Broken => error,
        }
    }
}

/// How an endpoint on this machine is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// Whether an endpoint is on this machine and spoken to without TLS.
pub(super) fn is_plain_loopback(endpoint: &str) -> bool {
    loopback_scheme(endpoint) == Some(Scheme::Http)
}

/// Returns how an endpoint is spoken to, if it is on this machine.
fn loopback_scheme(endpoint: &str) -> Option<Scheme> {
    let uri = endpoint.parse::<http::Uri>().ok()?;
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if !is_loopback(host) {
        return None;
    }
    match uri.scheme_str() {
        Some("http") => Some(Scheme::Http),
        Some("https") => Some(Scheme::Https),
        _ => None,
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients")
            .field("profile", &self.shared.profile)
            .field("region", &self.shared.region)
            .field("endpoints", &self.shared.endpoints)
            .field("urgency", &self.urgency)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::{aws::Lost, session::Secret};

    fn access(endpoint_url: String) -> Access {
        Access::Fixed {
            name: "test".to_owned(),
            region: "eu-west-1".to_owned(),
            endpoint_url,
            access_key: "AKID".to_owned(),
            secret_key: Secret::new("do not show"),
        }
    }

    #[tokio::test]
    async fn a_call_that_is_never_answered_ends_and_is_not_repeated() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let access = access(format!("http://{}", listener.local_addr().unwrap()));
        let budget = Arc::new(Budget::new());
        let clients = Clients::open_with(&access, budget, &Codes::default(), Duration::from_millis(50)).await.unwrap();
        let call = tokio::time::timeout(Duration::from_mins(1), clients.cluster_arns());
        let error = call.await.expect("the call ends by itself").unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (Kind::Unreachable, "AWS did not answer in time"));
        assert_eq!(error.lost, Some(Lost::Late), "AWS may still be at it");
        // One connection, and no second one waits to be accepted.
        let _first = listener.accept().await.unwrap();
        let second = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        assert!(second.is_err(), "the call was made again");
    }

    #[tokio::test]
    async fn a_call_that_nobody_took_is_not_lost() {
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let clients = Clients::open(&access(format!("http://{port}")), Arc::default()).await.unwrap();
        let error = clients.cluster_arns().await.unwrap_err();
        assert_eq!((error.kind, error.lost), (Kind::Unreachable, None));
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_a_proxy() {
        for local in ["http://127.0.0.1:5555", "http://localhost:1/", "http://[::1]:80"] {
            assert_eq!(loopback_scheme(local), Some(Scheme::Http), "{local}");
        }
        for local in ["https://127.0.0.1:5555", "https://LOCALHOST", "https://[::1]:4566"] {
            assert_eq!(loopback_scheme(local), Some(Scheme::Https), "{local}");
        }
        for other in ["http://10.0.0.1", "http://localhost.example", "", "127.0.0.1:1", "ftp://localhost"] {
            assert_eq!(loopback_scheme(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn keys_are_not_shown() {
        let clients = Clients::open(&access("http://127.0.0.1:1".to_owned()), Arc::default()).await.unwrap();
        let shown = format!("{clients:?} {:?}", access(String::new()));
        assert!(!shown.contains("do not show"), "{shown}");
    }
}
