//! Applets: called by the name of another tool, the program takes that tool's own command line and does it through the
//! same verbs.

mod ecsman;
mod miniecs;
mod skipper;

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use clap::ValueEnum;

use super::{context::Context, exit::Exit, failure};

/// Do what the command line of another tool asks for
///
/// The same happens when ecsui is called by that tool's name, for instance through a link. What differs from the tool
/// on purpose stands in docs/parity.md.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The tool
    tool: Tool,
    /// Its own command line
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    line: Vec<String>,
}

/// A tool whose command line is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tool {
    /// womply/ecsman: ls, check, taskdefs, update, register, run
    Ecsman,
    /// jedipunkz/miniecs: login, list
    Miniecs,
    /// blinkist/skipper: list, logs, ssm, restart, update
    Skipper,
}

impl Args {
    /// Returns the applet that a command line means by the name of its program.
    pub(super) fn of_program(line: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut line = line;
        let program = line.next()?;
        let name = Path::new(&program).file_stem().and_then(OsStr::to_str)?.to_owned();
        let tool = Tool::from_str(&name, false).ok()?;
        // What is no text is no flag of these tools, and no name at AWS.
        Some(Self { tool, line: line.map(|word| word.to_string_lossy().into_owned()).collect() })
    }
}

/// Runs the applet. The options that stand before it are where it starts from.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let options = context.options.clone();
    match args.tool {
        Tool::Ecsman => ecsman::run(&args.line, options),
        Tool::Miniecs => miniecs::run(&args.line, options),
        Tool::Skipper => skipper::run(&args.line, options),
    }
}

/// Says that a tool's operation is not there yet, and which one it is.
fn not_there_yet(tool: &str, operation: &str) -> Exit {
    failure::say(&format!("{tool} {operation} changes things in AWS, which comes with a later version of ecsui"));
    Exit::Failed
}

/// Parses a line by a grammar of clap's, as the tools do that are made with cobra: what they do not understand ends with
/// 1. Without an error there is something to do.
fn parsed<P: clap::Parser>(tool: &str, line: &[String]) -> Result<P, Exit> {
    let words = std::iter::once(tool).chain(line.iter().map(String::as_str));
    P::try_parse_from(words).map_err(|error| match super::refuse(&error) {
        Exit::Usage => Exit::Failed,
        exit => exit,
    })
}
