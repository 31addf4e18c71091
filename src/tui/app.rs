//! The state of the browser and the one function that changes it. Pure: no I/O, no clock, nothing that can fail.

use crossterm::event::KeyEvent;

use crate::{
    model::{Arn, Cluster, Service, Task, TaskDefinition, Timestamp},
    ops::{
        Identity, Urgency,
        exec::{Command, ExecTarget},
    },
    session::{Exit, Size},
};

/// Names one request until its reply has come; a reply to a number that is no longer pending is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Names an open session in the table that `tui::run` keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now.
    Resize(Size),
    /// A deadline that [`State::next_deadline`](#) asked for has passed; carries the time.
    Due(Timestamp),
    /// The worker's answer, with the time it came.
    Reply(RequestId, Timestamp, Result<Response, Notice>),
    /// A session gave the terminal back.
    Detached {
        /// The session's label.
        label: String,
        /// How it ended.
        exit: Exit,
        /// When.
        at: Timestamp,
    },
}

/// What must happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the worker.
    Send(RequestId, Urgency, Request),
    /// Nobody wants that answer any more.
    Cancel(RequestId),
    /// Give the terminal to this session.
    Attach(SessionId),
    /// Put this text on the clipboard (OSC 52).
    Copy(String),
    /// Leave.
    Quit,
}

/// What the worker is asked; each carries all it needs, never "the selected row".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Who are we, where?
    Identity,
    /// Every cluster, counted.
    Clusters,
    /// Every service of a cluster, by name.
    Services {
        /// The cluster.
        cluster: Arn,
    },
    /// The details of these services.
    ServiceDetails {
        /// The cluster.
        cluster: Arn,
        /// The services, at most ten for one call.
        services: Vec<Arn>,
    },
    /// The running tasks of a cluster, or of one of its services.
    Tasks {
        /// The cluster.
        cluster: Arn,
        /// The service; `None` means the whole cluster.
        service: Option<Arn>,
    },
    /// A task definition.
    TaskDefinition {
        /// Its ARN.
        arn: Arn,
    },
    /// A shell or a command in a container.
    OpenExec {
        /// Where.
        target: ExecTarget,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
    /// A shell in the best container of a service: the newest RUNNING healthy task whose agent is ready, its first
    /// essential container.
    OpenService {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
    /// A shell in the best container of a task: its first essential one whose agent is ready.
    OpenTask {
        /// The cluster.
        cluster: Arn,
        /// The task.
        task: Arn,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
}

/// The worker's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// To [`Request::Identity`].
    Identity(Identity),
    /// To [`Request::Clusters`].
    Clusters(Vec<Cluster>),
    /// To [`Request::Services`], without details.
    Services(Vec<Service>),
    /// To [`Request::ServiceDetails`]; services that are gone are absent.
    ServiceDetails(Vec<Service>),
    /// To [`Request::Tasks`].
    Tasks(Vec<Task>),
    /// To [`Request::TaskDefinition`].
    TaskDefinition(Box<TaskDefinition>),
    /// To the three `Open…`: the session is live and waits for the terminal.
    Opened(SessionId),
}

/// A failure in words a person can use: made from an `ops` error by the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What failed and why, one line.
    pub text: String,
    /// What to do next.
    pub hints: Vec<String>,
    /// Whether trying again later may help (throttled, unreachable).
    pub passing: bool,
}
