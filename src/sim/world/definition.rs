//! Task definitions: families of revisions, each cut from a template.

use std::sync::Arc;

use super::{Launch, Tags};
use crate::sim::clock::Moment;

/// A family: its revisions are numbered from 1 to `latest`.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    /// The oldest revision that is ACTIVE; more than `latest` where all have been deregistered.
    pub(crate) first: u32,
    pub(crate) latest: u32,
    /// When the latest revision was registered.
    pub(crate) registered: Moment,
    /// What the revisions are cut from, each up to and including its number; ascending, the last one is `latest`'s.
    pub(crate) templates: Vec<(u32, Arc<Template>)>,
}

impl Family {
    /// Returns a family of one revision.
    pub(crate) fn single(template: Arc<Template>, registered: Moment) -> Self {
        Self { first: 1, latest: 1, registered, templates: vec![(1, template)] }
    }

    /// Registers one more revision like the last.
    pub(crate) fn register(&mut self, at: Moment) {
        self.latest += 1;
        self.registered = at;
        if let Some((last, _)) = self.templates.last_mut() {
            *last = self.latest;
        }
    }

    /// Returns AWS's word for the state of a revision.
    pub(crate) fn status(&self, revision: u32) -> &'static str {
        if revision < self.first { "INACTIVE" } else { "ACTIVE" }
    }

    pub(crate) fn definition(&self, family: &Arc<str>, revision: u32) -> Option<Definition> {
        if !(1..=self.latest).contains(&revision) {
            return None;
        }
        let (_, template) = self.templates.iter().find(|(last, _)| revision <= *last)?;
        Some(Definition { family: Arc::clone(family), revision, template: Arc::clone(template) })
    }
}

/// One revision of a family.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) family: Arc<str>,
    pub(crate) revision: u32,
    pub(crate) template: Arc<Template>,
}

impl Definition {
    /// Returns `family:revision`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// Returns `text` with `{family}` and `{revision}` filled in.
    pub(crate) fn fill(&self, text: &str) -> String {
        if text.contains('{') {
            text.replace("{family}", &self.family).replace("{revision}", &self.revision.to_string())
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn container(&self, name: &str) -> Option<&ContainerSpec> {
        self.template.containers.iter().find(|container| container.name == name)
    }
}

/// What a task definition says, with `{family}` and `{revision}` standing for its own.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) launch: Launch,
    /// `awsvpc`, `bridge`, `host`, `none`.
    pub(crate) network_mode: String,
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
    pub(crate) task_role: Option<String>,
    pub(crate) execution_role: Option<String>,
    pub(crate) architecture: String,
    pub(crate) containers: Vec<ContainerSpec>,
    pub(crate) tags: Tags,
}

/// One container of a template.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContainerSpec {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) essential: bool,
    pub(crate) cpu: u32,
    pub(crate) memory: Option<u32>,
    pub(crate) memory_reservation: Option<u32>,
    pub(crate) ports: Vec<Port>,
    pub(crate) entry_point: Vec<String>,
    pub(crate) command: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) secrets: Vec<(String, String)>,
    /// Where its output goes; `None` where nobody said.
    pub(crate) log: Option<LogSpec>,
    /// The command of its health check, as Docker writes it.
    pub(crate) health: Vec<String>,
    pub(crate) init_process: bool,
    pub(crate) read_only_root: bool,
    pub(crate) exec: Exec,
}

/// Where a container's output goes, and how much of it there is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogSpec {
    /// `awslogs`, or another driver, of which nothing is kept here.
    pub(crate) driver: String,
    /// The CloudWatch log group.
    pub(crate) group: String,
    /// The region of the group; `None` is the account's.
    pub(crate) region: Option<String>,
    /// What the names of its streams begin with; without it they are the containers' ids.
    pub(crate) prefix: Option<String>,
    /// How many lines it writes a second.
    pub(crate) rate: f64,
}

impl LogSpec {
    /// Returns a container's awslogs in this group, under the prefix `ecs`.
    pub(crate) fn awslogs(group: impl Into<String>, rate: f64) -> Self {
        Self { driver: "awslogs".to_owned(), group: group.into(), region: None, prefix: Some("ecs".to_owned()), rate }
    }

    /// Whether CloudWatch Logs has the lines.
    pub(crate) fn is_kept(&self) -> bool {
        self.driver == "awslogs"
    }
}

/// A port a container listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) container: u16,
    /// The port on the host; `None` is a dynamic one, or the same one with awsvpc.
    pub(crate) host: Option<u16>,
    pub(crate) protocol: String,
}

/// What becomes of the ExecuteCommandAgent in a container whose task has exec enabled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Exec {
    /// It runs.
    #[default]
    Ready,
    /// The container is given none.
    Absent,
    /// It starts and never gets ready.
    Pending,
    /// It has stopped, with this reason.
    Stopped(String),
    /// ECS calls it RUNNING, and Session Manager has no connection to it.
    Disconnected,
}
