//! What ECS is made of: plain data without I/O, clocks or SDK types.

mod alarm;
mod arn;
mod balancer;
mod cluster;
mod command_line;
mod console;
pub mod ending;
mod event;
mod event_log;
mod image;
mod instance;
mod log;
mod parameter;
pub mod query;
mod region;
mod release;
mod scaling;
mod service;
mod target;
mod task;
pub mod taskdef;
pub mod text;
mod thing;
mod usage;

pub use alarm::{Alarm, AlarmState};
pub use arn::{Arn, InvalidArn};
pub use balancer::{
    AttachedTo, Attachment, Backend, Condition, HealthCheck, Listener, LoadBalancer, Rule, Shifting, TargetGroup,
};
pub use cluster::{Cluster, ClusterDetail};
pub use command_line::Tool;
pub use console::Page;
pub use ending::Ending;
pub use event::ServiceEvent;
pub use event_log::{EventLog, Heard};
pub use image::{EcrRepository, Image, ImageWish, InvalidImage, Platform, tag_of};
pub use instance::{ContainerInstance, Host, Resource};
pub use log::{LogLine, LogPlace, LogSource};
pub use parameter::{Parameter, ParameterKind, ParameterMetadata, ParameterVersion};
pub use region::is_region;
pub use release::{
    CircuitBreaker, ReleaseDetail, RevisionImage, RevisionTasks, Rollback, ServiceDeployment, ServiceRevision,
};
pub use scaling::{PolicyKind, Scaling, ScalingActivity, ScalingLimits, ScalingPolicy};
pub use service::{Deployment, Service, ServiceDetail};
pub use target::{Target, TargetCondition};
pub use task::{Container, ExecAgent, Group, NetworkBinding, Task};
pub use taskdef::{ContainerDefinition, Described, EnvironmentValue, PortMapping, SecretReference, TaskDefinition};
pub use thing::Thing;
pub use usage::{Series, Share, Usage};

/// A point in time, as AWS gives it (UTC, down to the millisecond).
pub type Timestamp = jiff::Timestamp;
