//! What a service has to do, and how Application Auto Scaling follows that.

use std::sync::Arc;

use super::Metric;
use crate::sim::clock::Moment;

/// Between which per cent of what its tasks reserve a service's use goes to and fro.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Load {
    pub(crate) cpu: (f64, f64),
    pub(crate) memory: (f64, f64),
}

/// A service as a scalable target.
#[derive(Debug, Clone)]
pub(crate) struct Scaling {
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Whether scaling in and out, and scheduled scaling, are suspended.
    pub(crate) suspended: bool,
    pub(crate) policies: Vec<Policy>,
    /// Newest first.
    pub(crate) activities: Vec<Activity>,
}

/// How a service is scaled.
#[derive(Debug, Clone)]
pub(crate) enum Policy {
    /// So that a metric stays near a value.
    Track { name: Arc<str>, metric: Metric, target: f64, scales_in: bool, cooldowns: (u32, u32) },
    /// By so many tasks where an alarm's metric is so far above its threshold.
    Step { name: Arc<str>, alarm: Arc<str>, steps: Vec<(f64, i32)>, cooldown: u32 },
}

/// Something that scaling has done.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    pub(crate) at: Moment,
    pub(crate) to: u32,
    pub(crate) alarm: Arc<str>,
    pub(crate) policy: Arc<str>,
}

impl Policy {
    pub(crate) fn name(&self) -> &Arc<str> {
        match self {
            Self::Track { name, .. } | Self::Step { name, .. } => name,
        }
    }
}
