//! Logging in: which container is meant, what stands in the way, and the session that is being opened.

use super::{
    Afterwards, Effect, Errand, Level, Message, Notice, Origin, Request, RequestId, RowId, State,
    code::WithCodes,
    row::{Readiness, readiness},
};
use crate::{
    config::Action,
    model::{Arn, Container, Ending, ExecAgent, Task, Timestamp, text::clean},
    ops::{
        Urgency,
        exec::{Command, ExecTarget},
        opened::Opened,
    },
};

/// What to log in to, by ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// This container.
    Container(ExecTarget),
    /// The best container of a task.
    Task {
        /// The cluster.
        cluster: Arn,
        /// The task.
        task: Arn,
    },
    /// The best container of a service.
    Service {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
}

/// A session that is being opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The request.
    pub id: RequestId,
    /// What it leads to, clean.
    pub label: String,
    /// Since when.
    pub since: Timestamp,
    /// What follows it.
    pub afterwards: Afterwards,
    /// What is done, where it fails.
    pub verb: &'static str,
    /// What it leads to, by names that outlive its tasks, and the cluster.
    pub opened: Option<(Arn, Opened)>,
    /// Whether it is an editor on a file that is gone when it returns.
    pub edits: bool,
}

impl Target {
    /// Returns what people call it, clean.
    pub fn label(&self) -> String {
        match self {
            Self::Container(target) => format!("{} in {}", clean(&target.container), clean(target.task.short())),
            Self::Task { task, .. } => format!("task {}", clean(task.short())),
            Self::Service { service, .. } => clean(service.name()),
        }
    }
}

impl State {
    /// Logs in to what is selected; where that leads to no container, goes on to the next pane.
    pub(super) fn log_in(&mut self, effects: &mut Vec<Effect>) {
        match self.target() {
            Some(_) if !self.takes_selected(Action::Login) => {}
            Some(target) => self.open(target, self.shell.clone(), effects),
            None => self.enter_next_pane(),
        }
    }

    /// Returns what a login would lead to.
    pub fn target(&self) -> Option<Target> {
        let cluster = self.selected_cluster()?.clone();
        match self.pane(self.focus()).selected()?.id.clone() {
            RowId::Cluster(_) | RowId::NoService(_) => None,
            RowId::Service(service) => Some(Target::Service { cluster, service }),
            RowId::Task(task) => Some(Target::Task { cluster, task }),
            RowId::Container(arn, name) => {
                let runtime_id =
                    self.task(&arn).and_then(|task| task.container(&name)?.runtime_id.as_deref().map(str::to_owned));
                Some(Target::Container(ExecTarget { cluster, task: arn, container: name.to_string(), runtime_id }))
            }
        }
    }

    /// Opens a session here, unless it is known that it cannot be.
    pub(super) fn open(&mut self, target: Target, command: Command, effects: &mut Vec<Effect>) {
        self.open_at(None, target, command, effects);
    }

    /// Whether a session is being opened, which is said: there is one at a time.
    pub(super) fn is_opening(&mut self) -> bool {
        let Some(opening) = &self.opening else { return false };
        self.message = Some(Message::news(format!("already opening {}; esc stops that", opening.label)));
        true
    }

    /// Opens a session at a site, unless it is known that it cannot be.
    pub(super) fn open_at(
        &mut self,
        origin: Option<&Origin>,
        target: Target,
        command: Command,
        effects: &mut Vec<Effect>,
    ) {
        if self.is_opening() {
            return;
        }
        if let Some(obstacle) = self.obstacle(&target) {
            self.message = Some(Message::failure(&obstacle));
            return;
        }
        let id = self.next_id();
        let afterwards = match &command {
            Command::DefaultShell | Command::Shell(_) => Afterwards::Browser,
            Command::Argv(_) => Afterwards::Key,
        };
        let opened = self.opened(&target);
        let elsewhere = origin.and_then(|origin| Some((origin.site.clone()?, origin)));
        let label = match &elsewhere {
            Some((_, origin)) => format!("{} at {}", target.label(), origin.label()),
            None => target.label(),
        };
        self.opening =
            Some(Opening { id, label, since: self.now, afterwards, verb: "log in to", opened, edits: false });
        let size = self.size;
        let request = match (elsewhere, target) {
            (Some((site, _)), Target::Container(target)) => {
                Request::Elsewhere { site, errand: Errand::OpenExec { target, command, size } }
            }
            (Some((site, _)), Target::Task { cluster, task }) => {
                Request::Elsewhere { site, errand: Errand::OpenTask { cluster, task, command, size } }
            }
            (None, Target::Container(target)) => Request::OpenExec { target, command, size },
            (None, Target::Task { cluster, task }) => Request::OpenTask { cluster, task, command, size },
            // A service is one of the panes.
            (_, Target::Service { cluster, service }) => Request::OpenService { cluster, service, command, size },
        };
        if matches!(request, Request::Elsewhere { .. }) {
            // Whoever goes there is asked what nobody was asked for the list.
            self.with_codes = WithCodes::Gives;
        }
        effects.push(Effect::Send(id, Urgency::Waiting, request));
    }

    /// Stops opening a session; returns whether there was one.
    pub(super) fn stop_opening(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(opening) = self.opening.take() else { return false };
        effects.push(Effect::Cancel(opening.id));
        self.message = Some(Message::news(format!("stopped opening {}", opening.label)));
        true
    }

    /// Returns why nobody can log in there, as far as that is known.
    pub fn obstacle(&self, target: &Target) -> Option<Notice> {
        match target {
            Target::Container(exec) => {
                let task = self.task(&exec.task)?;
                task.container(&exec.container).map_or_else(|| blocked_task(task), |container| blocked(task, container))
            }
            Target::Task { task, .. } => unreachable_task(self.task(task)?),
            Target::Service { cluster, service } => {
                let name = service.name();
                let slot = self.stock.tasks.get(&self.stock.scope(cluster, Some(service)))?;
                slot.status.read?;
                let mut obstacles = slot
                    .value
                    .iter()
                    .filter(|task| task.group.service().is_some_and(|group| **group == *name))
                    .map(unreachable_task)
                    .peekable();
                if obstacles.peek().is_none() {
                    let key =
                        self.keymap.first_chord(Action::Events).map(|chord| format!(" ({chord})")).unwrap_or_default();
                    return Some(notice(format!("{name} has no running task"), &format!("its events{key} say why")));
                }
                // One that can be logged in to is enough; otherwise the newest task says why.
                obstacles.reduce(|first, other| first.filter(|_| other.is_some())).flatten()
            }
        }
    }

    fn enter_next_pane(&mut self) {
        match self.focus().next() {
            Some(next) => self.set_focus(next),
            None => self.message = Some(Message::news("there is no container to log in to")),
        }
    }

    /// Returns the selected cluster.
    pub(super) fn selected_cluster(&self) -> Option<&Arn> {
        self.pane(Level::Cluster).selected().map(|row| row.id.arn())
    }
}

/// Why nobody can log in to any container of the task.
fn unreachable_task(task: &Task) -> Option<Notice> {
    if let Some(obstacle) = blocked_task(task) {
        return Some(obstacle);
    }
    if task.containers.iter().any(|container| readiness(container) == Readiness::Ready) {
        return None;
    }
    task.containers.iter().find_map(|container| blocked_container(task, container))
}

/// Why nobody can log in to a container, as far as it is known.
pub(super) fn blocked(task: &Task, container: &Container) -> Option<Notice> {
    blocked_task(task).or_else(|| blocked_container(task, container))
}

fn blocked_task(task: &Task) -> Option<Notice> {
    let id = task.arn.short();
    match &*task.last_status {
        "RUNNING" => None,
        "PROVISIONING" | "PENDING" | "ACTIVATING" => {
            Some(notice(format!("task {id} is still {}", task.last_status), "wait until it is RUNNING"))
        }
        status => {
            let reason = Ending::of(task).map(|ending| format!(": {}", ending.words)).unwrap_or_default();
            Some(notice(format!("task {id} is {status}{reason}"), "log in to another task"))
        }
    }
}

fn blocked_container(task: &Task, container: &Container) -> Option<Notice> {
    let (name, id) = (&container.name, task.arn.short());
    match (readiness(container), &container.exec) {
        (Readiness::NotRunning, _) => {
            let exit = container.exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
            let reason = container.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            Some(notice(
                format!("container {name} is {}{exit}{reason}", container.last_status),
                "log in to another container",
            ))
        }
        (_, ExecAgent::Absent) if !task.exec_enabled => Some(notice(
            format!("exec was not enabled when task {id} was started"),
            "enable it for the service and let it start new tasks: aws ecs update-service --enable-execute-command --force-new-deployment …",
        )),
        (_, ExecAgent::Absent) => Some(notice(
            format!("container {name} has no exec agent"),
            "ECS starts it in no container that AWS adds itself, and in one only where containers share their processes (pidMode task): log in to another one",
        )),
        (_, ExecAgent::Pending) => {
            Some(notice(format!("the exec agent of container {name} is still starting"), "try again in a few seconds"))
        }
        (_, ExecAgent::Stopped(reason)) => {
            let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            Some(notice(
                format!("the exec agent of container {name} has stopped{reason}"),
                "only a new task gets a new agent: stop this one and its service starts another",
            ))
        }
        (_, ExecAgent::Running) => None,
    }
}

fn notice(text: String, hint: &str) -> Notice {
    Notice { text, hints: vec![hint.to_owned()], passing: false }
}
