//! Sessions through AWS's session-manager-plugin, where the settings say so.

use std::path::PathBuf;

use super::{ExecTarget, label};
use crate::{
    aws,
    ops::{Error, Kind, Result},
    session::{
        Session, Size,
        plugin::{self, Call},
        ssm::{Gateway, Start},
    },
};

/// How to do without it.
const WITHOUT: &str = "or let ecsui carry sessions itself: `transport = \"native\"` under [session] in its config file";
/// Where it comes from.
const INSTALL: &str = "install or update it: \
                       https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html";

/// A plugin that is there, and what it is called with beside the session. Had before anything is started far away.
pub(super) struct Ready {
    plugin: PathBuf,
    lent: aws::Lent,
    region: String,
}

/// Looks for the plugin and for what it needs.
pub(super) async fn ready(aws: &aws::Clients, target: &ExecTarget) -> Result<Ready> {
    let plugin = plugin::find().map_err(|error| failed(target, error))?;
    let lent = aws.lend().await;
    let lent = lent.map_err(|error| Error::aws(format!("no session in {}", label(target)), error))?;
    Ok(Ready { plugin, lent, region: aws.region().to_owned() })
}

impl Ready {
    /// Lets the plugin open a session that was started.
    pub(super) async fn open(self, start: Start, gateway: Gateway, target: &ExecTarget, size: Size) -> Result<Session> {
        let aws::Lent { profile, environment, ssm_endpoint } = self.lent;
        let call =
            Call { plugin: self.plugin, start, region: self.region, profile, endpoint: ssm_endpoint, environment };
        plugin::open(call, gateway, size).await.map_err(|error| failed(target, error))
    }
}

/// Says why there is no session, and what to do about it.
fn failed(target: &ExecTarget, error: plugin::Error) -> Error {
    let (kind, hints): (Kind, &[&str]) = match error {
        plugin::Error::Missing | plugin::Error::TooOld => (Kind::Refused, &[INSTALL, WITHOUT]),
        plugin::Error::NotStarted(_) | plugin::Error::Failed { .. } => (Kind::Refused, &[WITHOUT]),
        plugin::Error::Silent => (Kind::Unreachable, &[WITHOUT]),
        plugin::Error::Address(_) => (Kind::Refused, &[]),
    };
    let failed = Error::new(kind, format!("no session in {}", label(target))).because(error);
    hints.iter().fold(failed, |failed, &hint| failed.hint(hint))
}
