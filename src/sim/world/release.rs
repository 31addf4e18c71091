//! Service deployments: what ECS remembers of each release of a service, the failed and the rolled back ones too.

use std::{sync::Arc, time::Duration};

use super::{Definition, Deployment, Setup};
use crate::sim::{clock::Moment, identity};

/// How long ECS can be asked for a service deployment:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html>.
const REMEMBERED: Duration = Duration::from_hours(24 * 90);
/// How many are kept here, so that a demo can run for days.
const KEPT: usize = 60;

/// A service deployment.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    /// The last segment of its ARN.
    pub(crate) id: Arc<str>,
    /// What ran before it, unless it was the first.
    pub(crate) source: Option<Revision>,
    /// What it brings.
    pub(crate) target: Revision,
    pub(crate) stage: Stage,
    /// Why it was given up, if it was.
    pub(crate) cause: Cause,
    /// How many tasks of the target failed.
    pub(crate) failed: u32,
    /// How many may.
    pub(crate) threshold: u32,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
    pub(crate) finished: Option<Moment>,
    /// When it began to be rolled back.
    pub(crate) rolled_back: Option<Moment>,
}

/// A service revision: what a service was made of at a time.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    /// The deployment that brought it, `ecs-svc/…`; its digits are the revision's name.
    pub(crate) deployment: Arc<str>,
    pub(crate) definition: Definition,
    pub(crate) setup: Option<Arc<Setup>>,
    pub(crate) created: Moment,
}

/// Why a release is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Too many of its tasks failed.
    Breaker,
    /// Somebody asked for that.
    Asked,
    /// A newer one came.
    Superseded,
}

/// How far a release has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Pending,
    InProgress,
    Successful,
    Stopped,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
}

impl Release {
    /// Returns a release that brings `target` in the place of `source`.
    pub(crate) fn begun(source: Option<&Deployment>, target: &Deployment, desired: u32) -> Self {
        let id = identity::long_hex(&["service deployment", &target.id]);
        Self {
            // Twenty-one letters and digits, as AWS's are.
            id: id[..21].into(),
            source: source.map(Revision::of),
            target: Revision::of(target),
            stage: Stage::Pending,
            cause: Cause::Breaker,
            failed: 0,
            threshold: threshold(desired),
            created: target.created,
            updated: target.created,
            finished: None,
            rolled_back: None,
        }
    }

    /// Comes to another stage.
    pub(crate) fn enter(&mut self, at: Moment, stage: Stage) {
        self.stage = stage;
        self.updated = at;
        match stage {
            Stage::Pending | Stage::InProgress | Stage::RollbackInProgress => {}
            Stage::RollbackRequested => self.rolled_back = Some(at),
            Stage::Successful | Stage::Stopped | Stage::RollbackSuccessful => self.finished = Some(at),
        }
    }

    /// Comes to another stage, and remembers why.
    pub(crate) fn end(&mut self, at: Moment, stage: Stage, cause: Cause) {
        self.cause = cause;
        self.enter(at, stage);
    }

    /// Whether ECS still tells of it.
    pub(crate) fn is_remembered(&self, now: Moment) -> bool {
        self.finished.is_none_or(|at| now.checked_since(at).is_none_or(|age| age < REMEMBERED))
    }

    /// Why it is where it is.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        let rolled_back = match self.stage {
            Stage::Pending | Stage::InProgress | Stage::Successful => return None,
            Stage::Stopped => false,
            Stage::RollbackRequested | Stage::RollbackInProgress | Stage::RollbackSuccessful => true,
        };
        Some(match (self.cause, rolled_back) {
            (Cause::Breaker, false) => "Service deployment stopped because the circuit breaker threshold was exceeded.",
            (Cause::Breaker, true) => {
                "Service deployment rolled back because the circuit breaker threshold was exceeded."
            }
            (Cause::Asked, false) => "Service deployment stopped by user.",
            (Cause::Asked, true) => "Service deployment rolled back by user.",
            (Cause::Superseded, _) => "Service deployment stopped because a newer service deployment was started.",
        })
    }

    /// Adds a release in front of the others; the oldest is forgotten where there are many.
    pub(crate) fn remember(self, releases: &mut Vec<Self>) {
        releases.insert(0, self);
        releases.truncate(KEPT);
    }
}

impl Revision {
    fn of(deployment: &Deployment) -> Self {
        Self {
            deployment: Arc::clone(&deployment.id),
            definition: deployment.definition.clone(),
            setup: deployment.setup.clone(),
            created: deployment.created,
        }
    }

    /// Returns its name: nineteen digits.
    pub(crate) fn number(&self) -> &str {
        self.deployment.trim_start_matches("ecs-svc/")
    }
}

impl Stage {
    /// Whether nothing more comes of it.
    pub(crate) fn is_over(self) -> bool {
        match self {
            Self::Pending | Self::InProgress | Self::RollbackRequested | Self::RollbackInProgress => false,
            Self::Successful | Self::Stopped | Self::RollbackSuccessful => true,
        }
    }

    /// Returns AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Stopped => "STOPPED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
        }
    }
}

/// Returns how many tasks of a deployment may fail before the circuit breaker gives it up: half of those wanted,
/// rounded up, but 3 at least and 200 at most.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
pub(crate) fn threshold(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_awss() {
        assert_eq!([0, 1, 5, 7, 25, 400, 800].map(threshold), [3, 3, 3, 4, 13, 200, 200]);
    }
}
