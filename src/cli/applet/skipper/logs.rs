//! `skipper logs`: the lines of a service, in the words of a Go template.

mod event;
mod format;
mod time;

use crate::{
    cli::{
        context::Context,
        exit::Exit,
        logs::{self, Order, Words},
    },
    model::Timestamp,
    ops::find::Depth,
};
use event::Event;
use format::Format;
use time::When;

/// Skipper's command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The cluster and the service
    #[arg(value_name = "CLUSTER SERVICE")]
    words: Vec<String>,
    /// Task UUID or prefix
    #[arg(short, long)]
    task: Option<String>,
    /// Follow log streams
    #[arg(short, long, conflicts_with = "until")]
    follow: bool,
    /// Format template for displaying log events
    #[arg(short = 'o', long, default_value = "[ {{ colorlevel .Level }} - {{ .Message }}", value_parser = Format::parse)]
    format: Format,
    /// Fetch logs since timestamp (e.g. 2013-01-02T13:23:37), relative (e.g. 42m for 42 minutes), or all for all logs
    #[arg(short, long, default_value = "1h", value_parser = time::parse)]
    since: When,
    /// Fetch logs until timestamp (e.g. 2013-01-02T13:23:37) or relative (e.g. 42m for 42 minutes)
    #[arg(short, long, value_parser = time::parse)]
    until: Option<When>,
    /// Verbose log output (includes log context in data fields)
    #[arg(short, long, conflicts_with = "raw")]
    verbose: bool,
    /// Raw JSON output
    #[arg(short, long)]
    raw: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let (now, zone) = (Timestamp::now(), context.style().zone);
    let order = Order {
        target: args.words.clone(),
        depths: &[Depth::Service],
        task: args.task.clone(),
        pattern: None,
        since: Some(args.since.from(now, &zone)),
        until: args.until.map(|until| until.from(now, &zone)),
        latest: 0,
        follow: args.follow,
        words: Some(words(args, context)),
    };
    logs::print(order, context)
}

fn words(args: &Args, context: &Context) -> Words {
    let style = context.style();
    let (verbose, raw, format) = (args.verbose, args.raw, args.format.clone());
    Box::new(move |line| {
        let event = Event::of(line);
        let text = match (verbose, raw) {
            (true, _) => event.verbose(line, &style),
            (false, true) => event.raw(line),
            (false, false) => format.fill(&event, line, &style),
        };
        text + "\n"
    })
}
