//! CloudWatch alarms on services.

use std::sync::Arc;

use crate::sim::clock::Moment;

/// An alarm on the CPU or the memory of a service.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) name: Arc<str>,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) cluster: Arc<str>,
    pub(crate) service: Arc<str>,
    pub(crate) metric: Metric,
    /// Whether it is raised above its threshold; else below.
    pub(crate) above: bool,
    pub(crate) threshold: f64,
    /// Of seconds each.
    pub(crate) period: u32,
    pub(crate) periods: u32,
    pub(crate) state: AlarmState,
    /// Since when it is in that state.
    pub(crate) since: Moment,
}

/// What ECS measures of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    Cpu,
    Memory,
}

/// Where an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
}

impl Metric {
    /// Returns its name in the namespace AWS/ECS.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "CPUUtilization",
            Self::Memory => "MemoryUtilization",
        }
    }
}

impl AlarmState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}
