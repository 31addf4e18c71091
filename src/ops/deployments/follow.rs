//! Following one deployment until nothing more happens to it.

use std::time::Duration;

use super::{Deployments, Outcome, deployments};
use crate::{
    model::{Arn, Timestamp},
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
    loop {
        let outcome = following.outcome();
        report(outcome, &following.seen);
        if outcome.is_final() {
            return Ok((outcome, following.seen));
        }
        following.look_again().await?;
    }
}

/// A deployment that is looked at again and again.
#[derive(Debug)]
pub(in crate::ops) struct Following {
    cx: Cx,
    cluster: Arn,
    service: Arn,
    followed: Followed,
    failures: u32,
    /// The last look.
    pub(in crate::ops) seen: Deployments,
}

impl Following {
    /// Looks for the first time, at the newest deployment.
    pub(in crate::ops) async fn begin(cx: &Cx, cluster: &Arn, service: &Arn) -> Result<Self> {
        let seen = deployments(cx, cluster, service).await?;
        Ok(Self {
            cx: cx.with_urgency(Urgency::Background),
            cluster: cluster.clone(),
            service: service.clone(),
            followed: Followed::newest(&seen),
            failures: 0,
            seen,
        })
    }

    /// Returns what has become of the deployment by the last look.
    pub(in crate::ops) fn outcome(&mut self) -> Outcome {
        self.followed.outcome(&self.seen)
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

/// The deployment that is followed, by both of its names.
#[derive(Debug)]
struct Followed {
    /// `ecs-svc/…`.
    deployment: Option<String>,
    created: Option<Timestamp>,
    /// Its service deployment, where these may be read.
    release: Option<Arn>,
    /// Whether it was seen to have failed.
    failed: bool,
}

impl Followed {
    /// Returns the newest deployment; while one is rolled back, the one that failed.
    fn newest(seen: &Deployments) -> Self {
        let rolling_back = seen.outcome() == Outcome::RollingBack;
        let failed = seen.current().iter().find(|it| rolling_back && it.rollout.as_deref() == Some("FAILED"));
        let deployment = failed.or_else(|| seen.primary());
        Self {
            deployment: deployment.map(|it| it.id.clone()),
            created: deployment.and_then(|it| it.created),
            release: seen.history.first().map(|newest| newest.deployment.arn.clone()),
            failed: rolling_back,
        }
    }

    /// Returns what has become of it.
    fn outcome(&mut self, seen: &Deployments) -> Outcome {
        let release = self.release.as_ref().and_then(|arn| {
            let place = seen.history.iter().position(|release| release.deployment.arn == *arn)?;
            Some((place, seen.history[place].outcome()))
        });
        match release {
            // The newest may have been asked for a moment ago, and not be in the history yet.
            Some((0, Outcome::Completed))
                if seen.primary().is_some_and(|it| it.rollout.as_deref() == Some("IN_PROGRESS")) =>
            {
                Outcome::UnderWay
            }
            Some((1.., Outcome::Failed)) => Outcome::Superseded,
            Some((_, outcome)) if outcome != Outcome::Unknown => outcome,
            _ => self.outcome_without_history(seen),
        }
    }

    /// Returns what has become of it, as far as the service's own deployments tell.
    fn outcome_without_history(&mut self, seen: &Deployments) -> Outcome {
        let Some(primary) = seen.primary() else { return Outcome::Unknown };
        let completed = primary.rollout.as_deref() == Some("COMPLETED");
        let Some(own) = seen.current().iter().find(|it| Some(&it.id) == self.deployment.as_ref()) else {
            let older = primary.created < self.created;
            return match (self.failed || older, completed) {
                (true, true) => Outcome::RolledBack,
                (true, false) => Outcome::RollingBack,
                (false, _) => Outcome::Superseded,
            };
        };
        let failed = own.rollout.as_deref() == Some("FAILED");
        self.failed |= failed;
        match (own.id == primary.id, own.rollout.as_deref()) {
            (true, Some("COMPLETED")) => Outcome::Completed,
            (true, Some("FAILED")) => Outcome::Failed,
            (true, Some(_)) => Outcome::UnderWay,
            (_, None) => Outcome::Unknown,
            (false, _) if failed && completed => Outcome::RolledBack,
            (false, _) if failed => Outcome::RollingBack,
            (false, Some(_)) => Outcome::Superseded,
        }
    }
}
