//! Waiting for tasks that were run, and printing what they write meanwhile.

use std::{future::Future, time::Duration};

use crate::{
    cli::{
        context::{Context, Interrupted},
        deployments::in_time,
        exit::Exit,
        failure::say,
        logs::{Layout, Printer},
    },
    model::{Arn, Timestamp, text::clean},
    ops::{
        self, Error, Kind,
        change::{self, Ended, Made},
        logs::{self, Begin, Said, Wanted, Whose},
    },
};

/// How long nothing has to be written before a task that has ended is taken to have said all: CloudWatch Logs tells of
/// lines a moment after they were written.
const QUIET: Duration = Duration::from_secs(3);

/// The tasks that were started.
pub(super) struct Started {
    cluster: Option<Arn>,
    tasks: Vec<Arn>,
    /// Whether these are all that were wanted.
    pub(super) all: bool,
}

/// How is waited.
pub(super) struct Wishes<'a> {
    pub(super) container: Option<&'a str>,
    pub(super) logs: bool,
    pub(super) limit: Option<Duration>,
}

impl Started {
    /// Returns the tasks among what was made.
    pub(super) fn of(made: &[Made]) -> Self {
        let mut started = Self { cluster: None, tasks: Vec::new(), all: true };
        for made in made {
            if let Made::Started { cluster, tasks, failures, .. } = made {
                started.cluster = Some(cluster.clone());
                started.tasks.extend(tasks.iter().cloned());
                started.all &= failures.is_empty();
            }
        }
        started
    }
}

/// Waits until the tasks have ended; the highest of their exit codes is the program's.
pub(super) fn wait(started: &Started, wishes: &Wishes<'_>, context: &Context) -> anyhow::Result<Exit> {
    let Some(cluster) = &started.cluster else {
        return Err(Error::new(Kind::Internal, "no task was started").into());
    };
    let work = async {
        let ended = ended(started, cluster, wishes, context);
        if wishes.logs { with_logs(started, cluster, ended, context).await } else { ended.await }
    };
    let limit = wishes.limit.unwrap_or(Duration::MAX / 4);
    match context.wait_unless_interrupted(in_time(limit, work)) {
        Ok(Some(ended)) => Ok(exit(started, &ended?)),
        Ok(None) => {
            say(&format!("not over in time, and goes on; {}", commands(cluster, &started.tasks)));
            Ok(Exit::NoSession)
        }
        Err(error) if error.is::<Interrupted>() => {
            say(&format!("no longer waiting: it goes on; {}", commands(cluster, &started.tasks)));
            Err(error)
        }
        Err(error) => Err(error),
    }
}

async fn ended(started: &Started, cluster: &Arn, wishes: &Wishes<'_>, context: &Context) -> anyhow::Result<Vec<Ended>> {
    let report = |task: &crate::model::Task| say(&format!("task {}: {}", task.arn.short(), task.last_status));
    Ok(change::wait_for(context.cx(), cluster, &started.tasks, wishes.container, report).await?)
}

/// Prints what the tasks write until they have ended and nothing more comes.
async fn with_logs(
    started: &Started,
    cluster: &Arn,
    ended: impl Future<Output = anyhow::Result<Vec<Ended>>>,
    context: &Context,
) -> anyhow::Result<Vec<Ended>> {
    let whose = Whose::Tasks { cluster: cluster.clone(), tasks: started.tasks.clone() };
    let wanted = Wanted { whose, task: None, container: None, pattern: None };
    // All that they ever write: they have just been started.
    let mut follow = logs::follow(context.cx(), wanted, Begin::Since(Timestamp::UNIX_EPOCH));
    let layout = Layout { prefixed: started.tasks.len() > 1, words: None };
    let mut printer = Printer::new(layout, context.style(), true);
    let mut said: Vec<String> = Vec::new();
    let mut take = |next: Option<ops::Result<Said>>| -> anyhow::Result<bool> {
        match next {
            Some(Ok(Said::Lines(lines))) => printer.print(&lines)?,
            Some(Ok(Said::Note(note))) if !said.contains(&note) => {
                say(&note);
                said.push(note);
            }
            Some(Ok(Said::Note(_) | Said::Caught { .. })) => {}
            Some(Err(error)) => {
                say(&format!("its logs cannot be read: {}", error.line()));
                return Ok(false);
            }
            None => return Ok(false),
        }
        Ok(true)
    };
    tokio::pin!(ended);
    let mut more = true;
    let ended = loop {
        tokio::select! {
            biased;
            next = follow.next(), if more => more = take(next)?,
            ended = &mut ended => break ended?,
        }
    };
    while more {
        match tokio::time::timeout(QUIET, follow.next()).await {
            Ok(next) => more = take(next)?,
            Err(_quiet) => break,
        }
    }
    Ok(ended)
}

/// Says how each task has ended, and returns how the program ends.
fn exit(started: &Started, ended: &[Ended]) -> Exit {
    let mut highest = 0;
    for Ended { task, exit, words } in ended {
        say(&format!("task {}: {words}", task.arn.short()));
        // What has no exit code has never run.
        let code = exit.map_or(255, |code| u8::try_from(code).unwrap_or(255));
        highest = highest.max(code);
    }
    if started.all { Exit::Remote(highest) } else { Exit::NoSession }
}

/// Returns what to do about tasks that go on.
fn commands(cluster: &Arn, tasks: &[Arn]) -> String {
    let ids: Vec<String> = tasks.iter().map(|task| task.as_str().to_owned()).collect();
    let text = format!("`ecsui stop {}` ends it, `ecsui stopped {}` tells how it ended", ids.join(" "), cluster.name());
    clean(text)
}
