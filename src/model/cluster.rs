//! A cluster: its name at once, its counts where they may be read.

use std::sync::Arc;

use super::Arn;

/// An ECS cluster, as ListClusters names it; `detail` comes with DescribeClusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its identity.
    pub arn: Arn,
    /// Its name.
    pub name: Arc<str>,
    /// What DescribeClusters says; `None` where that may not be read.
    pub detail: Option<ClusterDetail>,
}

/// What DescribeClusters says about a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterDetail {
    /// `ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED` or `INACTIVE`.
    pub status: Arc<str>,
    /// Services that are ACTIVE.
    pub services: u32,
    /// Tasks in RUNNING.
    pub running: u32,
    /// Tasks in PENDING.
    pub pending: u32,
    /// Container instances registered.
    pub instances: u32,
}

impl Cluster {
    /// Returns a cluster of which nothing but the identity is known.
    pub fn named(arn: Arn) -> Self {
        Self { name: arn.name().into(), arn, detail: None }
    }
}
