//! `ecsui man`: the manual, a page a command.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Command;
use clap_mangen::Man;

use super::{arguments, exit::Exit, output};
use crate::ops;

/// Print the manual page of ecsui, or of one of its commands
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The command, for instance `params get`
    #[arg(id = "command", value_name = "COMMAND")]
    words: Vec<String>,
    /// Write every page into this directory instead
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    into: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.into {
        None => {
            let mut page = Vec::new();
            page_about(&command_of(&args.words)?).render(&mut page)?;
            output::print_text(&String::from_utf8(page)?)?;
        }
        Some(directory) => {
            fs::create_dir_all(directory)
                .and_then(|()| write_pages(&root(), directory))
                .with_context(|| format!("the pages cannot be written into {}", directory.display()))?;
        }
    }
    Ok(Exit::Done)
}

/// Returns ecsui itself, and with it all commands.
fn root() -> Command {
    let mut root = arguments::command().disable_help_subcommand(true);
    root.build();
    root
}

/// Returns the page about a command; its foot names the program and its version.
fn page_about(command: &Command) -> Man {
    Man::new(command.clone()).source(concat!("ecsui ", env!("CARGO_PKG_VERSION")))
}

/// Writes the page about a command, and those about the commands below it.
fn write_pages(command: &Command, directory: &Path) -> io::Result<()> {
    page_about(command).generate_to(directory)?;
    let mut shown = command.get_subcommands().filter(|below| !below.is_hide_set());
    shown.try_for_each(|below| write_pages(below, directory))
}

/// Returns the command that the words name.
fn command_of(words: &[String]) -> anyhow::Result<Command> {
    let root = root();
    let found = words.iter().try_fold(&root, |command, word| command.find_subcommand(word));
    found.cloned().ok_or_else(|| {
        ops::Error::new(ops::Kind::Usage, format!("there is no command {:?}", words.join(" ")))
            .hint("`ecsui --help` lists them")
            .into()
    })
}
