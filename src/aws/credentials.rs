//! The credentials, kept until shortly before they run out, for the calls and for signing session addresses alike.

use std::time::{Duration, SystemTime};

use aws_config::{
    environment::EnvironmentVariableCredentialsProvider, web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, Result, SharedCredentialsProvider, error::CredentialsError, future},
};
use tokio::{sync::Mutex, time::timeout};

/// How long before they run out credentials are got anew.
const MARGIN: Duration = Duration::from_mins(1);

/// How long the chain may take: a `credential_process` may ask a person.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// The credentials of a chain, asked for once and kept.
#[derive(Debug)]
pub(super) struct Kept {
    chain: SharedCredentialsProvider,
    patience: Duration,
    last: Mutex<Option<Credentials>>,
}

impl Kept {
    /// Returns a provider that keeps what `chain` gives.
    pub(super) fn new(chain: SharedCredentialsProvider) -> Self {
        Self { chain, patience: PATIENCE, last: Mutex::new(None) }
    }

    /// Returns the same provider, which waits until a person has answered.
    pub(super) fn waiting_for_a_person(self) -> Self {
        Self { patience: Duration::MAX, ..self }
    }

    async fn get(&self) -> Result {
        let mut last = self.last.lock().await;
        if let Some(credentials) = last.as_ref().filter(|credentials| lasts(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = timeout(self.patience, self.chain.provide_credentials())
            .await
            .map_err(|_| CredentialsError::provider_timed_out(self.patience))??;
        check(&credentials)?;
        *last = Some(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for Kept {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }
}

/// Refuses what cannot stand in a header: the SDK panics at such an access key.
fn check(credentials: &Credentials) -> std::result::Result<(), CredentialsError> {
    let is_sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_sendable(credentials.access_key_id()) {
        return Err(CredentialsError::invalid_configuration(
            "the access key id holds a space, a line break or the like",
        ));
    }
    if !credentials.session_token().is_none_or(is_sendable) {
        return Err(CredentialsError::invalid_configuration(
            "the session token holds a space, a line break or the like",
        ));
    }
    Ok(())
}

/// Whether credentials are good for a while yet.
pub(super) fn lasts(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + MARGIN)
}

/// Where credentials are looked for, one after the other.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) environment: Option<EnvironmentVariableCredentialsProvider>,
    /// Or what is wrong with it.
    pub(super) profile: std::result::Result<SharedCredentialsProvider, String>,
    /// Whether the user's files hold the profile.
    pub(super) profile_exists: bool,
    pub(super) web_identity: Option<WebIdentityTokenCredentialsProvider>,
    pub(super) container: SharedCredentialsProvider,
    pub(super) instance: SharedCredentialsProvider,
}

impl Sources {
    /// Returns what the first source gives that has something to say. The instance's metadata are asked last, on every
    /// kind of machine: that they are not there is never the reason.
    async fn get(&self) -> Result {
        if let Some(environment) = &self.environment
            && let Some(given) = told(environment.provide_credentials().await)
        {
            return given;
        }
        let of_profile = match &self.profile {
            Ok(profile) => profile.provide_credentials().await,
            Err(wrong) => Err(CredentialsError::invalid_configuration(wrong.clone())),
        };
        // A profile that names another one which is not there.
        let why = match of_profile {
            Err(error @ CredentialsError::CredentialsNotLoaded(_)) => Some(error).filter(|_| self.profile_exists),
            given => return given,
        };
        if let Some(web_identity) = &self.web_identity
            && let Some(given) = told(web_identity.provide_credentials().await)
        {
            return given;
        }
        if let Some(given) = told(self.container.provide_credentials().await) {
            return given;
        }
        let of_instance = self.instance.provide_credentials().await;
        of_instance.map_err(|error| {
            tracing::debug!(%error, "no credentials from the instance's metadata");
            why.unwrap_or_else(CredentialsError::not_loaded_no_source)
        })
    }
}

impl ProvideCredentials for Sources {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }
}

/// Returns what a source gave or failed at, or `None` where it is not one here.
fn told(given: Result) -> Option<Result> {
    match given {
        Err(CredentialsError::CredentialsNotLoaded(_)) => None,
        given => Some(given),
    }
}

/// The keys of the environment and nothing else: `--profile env`.
///
/// `AWS_ACCESS_KEY` and `AWS_SECRET_KEY`, which older tools read, stand in for the standard names.
#[derive(Debug)]
pub(super) struct EnvironmentKeys;

impl ProvideCredentials for EnvironmentKeys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(environment_keys(|name| std::env::var(name).ok()))
    }
}

fn environment_keys(variable: impl Fn(&str) -> Option<String>) -> Result {
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    let access_key = first(["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"]);
    let secret_key = first(["AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"]);
    let (Some(access_key), Some(secret_key)) = (access_key, secret_key) else {
        return Err(CredentialsError::not_loaded("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set"));
    };
    let token = variable("AWS_SESSION_TOKEN").filter(|token| !token.is_empty());
    Ok(Credentials::new(access_key, secret_key, token, None, "environment"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Counting {
        asked: AtomicUsize,
        lifetime: Option<Duration>,
    }

    impl ProvideCredentials for &'static Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let expiry = self.lifetime.map(|lifetime| SystemTime::now() + lifetime);
            future::ProvideCredentials::ready(Ok(Credentials::new("key", "secret", None, expiry, "test")))
        }
    }

    async fn asked_in_three_uses(lifetime: Option<Duration>) -> usize {
        let chain: &'static Counting = Box::leak(Box::new(Counting { asked: AtomicUsize::new(0), lifetime }));
        let kept = Kept::new(SharedCredentialsProvider::new(chain));
        for _ in 0..3 {
            kept.provide_credentials().await.unwrap();
        }
        chain.asked.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn credentials_are_kept_until_shortly_before_they_run_out() {
        assert_eq!(asked_in_three_uses(None).await, 1);
        assert_eq!(asked_in_three_uses(Some(Duration::from_hours(1))).await, 1);
        assert_eq!(asked_in_three_uses(Some(Duration::from_secs(30))).await, 3);
    }

    #[tokio::test]
    async fn keys_that_cannot_be_sent_are_refused() {
        for (key, token, wrong) in [
            ("AKID\nx", None, Some("access key id")),
            ("AKID", Some("a\nb"), Some("session token")),
            ("AKID", Some("IQoJb3JpZ2luX2VjE+/=="), None),
        ] {
            let keys = Credentials::new(key, "secret", token.map(Into::into), None, "test");
            let answer = Kept::new(SharedCredentialsProvider::new(keys)).get().await;
            let said = answer.err().map(|error| std::error::Error::source(&error).unwrap().to_string());
            match wrong {
                Some(part) => assert!(said.unwrap().contains(part)),
                None => assert_eq!(said, None),
            }
        }
    }

    #[test]
    fn older_names_stand_in_for_the_standard_ones() {
        let keys = environment_keys(|name| match name {
            "AWS_ACCESS_KEY" => Some("old".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("new".to_owned()),
            _ => None,
        })
        .unwrap();
        assert_eq!((keys.access_key_id(), keys.secret_access_key(), keys.session_token()), ("old", "new", None));
        assert!(environment_keys(|_| Some(String::new())).is_err());
    }
}
