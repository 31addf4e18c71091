//! The credentials that profiles gave, for all ways of a program: a helper that asks a person is run once, however many
//! regions are read with its profile.

use std::{
    collections::HashMap,
    error::Error as StdError,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::time::timeout;

use super::credentials::{PATIENCE, lasts};

/// Which credentials: a profile's own, or those of the role that it assumes.
pub(super) type Whose = (String, Option<String>);

/// Getting some, which goes on whoever waits for it.
type UnderWay = Shared<BoxFuture<'static, Result<Credentials, Arc<CredentialsError>>>>;

/// What was given, and what is being asked for. All clones are one.
#[derive(Clone, Default)]
pub(super) struct Given(Arc<Mutex<HashMap<Whose, Slot>>>);

#[derive(Default)]
struct Slot {
    kept: Option<Credentials>,
    under_way: Option<UnderWay>,
}

/// Gives what a profile gives, which is the same in all regions.
#[derive(Debug)]
pub(super) struct OfProfile {
    pub(super) profile: String,
    pub(super) source: SharedCredentialsProvider,
    /// Whether it may fail in one region alone.
    pub(super) is_regional: bool,
    pub(super) given: Given,
}

impl Given {
    /// Returns what was given and lasts, or lets `get` get it. Who comes meanwhile waits for the same, and fails with
    /// it.
    pub(super) async fn once(
        &self,
        whose: &Whose,
        get: impl Future<Output = provider::Result> + Send + 'static,
    ) -> provider::Result {
        let (answer, _) = self.ask(whose, get);
        answer.await.map_err(told)
    }

    /// Returns the same, but who comes meanwhile tries for himself where the other one failed.
    pub(super) async fn one_by_one<F>(&self, whose: &Whose, get: impl Fn() -> F) -> provider::Result
    where
        F: Future<Output = provider::Result> + Send + 'static,
    {
        loop {
            let (answer, is_own) = self.ask(whose, get());
            match answer.await {
                Err(_) if !is_own => {}
                answer => return answer.map_err(told),
            }
        }
    }

    /// Forgets these keys: AWS does not take them any more.
    pub(super) fn forget(&self, keys: &str) {
        for slot in self.slots().values_mut() {
            slot.kept.take_if(|kept| kept.access_key_id() == keys);
        }
    }

    /// Returns what answers, and whether that is `get`.
    fn ask(&self, whose: &Whose, get: impl Future<Output = provider::Result> + Send + 'static) -> (UnderWay, bool) {
        let mut slots = self.slots();
        let slot = slots.entry(whose.clone()).or_default();
        if let Some(kept) = slot.kept.as_ref().filter(|kept| lasts(kept)) {
            return (std::future::ready(Ok(kept.clone())).boxed().shared(), false);
        }
        // One that is through and still there was broken off.
        if let Some(under_way) = slot.under_way.as_ref().filter(|it| it.peek().is_none()) {
            return (under_way.clone(), false);
        }
        let under_way = self.start(whose.clone(), get);
        slot.under_way = Some(under_way.clone());
        (under_way, true)
    }

    /// Runs by itself: who began it may be gone before it ends, and others wait for it.
    fn start(&self, whose: Whose, get: impl Future<Output = provider::Result> + Send + 'static) -> UnderWay {
        let given = self.clone();
        let task = tokio::spawn(async move {
            let answer = timeout(PATIENCE, get).await;
            let answer = answer.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(PATIENCE)));
            let kept = answer.as_ref().ok().cloned();
            given.slots().insert(whose, Slot { kept, under_way: None });
            answer.map_err(Arc::new)
        });
        task.map(|ended| ended.unwrap_or_else(|error| Err(Arc::new(CredentialsError::unhandled(error)))))
            .boxed()
            .shared()
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Whose, Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OfProfile {
    async fn get(&self) -> provider::Result {
        let whose = (self.profile.clone(), None);
        let get = || {
            let source = self.source.clone();
            async move { source.provide_credentials().await }
        };
        if self.is_regional { self.given.one_by_one(&whose, get).await } else { self.given.once(&whose, get()).await }
    }
}

impl ProvideCredentials for OfProfile {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").finish_non_exhaustive()
    }
}

/// A failure that several are told.
#[derive(Debug)]
struct Told(Arc<CredentialsError>);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Told {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// Returns a failure of the same kind, with the same causes.
fn told(error: Arc<CredentialsError>) -> CredentialsError {
    match &*error {
        CredentialsError::CredentialsNotLoaded(_) if error.source().is_none() => {
            CredentialsError::not_loaded_no_source()
        }
        CredentialsError::CredentialsNotLoaded(_) => CredentialsError::not_loaded(Told(error)),
        CredentialsError::ProviderTimedOut(late) => CredentialsError::provider_timed_out(late.timeout_duration()),
        CredentialsError::InvalidConfiguration(_) => CredentialsError::invalid_configuration(Told(error)),
        CredentialsError::ProviderError(_) => CredentialsError::provider_error(Told(error)),
        _ => CredentialsError::unhandled(Told(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn whose() -> Whose {
        ("dev".to_owned(), None)
    }

    fn keys(id: &str) -> Credentials {
        Credentials::new(id, "secret", None, None, "test")
    }

    #[tokio::test]
    async fn who_comes_meanwhile_gets_the_same_even_after_who_began_is_gone() {
        let given = Given::default();
        let (answer, asked) = tokio::sync::oneshot::channel::<Credentials>();
        let whose = whose();
        let mut first = Box::pin(given.once(&whose, async move { Ok(asked.await.unwrap()) }));
        assert!(futures_util::poll!(&mut first).is_pending());
        drop(first);
        let mut second = Box::pin(given.once(&whose, async { panic!("it is asked already") }));
        assert!(futures_util::poll!(&mut second).is_pending());
        answer.send(keys("one")).unwrap();
        assert_eq!(second.await.unwrap().access_key_id(), "one");
        let kept = given.once(&whose, async { panic!("it is known") }).await;
        assert_eq!(kept.unwrap().access_key_id(), "one");
        given.forget("one");
        assert_eq!(given.once(&whose, async { Ok(keys("two")) }).await.unwrap().access_key_id(), "two");
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_who_waited_and_not_kept() {
        let given = Given::default();
        let (fail, failing) = tokio::sync::oneshot::channel::<()>();
        let fails = async move {
            failing.await.unwrap();
            Err(CredentialsError::provider_error("the dialog was closed"))
        };
        let whose = whose();
        let mut first = Box::pin(given.once(&whose, fails));
        let mut second = Box::pin(given.once(&whose, async { panic!("a second dialog") }));
        assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
        let asked = AtomicUsize::new(0);
        let mut regional = Box::pin(given.one_by_one(&whose, || {
            asked.fetch_add(1, Ordering::SeqCst);
            async { Ok(keys("here")) }
        }));
        assert!(futures_util::poll!(&mut regional).is_pending());
        fail.send(()).unwrap();
        for error in [first.await.unwrap_err(), second.await.unwrap_err()] {
            assert!(matches!(error, CredentialsError::ProviderError(_)));
            assert_eq!(crate::aws::error::last_cause(&error), "the dialog was closed");
        }
        assert_eq!(regional.await.unwrap().access_key_id(), "here", "what fails in one region may work in another");
        assert_eq!(given.once(&whose, async { panic!("it is known") }).await.unwrap().access_key_id(), "here");
    }
}
