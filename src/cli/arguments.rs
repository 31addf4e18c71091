//! The grammar of the command line.

use std::path::PathBuf;

use clap::{Arg, Args, ColorChoice, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use super::{
    applet, check, completions, config, deployments, enable_exec, events, exec, history, instances, list, login, logs,
    ls, man, params, policy, redeploy, register, rollback, run, scale, stop, stopped, targets, taskdefs, update,
};

/// Fuzzy-finder terminal program for Amazon ECS
///
/// Without a command it opens the browser; words are looked for among all containers of all clusters, as with ctrl-f in
/// it. A word that is also a command goes after `--`.
#[derive(Debug, Parser)]
#[command(name = "ecsui", version, args_conflicts_with_subcommands = false)]
pub(super) struct Arguments {
    /// What to search for when the browser opens
    pub(super) words: Vec<String>,
    /// Log in at once where the words can mean but one thing of this profile and region
    ///
    /// One service or one standalone task; names that were typed letter by letter win over others. Where the words may
    /// mean several, or none, the browser opens at them.
    #[arg(long, requires = "words")]
    pub(super) now: bool,
    /// What holds for every command.
    #[command(flatten)]
    pub(super) global: Global,
    /// The command; none opens the browser.
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
}

/// The options that every command takes. Their short forms stand only before the command, so that commands can give
/// the letters another meaning.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// AWS profile; `env` takes only the keys in the environment
    #[arg(short, long, global = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// AWS region
    #[arg(short, long, global = true, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// Only what is in the cluster of this name
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) cluster: Option<String>,
    /// Refuse everything that changes something at AWS
    #[arg(long, global = true)]
    pub(super) read_only: bool,
    /// Where the AWS APIs are instead of at AWS
    #[arg(long, global = true, value_name = "URL")]
    pub(super) endpoint_url: Option<String>,
    /// The config file to read
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// How results are printed
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table")]
    pub(super) output: Format,
    /// When to use colours; `NO_COLOR` is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    /// Draw and write with ASCII instead of lines and signs
    #[arg(long, global = true)]
    pub(super) plain: bool,
    /// Write a log to this file; `ECSUI_LOG` says how much of what
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) log_file: Option<PathBuf>,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns for people
    Table,
    /// An array of objects
    Json,
    /// A line each, fields separated by tabs, without a heading
    Tsv,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    Login(login::Args),
    Exec(exec::Args),
    List(list::Args),
    Ls(ls::Args),
    Logs(logs::Args),
    Events(events::Args),
    Stopped(stopped::Args),
    Deployments(deployments::Args),
    Taskdefs(taskdefs::Args),
    Check(check::Args),
    Params(params::Args),
    Policy(policy::Args),
    // The tools have help of their own.
    #[command(disable_help_flag = true)]
    Applet(applet::Args),
    Targets(targets::Args),
    Instances(instances::Args),
    Update(update::Args),
    Redeploy(redeploy::Args),
    Scale(scale::Args),
    Rollback(rollback::Args),
    EnableExec(enable_exec::Args),
    Stop(stop::Args),
    Run(Box<run::Args>),
    Register(register::Args),
    History(history::Args),
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
    #[cfg(feature = "demo")]
    Demo(super::demo::Args),
}

impl Verb {
    /// Whether the exit code is that of what runs elsewhere, so that a failure of ours must not look like one of those.
    pub(super) fn ends_as_what_it_runs(&self) -> bool {
        match self {
            Self::Exec(_) | Self::Login(_) => true,
            Self::Run(args) => args.waits(),
            _ => false,
        }
    }
}

impl Arguments {
    /// Parses the command line of this process.
    pub(super) fn parse() -> Result<Self, clap::Error> {
        Self::parse_from(std::env::args_os())
    }

    /// Returns the command line that means an applet.
    pub(super) fn of_applet(args: applet::Args) -> Self {
        Self { verb: Some(Verb::Applet(args)), ..Self::nothing() }
    }

    /// Returns the command line that says nothing.
    pub(super) fn nothing() -> Self {
        Self::parse_from(["ecsui"]).expect("no word is needed")
    }

    /// Parses a command line, the program's name first.
    pub(super) fn parse_from<I, W>(words: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = W>,
        W: Into<std::ffi::OsString> + Clone,
    {
        Self::from_arg_matches(&command().try_get_matches_from(words)?)
    }
}

/// Returns the grammar: the global options are known to every command, by their long names only (and `-o`, which no
/// command that prints results will ever give another meaning).
pub(super) fn command() -> Command {
    let root = Arguments::command();
    let globals: Vec<_> = root.get_arguments().filter(|option| option.is_global_set()).cloned().collect();
    root.mut_subcommands(|verb| {
        let prints = PRINTING.contains(&verb.get_name());
        with_globals(verb, &globals, prints)
    })
}

/// Returns a command that knows the global options, and its own commands with it.
fn with_globals(verb: Command, globals: &[Arg], prints: bool) -> Command {
    let verb = globals.iter().fold(verb, |verb, option| {
        let output = option.get_id() == "output";
        let option = option.clone().hide(output && !prints);
        verb.arg(if output && prints { option } else { option.short(None) })
    });
    verb.mut_subcommands(|verb| with_globals(verb, globals, prints))
}

/// The commands that print results.
const PRINTING: &[&str] = &[
    "check",
    "config",
    "deployments",
    "enable-exec",
    "events",
    "history",
    "instances",
    "list",
    "logs",
    "ls",
    "params",
    "policy",
    "redeploy",
    "register",
    "rollback",
    "run",
    "scale",
    "stop",
    "stopped",
    "targets",
    "taskdefs",
    "update",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::parse_from(std::iter::once("ecsui").chain(line.split_whitespace()))
    }

    #[test]
    fn the_grammar_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn words_open_the_browser_and_commands_are_words_after_two_dashes() {
        let browser = |line: &str| parsed(line).unwrap().verb.is_none().then_some(parsed(line).unwrap().words);
        assert_eq!(browser("pay app"), Some(vec!["pay".to_owned(), "app".to_owned()]));
        assert_eq!(browser("pay list"), Some(vec!["pay".to_owned(), "list".to_owned()]));
        assert_eq!(browser("-- list"), Some(vec!["list".to_owned()]));
        assert_eq!(browser(""), Some(vec![]));
        assert!(parsed("--now pay app").unwrap().now && !parsed("pay app").unwrap().now);
        assert!(parsed("--now").is_err() && parsed("--now list").is_err(), "now what?");
        assert_eq!(browser("list"), None);
    }

    #[test]
    fn options_stand_before_and_after_the_command_but_letters_only_before() {
        for line in [
            "-p dev -r eu-west-1 list",
            "list --profile dev --region eu-west-1",
            "--profile dev list --region eu-west-1",
        ] {
            let global = parsed(line).unwrap().global;
            assert_eq!(
                (global.profile.as_deref(), global.region.as_deref()),
                (Some("dev"), Some("eu-west-1")),
                "{line}"
            );
        }
        for line in ["list -p dev", "exec -r eu-west-1 x -- y", "login -o json x"] {
            assert!(parsed(line).is_err(), "{line}");
        }
        for line in ["list -o json", "-o json list", "ls -o json", "list --output json"] {
            assert_eq!(parsed(line).unwrap().global.output, Format::Json, "{line}");
        }
    }

    #[test]
    fn the_command_of_exec_is_passed_on_as_it_is() {
        let Some(Verb::Exec(args)) = parsed("exec prod/api app -- ls -p --profile x -- y").unwrap().verb else {
            panic!("not exec");
        };
        assert_eq!(
            format!("{args:?}"),
            "Args { target: [\"prod/api\", \"app\"], command: [\"ls\", \"-p\", \"--profile\", \"x\", \"--\", \"y\"] }"
        );
        assert!(parsed("exec prod/api").is_err());
        assert!(parsed("exec -- ls").is_err());
    }
}
