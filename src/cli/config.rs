//! `ecsui config`: where the config file is, what holds, and what in it is wrong.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Subcommand;
use toml::Value;

use super::{
    arguments::{Format, Global},
    context,
    exit::Exit,
    output::{self, Cell, Column, Style},
};
use crate::{
    config::{self, Error, Origin, Told},
    model::text::clean,
};

/// Show where the config file is, which settings hold, and what in the file is wrong
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

/// What is asked of the config.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Print where the config file is, or would be
    Path,
    /// Print the settings that hold, and where each comes from: a flag, a variable, a line of the file, or the default
    Show,
    /// Print everything in the config file that cannot be followed, with its place; ends with 1 where there is
    /// something
    ///
    /// A table has a line `FILE:LINE:COLUMN: WHAT` for each, as compilers do.
    Check {
        /// The file to look at; otherwise the one that would be read
        file: Option<PathBuf>,
    },
}

/// Where the file is.
type Place = PathBuf;

/// The columns of the path.
pub(super) const PLACE: &[Column<Place>] = &[
    Column::new("path", "where the config file is, or would be", |path| Cell::text(path.to_string_lossy())),
    Column::new("exists", "whether it is there", |path| Cell::Truth(path.exists())),
];

/// The columns of a setting.
pub(super) const SETTINGS: &[Column<Told>] = &[
    Column::new("setting", "its name in the config file, after that of its table", |told| Cell::text(&*told.name)),
    Column::new("value", "what holds; nothing where AWS's tools or the moment decide", value),
    Column::new("from", "who said so: `flag`, `variable`, `file` or `default`", |told| {
        Cell::text(match told.origin {
            Origin::Flag(_) => "flag",
            Origin::Variable(_) => "variable",
            Origin::File(..) => "file",
            Origin::Default => "default",
        })
    }),
    Column::new("where", "the name of the flag or variable, or file and line", |told| match &told.origin {
        Origin::Flag(name) | Origin::Variable(name) => Cell::text(*name),
        Origin::File(path, line) => Cell::text(format!("{}:{line}", path.display())),
        Origin::Default => Cell::Nothing,
    }),
];

/// The columns of a fault.
pub(super) const FAULTS: &[Column<Error>] = &[
    Column::new("file", "the config file", |fault| Cell::text(fault.path.to_string_lossy())),
    Column::new("line", "the line, counted from 1", |fault| Cell::Count(fault.line as i64)),
    Column::new("column", "the character in it, counted from 1", |fault| Cell::Count(fault.column as i64)),
    Column::new("what", "what is wrong, and what was expected", |fault| Cell::text(&*fault.what)),
];

/// Runs the command: with these options alone, because a config that is wrong must not keep it from saying so.
pub(super) fn run(args: &Args, options: &Global) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Path => path(options),
        Verb::Show => {
            output::print(SETTINGS, &context::told(options)?, &style(options))?;
            Ok(Exit::Done)
        }
        Verb::Check { file } => check(file.as_deref().or(options.config.as_deref()), options),
    }
}

fn path(options: &Global) -> anyhow::Result<Exit> {
    let path = options.config.clone().or_else(config::config_file).context("there is no home for a config file")?;
    match options.output {
        // As it is, for `$(ecsui config path)`.
        Format::Table => output::print_text(&format!("{}\n", path.display()))?,
        Format::Json | Format::Tsv => output::print(PLACE, &[path], &style(options))?,
    }
    Ok(Exit::Done)
}

fn check(named: Option<&Path>, options: &Global) -> anyhow::Result<Exit> {
    let faults = context::read(named)?.map(|(text, path)| config::faults(&text, &path)).unwrap_or_default();
    match options.output {
        Format::Table => {
            let lines = faults.iter().map(|fault| clean(fault.to_string()) + "\n");
            output::print_page(&lines.collect::<String>())?;
        }
        Format::Json | Format::Tsv => output::print(FAULTS, &faults, &style(options))?,
    }
    Ok(if faults.is_empty() { Exit::Done } else { Exit::Failed })
}

fn style(options: &Global) -> Style {
    let colours = context::colours(options.color, io::stdout().is_terminal());
    Style { format: options.output, colours, zone: jiff::tz::TimeZone::UTC }
}

/// Returns a value as scripts want it: a text without quotes, a list as the file has it.
fn value(told: &Told) -> Cell {
    match &told.value {
        None => Cell::Nothing,
        Some(Value::String(text)) => Cell::text(&**text),
        Some(Value::Integer(number)) => Cell::Count(*number),
        Some(Value::Boolean(truth)) => Cell::Truth(*truth),
        Some(other) => Cell::text(other.to_string()),
    }
}
