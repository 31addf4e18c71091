//! Container instances: what tasks of the EC2 launch type run on.

use std::sync::Arc;

use super::{Arn, Timestamp};

/// A container instance, as DescribeContainerInstances shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerInstance {
    /// Its identity; the last segment is its id.
    pub arn: Arn,
    /// The EC2 instance it is; machines of one's own have an id that begins with `mi-`.
    pub ec2: Option<Arc<str>>,
    /// `ACTIVE`, `DRAINING`, `REGISTERING`, `DEREGISTERING`, `REGISTRATION_FAILED` …
    pub status: Arc<str>,
    /// Why it is in that state, untrusted text.
    pub reason: Option<String>,
    /// The instance's type, for instance `m6i.xlarge`.
    pub kind: Option<Arc<str>>,
    /// Availability zone.
    pub zone: Option<Arc<str>>,
    /// The capacity provider that it belongs to.
    pub provider: Option<Arc<str>>,
    /// The version of the ECS agent.
    pub agent_version: Option<Arc<str>>,
    /// Whether the agent is connected.
    pub agent_connected: bool,
    /// CPU units (1024 = one vCPU).
    pub cpu: Resource,
    /// Memory in MiB.
    pub memory: Resource,
    /// Tasks in RUNNING.
    pub running: u32,
    /// Tasks in PENDING.
    pub pending: u32,
    /// When it was registered.
    pub registered: Option<Timestamp>,
}

/// How much of something an instance has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resource {
    /// What no task has reserved.
    pub remaining: u32,
    /// All of it.
    pub registered: u32,
}

/// What EC2 knows of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its id.
    pub id: Arc<str>,
    /// The value of its tag `Name`, untrusted text.
    pub name: Option<Arc<str>>,
    /// Its type.
    pub kind: Option<Arc<str>>,
    /// Availability zone.
    pub zone: Option<Arc<str>>,
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    pub state: Option<Arc<str>>,
    /// Its address in the VPC.
    pub private_ip: Option<Arc<str>>,
    /// Its address on the internet.
    pub public_ip: Option<Arc<str>>,
    /// When it was launched.
    pub launched: Option<Timestamp>,
}

impl Resource {
    /// Returns the share that is reserved, in percent; `None` where there is nothing at all.
    pub fn reserved_percent(self) -> Option<u32> {
        let used = u64::from(self.registered.saturating_sub(self.remaining));
        (used * 100).checked_div(self.registered.into()).and_then(|percent| u32::try_from(percent).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_a_share() {
        let share = |remaining, registered| Resource { remaining, registered }.reserved_percent();
        assert_eq!((share(1024, 4096), share(0, 4096), share(0, 0)), (Some(75), Some(100), None));
        assert_eq!(share(5000, 4096), Some(0), "more remains than there is");
    }
}
