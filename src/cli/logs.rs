//! `ecsui logs`: what containers write.

mod print;
mod span;

use super::{context::Context, exit::Exit, failure, target};
use crate::{
    model::{LogLine, Timestamp},
    ops::{
        find::{Depth, Target},
        logs::{self, Begin, Reading, Said, Wanted},
    },
};
pub(super) use print::{COLUMNS, Layout, Printer, Words};

/// How many lines come first where nothing is said.
const LATEST: usize = 100;
/// How many lines are read before they are printed.
const PIECE: usize = 5000;

/// Print the lines that a container, a task, a service or a cluster wrote to CloudWatch Logs, merged by time
///
/// Without `--since` these are the latest lines. With `-f` lines go on to come while they are written, also those of
/// tasks that join a service, until ctrl-c; how they come and what cannot be read is said on standard error. Where
/// several tasks write, each line begins with the start of its task's id.
///
/// TIME is a span before now (`90s`, `10m`, `1h`, `2d`, `1w`), a moment as in RFC 3339 (`2026-03-10T12:00:00Z`), or
/// `now`.
///
/// As JSON it is an array of objects; with `-f` an object a line. A template of `--format` names fields in braces.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    watched: target::Watched,
    /// Begin with the lines since then
    #[arg(short, long, value_name = "TIME", value_parser = span::parse)]
    since: Option<span::When>,
    /// End with the lines of then
    #[arg(short, long, value_name = "TIME", value_parser = span::parse)]
    until: Option<span::When>,
    /// Only the tasks whose ids begin like this
    #[arg(short, long, value_name = "ID")]
    task: Option<String>,
    /// Only the lines that fit this filter pattern of CloudWatch Logs
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,
    /// Begin with so many of the latest lines [default: 100]
    #[arg(long, value_name = "N", conflicts_with = "since")]
    limit: Option<usize>,
    /// How each line is printed: `{at} {task} {message}` and the like, with the names of the fields below
    #[arg(long, value_name = "TEMPLATE", value_parser = print::Template::parse)]
    format: Option<print::Template>,
}

/// Which lines are wanted, and how.
pub(super) struct Order {
    /// The words that name whose.
    pub(super) target: Vec<String>,
    /// What the words may name.
    pub(super) depths: &'static [Depth],
    /// Only the tasks whose ids begin like this.
    pub(super) task: Option<String>,
    /// Only the lines that fit this filter pattern of CloudWatch Logs.
    pub(super) pattern: Option<String>,
    /// From when on; `None` begins with the latest lines.
    pub(super) since: Option<Timestamp>,
    /// Until when; a reading that is followed has no end.
    pub(super) until: Option<Timestamp>,
    /// How many of the latest lines come first where nothing says since when.
    pub(super) latest: usize,
    /// Whether lines go on to come.
    pub(super) follow: bool,
    /// What puts a line into words, in place of ours.
    pub(super) words: Option<Words>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let until = args.until.filter(span::When::is_past);
    if args.watched.follow && until.is_some() {
        return Err(crate::ops::Error::new(crate::ops::Kind::Usage, "--follow goes on, and --until ends").into());
    }
    let order = Order {
        target: args.watched.words.clone(),
        depths: &[Depth::Cluster, Depth::Service, Depth::Task, Depth::Container],
        task: args.task.clone(),
        pattern: args.filter.clone(),
        since: args.since.map(|when| when.from(now)),
        until: until.map(|when| when.from(now)),
        latest: args.limit.unwrap_or(LATEST),
        follow: args.watched.follow,
        words: args.format.clone().map(print::Template::words),
    };
    print(order, context)
}

/// Prints the lines that are wanted.
pub(super) fn print(order: Order, context: &Context) -> anyhow::Result<Exit> {
    let Order { task, pattern, since, until, latest, .. } = order;
    let target = target::one(context, &order.target, order.depths)?;
    let wanted = Wanted { task, pattern, ..Wanted::of(&target) };
    let layout = Layout { prefixed: has_several(&target, &wanted), words: order.words };
    let printer = Printer::new(layout, context.style(), order.follow);
    if order.follow {
        let begin = since.map_or(Begin::Latest(latest), Begin::Since);
        return follow(context, wanted, begin, printer);
    }
    match since {
        Some(since) => all(context, &wanted, since, until, printer),
        None => last(context, &wanted, until, latest, printer),
    }
}

/// Whether several tasks may be heard.
fn has_several(target: &Target, wanted: &Wanted) -> bool {
    match target {
        Target::Cluster(_) | Target::Service(_) => wanted.task.is_none(),
        Target::Task(_) => false,
        Target::Container { tasks, .. } => tasks.len() > 1 && wanted.task.is_none(),
    }
}

/// Prints the latest lines.
fn last(
    context: &Context,
    wanted: &Wanted,
    until: Option<Timestamp>,
    count: usize,
    mut printer: Printer,
) -> anyhow::Result<Exit> {
    let (lines, failed) = context.wait_unless_interrupted(async {
        let mut reading = logs::back(context.cx(), wanted, until).await?;
        let mut lines = reading.next(count).await?;
        let more = lines.len().saturating_sub(count);
        lines.drain(..more);
        Ok::<_, crate::ops::Error>((lines, say(&mut reading)))
    })??;
    printer.print(&lines)?;
    printer.end()?;
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// Prints the lines of a span of time.
fn all(
    context: &Context,
    wanted: &Wanted,
    since: Timestamp,
    until: Option<Timestamp>,
    mut printer: Printer,
) -> anyhow::Result<Exit> {
    context.wait_unless_interrupted(async {
        let mut reading = logs::span(context.cx(), wanted, since, until).await?;
        let mut failed = false;
        loop {
            let lines: Vec<LogLine> = reading.next(PIECE).await?;
            failed |= say(&mut reading);
            if lines.is_empty() {
                break;
            }
            printer.print(&lines)?;
        }
        printer.end()?;
        Ok(if failed { Exit::Failed } else { Exit::Done })
    })?
}

/// Says what cannot be read; returns whether something should have been.
fn say(reading: &mut Reading) -> bool {
    let failures: Vec<_> = reading.denied().into_iter().chain(reading.failures()).collect();
    for note in reading.notes() {
        failure::say(&note);
    }
    for failure in &failures {
        failure::say(&failure.line());
    }
    !failures.is_empty()
}

/// Prints lines as they come.
fn follow(context: &Context, wanted: Wanted, begin: Begin, mut printer: Printer) -> anyhow::Result<Exit> {
    context.wait_until_interrupted(async {
        let mut follow = logs::follow(context.cx(), wanted, begin);
        while let Some(said) = follow.next().await {
            match said? {
                Said::Lines(lines) => printer.print(&lines)?,
                Said::Note(note) => failure::say(&note),
                Said::Caught { .. } => {}
            }
        }
        Ok(Exit::Done)
    })
}
