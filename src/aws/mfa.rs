//! The codes of MFA devices: who is asked for one, and the sessions that they opened, kept for as long as these last.

use std::{collections::HashMap, fmt, sync::Arc};

use aws_credential_types::Credentials;
use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::Mutex;

use super::credentials::lasts;
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

/// Whom to ask for codes, and what came of those that were given. Cheap to clone; all clones share their sessions.
#[derive(Clone)]
pub struct Codes {
    ask: Arc<Ask>,
    sessions: Arc<Mutex<HashMap<Opened, Credentials>>>,
}

/// What a session was opened for: profile, role, device.
pub(super) type Opened = (String, String, String);

impl Codes {
    /// Returns codes that are asked for in this way. One question is asked at a time.
    pub fn asked<F>(ask: impl Fn(CodeWanted) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = CodeAnswer> + Send + 'static,
    {
        Self { ask: Arc::new(move |wanted| ask(wanted).boxed()), sessions: Arc::default() }
    }

    pub(super) async fn ask(&self, wanted: CodeWanted) -> CodeAnswer {
        (self.ask)(wanted).await
    }

    /// Returns the session that was opened for this, or lets `open` open one; who comes meanwhile waits for it.
    pub(super) async fn session<E>(
        &self,
        opened: Opened,
        open: impl Future<Output = Result<Credentials, E>>,
    ) -> Result<Credentials, E> {
        let mut sessions = self.sessions.lock().await;
        if let Some(session) = sessions.get(&opened).filter(|session| lasts(session)) {
            return Ok(session.clone());
        }
        let session = open.await?;
        sessions.insert(opened, session.clone());
        Ok(session)
    }

    /// Forgets the sessions that use these keys: AWS does not take them any more.
    pub(super) async fn forget(&self, keys: &str) {
        self.sessions.lock().await.retain(|_, session| session.access_key_id() != keys);
    }
}

impl Default for Codes {
    /// Nobody is there to be asked.
    fn default() -> Self {
        Self::asked(async |_| Err("nobody can be asked for it here".to_owned()))
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codes").finish_non_exhaustive()
    }
}
