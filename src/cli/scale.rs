//! `ecsui scale`: another number of tasks.

use super::{change, context::Context, exit::Exit, target};
use crate::ops::change::{Place, Wish};

/// Say how many tasks of services are wanted
///
/// Shows what it will do and asks. Where autoscaling would not let the service have so many, it says so and needs
/// `--force`. On a terminal it follows until so many tasks run.
#[derive(Debug, clap::Args)]
#[command(override_usage = "ecsui scale [OPTIONS] <TARGET>... <N>")]
pub(super) struct Args {
    /// Words that name a service, or several services, each as `cluster/service` or an ARN; then the number of tasks
    #[arg(required = true, num_args = 2.., value_name = "TARGET… N", allow_negative_numbers = true)]
    words: Vec<String>,
    #[command(flatten)]
    options: change::Options,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let (desired, target) = target::and_last(&args.words);
    let desired = target::count(desired)?;
    let services = target::services(context, target, &args.options.consent)?.iter().map(Place::of).collect();
    change::run(Wish::Scale { services, desired }, &args.options, context)
}
