//! A cluster and its counts.

use std::sync::Arc;

use super::Arn;

/// An ECS cluster, as ListClusters names it and DescribeClusters counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its identity.
    pub arn: Arn,
    /// Its name.
    pub name: Arc<str>,
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
