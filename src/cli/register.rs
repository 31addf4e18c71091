//! `ecsui register`: a revision of a task definition, from a file.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use super::{change, context::Context, exit::Exit};
use crate::ops::{
    Result,
    change::{Registration, Wish},
};

/// Register a revision of a task definition from a JSON file
///
/// The file holds the members of RegisterTaskDefinition, in any letter case, or what `taskdefs` and
/// `aws ecs describe-task-definition` print: what only AWS says (revision, status, ARN …) is left out and named. Members
/// that ecsui does not know are sent as they are, and named too. Shows what will be different from the newest revision
/// and asks; no service gets the new one by it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file; `-` reads standard input, where nobody can then be asked
    file: String,
    #[command(flatten)]
    consent: change::Consent,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    change::run_without_end(Wish::Register(Box::new(read(&args.file)?)), &args.consent, context)
}

/// Reads a task definition; what is wrong is said with the file and the place in it.
pub(super) fn read(file: &str) -> Result<Registration> {
    let name = if file == "-" { "standard input" } else { file };
    let text = text(file).map_err(|error| Registration::unreadable(name, error))?;
    Registration::read(name, &text)
}

fn text(file: &str) -> io::Result<String> {
    if file != "-" {
        return fs::read_to_string(Path::new(file));
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text)
}
