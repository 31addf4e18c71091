//! `miniecs`: the command line of jedipunkz/miniecs.

use super::{
    super::{
        arguments::Global,
        context::Context,
        exit::Exit,
        failure, login,
        output::{self, Cell, Column},
    },
    parsed,
};
use crate::ops::list::{self, Row};

/// The grammar.
#[derive(Debug, clap::Parser)]
#[command(name = "miniecs", version, about = "The command line of miniecs, done by ecsui")]
struct Line {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Debug, clap::Subcommand)]
enum Operation {
    /// login cluster, service
    Login {
        #[command(flatten)]
        place: Place,
        /// Login Shell
        #[arg(long, default_value = "sh")]
        shell: String,
    },
    /// list clusters, services
    List {
        #[command(flatten)]
        place: Place,
    },
}

/// Where to look.
#[derive(Debug, clap::Args)]
struct Place {
    /// Region Name
    #[arg(long)]
    region: Option<String>,
    /// ECS Cluster Name
    #[arg(long)]
    cluster: Option<String>,
}

/// The columns of `miniecs list`.
const COLUMNS: &[Column<Row>] = &[
    Column::new("cluster", "the cluster's name", |row| Cell::text(row.cluster.name())),
    Column::new("service", "the service's name", |row| Cell::maybe(row.service.as_deref())),
    Column::new("task_definition", "the task definition", |row| {
        Cell::maybe(row.task.as_ref().map(|task| task.definition.name()))
    }),
    Column::new("container", "the container's name", |row| {
        Cell::maybe(row.container().map(|container| &*container.name))
    }),
];

/// Runs a command line of miniecs'.
pub(super) fn run(line: &[String], options: Global) -> anyhow::Result<Exit> {
    let line: Line = match parsed("miniecs", line) {
        Ok(line) => line,
        Err(exit) => return Ok(exit),
    };
    match line.operation {
        Operation::Login { place, shell } => {
            login::run(&login::Args::any(Some(shell)), &Context::new(place.of(options))?)
        }
        Operation::List { place } => {
            let context = Context::new(place.of(options))?;
            let list::Listing { rows, denied } = context.wait(list::rows(context.cx(), context.cluster()))??;
            output::print(COLUMNS, &rows, &context.style())?;
            Ok(failure::denied(denied, &context))
        }
    }
}

impl Place {
    /// Returns these options, with what was said here before them.
    fn of(self, options: Global) -> Global {
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        Global {
            region: said(self.region).or(options.region),
            cluster: said(self.cluster).or(options.cluster),
            ..options
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};
    use proptest::prelude::*;

    #[test]
    fn the_grammar_is_sound_and_takes_miniecs_lines() {
        Line::command().debug_assert();
        let line = ["miniecs", "login", "--region", "eu-west-1", "--cluster=prod", "--shell", "bash"];
        let Operation::Login { place, shell } = Line::try_parse_from(line).unwrap().operation else {
            panic!("no login")
        };
        assert_eq!(
            (place.region.as_deref(), place.cluster.as_deref(), &*shell),
            (Some("eu-west-1"), Some("prod"), "bash")
        );
        assert!(Line::try_parse_from(["miniecs", "list", "--shell", "bash"]).is_err());
    }

    proptest! {
        #[test]
        fn no_line_panics(line in proptest::collection::vec("(--?(region|cluster|shell|é)?=?[a-z]{0,3}|login|list|.{0,3})", 0..6)) {
            let _ = Line::try_parse_from(std::iter::once("miniecs".to_owned()).chain(line));
        }
    }
}
