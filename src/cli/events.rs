//! `ecsui events`: what the schedulers of services say.

use std::{collections::HashMap, time::Duration};

use tokio::time::sleep;

use super::{
    context::Context,
    exit::Exit,
    failure,
    output::{self, Cell, Column, Live},
    target,
};
use crate::{
    model::{Arn, Task},
    ops::{
        Cx, Result,
        events::{self, Follow, Scope, Told},
        find::{Depth, Target},
    },
};

/// How often is looked for new events where the settings say nothing.
const INTERVAL: Duration = Duration::from_secs(10);

/// Print what the scheduler said about a service, or about all services of a cluster, oldest first
///
/// AWS keeps the latest 100 events of a service. Of a cluster with more than 100 services the first 100 by name are
/// read. Each event that names a task is joined to that task's definition and last status, as far as AWS or the local
/// history of stopped tasks still knows it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    watched: target::Watched,
    /// Begin with so many of the latest events
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// An event and the task that it is about.
#[derive(Debug)]
pub(super) struct Line {
    told: Told,
    task: Option<Task>,
}

/// The columns.
pub(super) const COLUMNS: &[Column<Line>] = &[
    Column::new("at", "when it was said", |line| Cell::moment(line.told.heard.event.at)),
    Column::new("service", "the service's name", |line| Cell::text(&*line.told.service)),
    Column::new("definition", "the task definition of the task that it is about", |line| {
        Cell::maybe(line.task.as_ref().map(|task| task.definition.name()))
    }),
    Column::new("status", "that task's last known status", |line| {
        line.task.as_ref().map_or(Cell::Nothing, |task| Cell::state(&*task.last_status))
    }),
    Column::new("message", "what was said, without the service's name before it", |line| {
        Cell::text(line.told.heard.event.said())
    }),
    Column::fields_only("task", "the id of the task that it is about", |line| {
        Cell::maybe(line.told.heard.event.task())
    }),
    Column::fields_only("gap", "whether events before this one may have been missed", |line| {
        Cell::Truth(line.told.heard.gap)
    }),
    Column::fields_only("id", "the event's id", |line| Cell::text(&*line.told.heard.event.id)),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let scope = scope(context, &args.watched.words)?;
    let mut reader = Reader { cluster: scope.cluster().clone(), follow: Follow::new(scope), joins: true };
    let mut live = Live::new(COLUMNS, context.style());
    let cx = context.cx();
    let mut first = context.wait_unless_interrupted(reader.next(cx))??;
    let left_out = reader.follow.left_out();
    if left_out > 0 {
        failure::say(&format!(
            "{left_out} services more are not read: only the first {} by name",
            events::MOST_SERVICES
        ));
    }
    let beyond = first.len().saturating_sub(args.limit.unwrap_or(first.len()));
    first.drain(..beyond);
    if !args.watched.follow {
        output::print(COLUMNS, &first, &context.style())?;
        return Ok(Exit::Done);
    }
    live.print(&first)?;
    context.wait_until_interrupted(async {
        let mut failing = false;
        loop {
            sleep(cx.settings.refresh.unwrap_or(INTERVAL)).await;
            match reader.next(cx).await {
                Ok(lines) => {
                    failing = false;
                    warn_of_gaps(&lines);
                    live.print(&lines)?;
                }
                Err(error) if error.passes() => {
                    if !failing {
                        failure::say(&format!("{}; going on", error.line()));
                    }
                    failing = true;
                }
                Err(error) => return Err(error.into()),
            }
        }
    })
}

/// Reads events and joins them to their tasks.
struct Reader {
    cluster: Arn,
    follow: Follow,
    /// Whether tasks may be read.
    joins: bool,
}

impl Reader {
    /// Returns what is new.
    async fn next(&mut self, cx: &Cx) -> Result<Vec<Line>> {
        let told = self.follow.poll(cx).await?;
        let tasks = self.tasks(cx, &told).await;
        let line = |told: Told| {
            let task = told.heard.event.task().and_then(|id| tasks.get(id)).cloned();
            Line { told, task }
        };
        Ok(told.into_iter().map(line).collect())
    }

    /// Returns the tasks that events are about. Events without them are better than none: a failure is said once.
    async fn tasks(&mut self, cx: &Cx, told: &[Told]) -> HashMap<String, Task> {
        if !self.joins {
            return HashMap::new();
        }
        let events = told.iter().map(|told| &told.heard.event);
        match events::tasks(cx, &self.cluster, events).await {
            Ok(tasks) => tasks,
            Err(error) => {
                self.joins = error.passes();
                failure::say(&format!("events stay without their tasks: {}", error.line()));
                HashMap::new()
            }
        }
    }
}

fn warn_of_gaps(lines: &[Line]) {
    for line in lines.iter().filter(|line| line.told.heard.gap) {
        let service = &line.told.service;
        failure::say(&format!(
            "{service} said 100 things since the last look, all that AWS keeps: more may be missing"
        ));
    }
}

/// Returns whose events are meant.
fn scope(context: &Context, words: &[String]) -> anyhow::Result<Scope> {
    Ok(match target::one(context, words, &[Depth::Cluster, Depth::Service])? {
        Target::Service(service) => Scope::Service(service),
        other => Scope::Cluster(other.cluster().clone()),
    })
}
