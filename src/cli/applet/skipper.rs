//! `skipper`: blinkist/skipper's command line, as far as it is there.

mod changes;
mod logs;
mod ssm;

use std::env;

use futures_util::future::join_all;

use super::{
    super::{arguments::Global, context::Context, exit::Exit, failure, output},
    not_there_yet, parsed,
};
use crate::{
    model::{Arn, Service, text::clean},
    ops::{ls, sites::ENVIRONMENT, whole},
};

/// The grammar.
#[derive(Debug, clap::Parser)]
#[command(name = "skipper", version, about = "The command line of skipper, done by ecsui")]
struct Line {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Debug, clap::Subcommand)]
enum Operation {
    /// View current the different clusters and services
    List,
    /// fetch logs for a given service
    Logs(logs::Args),
    /// SSM commands
    Ssm {
        #[command(subcommand)]
        verb: ssm::Verb,
    },
    /// restart services
    Restart(changes::Restart),
    /// update services
    Update(changes::Change),
    /// Set limits of a service (not there yet)
    Setlimits(Anything),
    /// Open a shell in a copy of a task (not there yet)
    Shell(Anything),
}

/// Words that are not looked at.
#[derive(Debug, clap::Args)]
struct Anything {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _words: Vec<String>,
}

/// Runs a command line of skipper's.
pub(super) fn run(line: &[String], options: Global) -> anyhow::Result<Exit> {
    let line: Line = match parsed("skipper", line) {
        Ok(line) => line,
        Err(exit) => return Ok(exit),
    };
    // Skipper knows no profiles but those of the environment: keys that stand there are meant.
    let keys_are_set = ["AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID"].into_iter().any(|name| env::var_os(name).is_some());
    let profile = options.profile.or_else(|| keys_are_set.then(|| ENVIRONMENT.to_owned()));
    let options = Global { profile, ..options };
    match line.operation {
        Operation::List => list(&Context::new(options)?),
        Operation::Logs(args) => logs::run(&args, &Context::new(options)?),
        Operation::Ssm { verb } => ssm::run(&verb, &Context::new(options)?),
        Operation::Restart(args) => changes::restart(&args, &Context::new(options)?),
        Operation::Update(args) => changes::update(&args, &Context::new(options)?),
        Operation::Setlimits(_) => Ok(not_there_yet("skipper", "setlimits")),
        Operation::Shell(_) => Ok(not_there_yet("skipper", "shell")),
    }
}

/// Prints the clusters that have services, and these.
fn list(context: &Context) -> anyhow::Result<Exit> {
    let cx = context.cx();
    let mut clusters = context.wait(ls::cluster_arns(cx))??;
    clusters.sort_by(|one, other| one.name().cmp(other.name()));
    let services = context.wait(join_all(clusters.iter().map(|cluster| ls::services(cx, cluster))))?;
    let mut denied = Vec::new();
    for (cluster, services) in clusters.iter().zip(services) {
        if let Some(services) = whole::unless_denied(services, &mut denied)?.filter(|services| !services.is_empty()) {
            output::print_text(&page(cluster, &services))?;
        }
    }
    Ok(failure::denied(denied, context))
}

fn page(cluster: &Arn, services: &[Service]) -> String {
    let names = services.iter().map(|service| format!("[ - ]: {}\n", clean(&*service.name)));
    format!("Cluster:\t{}\n", clean(cluster.name())) + &names.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};
    use proptest::prelude::*;

    #[test]
    fn the_grammar_is_sound() {
        Line::command().debug_assert();
    }

    proptest! {
        #[test]
        fn no_line_panics(line in proptest::collection::vec("(--?(since|task|o|f|é)?=?[a-z]{0,3}|list|logs|ssm|put|.{0,3})", 0..6)) {
            let _ = Line::try_parse_from(std::iter::once("skipper".to_owned()).chain(line));
        }
    }
}
