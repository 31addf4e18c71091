//! Task definitions: what people read first in fields of their own, and all of it as AWS described it.

pub mod diff;
mod document;
pub mod readable;
mod secret;

use serde_json::Value;

use super::{Arn, LogPlace, Timestamp, text::escaped};
pub use document::{Document, MEMBERS, Misread, READ_ONLY, Written, knows_tags, reserved_tags};
pub use secret::{MASK, holds_secret, looks_secret, masked, masked_words};

/// A task definition; immutable, so it is kept by its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Its identity; the last segment is `family:revision`.
    pub arn: Arn,
    /// `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`.
    pub status: String,
    /// `awsvpc`, `bridge`, `host`, `none`.
    pub network_mode: Option<String>,
    /// CPU units of the task (1024 = one vCPU), as AWS prints them.
    pub cpu: Option<String>,
    /// Memory of the task in MiB, as AWS prints it.
    pub memory: Option<String>,
    /// `FARGATE`, `EC2`, `EXTERNAL`.
    pub compatibilities: Vec<String>,
    /// The role the containers act as.
    pub task_role: Option<String>,
    /// The role that pulls images and writes logs.
    pub execution_role: Option<String>,
    /// `LINUX`, `WINDOWS_SERVER_2022_CORE` …
    pub operating_system: Option<String>,
    /// `X86_64` or `ARM64`.
    pub architecture: Option<String>,
    /// When it was registered.
    pub registered: Option<Timestamp>,
    /// Its containers, in order.
    pub containers: Vec<ContainerDefinition>,
    /// Everything that AWS says about it.
    pub described: Described,
}

/// What AWS says of something, all of it: of a task definition the whole answer, `{"taskDefinition": {…}, "tags":
/// […]}`, of anything else the item. It may hold secrets: hidden from `Debug`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Described(Value);

impl Described {
    /// Returns an answer to keep.
    pub fn new(answer: Value) -> Self {
        Self(answer)
    }

    /// Returns the answer as it is.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the answer as indented JSON that is safe to show; values that look secret are masked unless they are to
    /// be revealed.
    pub fn json(&self, reveal: bool) -> String {
        let shown = if reveal { &self.0 } else { &masked(&self.0) };
        escaped(&format!("{shown:#}"))
    }
}

impl std::fmt::Debug for Described {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Described(…)")
    }
}

impl TaskDefinition {
    /// Returns one of which nothing but its identity and its status is known.
    pub fn bare(arn: Arn, status: &str) -> Self {
        Self {
            arn,
            status: status.to_owned(),
            network_mode: None,
            cpu: None,
            memory: None,
            compatibilities: Vec::new(),
            task_role: None,
            execution_role: None,
            operating_system: None,
            architecture: None,
            registered: None,
            containers: Vec::new(),
            described: Described::default(),
        }
    }

    /// Returns its family.
    pub fn family(&self) -> &str {
        self.arn.name().rsplit_once(':').map_or(self.arn.name(), |(family, _)| family)
    }

    /// Returns its number in the family.
    pub fn revision(&self) -> Option<u32> {
        self.arn.name().rsplit_once(':')?.1.parse().ok()
    }
}

/// One container of a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerDefinition {
    /// Its name, unique in the definition.
    pub name: String,
    /// The image.
    pub image: String,
    /// Whether the task stops when it stops.
    pub essential: bool,
    /// CPU units reserved.
    pub cpu: i32,
    /// Hard memory limit in MiB.
    pub memory: Option<i32>,
    /// Soft memory limit in MiB.
    pub memory_reservation: Option<i32>,
    /// Ports it listens on.
    pub ports: Vec<PortMapping>,
    /// Replaces the image's entry point when not empty.
    pub entry_point: Vec<String>,
    /// Replaces the image's command when not empty.
    pub command: Vec<String>,
    /// Plain environment variables, in order.
    pub environment: Vec<EnvironmentValue>,
    /// Environment variables filled from a secret store: where from, never the value.
    pub secrets: Vec<SecretReference>,
    /// Where its output goes.
    pub log: LogPlace,
    /// The command of the health check.
    pub health_check: Vec<String>,
}

/// A port that a container opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortMapping {
    /// The port in the container.
    pub container: u16,
    /// The port on the host, 0 or absent for a dynamic one.
    pub host: Option<u16>,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A plain environment variable.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvironmentValue {
    /// Its name.
    pub name: String,
    /// Its value: hidden from `Debug`, masked on screens when the name looks secret.
    pub value: String,
}

/// An environment variable that comes from Secrets Manager or Parameter Store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReference {
    /// Its name in the container.
    pub name: String,
    /// The ARN or name it is read from.
    pub value_from: String,
}

impl std::fmt::Debug for EnvironmentValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=…", self.name)
    }
}
