//! `ecsui login`: a shell in a container.

use super::{browse, context::Context, exec, exit::Exit, pick};
use crate::{
    ops::{
        self,
        exec::Command,
        find::{self, Found},
    },
    terminal::{self, Ending},
};

/// Open a shell in the container that the words mean; asks where they may mean several, and opens the browser for none
///
/// A word is fuzzy, with fzf's marks ('exact, ^start, end$, !not), and all words must match; a word with slashes names
/// parts of cluster/service/task/container. Of a service, the newest healthy task that lets one in is taken.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the container
    words: Vec<String>,
    /// The shell to start; otherwise bash where there is one, or else sh
    #[arg(long, value_name = "COMMAND")]
    shell: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let shell = args.shell.clone().or_else(|| context.settings().shell.clone());
    let command = shell.map_or(Command::DefaultShell, Command::Shell);
    let somebody_can_choose = terminal::require().is_ok();
    if args.words.is_empty() && somebody_can_choose {
        return browse::run(&args.words, context);
    }
    let found = context.wait_unless_interrupted(exec::find(&args.words, context))??;
    let choose = |found: &[Found]| context.wait_unless_interrupted(find::pick(context.cx(), &args.words, found));
    let target = match choose(&found)? {
        Err(error) if error.kind == ops::Kind::Usage && somebody_can_choose => match pick::pick(&found)? {
            Some(found) => choose(&found)??,
            None => return Ok(Exit::of_ending(Ending::Interrupt)),
        },
        chosen => chosen?,
    };
    exec::attach(&target, &command, context)
}
