//! `ecsui stop`: tasks that end.

use super::{change, context::Context, exit::Exit, target};
use crate::{
    model::Task,
    ops::{
        Error, Kind,
        change::{Place, Stop, TaskPlace, Which, Wish},
        find::{Depth, Target},
    },
};

/// Stop tasks: one, several, or all of a service, at once or one after the other
///
/// Shows which tasks will end and what follows (a service starts others, so many as it wants), and asks. With
/// `--rolling` a service's tasks end one after the other: each time it waits until as many run as before, ten minutes
/// at most.
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
    #[command(flatten)]
    consent: change::Consent,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let which = match (args.all, args.rolling) {
        (true, _) => Which::AllOf(Place::of(&target::service(context, &args.target)?)),
        (false, true) => Which::EachOf(Place::of(&target::service(context, &args.target)?)),
        (false, false) => Which::These(tasks(args, context)?),
    };
    change::run_without_end(Wish::Stop(Stop { which, reason: args.reason.clone() }), &args.consent, context)
}

/// Returns the tasks that are meant: each word with a slash one of its own, unless there is a word without.
fn tasks(args: &Args, context: &Context) -> anyhow::Result<Vec<TaskPlace>> {
    let groups = target::groups(&args.target);
    groups.into_iter().map(|words| task(words, context)).collect()
}

fn task(words: &[String], context: &Context) -> anyhow::Result<TaskPlace> {
    let place = |task: &Task| TaskPlace { cluster: task.cluster.clone(), task: task.arn.clone() };
    match target::one(context, words, &[Depth::Service, Depth::Task])? {
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
