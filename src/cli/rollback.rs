//! `ecsui rollback`: what ran before comes back.

use super::{change, context::Context, exit::Exit, target};
use crate::ops::change::{Place, Wish};

/// Bring back what ran before the newest deployment of a service
///
/// While that is under way ECS itself is told to roll it back (StopServiceDeployment); once it is over, the service is
/// given the task definition of the last deployment before that was completed. Says which, shows what will be
/// different, and asks.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the service
    #[arg(required = true)]
    target: Vec<String>,
    #[command(flatten)]
    options: change::Options,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let service = Place::of(&target::service(context, &args.target, &args.options.consent)?);
    change::run(Wish::RollBack { service }, &args.options, context)
}
