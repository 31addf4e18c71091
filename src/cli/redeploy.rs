//! `ecsui redeploy`: all tasks of services replaced by new ones.

use super::{change, context::Context, exit::Exit, target};
use crate::ops::change::{Place, Wish};

/// Replace all tasks of services by new ones of the same task definition: a forced new deployment of each
///
/// Shows what it will do and asks. On a terminal it follows the deployments to their end; a deployment that fails makes
/// the exit code 1. Ctrl-C stops following: the deployments go on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name a service; or several services, each as `cluster/service` or an ARN
    #[arg(required = true)]
    target: Vec<String>,
    #[command(flatten)]
    options: change::Options,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let services = target::services(context, &args.target, &args.options.consent)?;
    let wish = Wish::Redeploy { services: services.iter().map(Place::of).collect() };
    change::run(wish, &args.options, context)
}
