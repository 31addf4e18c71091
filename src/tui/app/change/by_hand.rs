//! Tasks that are run by hand: what is asked before, and how their ends are heard of.

use super::wishes::{Missing, Next};
use crate::{
    config::Action,
    model::{Arn, Ending, Task, text::clean},
    ops::{
        Urgency,
        change::{Ended, Network, Place, Run, Wish},
    },
    tui::app::{Effect, Level, Message, Notice, Picks, Purpose, Request, RequestId, Response, State},
};

/// The most tasks that are run at once.
const MOST: u32 = 100;
/// So many tasks that have ended stay in sight.
const KEPT: usize = 50;

impl State {
    /// Asks what is to be run: in the network of the selected service, what that service runs.
    pub(in crate::tui::app) fn ask_for_run(&mut self) {
        let Some(cluster) = self.selected_cluster().cloned() else { return };
        if self.focus() == Level::Service && !self.takes_one(Action::Run) {
            return;
        }
        let like = self.chosen_places().pop();
        let definition = match (&like, self.focus()) {
            (Some(like), Level::Service) => self.definition_of(like),
            (Some(_) | None, _) => self.selected_definition(),
        };
        let definition = definition.map(|arn| arn.name().to_owned()).unwrap_or_default();
        self.ask(Missing::Definition(Box::new(Run {
            cluster,
            definition,
            count: 1,
            like,
            network: Network::default(),
            container: self.selected_container(),
            command: Vec::new(),
            environment: Vec::new(),
            started_by: Run::STARTED_BY.to_owned(),
        })));
    }

    /// Returns the task definition of a service, once it has been described.
    pub(in crate::tui::app) fn definition_of(&self, place: &Place) -> Option<&Arn> {
        let known = self.stock.service(&place.cluster, &place.service)?;
        known.service.detail.as_deref()?.task_definition.as_ref()
    }

    /// Waits until tasks that were started have ended, and shows them meanwhile.
    pub(super) fn await_tasks(&mut self, cluster: &Arn, tasks: &[Arn], effects: &mut Vec<Effect>) {
        let id = self.next_id();
        self.run_by_hand.push((id, tasks.to_vec()));
        let request = Request::WaitForTasks { cluster: cluster.clone(), tasks: tasks.to_vec() };
        effects.push(Effect::Send(id, Urgency::Background, request));
        self.ask_for_tasks(cluster, effects);
    }

    /// Reads the tasks of a cluster anew, where they are shown.
    pub(super) fn ask_for_tasks(&mut self, cluster: &Arn, effects: &mut Vec<Effect>) {
        if self.selected_cluster() == Some(cluster)
            && let Some(scope) = self.shown_tasks(cluster)
        {
            self.ask_for(&Purpose::Tasks(scope), effects);
        }
    }

    /// Keeps those of the tasks in sight that AWS told of before whose ends are waited for: it may tell of them no more
    /// before these are heard of.
    pub(in crate::tui::app) fn keep_awaited(&mut self, before: Vec<Task>) {
        let awaited = |task: &Task| self.run_by_hand.iter().any(|(_, tasks)| tasks.contains(&task.arn));
        let mut kept: Vec<Task> = before.into_iter().filter(awaited).collect();
        self.stock.ended.retain(|known| kept.iter().all(|task| task.arn != known.arn));
        self.stock.ended.append(&mut kept);
    }

    /// Takes how tasks that were waited for have ended, if they were by this request: it is said, and they stay in
    /// sight.
    pub(in crate::tui::app) fn take_ends(
        &mut self,
        id: RequestId,
        result: Result<Response, Notice>,
    ) -> Option<Result<Response, Notice>> {
        let Some(place) = self.run_by_hand.iter().position(|(waiting, _)| *waiting == id) else { return Some(result) };
        let (_, tasks) = self.run_by_hand.remove(place);
        self.stock.ended.retain(|known| !tasks.contains(&known.arn));
        match result {
            Ok(Response::TasksEnded(ended)) => {
                self.message = Some(ends(&ended));
                self.stock.ended.extend(ended.into_iter().map(|ended| ended.task));
                let old = self.stock.ended.len().saturating_sub(KEPT);
                self.stock.ended.drain(..old);
            }
            Ok(_) => self.message = Some(Message::complaint("an answer came that fits no question")),
            Err(notice) => {
                let text = format!("how the tasks that were run end is not known: {}", notice.text);
                self.message = Some(Message::failure(&Notice { text, ..notice }));
            }
        }
        self.fill_from(Level::Service);
        None
    }
}

/// Says how tasks have ended, those that failed first.
fn ends(ended: &[Ended]) -> Message {
    let failed = |ended: &&Ended| Ending::of(&ended.task).is_some_and(|ending| ending.failed);
    let (bad, good): (Vec<&Ended>, Vec<&Ended>) = ended.iter().partition(failed);
    let line = |it: &&Ended| {
        let (task, definition) = (it.task.arn.short(), it.task.definition.name());
        clean(format!("task {task} of {definition} has ended: {}", it.words))
    };
    Message { failure: !bad.is_empty(), lines: bad.iter().chain(&good).map(line).collect(), ..Message::default() }
}

/// Takes what is to be run. Where no service says so it is picked whose network that has.
pub(super) fn of_definition(mut run: Box<Run>, answer: &str) -> Result<Next, String> {
    if answer.is_empty() {
        return Err("type a task definition, for instance: migrate:7".to_owned());
    }
    answer.clone_into(&mut run.definition);
    Ok(if run.like.is_some() { Next::Ask(Missing::Command(run)) } else { Next::Pick(Picks::Like(run)) })
}

/// Takes the command: none, or `[CONTAINER:] WORDS…`.
pub(super) fn with_command(mut run: Box<Run>, answer: &str) -> Result<Next, String> {
    let words = shlex::split(answer).ok_or_else(|| "a quote is opened and not closed".to_owned())?;
    let named = words.first().and_then(|first| first.strip_suffix(':')).filter(|name| !name.is_empty());
    match named.map(str::to_owned) {
        Some(_) if words.len() == 1 => return Err("type the command after the container, or nothing".to_owned()),
        Some(name) => (run.container, run.command) = (Some(name), words[1..].to_vec()),
        // Which container is meant matters to nothing but a command.
        None if words.is_empty() => run.container = None,
        None => run.command = words,
    }
    Ok(Next::Ask(Missing::Count(run)))
}

/// Takes how many are to be run.
pub(super) fn so_many(mut run: Box<Run>, answer: &str) -> Result<Next, String> {
    let count = answer.parse().ok().filter(|count| (1..=MOST).contains(count));
    run.count = count.ok_or_else(|| format!("type a number from 1 to {MOST}"))?;
    Ok(Next::wish(Wish::Run(run)))
}
