//! The codes of MFA devices: who is asked for one, and the sessions that they opened, kept for as long as these last.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_credential_types::{
    Credentials,
    provider::{self, error::CredentialsError},
};
use futures_util::{FutureExt as _, future::BoxFuture};

use super::{Error, Kind, credentials::lasts, given::Given};
use crate::session::Secret;

/// What a code is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeWanted {
    /// The profile that names the device.
    pub profile: String,
    /// The device: its ARN, or its number.
    pub device: String,
    /// The ARN of the role that is assumed with it.
    pub role: String,
    /// Why the code before was not taken, in AWS's words or ours.
    pub refused: Option<String>,
}

/// A code, or why there is none.
pub type CodeAnswer = Result<Secret, String>;

/// Asks a person.
type Ask = dyn Fn(CodeWanted) -> BoxFuture<'static, CodeAnswer> + Send + Sync;

/// Whom to ask for codes, and what came of those that were given; and what profiles gave without one. Cheap to clone;
/// all clones share what they have.
#[derive(Clone)]
pub struct Codes {
    /// Nobody may be asked where there is none.
    ask: Option<Arc<Ask>>,
    /// Held by who asks.
    turn: Arc<tokio::sync::Mutex<()>>,
    sessions: Arc<Mutex<HashMap<Opened, Credentials>>>,
    pub(super) given: Given,
}

/// What a session was opened for: profile, role, device.
pub(super) type Opened = (String, String, String);

impl Codes {
    /// Returns codes that are asked for in this way. One question is asked at a time.
    pub fn asked<F>(ask: impl Fn(CodeWanted) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = CodeAnswer> + Send + 'static,
    {
        let ask: Arc<Ask> = Arc::new(move |wanted| ask(wanted).boxed());
        Self { ask: Some(ask), turn: Arc::default(), sessions: Arc::default(), given: Given::default() }
    }

    /// Returns codes that nobody is asked for: only the sessions are there that were opened with others.
    #[must_use]
    pub fn unasked(&self) -> Self {
        Self { ask: None, ..self.clone() }
    }

    /// Returns codes that are asked for in this way, with what those others have.
    #[must_use]
    pub fn sharing(self, others: &Self) -> Self {
        Self { sessions: Arc::clone(&others.sessions), given: others.given.clone(), ..self }
    }

    pub(super) async fn ask(&self, wanted: CodeWanted) -> CodeAnswer {
        match &self.ask {
            Some(ask) => ask(wanted).await,
            None => Err("nobody is asked for it here".to_owned()),
        }
    }

    /// Returns the session that was opened for this, where it lasts.
    fn kept(&self, opened: &Opened) -> Option<Credentials> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(opened).filter(|session| lasts(session)).cloned()
    }

    /// Returns the session that was opened for this, or lets `open` open one; who comes meanwhile waits for it. Where
    /// nobody may be asked nothing is opened, nor waited for.
    pub(super) async fn session(
        &self,
        opened: Opened,
        open: impl Future<Output = provider::Result>,
    ) -> provider::Result {
        if let Some(session) = self.kept(&opened) {
            return Ok(session);
        }
        if self.ask.is_none() {
            return Err(CredentialsError::provider_error(unasked(&opened)));
        }
        let _turn = self.turn.lock().await;
        if let Some(session) = self.kept(&opened) {
            return Ok(session);
        }
        let session = open.await?;
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).insert(opened, session.clone());
        Ok(session)
    }

    /// Forgets these keys, and the sessions that use them: AWS does not take them any more.
    pub(super) fn forget(&self, keys: &str) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.access_key_id() != keys);
        self.given.forget(keys);
    }
}

impl Default for Codes {
    /// Nobody is there to be asked.
    fn default() -> Self {
        Self::asked(async |_| Err("nobody can be asked for it here".to_owned()))
    }
}

/// Says that a code is wanted and nobody is asked for it. It works as soon as somebody has given one elsewhere.
fn unasked((profile, _, device): &Opened) -> Error {
    let error = Error::without_call(Kind::Credentials, format!("a code of the MFA device {device} is needed"));
    Error { awaits_login: true, ..error }.hint(format!("it is asked for when you go to profile {profile}"))
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codes").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Opened {
        ("dev".to_owned(), "arn:aws:iam::1:role/dev".to_owned(), "arn:aws:iam::1:mfa/mia".to_owned())
    }

    fn session() -> Credentials {
        Credentials::new("key", "secret", None, None, "test")
    }

    #[tokio::test]
    async fn who_may_not_ask_takes_what_others_opened_and_waits_for_nobody() {
        let asked = Codes::asked(async |_| Err("nobody".to_owned()));
        let silent = asked.unasked();
        let open = async || -> provider::Result { panic!("nothing is opened") };
        // While somebody is being asked, and keeps everybody waiting who asks too.
        let turn = asked.turn.lock().await;
        let error = Error::from_credentials(&silent.session(opened(), open()).await.unwrap_err());
        assert!(error.awaits_login && error.message.contains("mfa/mia") && error.hints[0].ends_with("profile dev"));
        drop(turn);
        asked.session(opened(), async { Ok(session()) }).await.unwrap();
        assert_eq!(silent.session(opened(), open()).await.unwrap().access_key_id(), "key");
        let other = Codes::default().sharing(&asked);
        assert_eq!(other.session(opened(), open()).await.unwrap().access_key_id(), "key");
    }
}
