//! Following one deployment until nothing more happens to it.

use std::time::Duration;

use super::{Deployments, Followed, Outcome, deployments};
use crate::{
    model::Arn,
    ops::{Cx, Result, Urgency},
};

/// How often a deployment under way is looked at.
pub const POLL: Duration = Duration::from_secs(3);

/// How often in a row AWS may fail to answer before the follower is told.
const PATIENCE: u32 = 20;

/// Follows the newest deployment of a service, and tells `report` of each look at it. Returns what became of it, and
/// the last look. Dropping it changes nothing: the deployment goes on.
pub async fn follow(
    cx: &Cx,
    cluster: &Arn,
    service: &Arn,
    mut report: impl FnMut(Outcome, &Deployments),
) -> Result<(Outcome, Deployments)> {
    let mut following = Following::begin(cx, cluster, service).await?;
    let mut followed = Followed::newest(&following.seen);
    loop {
        let outcome = followed.outcome(&following.seen);
        report(outcome, &following.seen);
        if outcome.is_final() {
            return Ok((outcome, following.seen));
        }
        following.look_again().await?;
    }
}

/// A service whose deployments are looked at again and again.
#[derive(Debug)]
pub(in crate::ops) struct Following {
    cx: Cx,
    cluster: Arn,
    service: Arn,
    failures: u32,
    /// The last look.
    pub(in crate::ops) seen: Deployments,
}

impl Following {
    /// Looks for the first time.
    pub(in crate::ops) async fn begin(cx: &Cx, cluster: &Arn, service: &Arn) -> Result<Self> {
        let seen = deployments(cx, cluster, service).await?;
        Ok(Self {
            cx: cx.with_urgency(Urgency::Background),
            cluster: cluster.clone(),
            service: service.clone(),
            failures: 0,
            seen,
        })
    }

    /// Waits, and looks once more; a look that fails is made up for later, as long as AWS may answer again.
    pub(in crate::ops) async fn look_again(&mut self) -> Result<()> {
        self.cx.clock.sleep(POLL).await;
        match deployments(&self.cx, &self.cluster, &self.service).await {
            Ok(look) => (self.seen, self.failures) = (look, 0),
            Err(error) if error.passes() && self.failures < PATIENCE => self.failures += 1,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
