//! What becomes of one deployment of a service, judged look by look; AWS may tell of it late, and of its history later.

use jiff::SignedDuration;

use super::{Deployments, Outcome, Release};
use crate::model::{Arn, Deployment, Timestamp};

/// How many looks a deployment is waited for that AWS does not tell of yet.
const UNSEEN: u32 = 20;

/// How much earlier than the deployment its service deployment may have been asked for.
const APART: SignedDuration = SignedDuration::from_secs(1);

/// The deployment that is followed, by both of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) struct Followed {
    /// `ecs-svc/…`.
    deployment: Option<String>,
    created: Option<Timestamp>,
    /// Its service deployment, once it is known where these may be read.
    release: Option<Arn>,
    /// Whether it was seen to have failed.
    failed: bool,
    /// How many looks may still not tell of it.
    patience: u32,
}

impl Followed {
    /// Returns the newest deployment; while one is rolled back, the one that failed.
    pub(in crate::ops) fn newest(seen: &Deployments) -> Self {
        let rolling_back = seen.outcome() == Outcome::RollingBack;
        let failed = seen.current().iter().find(|it| rolling_back && it.rollout.as_deref() == Some("FAILED"));
        let deployment = failed.or_else(|| seen.primary());
        let followed = Self {
            deployment: deployment.map(|it| it.id.clone()),
            created: deployment.and_then(|it| it.created),
            release: None,
            failed: rolling_back,
            patience: 0,
        };
        // One that is older than the deployment in force is of another, and its own is told of later.
        let release =
            seen.history.first().filter(|newest| !followed.is_newer_than(newest) || followed.has_number_of(newest));
        Self { release: release.map(|it| it.deployment.arn.clone()), ..followed }
    }

    /// Returns the deployment of this id, which has just begun: it may not have been seen yet.
    pub(in crate::ops) fn begun(id: &str, created: Option<Timestamp>) -> Self {
        Self { deployment: Some(id.to_owned()), created, release: None, failed: false, patience: UNSEEN }
    }

    /// Returns the deployment of this service deployment.
    pub(in crate::ops) fn of_release(release: &Arn, seen: &Deployments) -> Self {
        Self { release: Some(release.clone()), ..Self::newest(seen) }
    }

    /// Whether this is its service deployment.
    pub(in crate::ops) fn is_of(&self, release: &Release) -> bool {
        self.release.as_ref() == Some(&release.deployment.arn)
    }

    /// Returns what has become of it by a look.
    pub(in crate::ops) fn outcome(&mut self, seen: &Deployments) -> Outcome {
        self.release = self.release.take().or_else(|| self.release_in(seen));
        let outcome = match self.of_history(seen) {
            Some(outcome) => outcome,
            None => self.of_current(seen),
        };
        if outcome == Outcome::UnderWay && self.own(seen).is_some_and(|own| seen.fails_for_ever(own)) {
            return Outcome::Failing;
        }
        outcome
    }

    /// Returns how many of its tasks have failed by a look.
    pub(in crate::ops) fn failed(&self, seen: &Deployments) -> u32 {
        let own = self.own(seen).map(|own| own.failed);
        let release = seen.history.iter().find(|release| Some(&release.deployment.arn) == self.release.as_ref());
        let counted = release.and_then(|it| it.deployment.breaker()).map(|it| it.failures);
        own.max(counted).unwrap_or_default()
    }

    /// Returns its service deployment, if AWS tells of it: that whose revision has its number, or else the first that
    /// is not from before.
    fn release_in(&self, seen: &Deployments) -> Option<Arn> {
        let by_number = || seen.history.iter().find(|release| self.has_number_of(release));
        let in_time = |release: &&Release| release.deployment.created.is_some() && !self.is_newer_than(release);
        let by_time = || seen.history.iter().rev().find(in_time).filter(|_| self.created.is_some());
        by_number().or_else(by_time).map(|release| release.deployment.arn.clone())
    }

    fn has_number_of(&self, release: &Release) -> bool {
        let number = self.deployment.as_deref().and_then(|id| id.strip_prefix("ecs-svc/"));
        number.is_some() && number == release.deployment.target.as_ref().map(Arn::name)
    }

    fn is_newer_than(&self, release: &Release) -> bool {
        match (self.created, release.deployment.created) {
            (Some(own), Some(other)) => own.duration_since(other) > APART,
            (None, _) | (_, None) => false,
        }
    }

    /// Returns what has become of it as far as the history tells.
    fn of_history(&self, seen: &Deployments) -> Option<Outcome> {
        let own = self.release.as_ref()?;
        let place = seen.history.iter().position(|release| release.deployment.arn == *own)?;
        match (place, seen.history[place].outcome()) {
            (_, Outcome::Unknown) => None,
            // Another may have been asked for a moment ago, and not be in the history yet.
            (0, Outcome::Completed)
                if seen.primary().is_some_and(|it| it.rollout.as_deref() == Some("IN_PROGRESS")) =>
            {
                Some(Outcome::UnderWay)
            }
            (1.., Outcome::Failed) => Some(Outcome::Superseded),
            (_, outcome) => Some(outcome),
        }
    }

    /// Returns what has become of it as far as the service's own deployments tell.
    fn of_current(&mut self, seen: &Deployments) -> Outcome {
        let Some(primary) = seen.primary() else { return Outcome::Unknown };
        let completed = primary.rollout.as_deref() == Some("COMPLETED");
        let Some(own) = self.own(seen) else { return self.of_others(primary, completed) };
        self.patience = 0;
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

    /// Returns what has become of it where AWS tells of others only.
    fn of_others(&mut self, primary: &Deployment, completed: bool) -> Outcome {
        let older = self.created.zip(primary.created).map(|(own, other)| other < own);
        if older != Some(false) && self.patience > 0 {
            self.patience -= 1;
            return Outcome::UnderWay;
        }
        match (self.failed || older == Some(true), completed) {
            (true, true) => Outcome::RolledBack,
            (true, false) => Outcome::RollingBack,
            (false, _) => Outcome::Superseded,
        }
    }

    fn own<'a>(&self, seen: &'a Deployments) -> Option<&'a Deployment> {
        seen.current().iter().find(|it| Some(&it.id) == self.deployment.as_ref())
    }
}
