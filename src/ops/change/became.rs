//! What became of what a change has begun, for whoever follows it to its end.

use super::Place;
use crate::ops::{
    Cx,
    audit::{self, Fate},
    deployments::{Deployments, Outcome},
};

/// Writes down what became of a service, by the last look at it; `id` is what the history calls the change that it
/// comes of. What is not over, or what AWS does not tell of, stays as it is. Returns what to say where that fails.
pub async fn became(cx: &Cx, id: &str, place: &Place, outcome: Outcome, seen: &Deployments) -> Option<String> {
    let fate = Fate::of(outcome)?;
    let path = place.path();
    let why = (fate != Fate::Completed).then(|| match reason(outcome, seen) {
        Some(reason) => format!("{path}: {}: {reason}", outcome.words()),
        None => format!("{path}: {}", outcome.words()),
    });
    audit::became(cx, id, path, fate, why).await
}

/// Returns why a deployment is not completed, as far as AWS says it.
pub fn reason(outcome: Outcome, seen: &Deployments) -> Option<String> {
    let newest = || seen.history.first().and_then(|it| it.deployment.reason.clone());
    let of_primary = || seen.primary().and_then(|it| it.reason.clone());
    match outcome {
        Outcome::Completed => None,
        Outcome::Failing => Some(seen.why_failing()),
        Outcome::UnderWay
        | Outcome::RollingBack
        | Outcome::Failed
        | Outcome::RolledBack
        | Outcome::Superseded
        | Outcome::Unknown => newest().or_else(of_primary),
    }
}
