//! `ecsui completions`, and the answers to the shells that ask how a word goes on.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write as _},
    panic,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::{Arg, Command, FromArgMatches as _, ValueEnum};
use clap_complete::{
    engine::{ArgValueCompleter, CompletionCandidate},
    env::{EnvCompleter, Shells},
};
use tokio::time::timeout;

use super::{
    arguments::{self, Arguments, Global},
    context::Context,
    exit::Exit,
    output,
};
use crate::ops::complete;

/// The variable by which a shell asks, and says which one it is.
const ASKS: &str = "ECSUI_COMPLETE";

/// How long somebody waits for a word. What AWS has not said by then is not offered.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The positional arguments whose words name things of an account, by their ids.
const TARGETS: [&str; 3] = ["words", "target", "of"];
/// The arguments that name a cluster.
const CLUSTERS: [&str; 2] = ["in", "cluster"];

/// Print what teaches a shell to complete commands, options, profiles, regions, and the names of an account
///
/// bash: `source <(ecsui completions bash)` in ~/.bashrc; zsh: the same in ~/.zshrc, after compinit; fish:
/// `ecsui completions fish | source` in config.fish; elvish: `eval (ecsui completions elvish | slurp)` in rc.elv;
/// PowerShell: `ecsui completions powershell | Out-String | Invoke-Expression` in $PROFILE. Clusters, services, tasks and
/// containers are asked of AWS with the profile and region of the line, for a second and a half at most.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

/// A shell that can be taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let name = args.shell.to_possible_value().context("a shell without a name")?;
    let shells = Shells::builtins();
    let shell = shells.completer(name.get_name()).context("a shell that nothing is known of")?;
    let mut script = Vec::new();
    shell.write_registration(ASKS, "ecsui", "ecsui", "ecsui", &mut script)?;
    output::print_text(&String::from_utf8(script)?)?;
    Ok(Exit::Done)
}

/// Answers the shell that asks how the line goes on, if one does. Whatever fails, nothing is said: it would stand in
/// the middle of what somebody types.
pub(super) fn answer() -> Option<Exit> {
    let shell = env::var(ASKS).ok().filter(|shell| !shell.is_empty())?;
    panic::set_hook(Box::new(|_| {}));
    let line: Vec<OsString> = env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let shells = Shells::builtins();
    let answered = shells.completer(&shell).and_then(|shell| answer_to(shell, line));
    Some(if answered.is_some() { Exit::Done } else { Exit::Failed })
}

fn answer_to(shell: &dyn EnvCompleter, line: Vec<OsString>) -> Option<()> {
    let mut answer = Vec::new();
    let here = env::current_dir().ok();
    let mut grammar = grammar(said(&line));
    grammar.build();
    shell.write_complete(&mut grammar, line, here.as_deref(), &mut answer).ok()?;
    let mut out = io::stdout().lock();
    out.write_all(&answer).and_then(|()| out.flush()).ok()
}

/// Returns the options that the line has so far, as well as they can be understood.
fn said(line: &[OsString]) -> Global {
    let lenient = arguments::command().ignore_errors(true);
    let matches = lenient.try_get_matches_from(line).ok();
    let said = matches.and_then(|matches| Arguments::from_arg_matches(&matches).ok());
    said.unwrap_or_else(Arguments::nothing).global
}

/// Returns the grammar in which words that name something of the account can be completed.
fn grammar(said: Global) -> Command {
    let said = Arc::new(said);
    completed(arguments::command(), &said)
}

fn completed(command: Command, said: &Arc<Global>) -> Command {
    let is_first = command.get_name() == "ecsui";
    let command = command.mut_args(|argument| match kind(&argument, is_first) {
        None => argument,
        Some(kind) => {
            let said = Arc::clone(said);
            argument.add(ArgValueCompleter::new(move |typed: &OsStr| candidates(kind, typed, &said)))
        }
    });
    command.mut_subcommands(|command| match command.get_name() {
        // Their words name nothing of an account.
        "applet" | "policy" | "taskdefs" => command,
        _ => completed(command, said),
    })
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// What a target's word may name; the first word of a line is mostly a command.
    Target {
        is_first: bool,
    },
    Cluster,
    Profile,
    Region,
}

fn kind(argument: &Arg, is_first: bool) -> Option<Kind> {
    let id = argument.get_id().as_str();
    match () {
        () if CLUSTERS.contains(&id) => Some(Kind::Cluster),
        () if id == "profile" => Some(Kind::Profile),
        () if id == "region" => Some(Kind::Region),
        () if TARGETS.contains(&id) && argument.is_positional() && !argument.is_last_set() => {
            Some(Kind::Target { is_first })
        }
        () => None,
    }
}

/// Returns what is found in time.
fn candidates(kind: Kind, typed: &OsStr, said: &Global) -> Vec<CompletionCandidate> {
    let found = typed.to_str().and_then(|typed| {
        let context = Context::new(said.clone()).ok()?;
        let cx = context.cx();
        let words = async {
            match kind {
                Kind::Target { is_first: true } if !typed.contains('/') => Ok(Vec::new()),
                Kind::Target { .. } => complete::words(cx, typed, context.cluster()).await,
                Kind::Cluster => complete::clusters(cx, typed).await,
                Kind::Profile => complete::profiles(cx, typed).await,
                Kind::Region => Ok(complete::regions(typed)),
            }
        };
        context.wait(async { timeout(PATIENCE, words).await }).ok()?.ok()?.ok()
    });
    found.unwrap_or_default().into_iter().map(CompletionCandidate::new).collect()
}
