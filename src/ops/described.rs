//! Everything that AWS says about one thing.

use super::{Cx, Error, Kind, Result, ls};
use crate::model::{Described, Thing};

/// Returns all that AWS says of something now, as it says it. A task definition comes with its tags beside it.
pub async fn described(cx: &Cx, thing: &Thing) -> Result<Described> {
    let aws = cx.aws().await?;
    let found = match thing {
        Thing::Cluster(cluster) => aws.described_cluster(cluster).await,
        Thing::Service { cluster, service } => aws.described_service(cluster, service).await,
        Thing::Task { cluster, task } => aws.described_task(cluster, task, None).await,
        Thing::Container { cluster, task, name } => aws.described_task(cluster, task, Some(name)).await,
        Thing::Definition(arn) => return Ok(ls::task_definition(cx, arn).await?.described.clone()),
    };
    let found = found.map_err(|error| cx.failed(format!("{} cannot be described", thing.label()), &aws, error))?;
    found.ok_or_else(|| Error::new(Kind::NotFound, format!("{} is gone: AWS does not know it any more", thing.label())))
}
