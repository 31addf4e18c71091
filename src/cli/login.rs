//! `ecsui login`: a shell in a container.

use super::{browse, context::Context, exec, exit::Exit, target};
use crate::{ops::exec::Command, terminal};

/// Open a shell in the container that the words mean; asks where they may mean several, and opens the browser for none
///
/// Of a service, the newest healthy task that lets one in is taken.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the container; see "Target words"
    words: Vec<String>,
    /// The shell to start; otherwise bash where there is one, or else sh
    #[arg(long, value_name = "COMMAND")]
    shell: Option<String>,
}

impl Args {
    /// Returns the arguments that mean any container.
    pub(super) fn any(shell: Option<String>) -> Self {
        Self { words: Vec::new(), shell }
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    if args.words.is_empty() && terminal::require().is_ok() {
        return browse::run(&args.words, context);
    }
    let login = target::container(context, &args.words)?;
    exec::attach(&login, &shell(args.shell.as_ref(), context), context)
}

/// Returns what a login starts: the shell that was asked for, or that of the settings.
pub(super) fn shell(asked: Option<&String>, context: &Context) -> Command {
    let shell = asked.or(context.settings().shell.as_ref());
    shell.cloned().map_or(Command::DefaultShell, Command::Shell)
}
