//! The verbs: what ecsui can do, with no opinion on how it is shown. Nothing here reads the environment or prints.

pub mod audit;
pub mod change;
pub mod check;
pub mod complete;
pub mod deployments;
pub mod described;
pub mod editor;
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
pub mod opened;
pub mod own;
pub mod page;
pub mod params;
pub mod policy;
pub mod sites;
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
pub use aws::{CodeAnswer, CodeWanted, Codes, Urgency};
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
        Self {
            settings: Arc::new(settings),
            urgency,
            clock,
            user: None,
            state: None,
            way: Arc::new(Way::new(access, aws::Codes::default())),
        }
    }

    /// Returns the same context on a way of its own, where the codes of MFA devices are asked for like this.
    #[must_use]
    pub fn asking(self, codes: Codes) -> Self {
        Self { way: Arc::new(self.way.anew(codes)), ..self }
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

impl Identity {
    /// Returns the name of the user or role in the caller's ARN, as people know it: a role of IAM Identity Center by
    /// the name of its permission set.
    pub fn who(&self) -> Option<&str> {
        let resource = self.caller.as_deref()?.rsplit(':').next()?;
        let name = match resource.split('/').collect::<Vec<_>>()[..] {
            ["assumed-role", role, ..] => role,
            [.., name] => name,
            [] => return None,
        };
        let set = name.strip_prefix("AWSReservedSSO_").and_then(|rest| rest.rsplit_once('_'));
        Some(set.map_or(name, |(set, _)| set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_known_by_a_name() {
        let who = |arn: &str| {
            let identity = Identity {
                profile: "dev".to_owned(),
                region: "eu-west-1".to_owned(),
                account: None,
                caller: Some(arn.to_owned()),
            };
            identity.who().map(str::to_owned)
        };
        for (arn, name) in [
            ("arn:aws:iam::123456789012:user/mia", "mia"),
            ("arn:aws:iam::123456789012:user/teams/pay/mia", "mia"),
            ("arn:aws:sts::123456789012:assumed-role/deploy/ecsui-1", "deploy"),
            ("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Power_User_0123456789abcdef/mia@x", "Power_User"),
            ("arn:aws:iam::123456789012:root", "root"),
            ("arn:aws:sts::123456789012:federated-user/mia", "mia"),
        ] {
            assert_eq!(who(arn).as_deref(), Some(name), "{arn}");
        }
    }
}
