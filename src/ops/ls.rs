//! Looking: clusters, services, tasks, task definitions.
