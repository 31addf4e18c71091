//! The verbs: what ecsui can do, with no opinion on how it is shown. Nothing here reads the environment or prints.

pub mod audit;
pub mod change;
pub mod check;
pub mod complete;
pub mod deployments;
pub mod error;
pub mod events;
pub mod exec;
pub mod find;
mod history;
pub mod instances;
pub mod list;
pub mod logs;
pub mod ls;
pub mod missing;
pub mod own;
pub mod params;
pub mod policy;
pub mod stopped;
pub mod targets;
pub mod taskdefs;
mod verify;
pub mod watch;
mod way;
pub mod whole;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{aws, config::Settings, session::clock::Clock};
pub use aws::Urgency;
pub use error::{Error, Kind, Result};
use way::Way;

/// What every verb is handed: the settings, and the way to AWS, which is opened at the first use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cx {
    /// What the user has set.
    pub settings: Arc<Settings>,
    /// Whether somebody waits for the answers.
    pub urgency: Urgency,
    /// What sessions and long verbs go by.
    pub clock: Clock,
    /// The name of who uses the program on this machine, as far as it is known.
    pub user: Option<Arc<str>>,
    /// The directory for what is to outlast the program; `None` keeps nothing.
    pub state: Option<Arc<Path>>,
    way: Arc<Way>,
}

impl Cx {
    /// Returns a context; nothing is read and nobody is called until a verb needs it.
    pub fn new(access: aws::Access, settings: Settings) -> Self {
        let (urgency, clock) = (Urgency::Waiting, Clock::default());
        Self { settings: Arc::new(settings), urgency, clock, user: None, state: None, way: Arc::new(Way::new(access)) }
    }

    /// Returns the same context with a directory for what is to outlast the program.
    #[must_use]
    pub fn keeping_in(self, directory: Option<PathBuf>) -> Self {
        Self { state: directory.map(Into::into), ..self }
    }

    /// Returns the same context for somebody of this name.
    #[must_use]
    pub fn used_by(self, user: Option<String>) -> Self {
        Self { user: user.map(Into::into), ..self }
    }

    /// Returns the same context by another clock.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self { clock, ..self.clone() }
    }

    /// Returns the same context for work of this urgency.
    #[must_use]
    pub fn with_urgency(&self, urgency: Urgency) -> Self {
        Self { urgency, ..self.clone() }
    }

    /// Blocks the thread until AWS was told of sessions that nobody waits for any more, for at most this long: what a
    /// program does last.
    pub fn wait_for_endings(&self, limit: Duration) {
        self.way.wait_for_endings(limit);
    }

    /// Opens the way to AWS if it is not open yet.
    async fn aws(&self) -> Result<aws::Clients> {
        let clients = self.way.open().await.map_err(|error| Error::aws("AWS cannot be used", error))?;
        Ok(clients.with_urgency(self.urgency))
    }

    /// Returns the failure of a verb that `clients` met. After credentials were refused the way is opened anew next
    /// time: the user may have logged in again meanwhile.
    fn failed(&self, what: impl Into<String>, clients: &aws::Clients, error: aws::Error) -> Error {
        if error.kind == aws::Kind::Credentials {
            self.way.forget(clients);
        }
        Error::aws(what, error)
    }
}

/// Who is asking, where: for the status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The profile's name, `default`, or the name of the simulated account.
    pub profile: String,
    /// The region.
    pub region: String,
    /// The account, twelve digits; `None` when `sts:GetCallerIdentity` is refused.
    pub account: Option<String>,
    /// The ARN of the caller.
    pub caller: Option<String>,
}
