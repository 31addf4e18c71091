//! `ecsui stop`: tasks that end.

use std::time::Duration;

use super::{
    change::{self, Came},
    context::{Context, Interrupted},
    deployments::in_time,
    exit::Exit,
    failure::say,
    target,
};
use crate::{
    model::{Task, text::clean},
    ops::{
        Error, Kind,
        change::{self as ops_change, Made, Place, Stop, TaskPlace, Which, Wish},
        find::{Depth, Target},
    },
};

/// Stop tasks: one, several, or all of a service, at once or one after the other
///
/// Shows which tasks will end and what follows (a service starts others, so many as it wants), and asks. AWS is asked
/// to stop them, and they are given time to end: with `--wait` it waits until they have stopped and their service runs
/// as many as it wants, ten minutes at most. With `--rolling` a service's tasks end one after the other, and it waits
/// so after each of them. ctrl-c stops waiting: they end all the same.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name a task, or a service; or several tasks, each as its ARN or as `cluster/service/task`
    #[arg(required = true)]
    target: Vec<String>,
    /// All tasks of the service, at once
    #[arg(long, conflicts_with = "rolling")]
    all: bool,
    /// All tasks of the service, one after the other
    #[arg(long)]
    rolling: bool,
    /// Why, as AWS will tell of the tasks
    #[arg(long, value_name = "TEXT", default_value = Stop::REASON)]
    reason: String,
    /// Wait until they have stopped, and their service runs as many as it wants; `--rolling` waits in any case
    #[arg(long)]
    wait: bool,
    /// Wait no longer than this: `90s`, `10m`, `1h`; so it waits, as with `--wait`
    #[arg(long, value_name = "SPAN", conflicts_with = "rolling", value_parser = super::deployments::span)]
    timeout: Option<Duration>,
    #[command(flatten)]
    consent: change::Consent,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let service = || target::service(context, &args.target, &args.consent).map(|service| Place::of(&service));
    let which = match (args.all, args.rolling) {
        (true, _) => Which::AllOf(service()?),
        (false, true) => Which::EachOf(service()?),
        (false, false) => Which::These(tasks(args, context)?),
    };
    let wish = Wish::Stop(Stop { which, reason: args.reason.clone() });
    let waits = !args.rolling && (args.wait || args.timeout.is_some());
    if !waits {
        return change::run_without_end(wish, &args.consent, context);
    }
    let made = match change::make(wish, &args.consent, context)? {
        Came::True(done) => done.made,
        Came::Not(exit) => return Ok(exit),
    };
    change::print(&made, context)?;
    wait(&made, args.timeout, context)
}

/// Waits until what was stopped is gone and has others in its place.
fn wait(made: &[Made], limit: Option<Duration>, context: &Context) -> anyhow::Result<Exit> {
    let gone = ops_change::wait_until_gone(context.cx(), made, change::each_once(say));
    match context.wait_unless_interrupted(in_time(limit.unwrap_or(Duration::MAX / 4), gone)) {
        Ok(Some(gone)) => Ok(gone.map(|()| Exit::Done)?),
        Ok(None) => {
            say(&format!("not over in time, and goes on; {}", commands(made)));
            Ok(Exit::Failed)
        }
        Err(error) if error.is::<Interrupted>() => {
            say(&format!("no longer waiting: it goes on; {}", commands(made)));
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Returns where one sees what becomes of tasks that were stopped.
fn commands(made: &[Made]) -> String {
    let mut clusters: Vec<&str> = made
        .iter()
        .filter_map(|made| match made {
            Made::Stopped { place, .. } => Some(place.cluster.name()),
            Made::Registered { .. } | Made::Updated { .. } | Made::RollingBack { .. } | Made::Started { .. } => None,
        })
        .collect();
    clusters.dedup();
    let commands: Vec<String> = clusters.iter().map(|cluster| format!("`ecsui stopped {cluster}`")).collect();
    clean(format!("look with {}", commands.join(", ")))
}

/// Returns the tasks that are meant: each word with a slash one of its own, unless there is a word without.
fn tasks(args: &Args, context: &Context) -> anyhow::Result<Vec<TaskPlace>> {
    let groups = target::groups(&args.target);
    groups.into_iter().map(|words| task(words, &args.consent, context)).collect()
}

fn task(words: &[String], consent: &change::Consent, context: &Context) -> anyhow::Result<TaskPlace> {
    let place = |task: &Task| TaskPlace { cluster: task.cluster.clone(), task: task.arn.clone() };
    match target::to_change(context, words, &[Depth::Service, Depth::Task], consent)? {
        Target::Task(task) => Ok(place(&task)),
        Target::Service(service) => {
            let path = Place::of(&service).path();
            let error = Error::new(Kind::Usage, format!("{path} is a service, and which of its tasks is not said"));
            Err(error.hint("name a task, or say --all or --rolling").into())
        }
        Target::Cluster(_) | Target::Container { .. } => {
            Err(Error::new(Kind::Internal, "words for a task mean something else").into())
        }
    }
}
