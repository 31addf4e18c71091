//! Logging in to a container.

use crate::model::Arn;

/// The container to log in to, by ids and never by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecTarget {
    /// The cluster.
    pub cluster: Arn,
    /// The task.
    pub task: Arn,
    /// The container's name.
    pub container: String,
    /// The container's runtime id, for the Session Manager target.
    pub runtime_id: Option<String>,
}

/// What to start in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `bash` where there is one, otherwise `sh`.
    DefaultShell,
    /// This shell.
    Shell(String),
    /// These words, each one argument, quoted for the agent's shlex.
    Argv(Vec<String>),
}
