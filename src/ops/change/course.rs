//! The course that a change takes once it is made: what becomes of it, judged look by look.

use super::{Failures, Made};
use crate::ops::deployments::{Deployments, Followed, Outcome};

/// How many looks may show what was true before: AWS answers a moment late.
const STALE: u32 = 2;

/// What was made of a service, on its way to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    made: Made,
    /// The deployment, once it is known.
    followed: Option<Followed>,
    /// Whether as many tasks were seen to be wanted as were asked for.
    taken: bool,
    looks: u32,
}

impl Course {
    /// Returns the course of what was made just now.
    pub fn of(made: &Made) -> Self {
        Self { made: made.clone(), followed: None, taken: false, looks: 0 }
    }

    /// Returns how what was made stands by a look at its service; looks are to be shown in their order.
    pub fn outcome(&mut self, seen: &Deployments) -> Outcome {
        let made = &self.made;
        if let Made::Updated { deploys: false, desired, .. } = made {
            let desired = *desired;
            return self.counted(desired, seen);
        }
        let outcome = self.followed.get_or_insert_with(|| followed(made, seen)).outcome(seen);
        match (made, outcome) {
            // What is followed is the deployment that was ended: to be rolled back is what was wanted of it.
            (Made::RollingBack { .. }, Outcome::RolledBack) => Outcome::Completed,
            (Made::RollingBack { .. }, Outcome::Failing) => Outcome::UnderWay,
            _ => outcome,
        }
    }

    /// Returns how many tasks have failed by a look at the service.
    pub fn failed(&self, seen: &Deployments) -> u32 {
        self.followed.as_ref().map_or_else(|| seen.progress().failed, |followed| followed.failed(seen))
    }

    /// Returns the failures that are its own, by its first look: what failed before it began is nobody's news.
    pub fn failures(&self, seen: &Deployments) -> Failures {
        let since = seen.primary().and_then(|primary| primary.created);
        match &self.made {
            Made::Updated { deploys: true, begun, .. } => Failures::since(begun.or(since), 0),
            Made::Updated { deploys: false, .. }
            | Made::RollingBack { .. }
            | Made::Registered { .. }
            | Made::Stopped { .. }
            | Made::Started { .. } => Failures::since(since, self.failed(seen)),
        }
    }

    /// Returns an outcome in words.
    pub fn words(&self, outcome: Outcome, seen: &Deployments) -> String {
        match (&self.made, outcome) {
            (Made::RollingBack { .. }, Outcome::Completed) => Outcome::RolledBack.words().to_owned(),
            (_, Outcome::Failing) => seen.why_failing(),
            _ => outcome.words().to_owned(),
        }
    }

    /// Returns how it stands without a deployment of its own: by the number of tasks that run.
    fn counted(&mut self, desired: u32, seen: &Deployments) -> Outcome {
        self.looks += 1;
        let detail = seen.service.detail.as_deref();
        let Some((wanted, running)) = detail.map(|detail| (detail.desired, detail.running)) else {
            return Outcome::Unknown;
        };
        self.taken |= wanted == desired;
        match (wanted == desired, wanted == running) {
            (true, true) => Outcome::Completed,
            (false, _) if self.taken || self.looks > STALE => Outcome::Superseded,
            (true, false) | (false, _) => Outcome::UnderWay,
        }
    }
}

/// Returns the deployment that was begun or ended; the newest one where AWS has not named it.
fn followed(made: &Made, seen: &Deployments) -> Followed {
    match made {
        Made::Updated { deployment: Some(id), begun, .. } => Followed::begun(id, *begun),
        Made::RollingBack { deployment, .. } => Followed::of_release(deployment, seen),
        Made::Updated { deployment: None, .. }
        | Made::Registered { .. }
        | Made::Stopped { .. }
        | Made::Started { .. } => Followed::newest(seen),
    }
}
