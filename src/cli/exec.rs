//! `ecsui exec`: a command in a container.

use anyhow::Context as _;

use super::{context::Context, exit::Exit, failure, target};
use crate::{
    ops::{
        self,
        exec::{self, Command, ExecTarget},
    },
    session, terminal,
};

/// Run a command in the container that the words mean, on this terminal
///
/// Over ECS Exec no status of the command comes back: when the session has ended, ecsui
/// ends with 0.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the container; see "Target words"
    #[arg(required = true)]
    target: Vec<String>,
    /// The command and its arguments, passed on as they are
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    require_terminal()?;
    let target = target::container(context, &args.target)?;
    attach(&target, &Command::Argv(args.command.clone()), context)
}

/// Starts a command in a container and gives it the terminal until it ends.
pub(super) fn attach(target: &ExecTarget, command: &Command, context: &Context) -> anyhow::Result<Exit> {
    require_terminal()?;
    let session = context.wait_unless_interrupted(exec::open(context.cx(), target, command, terminal::size()))??;
    let label = session.label.clone();
    let attached = context.wait_among_tasks(terminal::attach(session, context.settings().escape))?;
    let exit = attached.context("the session has no terminal")?;
    tracing::info!(%label, ?exit, "session over");
    match &exit {
        session::Exit::Closed(reason) if reason.is_empty() => {}
        session::Exit::Code(_) | session::Exit::Signal(_) => {}
        session::Exit::Closed(_) | session::Exit::Lost(_) => failure::say(&format!("{label}: {exit}")),
    }
    Ok(Exit::of_session(&exit))
}

/// Says what is missing where there is no terminal, before anything is started far away.
fn require_terminal() -> ops::Result<()> {
    terminal::require().map_err(|error| {
        ops::Error::new(ops::Kind::Refused, "a session needs a terminal")
            .because(error)
            .hint("run it without pipes and redirections")
    })
}
