//! `ecsui enable-exec`: services whose tasks can be logged in to.

use super::{change, context::Context, exit::Exit, target};
use crate::ops::change::{Place, Wish};

/// Let people log in to the tasks of services: enables ECS Exec, and replaces the tasks by new ones
///
/// Only tasks that are started after it was enabled can be logged in to, so a new deployment is forced. Shows what it
/// will do and asks.
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
    let services = services.iter().map(Place::of).collect();
    change::run(Wish::EnableExec { services }, &args.options, context)
}
