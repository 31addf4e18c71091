//! `ecsui taskdefs`: families, revisions in full, and what differs between two.

use std::sync::Arc;

use clap::Subcommand;
use serde_json::Value;

use super::{
    arguments::Format,
    context::Context,
    exit::Exit,
    failure,
    output::{self, Cell, Column},
};
use crate::{
    model::{
        Arn, ContainerDefinition, TaskDefinition,
        taskdef::{
            MASK,
            diff::{Difference, diff},
            looks_secret, masked_words,
            readable::{self, Said},
        },
        text::clean,
    },
    ops::taskdefs::{self, Family, Listing},
};

/// Print the families of task definitions, the revisions of one in full, or one revision
///
/// With `-o json` revisions are printed as AWS describes them, with every value as it is: what `aws ecs
/// describe-task-definition` prints.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The family, `family:revision`, or an ARN
    family: Option<String>,
    /// The number of a revision, or `latest`
    revision: Option<String>,
    /// The INACTIVE revisions of the family too
    #[arg(long)]
    all: bool,
    /// Show values that look secret
    #[arg(long)]
    reveal: bool,
}

/// What can be done with task definitions.
#[derive(Debug, Subcommand)]
enum Verb {
    Diff(Diff),
}

/// Print what differs between two task definitions, by meaning: in whatever order things stand
#[derive(Debug, clap::Args)]
struct Diff {
    /// The one: `family`, `family:revision` or an ARN
    one: String,
    /// The other; a number is a revision of the same family
    other: String,
    /// Show values that look secret
    #[arg(long)]
    reveal: bool,
}

/// The columns of the families.
pub(super) const FAMILIES: &[Column<Family>] = &[
    Column::new("family", "the family's name", |it| Cell::text(&*it.name)),
    Column::new("latest", "its newest ACTIVE revision", |it| match it.latest.as_ref().and_then(number) {
        Some(revision) => Cell::count(revision),
        None => Cell::Nothing,
    }),
    Column::fields_only("arn", "the ARN of that revision", |it| Cell::maybe(it.latest.as_ref().map(Arn::as_str))),
];

/// The columns of revisions.
pub(super) const REVISIONS: &[Column<Arc<TaskDefinition>>] = &[
    Column::new("definition", "`family:revision`", |it| Cell::text(it.arn.name())),
    Column::new("status", "`ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`", |it| Cell::state(&*it.status)),
    Column::new("cpu", "CPU units of the task", |it| Cell::maybe(it.cpu.as_deref())),
    Column::new("memory", "memory of the task in MiB", |it| Cell::maybe(it.memory.as_deref())),
    Column::new("network", "`awsvpc`, `bridge`, `host` or `none`", |it| Cell::maybe(it.network_mode.as_deref())),
    Column::new("images", "the images of its containers", |it| {
        Cell::joined(it.containers.iter().map(|container| container.image.clone()))
    }),
    Column::new("registered", "when it was registered", |it| Cell::moment(it.registered)),
    Column::fields_only("arn", "its ARN", |it| Cell::text(it.arn.as_str())),
];

/// The columns of what differs.
pub(super) const DIFFERENCES: &[Column<Row>] = &[
    Column::new("place", "`task`, `container NAME` or `tags`", |it| Cell::text(&*it.place)),
    Column::new("what", "what differs there: `image`, `environment NAME`, `port 8080/tcp` …", |it| {
        Cell::text(&*it.what)
    }),
    Column::new("change", "`added`, `removed` or `changed`", |it| Cell::text(it.change)),
    Column::new("before", "what it was; `••••••` where that looks secret, unless `--reveal`", |it| {
        Cell::maybe(it.before.as_deref())
    }),
    Column::new("after", "what it is", |it| Cell::maybe(it.after.as_deref())),
];

/// A thing that differs, as far as it may be shown.
#[derive(Debug)]
pub(super) struct Row {
    place: String,
    what: String,
    change: &'static str,
    before: Option<String>,
    after: Option<String>,
}

/// A line of a revision in full.
#[derive(Debug)]
struct Line {
    container: String,
    what: String,
    value: String,
}

/// The columns of a revision in full.
const LINES: &[Column<Line>] = &[
    Column::new("container", "the container's name", |it| Cell::text(&*it.container)),
    Column::new("what", "what is said of it", |it| Cell::text(&*it.what)),
    Column::new("value", "how", |it| Cell::text(&*it.value)),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let cx = context.cx();
    let mut missing = None;
    match (&args.verb, &args.family, &args.revision) {
        (Some(Verb::Diff(diff)), ..) => compare(diff, context)?,
        (None, None, _) => {
            let Listing { all, denied } = context.wait_unless_interrupted(taskdefs::families(cx))??;
            output::print(FAMILIES, &all, &context.style())?;
            missing = denied;
        }
        (None, Some(family), None) if names_one(family) => {
            let one = context.wait_unless_interrupted(taskdefs::one(cx, family))??;
            print(&[one], true, args.reveal, context)?;
        }
        (None, Some(family), None) => {
            let read = taskdefs::all(cx, family, args.all);
            let Listing { all, denied } = context.wait_unless_interrupted(read)??;
            print(&all, false, args.reveal, context)?;
            missing = denied;
        }
        (None, Some(family), Some(revision)) => {
            let named = format!("{family}:{revision}");
            let one = context.wait_unless_interrupted(taskdefs::one(cx, &named))??;
            print(&[one], true, args.reveal, context)?;
        }
    }
    Ok(failure::denied(Vec::from_iter(missing), context))
}

/// Whether a revision is named, and not its family alone.
fn names_one(text: &str) -> bool {
    text.contains(':')
}

fn compare(args: &Diff, context: &Context) -> anyhow::Result<()> {
    let cx = context.cx();
    let one = context.wait_unless_interrupted(taskdefs::one(cx, &args.one))??;
    let other = match args.other.parse::<u32>() {
        Ok(revision) => format!("{}:{revision}", one.family()),
        Err(_) => args.other.clone(),
    };
    let other = context.wait_unless_interrupted(taskdefs::one(cx, &other))??;
    output::print(DIFFERENCES, &rows(&diff(&one, &other), args.reveal), &context.style())?;
    Ok(())
}

/// Returns what differs, as far as it may be shown.
pub(super) fn rows(differences: &[Difference], reveal: bool) -> Vec<Row> {
    let row = |it: &Difference| {
        let (before, after) = it.values(reveal);
        Row {
            place: it.place.clone(),
            what: it.what.clone(),
            change: it.change.kind(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    };
    differences.iter().map(row).collect()
}

/// Prints revisions in full: for programs as AWS describes them.
fn print(definitions: &[Arc<TaskDefinition>], alone: bool, reveal: bool, context: &Context) -> anyhow::Result<()> {
    let style = context.style();
    match style.format {
        Format::Tsv => output::print(REVISIONS, definitions, &style)?,
        Format::Json => {
            let described = |definition: &Arc<TaskDefinition>| definition.described.value().clone();
            let value = match definitions {
                [one] if alone => described(one),
                several => Value::Array(several.iter().map(described).collect()),
            };
            output::print_json(&value)?;
        }
        Format::Table => {
            let mut text = output::table(REVISIONS, definitions, &style);
            for definition in definitions {
                text.extend(["\n", &clean(definition.arn.name()), "\n"]);
                text.push_str(&output::table(LINES, &lines(definition, reveal), &style));
            }
            output::print_page(&text)?;
        }
    }
    Ok(())
}

/// Returns a revision in full, line by line.
fn lines(definition: &TaskDefinition, reveal: bool) -> Vec<Line> {
    let of_task = |what: &str, value: &Option<String>| {
        value.as_ref().map(|value| Line { container: "-".to_owned(), what: what.to_owned(), value: value.clone() })
    };
    let task = of_task("task role", &definition.task_role).into_iter();
    let task = task.chain(of_task("execution role", &definition.execution_role));
    let task = task.chain(of_task("architecture", &definition.architecture));
    let more = readable::of_task(&definition.described, reveal);
    let more = more.into_iter().map(|Said { name, value }| Line { container: "-".to_owned(), what: name, value });
    let containers = definition.containers.iter().flat_map(|it| {
        let more = readable::of_container(&definition.described, &it.name, reveal);
        of_container(it, more, reveal)
    });
    task.chain(more).chain(containers).collect()
}

fn of_container(container: &ContainerDefinition, more: Vec<Said>, reveal: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |what: &str, value: String| {
        lines.push(Line { container: container.name.clone(), what: what.to_owned(), value });
    };
    say("image", container.image.clone());
    if !container.essential {
        say("essential", "no".to_owned());
    }
    if container.cpu > 0 {
        say("cpu", container.cpu.to_string());
    }
    for (what, memory) in [("memory", container.memory), ("reserved", container.memory_reservation)] {
        if let Some(memory) = memory {
            say(what, memory.to_string());
        }
    }
    for port in &container.ports {
        let host = port.host.filter(|host| *host != 0).map_or_else(|| "*".to_owned(), |host| host.to_string());
        say("port", format!("{host}:{}/{}", port.container, port.protocol));
    }
    for (what, words) in [
        ("entry point", &container.entry_point),
        ("command", &container.command),
        ("health check", &container.health_check),
    ] {
        if !words.is_empty() {
            let shown = if reveal { words.clone() } else { masked_words(words.iter().map(String::as_str)) };
            let joined = shlex::try_join(shown.iter().map(String::as_str));
            say(what, joined.unwrap_or_else(|_| shown.join(" ")));
        }
    }
    for variable in &container.environment {
        let masked = !reveal && looks_secret(&variable.name, &variable.value);
        say("environment", format!("{}={}", variable.name, if masked { MASK } else { &variable.value }));
    }
    for secret in &container.secrets {
        say("secret", format!("{} from {}", secret.name, secret.value_from));
    }
    for Said { name, value } in more {
        say(&name, value);
    }
    lines
}

/// Returns the number of a revision.
fn number(arn: &Arn) -> Option<u32> {
    arn.name().rsplit_once(':')?.1.parse().ok()
}
