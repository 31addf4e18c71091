//! What ECS is made of: plain data without I/O, clocks or SDK types.

mod arn;
mod cluster;
pub mod ending;
mod event;
mod event_log;
mod service;
mod task;
pub mod taskdef;
pub mod text;

pub use arn::{Arn, InvalidArn};
pub use cluster::Cluster;
pub use ending::Ending;
pub use event::ServiceEvent;
pub use event_log::{EventLog, Heard};
pub use service::{Deployment, Service, ServiceDetail};
pub use task::{Container, ExecAgent, Group, Task};
pub use taskdef::{ContainerDefinition, EnvironmentValue, PortMapping, SecretReference, TaskDefinition};

/// A point in time, as AWS gives it (UTC, down to the millisecond).
pub type Timestamp = jiff::Timestamp;
