//! What a service is reached through, and how its targets are.

mod fronts;
mod health;

pub use fronts::{Front, Fronts, fronts};
pub use health::{Counts, Health, Row, TargetSet, counts, health};

use futures_util::{FutureExt, future::try_join};

use super::{Cx, Result, ls};
use crate::model::{Arn, Attachment, Service, Timestamp};

/// What a service is reached through, and how its targets are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// Its load balancers and target groups.
    pub fronts: Fronts,
    /// Its targets: a set for each of `fronts`, in the same order.
    pub health: Health,
}

/// Returns all there is to know of a service's targets; one that a list named only is described first.
pub async fn targets(cx: &Cx, service: &Service) -> Result<Targets> {
    let attachments = attachments(cx, service).await?;
    // Boxed: they are large.
    let health = health(cx, &service.cluster, &service.arn, &attachments).boxed();
    let (fronts, health) = try_join(fronts(cx, &attachments).boxed(), health).await?;
    Ok(Targets { fronts, health })
}

/// Returns what is before each of these services, in their order; nothing before one that is not described. What
/// several share is read once, and what of it all could not be read is said of each.
pub async fn fronts_of(cx: &Cx, services: &[&Service]) -> Result<Vec<Fronts>> {
    let described: Vec<&[Attachment]> = services
        .iter()
        .map(|service| service.detail.as_ref().map(|detail| detail.attachments.as_slice()).unwrap_or_default())
        .collect();
    let Fronts { fronts, missing } = fronts(cx, &described.concat()).boxed().await?;
    let mut fronts = fronts.into_iter();
    let of = |attachments: &[Attachment]| match attachments {
        [] => Fronts::default(),
        some => Fronts { fronts: fronts.by_ref().take(some.len()).collect(), missing: missing.clone() },
    };
    Ok(described.into_iter().map(of).collect())
}

/// Returns what a service's tasks are registered with.
pub async fn attachments(cx: &Cx, service: &Service) -> Result<Vec<Attachment>> {
    if let Some(detail) = &service.detail {
        return Ok(detail.attachments.clone());
    }
    let described = ls::service_details(cx, &service.cluster, std::slice::from_ref(&service.arn)).await?;
    let detail = described.into_iter().find_map(|service| service.detail);
    Ok(detail.map(|detail| detail.attachments).unwrap_or_default())
}

impl Front {
    /// Returns when the last request of a target that is being taken out has to be done, where that is known: so long
    /// after its task was told to stop.
    pub fn drains_until(&self, row: &Row) -> Option<Timestamp> {
        let draining = row.target.condition() == crate::model::TargetCondition::Draining;
        let since = row.task.as_ref().filter(|_| draining)?.stopping?;
        since.checked_add(self.delay?).ok()
    }
}

fn groups(attachments: &[Attachment]) -> Vec<Arn> {
    let mut groups: Vec<Arn> = attachments.iter().filter_map(Attachment::group).cloned().collect();
    groups.sort();
    groups.dedup();
    groups
}
