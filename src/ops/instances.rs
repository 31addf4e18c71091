//! Container instances of clusters, with what EC2 knows of them.

use std::sync::Arc;

use futures_util::future::join_all;

use super::{
    Cx, Result, ls,
    missing::{Missing, note, tolerated},
};
use crate::model::{Arn, ContainerInstance, Host};

/// The container instances of clusters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Instances {
    /// Them, by cluster and name.
    pub rows: Vec<Row>,
    /// What could not be read.
    pub missing: Vec<Missing>,
}

/// A container instance, and the EC2 instance it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its cluster.
    pub cluster: Arn,
    /// What ECS knows.
    pub instance: ContainerInstance,
    /// What EC2 knows.
    pub host: Option<Host>,
}

impl Row {
    /// Returns its name, untrusted text: the tag `Name`, or else its id.
    pub fn name(&self) -> &str {
        let name = self.host.as_ref().and_then(|host| host.name.as_deref());
        name.or(self.instance.ec2.as_deref()).unwrap_or_else(|| self.instance.arn.name())
    }

    /// Returns its type.
    pub fn kind(&self) -> Option<&str> {
        self.host.as_ref().and_then(|host| host.kind.as_deref()).or(self.instance.kind.as_deref())
    }

    /// Returns its availability zone.
    pub fn zone(&self) -> Option<&str> {
        self.host.as_ref().and_then(|host| host.zone.as_deref()).or(self.instance.zone.as_deref())
    }
}

/// Returns the container instances of a cluster, or of all clusters.
pub async fn instances(cx: &Cx, cluster: Option<&Arn>) -> Result<Instances> {
    let clusters = match cluster {
        Some(cluster) => vec![cluster.clone()],
        None => ls::cluster_arns(cx).await?,
    };
    let aws = cx.aws().await?;
    let mut missing = Vec::new();
    let mut rows = Vec::new();
    let read = join_all(clusters.iter().map(|cluster| aws.container_instances(cluster))).await;
    for (place, instances) in clusters.iter().zip(read) {
        let what = format!("the container instances of {}", place.name());
        let instances = match instances {
            // Of the one cluster there is nothing else to show.
            Err(error) if cluster.is_some() => return Err(cx.failed(format!("{what} cannot be read"), &aws, error)),
            instances => note(&mut missing, tolerated(cx, &aws, &what, instances)?).unwrap_or_default(),
        };
        rows.extend(instances.into_iter().map(|instance| Row { cluster: place.clone(), instance, host: None }));
    }
    let ids: Vec<Arc<str>> =
        rows.iter().filter_map(|row| row.instance.ec2.clone()).filter(|id| id.starts_with("i-")).collect();
    let hosts = tolerated(cx, &aws, "names and addresses of the instances", aws.hosts(&ids).await)?;
    let hosts = note(&mut missing, hosts).unwrap_or_default();
    for row in &mut rows {
        row.host = hosts.iter().find(|host| Some(&host.id) == row.instance.ec2.as_ref()).cloned();
    }
    rows.sort_by(|one, other| {
        (one.cluster.name(), one.name(), &one.instance.arn).cmp(&(
            other.cluster.name(),
            other.name(),
            &other.instance.arn,
        ))
    });
    Ok(Instances { rows, missing })
}
