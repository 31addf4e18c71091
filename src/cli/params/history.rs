//! `ecsui params history`: the versions of a parameter.

use crate::{
    cli::{
        context::Context,
        exit::Exit,
        output::{self, Cell, Column},
    },
    model::ParameterVersion,
    ops::params,
};

/// Print the versions of a parameter that AWS keeps, newest first, each with who made it and when
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The service, then the parameter's name below its path; or a whole name, which begins with a slash, alone
    #[arg(required = true, value_name = "SERVICE NAME")]
    words: Vec<String>,
    /// The path in place of the configured one
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Print the values of a SecureString too
    #[arg(long)]
    reveal: bool,
}

/// The columns.
pub(in crate::cli) const COLUMNS: &[Column<ParameterVersion>] = &[
    Column::fields_only("name", "the parameter's whole name", |it| Cell::text(&*it.parameter.name)),
    Column::new("version", "the version", |it| Cell::Count(it.parameter.version)),
    Column::new("modified", "when it was made", |it| Cell::moment(it.parameter.modified)),
    Column::new("by", "the ARN of who made it", |it| Cell::maybe(it.by.as_deref())),
    Column::new("type", "`String`, `StringList` or `SecureString`", |it| Cell::text(it.parameter.kind.as_str())),
    Column::new("value", "the value that it had; nothing for a SecureString without `--reveal`", |it| {
        Cell::maybe(it.parameter.value.as_deref())
    }),
    Column::new("labels", "the labels of this version", |it| Cell::joined(it.labels.iter().cloned())),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let name = super::name(context, &args.words, args.path.as_deref())?;
    let versions = context.wait_unless_interrupted(params::history(context.cx(), &name, args.reveal))??;
    output::print(COLUMNS, &versions, &context.style())?;
    Ok(Exit::Done)
}
