//! What people look at by itself: a cluster, a service, a task, a container, a task definition, by ids.

use std::sync::Arc;

use super::{Arn, text::clean};

/// Something of ECS, with what it takes to ask AWS about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// A cluster.
    Cluster(Arn),
    /// A service.
    Service {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// A task.
    Task {
        /// The cluster.
        cluster: Arn,
        /// The task.
        task: Arn,
    },
    /// The container of this name in a task.
    Container {
        /// The cluster.
        cluster: Arn,
        /// The task.
        task: Arn,
        /// Its name.
        name: Arc<str>,
    },
    /// A revision of a task definition.
    Definition(Arn),
}

impl Thing {
    /// Returns the ARN that names it to AWS: of a container its task's, as ECS has no other that calls take.
    pub fn arn(&self) -> &Arn {
        match self {
            Self::Cluster(arn) | Self::Definition(arn) => arn,
            Self::Service { service, .. } => service,
            Self::Task { task, .. } | Self::Container { task, .. } => task,
        }
    }

    /// Returns its name, untrusted text: a task's is its id, a definition's `family:revision`.
    pub fn name(&self) -> &str {
        match self {
            Self::Cluster(_) | Self::Service { .. } | Self::Task { .. } | Self::Definition(_) => self.arn().name(),
            Self::Container { name, .. } => name,
        }
    }

    /// Returns what people call it, clean: `task 4f2ab81c`, `container app of task 4f2ab81c`.
    pub fn label(&self) -> String {
        match self {
            Self::Cluster(arn) => format!("cluster {}", clean(arn.name())),
            Self::Service { service, .. } => format!("service {}", clean(service.name())),
            Self::Task { task, .. } => format!("task {}", clean(task.short())),
            Self::Container { task, name, .. } => format!("container {} of task {}", clean(name), clean(task.short())),
            Self::Definition(arn) => format!("task definition {}", clean(arn.name())),
        }
    }
}
