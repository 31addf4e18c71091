//! What has ended before somebody came to wait for it.

use jiff::SignedDuration;

use super::{Deployments, Outcome};
use crate::model::Timestamp;

/// How long after its end a deployment may still be the one that somebody wants to wait for.
pub const LATE: SignedDuration = SignedDuration::from_mins(10);

impl Deployments {
    /// Returns when the newest deployment was given up, where that was longer than [`LATE`] ago and what ran before it
    /// runs as it should. A service that is still stuck with a failed deployment has no such time.
    pub fn given_up_long_ago(&self, now: Timestamp) -> Option<Timestamp> {
        let runs = self.primary().is_some_and(|it| it.rollout.as_deref() == Some("COMPLETED"));
        let given_up = match self.outcome() {
            Outcome::Failed | Outcome::RolledBack => runs,
            Outcome::UnderWay
            | Outcome::Failing
            | Outcome::RollingBack
            | Outcome::Completed
            | Outcome::Superseded
            | Outcome::Unknown => false,
        };
        let at = self.history.first()?.deployment.finished.filter(|_| given_up)?;
        (now.duration_since(at) > LATE).then_some(at)
    }
}
