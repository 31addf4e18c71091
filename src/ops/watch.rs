//! How a service does: its CPU and memory, its alarms, and how it is scaled.

use std::time::Duration;

use futures_util::future::join;

use super::{Cx, Error, Result};
use crate::model::{Alarm, Arn, Scaling, Timestamp, Usage};

/// How many periods are shown, and how long each is: four hours in ten minutes each, which a line of a narrow terminal
/// holds with its numbers.
const PERIODS: usize = 24;
const PERIOD: Duration = Duration::from_mins(10);
/// How many of the latest things that scaling did are shown.
const ACTIVITIES: i32 = 5;

/// Returns CPU and memory of a service over the last four hours before `now`.
pub async fn usage(cx: &Cx, cluster: &Arn, service: &Arn, now: Timestamp) -> Result<Usage> {
    let aws = cx.aws().await?;
    let seconds = PERIOD.as_secs() as i64;
    // The period under way counts: its first minutes are there soon.
    let end = (now.as_second().div_euclid(seconds) + 1) * seconds;
    let since = Timestamp::from_second(end - seconds * PERIODS as i64).unwrap_or(Timestamp::UNIX_EPOCH);
    let usage = aws.usage(service, cluster, since, PERIOD, PERIODS).await;
    usage.map_err(|error| cx.failed("CPU and memory cannot be read", &aws, error))
}

/// Returns all alarms on services, by name: one answer for all services, because CloudWatch can only give all alarms.
pub async fn alarms(cx: &Cx) -> Result<Vec<Alarm>> {
    let aws = cx.aws().await?;
    aws.service_alarms().await.map_err(|error| cx.failed("the alarms cannot be read", &aws, error))
}

/// Returns how a service is scaled. One that is not costs one call. Where policies or activities are denied the rest is
/// told, and what is missing.
pub async fn scaling(cx: &Cx, cluster: &Arn, service: &Arn) -> Result<Scaling> {
    let aws = cx.aws().await?;
    let limits = aws.scaling_limits(cluster, service).await;
    let limits = limits.map_err(|error| cx.failed("the autoscaling cannot be read", &aws, error))?;
    if limits.is_none() {
        return Ok(Scaling::default());
    }
    let activities = aws.scaling_activities(cluster, service, ACTIVITIES);
    let (policies, activities) = join(aws.scaling_policies(cluster, service), activities).await;
    let mut missing = Vec::new();
    let mut miss = |what: &str, error| missing.push(Error::aws(what, error).line());
    Ok(Scaling {
        limits,
        policies: policies.unwrap_or_else(|error| {
            miss("the scaling policies cannot be read", error);
            Vec::new()
        }),
        activities: activities.unwrap_or_else(|error| {
            miss("the scaling activities cannot be read", error);
            Vec::new()
        }),
        missing,
    })
}
