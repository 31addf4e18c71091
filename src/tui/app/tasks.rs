//! Which tasks the pane of tasks lists: those that run, those that have stopped, or all.

use super::{Level, Look, Message, Row, RowId, Seen, State};
use crate::{
    config::Action,
    model::{Arn, Task, query},
    ops::stopped::Whose,
};

/// Which tasks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShownTasks {
    /// Those that run, or are on their way to or from that.
    #[default]
    Running,
    /// Those that have stopped, as far as AWS or the history tells of them.
    Stopped,
    /// All of them.
    All,
}

impl ShownTasks {
    /// Returns what the pane lists.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Running => Level::Task.plural(),
            Self::Stopped => "stopped tasks",
            Self::All => "all tasks",
        }
    }

    /// Returns what is said where there are none.
    pub fn none(self) -> &'static str {
        match self {
            Self::Running => "no running tasks",
            Self::Stopped => "no stopped tasks",
            Self::All => "no tasks",
        }
    }
}

impl State {
    /// Returns which tasks are listed.
    pub fn shown_tasks_are(&self) -> ShownTasks {
        self.listed
    }

    /// Returns how the tasks that have stopped are seen, where a query asks for them.
    pub fn way_to_stopped(&self, query: &str) -> Option<String> {
        let chord = self.keymap.first_chord(Action::WhichTasks)?;
        query.split(' ').any(asks_for_stopped).then(|| format!("stopped tasks are shown with {chord}"))
    }

    /// Lists other tasks: those that run, those that have stopped, all, and again.
    pub(super) fn show_other_tasks(&mut self) {
        let (next, words) = match self.listed {
            ShownTasks::Running => (ShownTasks::Stopped, "tasks that have stopped"),
            ShownTasks::Stopped => (ShownTasks::All, "tasks that run and that have stopped"),
            ShownTasks::All => (ShownTasks::Running, "tasks that run"),
        };
        self.listed = next;
        self.fill_from(Level::Task);
        // What is not listed any more is not gone.
        let tasks = self.pane_mut(Level::Task);
        tasks.go_to(tasks.cursor());
        self.fill_from(Level::Container);
        self.message = Some(Message::news(words));
    }

    /// Returns what the tasks that have stopped are read with, where they are listed.
    pub(super) fn listed_look(&self) -> Option<Look> {
        let cluster = self.selected_cluster().filter(|_| self.listed != ShownTasks::Running)?.clone();
        match &self.pane(Level::Service).selected()?.id {
            RowId::Service(service) => Some(Look::Stopped(Whose::Service { cluster, service: service.clone() })),
            RowId::NoService(_) => Some(Look::Stopped(Whose::Standalone(cluster))),
            RowId::Cluster(_) | RowId::Task(_) | RowId::Container(..) => None,
        }
    }

    /// Returns a task that is listed.
    pub(super) fn task(&self, arn: &Arn) -> Option<&Task> {
        self.running_tasks().chain(self.stopped_tasks()).find(|task| task.arn == *arn)
    }

    /// Returns the rows of the tasks of the service of this name, or of those without one.
    pub(super) fn task_rows(&self, service: Option<&str>) -> Vec<Row> {
        let of = |task: &&Task| task.group.service().map(|name| &**name) == service;
        let running = self.running_tasks().filter(of).filter(|_| self.listed != ShownTasks::Stopped);
        let told = |task: &&Task| self.running_tasks().all(|known| known.arn != task.arn);
        let stopped = self.stopped_tasks().filter(of).filter(told);
        running.chain(stopped).map(Row::task).collect()
    }

    /// Returns the tasks that AWS tells of among those that run, and those that were run from here.
    fn running_tasks(&self) -> impl Iterator<Item = &Task> {
        let cluster = self.selected_cluster();
        let slot = cluster.and_then(|it| self.shown_tasks(it)).and_then(|scope| self.stock.tasks.get(&scope));
        let ended = cluster.filter(|_| slot.is_some()).map(|cluster| self.stock.ended_in(cluster));
        slot.into_iter().flat_map(|slot| &slot.value).chain(ended.into_iter().flatten())
    }

    /// Returns the tasks that have stopped, where they are listed.
    fn stopped_tasks(&self) -> impl Iterator<Item = &Task> {
        let slot = self.listed_look().and_then(|look| self.stock.looks.get(&look));
        let seen = slot.and_then(|slot| slot.value.as_ref());
        let seen = match seen {
            Some(Seen::Stopped(seen)) => Some(&seen.tasks),
            Some(_) | None => None,
        };
        seen.into_iter().flatten().map(|stopped| &*stopped.task)
    }
}

/// Whether a word asks for what has stopped: `stopped`, `status:stop`.
fn asks_for_stopped(word: &str) -> bool {
    let (name, value) = query::column_of(word).unwrap_or(("status", word));
    let value = value.trim_start_matches(['\'', '^']).to_ascii_lowercase();
    let is_stopped = value.len() >= "stop".len() && "stopped".starts_with(&value);
    is_stopped && name.eq_ignore_ascii_case("status") && !word.starts_with('!')
}
