//! `ecsui params`: the parameters of a service in SSM's Parameter Store.

mod history;
mod value;

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use clap::ValueEnum;

use super::{
    arguments::Format,
    change::{Consent, agreed},
    context::Context,
    exit::Exit,
    failure::{self, say},
    output::{self, Cell, Column, Fields},
    prompt, target,
};
use crate::{
    model::{Parameter, ParameterKind, Service, text::clean},
    ops::{
        self, Kind,
        params::{self, Change, Deed, Listed, Listing, Prepared},
    },
};
pub(super) use history::COLUMNS as VERSIONS;

/// List, get, put and delete the parameters of a service in SSM's Parameter Store
///
/// A service's parameters are those below its path, `/application/{app}` unless `--path` or `parameters_path` of the
/// config say otherwise: `{cluster}` and `{service}` stand for the names, `{app}` for the service's without the
/// cluster's name before it, `-web` and `-worker`, as Skipper has it. Secret values are printed when they are asked
/// for, and are never taken from the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    List(List),
    Get(Get),
    History(history::Args),
    Put(Put),
    Delete(Delete),
}

/// List the parameters below the service's path, and those that its task definition names
#[derive(Debug, clap::Args)]
struct List {
    /// The service, as `cluster/service`
    #[arg(required = true)]
    words: Vec<String>,
    /// The path in place of the configured one
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Print the values of SecureStrings too
    #[arg(long)]
    reveal: bool,
}

/// Print a parameter's value, also that of a SecureString
#[derive(Debug, clap::Args)]
struct Get {
    /// The service, then the parameter's name below its path; or a whole name, which begins with a slash, alone
    #[arg(required = true, value_name = "SERVICE NAME")]
    words: Vec<String>,
    /// The path in place of the configured one
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
}

/// Put a parameter; asks first, and asks for the value without showing it, or reads it from standard input
///
/// A parameter that is there keeps its type, key and description. A new one is a SecureString unless `--type` says
/// otherwise. One line break at the end of a value that was read is left out.
#[derive(Debug, clap::Args)]
struct Put {
    /// The service, then the parameter's name below its path; or a whole name, which begins with a slash, alone
    #[arg(required = true, value_name = "SERVICE NAME")]
    words: Vec<String>,
    /// The path in place of the configured one
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Read the value from this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The value itself, which everybody on this machine may see: for `--type String` and `StringList` only
    #[arg(long, value_name = "TEXT", conflicts_with = "file", requires = "kind")]
    value: Option<String>,
    /// The parameter's type
    #[arg(long = "type", id = "kind", value_name = "TYPE")]
    kind: Option<TypeWord>,
    /// The KMS key of a SecureString; a new one has AWS's own key without it
    #[arg(long, value_name = "KEY")]
    key_id: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    agreement: Agreement,
}

/// Delete a parameter; asks first
#[derive(Debug, clap::Args)]
struct Delete {
    /// The service, then the parameter's name below its path; or a whole name, which begins with a slash, alone
    #[arg(required = true, value_name = "SERVICE NAME")]
    words: Vec<String>,
    /// The path in place of the configured one
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    agreement: Agreement,
}

/// How the person agrees to a change.
#[derive(Debug, clap::Args)]
struct Agreement {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Say the parameter's whole name, where a guard wants it to be typed; then nothing is asked
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

/// The types, by SSM's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TypeWord {
    #[value(name = "String")]
    String,
    #[value(name = "StringList")]
    StringList,
    #[value(name = "SecureString")]
    SecureString,
}

/// The columns of `ecsui params list`.
pub(super) const COLUMNS: &[Column<Listed>] = &[
    Column::new("name", "the parameter's whole name", |it| Cell::text(&*it.name)),
    Column::new("type", "`String`, `StringList` or `SecureString`", |it| of(it, |it| Cell::text(it.kind.as_str()))),
    Column::new("value", "its value; nothing for a SecureString without `--reveal`", |it| {
        of(it, |it| Cell::maybe(it.value.as_deref()))
    }),
    Column::new("version", "its version", |it| of(it, |it| Cell::Count(it.version))),
    Column::new("modified", "when it was last changed", |it| of(it, |it| Cell::moment(it.modified))),
    Column::new("given_to", "where the task definition gives it to containers, as `container/VARIABLE`", |it| {
        Cell::joined(it.given_to.iter().cloned())
    }),
    Column::fields_only("there", "whether it is there: a task definition may name one that is not", |it| {
        it.there.map_or(Cell::Nothing, Cell::Truth)
    }),
];

/// The fields of `ecsui params get` for programs.
pub(super) const FIELDS: &[Column<Parameter>] = &[
    Column::new("name", "the parameter's whole name", |it| Cell::text(&*it.name)),
    Column::new("type", "`String`, `StringList` or `SecureString`", |it| Cell::text(it.kind.as_str())),
    Column::new("value", "its value", |it| Cell::maybe(it.value.as_deref())),
    Column::new("version", "its version", |it| Cell::Count(it.version)),
    Column::new("modified", "when it was last changed", |it| Cell::moment(it.modified)),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(args) => list(args, context),
        Verb::Get(args) => get(args, context),
        Verb::History(args) => history::run(args, context),
        Verb::Put(args) => put(args, context),
        Verb::Delete(args) => delete(args, context),
    }
}

fn list(args: &List, context: &Context) -> anyhow::Result<Exit> {
    let service = target::service(context, &args.words, &Consent::default())?;
    let path = path(context, args.path.as_deref(), &service);
    let listed = params::list(context.cx(), &service, &path, args.reveal);
    let Listing { parameters, denied } = context.wait_unless_interrupted(listed)??;
    if parameters.is_empty() && denied.is_empty() {
        say(&format!("there are no parameters below {path}"));
    }
    output::print(COLUMNS, &parameters, &context.style())?;
    Ok(failure::denied(denied, context))
}

fn get(args: &Get, context: &Context) -> anyhow::Result<Exit> {
    let name = name(context, &args.words, args.path.as_deref())?;
    let parameter = context.wait_unless_interrupted(params::get(context.cx(), &name))??;
    match context.options.output {
        Format::Table => {
            let value = parameter.value.as_deref().unwrap_or_default();
            output::print_text(&format!("{}\n", shown(value, io::stdout().is_terminal())))?;
        }
        format @ (Format::Json | Format::Tsv) => output::print_fields(&[Fields::of(FIELDS, &parameter)], format)?,
    }
    Ok(Exit::Done)
}

/// Returns a value as it is for a script, and line by line what can be seen of it for a terminal.
fn shown(value: &str, on_terminal: bool) -> String {
    if on_terminal { value.split('\n').map(clean).collect::<Vec<_>>().join("\n") } else { value.to_owned() }
}

fn put(args: &Put, context: &Context) -> anyhow::Result<Exit> {
    let asks = prompt::somebody_answers();
    let source = value::Source::of(args.value.as_deref(), args.file.as_deref(), asks);
    if source.is_said() && args.kind == Some(TypeWord::SecureString) {
        let what = "the value of a SecureString is not taken from the command line, where others can read it";
        return Err(ops::Error::new(Kind::Usage, what).hint("give it on standard input, or with --file").into());
    }
    args.agreement.possible(asks && !source.takes_stdin())?;
    let (name, service) = named(context, &args.words, args.path.as_deref(), &args.agreement.consent())?;
    let deed = context.wait_unless_interrupted(Deed::put(context.cx(), &name, service.as_ref()))??;
    let change = Change {
        value: source.read(&name)?,
        name,
        kind: args.kind.map(TypeWord::kind),
        key_id: args.key_id.clone(),
        description: args.description.clone(),
    };
    let prepared = context.wait_unless_interrupted(params::prepare(context.cx(), change))??;
    if source.is_said() && prepared.kind() == ParameterKind::SecureString {
        let what = format!(
            "parameter {} is a SecureString: its value is not taken from the command line",
            clean(prepared.name())
        );
        return Err(ops::Error::new(Kind::Usage, what).hint("give it on standard input, or with --file").into());
    }
    if !agreed(&deed.guard, &question(&prepared), prepared.name(), &args.agreement.consent())? {
        return Ok(Exit::Failed);
    }
    // Whether it was made is told by its answer alone: nothing interrupts it.
    let version = context.wait(deed.make(context.cx(), params::put(context.cx(), &prepared), say))??;
    say(&format!("{} is there, version {version}", prepared.name()));
    Ok(Exit::Done)
}

fn delete(args: &Delete, context: &Context) -> anyhow::Result<Exit> {
    args.agreement.possible(prompt::somebody_answers())?;
    let (name, service) = named(context, &args.words, args.path.as_deref(), &args.agreement.consent())?;
    let deed = context.wait_unless_interrupted(Deed::delete(context.cx(), &name, service.as_ref()))??;
    let question = format!("Delete {}, with all its versions", clean(&name));
    if !agreed(&deed.guard, &question, &name, &args.agreement.consent())? {
        return Ok(Exit::Failed);
    }
    context.wait(deed.make(context.cx(), params::delete(context.cx(), &name), say))??;
    say(&format!("{name} is deleted"));
    Ok(Exit::Done)
}

impl Agreement {
    /// Fails where nobody has agreed to a change and nobody can be asked.
    fn possible(&self, asks: bool) -> ops::Result<()> {
        if self.yes || self.confirm.is_some() || asks {
            return Ok(());
        }
        Err(ops::Error::new(Kind::Usage, "nobody can be asked whether to do that").hint("say --yes"))
    }

    fn consent(&self) -> Consent {
        Consent::said(self.yes, self.confirm.clone())
    }
}

impl TypeWord {
    fn kind(self) -> ParameterKind {
        match self {
            Self::String => ParameterKind::String,
            Self::StringList => ParameterKind::StringList,
            Self::SecureString => ParameterKind::SecureString,
        }
    }
}

/// Returns what is to be agreed to before a parameter is put.
fn question(prepared: &Prepared) -> String {
    let kind = prepared.kind().as_str();
    let key = prepared.key_id().map(|key| format!(", key {}", clean(key))).unwrap_or_default();
    let name = clean(prepared.name());
    match &prepared.before {
        Some(before) => format!("Put {name} ({kind}{key}) in place of version {}", before.version),
        None => format!("Put {name}, a new {kind}{key}"),
    }
}

fn path(context: &Context, given: Option<&str>, service: &Service) -> String {
    let template = given.or(context.settings().parameters_path.as_deref()).unwrap_or(params::PREFIX);
    params::path(template, service)
}

/// Returns the whole name that the words mean.
fn name(context: &Context, words: &[String], given: Option<&str>) -> anyhow::Result<String> {
    named(context, words, given, &Consent::default()).map(|(name, _)| name)
}

/// Returns the whole name that the words mean, and the service that they name it by.
fn named(
    context: &Context,
    words: &[String],
    given: Option<&str>,
    consent: &Consent,
) -> anyhow::Result<(String, Option<Service>)> {
    match words {
        [whole] if whole.starts_with('/') || whole.starts_with("arn:") => Ok((whole.clone(), None)),
        [words @ .., name] if !words.is_empty() => {
            let service = target::service(context, words, consent)?;
            Ok((params::name(&path(context, given, &service), name), Some(service)))
        }
        _ => Err(ops::Error::new(Kind::Usage, "whose parameter?")
            .hint("name the service before it, or give the whole name with its slash")
            .into()),
    }
}

/// Returns what a parameter says, where it is there.
fn of(listed: &Listed, say: impl FnOnce(&Parameter) -> Cell) -> Cell {
    listed.parameter.as_ref().map_or(Cell::Nothing, say)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_sees_the_value_and_does_not_obey_it() {
        let value = "one\u{1b}[2J\ntwo";
        assert_eq!(shown(value, false), value);
        assert_eq!(shown(value, true), "one␛[2J\ntwo");
    }
}
