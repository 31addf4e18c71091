//! `ecsui exec`: a command in a container.

use anyhow::Context as _;

use super::{
    context::{Context, require_terminal},
    exit::Exit,
    failure,
    target::{self, Login},
};
use crate::{
    model::Timestamp,
    ops::{
        exec::{self, Command},
        opened,
    },
    session, terminal,
};

/// What to do where a session has no terminal.
const UNPIPED: &str = "run it without pipes and redirections";

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
    require_terminal("a session", UNPIPED)?;
    let login = target::container(context, &args.target)?;
    attach(&login, &Command::Argv(args.command.clone()), context)
}

/// Starts a command in a container and gives it the terminal until it ends.
pub(super) fn attach(login: &Login, command: &Command, context: &Context) -> anyhow::Result<Exit> {
    require_terminal("a session", UNPIPED)?;
    let session = exec::open(context.cx(), &login.target, command, terminal::size());
    let session = context.wait_unless_interrupted(session)??;
    let unnoted = note(login, context)?;
    let label = session.label.clone();
    let attached = context.wait_among_tasks(terminal::attach(session, context.settings().escape))?;
    let exit = attached.context("the session has no terminal")?;
    tracing::info!(%label, ?exit, "session over");
    match &exit {
        session::Exit::Closed(reason) if reason.is_empty() => {}
        session::Exit::Code(_) | session::Exit::Signal(_) => {}
        session::Exit::Closed(_) | session::Exit::Lost(_) => failure::say(&format!("{label}: {exit}")),
    }
    if let Some(wrong) = unnoted {
        failure::say(&wrong);
    }
    Ok(Exit::of_session(&exit))
}

/// Writes down what was logged in to, for the order of the browser's jump. Returns what is wrong where it cannot be.
fn note(login: &Login, context: &Context) -> anyhow::Result<Option<String>> {
    let Some(opened) = login.opened.clone() else { return Ok(None) };
    context.wait(opened::note(context.cx(), &login.target.cluster, opened, Timestamp::now()))
}
