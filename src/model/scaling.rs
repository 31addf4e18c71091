//! How a service is scaled by Application Auto Scaling.

use super::Timestamp;

/// The limits of a service's desired count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalingLimits {
    /// The fewest tasks it is scaled in to.
    pub min: u32,
    /// The most tasks it is scaled out to.
    pub max: u32,
    /// What of scaling is suspended: `scaling in`, `scaling out`, `scheduled scaling`.
    pub suspended: Vec<&'static str>,
}

/// What makes a service scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: PolicyKind,
}

/// What a scaling policy does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyKind {
    /// It keeps a metric near a value.
    Track {
        /// The metric, as Application Auto Scaling or CloudWatch names it.
        metric: String,
        /// The value, as a number.
        target: String,
        /// Whether it also takes tasks away.
        scales_in: bool,
    },
    /// It adds or takes tasks when an alarm is raised.
    Step {
        /// `ChangeInCapacity`, `PercentChangeInCapacity` or `ExactCapacity`.
        adjustment: String,
        /// From how far beyond the alarm's threshold, and by how much.
        steps: Vec<(Option<String>, i32)>,
        /// The alarms that set it off.
        alarms: Vec<String>,
    },
    /// It scales ahead of the load that it expects.
    Predictive,
    /// Something that was not known when this was written.
    Other(String),
}

/// Something that scaling did or tried to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalingActivity {
    /// When it began.
    pub at: Option<Timestamp>,
    /// What: `Setting desired count to 4.`
    pub description: String,
    /// Why, in AWS's words.
    pub cause: String,
    /// `Successful`, `InProgress`, `Failed` …
    pub status: String,
}

/// All there is to know about a service's scaling.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scaling {
    /// Its limits; `None` where it is not scaled.
    pub limits: Option<ScalingLimits>,
    /// Its policies.
    pub policies: Vec<ScalingPolicy>,
    /// What was done last, newest first.
    pub activities: Vec<ScalingActivity>,
    /// What could not be read, and why: a sentence each.
    pub missing: Vec<String>,
}
