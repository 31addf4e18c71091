//! Stopped tasks, the last to stop first, each with its reason in words and in ECS's own.

use super::{State, TextLine, Tone, columns, failure};
use crate::{
    model::{Ending, Task},
    ops::stopped::StoppedTask,
    tui::app::{
        look::StoppedTasks,
        time::{age, clock},
        wrap::{padded, width},
    },
};

/// Returns the lines of the stopped tasks; where they are of several services, each with its name.
pub(super) fn lines(state: &State, seen: &StoppedTasks, names: bool) -> Vec<TextLine> {
    let troubles = seen.troubles.iter().flat_map(failure);
    let times = seen.tasks.iter().map(|it| width(&when(state, &it.task))).max().unwrap_or(0);
    troubles.chain(seen.tasks.iter().flat_map(|it| task(state, it, times, names))).collect()
}

fn when(state: &State, task: &Task) -> String {
    task.stopped.map_or_else(|| "stopping".to_owned(), |at| clock(state.now, at, &state.zone))
}

fn task(state: &State, stopped: &StoppedTask, times: u16, names: bool) -> Vec<TextLine> {
    let task = &stopped.task;
    let at = padded(&when(state, task), times);
    let mut line = TextLine::new().with(Tone::Label, format!("{at}  {}  ", task.arn.short()));
    if names {
        let name = task.group.service().or(task.group.standalone()).map_or("", |name| name);
        line = line.with(Tone::Label, format!("{name}  "));
    }
    line = line.with(Tone::Plain, format!("{}  ", task.definition.name()));
    line = because(line, task);
    if let Some(ran) = task.started.zip(task.stopped).map(|(from, to)| age(to, from)) {
        line = line.with(Tone::Faint, format!("  ran {ran}"));
    }
    if stopped.remembered {
        line = line.with(Tone::Faint, "  remembered");
    }
    let cells = columns::of_stopped(task);
    std::iter::once(line).chain(own_words(task)).map(|line| line.of_row(&cells)).collect()
}

/// Adds why a task stopped or is stopping.
pub(super) fn because(line: TextLine, task: &Task) -> TextLine {
    match Ending::of(task) {
        Some(Ending { words, failed }) => line.with(if failed { Tone::Bad } else { Tone::Plain }, words),
        None => line,
    }
}

/// Returns what ECS itself says about it, and about its containers, on lines of their own.
pub(super) fn own_words(task: &Task) -> impl Iterator<Item = TextLine> {
    let code = task.stop_code.as_deref();
    let reason = task.stopped_reason.as_deref();
    let of_task = [code, reason].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let of_containers = task.containers.iter().filter_map(|it| {
        let exit = it.exit_code.map(|code| format!("exit code {code}"));
        let said: Vec<String> = exit.into_iter().chain(it.reason.clone()).collect();
        (!said.is_empty()).then(|| format!("{}: {}", it.name, said.join(", ")))
    });
    let said: Vec<String> = (!of_task.is_empty()).then_some(of_task).into_iter().chain(of_containers).collect();
    said.into_iter().map(|text| TextLine::said(Tone::Faint, format!("    {text}")))
}
