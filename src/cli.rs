//! Arguments, printing and exit codes.

mod applet;
mod arguments;
mod browse;
mod change;
mod check;
mod code;
mod completions;
mod config;
mod context;
#[cfg(feature = "demo")]
mod demo;
mod deployments;
mod enable_exec;
mod events;
mod exec;
mod exit;
mod failure;
mod history;
mod instances;
mod list;
mod log;
mod login;
mod logs;
mod ls;
mod man;
mod output;
mod params;
mod pick;
mod policy;
mod prompt;
mod redeploy;
mod reference;
mod register;
mod rollback;
mod run;
mod scale;
mod signs;
mod stop;
mod stopped;
mod target;
mod targets;
mod taskdefs;
mod update;

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

pub use reference::reference;

use arguments::{Arguments, Verb};
use context::{Context, Interrupted};
use exit::Exit;

use crate::config::Glyphs;

/// Runs the command line of this process and returns what the shell is told.
pub fn main() -> ExitCode {
    if let Some(exit) = completions::answer() {
        return exit.into();
    }
    let called = applet::Args::of_program(std::env::args_os()).map(Arguments::of_applet);
    match called.map_or_else(Arguments::parse, Ok) {
        Ok(arguments) => run(arguments).into(),
        Err(error) => refuse(&error).into(),
    }
}

/// Runs a command and says on standard error what failed.
fn run(arguments: Arguments) -> Exit {
    let colours = context::colours(arguments.global.color, io::stderr().is_terminal());
    let is_remote = arguments.now || arguments.verb.as_ref().is_some_and(Verb::ends_as_what_it_runs);
    let error = match perform(arguments) {
        Ok(exit) => return exit,
        Err(error) => error,
    };
    if failure::is_broken_pipe(&error) {
        return Exit::Done;
    }
    if let Some(Interrupted(ending)) = error.downcast_ref() {
        return Exit::of_ending(*ending);
    }
    tracing::error!(%error, "failed");
    failure::report(&error, colours);
    let exit = Exit::of_error(&error);
    if is_remote { exit.of_session_command() } else { exit }
}

fn perform(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments { words, now, global, verb } = arguments;
    if global.plain {
        signs::choose(Glyphs::Plain);
    }
    if let Some(file) = &global.log_file {
        log::begin(file)?;
    }
    // What must not fail because of a config that is wrong.
    match &verb {
        Some(Verb::Config(args)) => return config::run(args, &global),
        Some(Verb::Completions(args)) => return completions::run(args),
        Some(Verb::Man(args)) => return man::run(args),
        _ => {}
    }
    let context = Context::new(global)?;
    match verb {
        None if now => browse::run_now(&words, &context),
        None => browse::run(&words, &context),
        Some(Verb::Login(args)) => login::run(&args, &context),
        Some(Verb::Exec(args)) => exec::run(&args, &context),
        Some(Verb::List(args)) => list::run(&args, &context),
        Some(Verb::Logs(args)) => logs::run(&args, &context),
        Some(Verb::Ls(args)) => ls::run(&args, &context),
        Some(Verb::Events(args)) => events::run(&args, &context),
        Some(Verb::Stopped(args)) => stopped::run(&args, &context),
        Some(Verb::Deployments(args)) => deployments::run(&args, &context),
        Some(Verb::Taskdefs(args)) => taskdefs::run(&args, &context),
        Some(Verb::Check(args)) => check::run(&args, &context),
        Some(Verb::Params(args)) => params::run(&args, &context),
        Some(Verb::Policy(args)) => policy::run(&args, &context),
        Some(Verb::Applet(args)) => applet::run(&args, &context),
        Some(Verb::Targets(args)) => targets::run(&args, &context),
        Some(Verb::Instances(args)) => instances::run(&args, &context),
        Some(Verb::Update(args)) => update::run(&args, &context),
        Some(Verb::Scale(args)) => scale::run(&args, &context),
        Some(Verb::Rollback(args)) => rollback::run(&args, &context),
        Some(Verb::EnableExec(args)) => enable_exec::run(&args, &context),
        Some(Verb::Redeploy(args)) => redeploy::run(&args, &context),
        Some(Verb::Stop(args)) => stop::run(&args, &context),
        Some(Verb::Register(args)) => register::run(&args, &context),
        Some(Verb::Run(args)) => run::run(&args, &context),
        Some(Verb::History(args)) => history::run(&args, &context),
        Some(Verb::Config(args)) => config::run(&args, &context.options),
        Some(Verb::Completions(args)) => completions::run(&args),
        Some(Verb::Man(args)) => man::run(&args),
        #[cfg(feature = "demo")]
        Some(Verb::Demo(args)) => demo::run(&args, &context),
    }
}

/// Prints what clap has to say: the help and the version on standard output, what it did not understand on standard
/// error.
fn refuse(error: &clap::Error) -> Exit {
    // Nobody knows which words are flags where the line as a whole is not understood.
    let is_plain = std::env::args_os().any(|word| word == "--plain");
    let said = is_plain.then(|| Glyphs::Plain.written(&error.render().to_string()).into_owned());
    let printed = match said {
        Some(said) if error.use_stderr() => {
            failure::print(&said);
            Ok(())
        }
        Some(said) => output::print_text(&said),
        None => error.print(),
    };
    match printed {
        _ if error.use_stderr() => Exit::Usage,
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Exit::Failed,
        Ok(()) | Err(_) => Exit::Done,
    }
}
