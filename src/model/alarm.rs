//! CloudWatch alarms on services.

use super::Timestamp;

/// An alarm whose metric is one of a service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What somebody wrote about it, untrusted text.
    pub description: Option<String>,
    /// The name of the cluster that its metric is of.
    pub cluster: String,
    /// The name of the service that its metric is of.
    pub service: String,
    /// Where it is.
    pub state: AlarmState,
    /// Since when it is there.
    pub since: Option<Timestamp>,
    /// Why, in CloudWatch's words.
    pub reason: Option<String>,
    /// What raises it: `CPUUtilization > 85`.
    pub condition: String,
    /// Whether anybody hears of it.
    pub actions_enabled: bool,
}

/// Where an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// All is well.
    Ok,
    /// It is raised.
    Alarm,
    /// There is nothing to judge by.
    InsufficientData,
    /// Something that was not known when this was written.
    Unknown,
}

impl Alarm {
    /// Whether target tracking keeps it for itself: its state says when to scale, not that something is wrong.
    pub fn is_of_target_tracking(&self) -> bool {
        self.name.starts_with("TargetTracking-")
    }
}

impl AlarmState {
    /// Returns CloudWatch's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
            Self::Unknown => "UNKNOWN",
        }
    }
}
