//! `ecsui history`: what was changed from here.

use super::{
    context::Context,
    exit::Exit,
    failure::say,
    output::{self, Cell, Column},
};
use crate::{
    model::Timestamp,
    ops::audit::{self, Begun, Ended, Fate, Outcome},
};

/// Print what was changed with ecsui on this machine: when, by whom, what, and how it ended; the oldest first
///
/// Every change is written down before its first call and after its last one, into a file of the state directory that
/// only grows. `done` says that every call was made, and no more: what became of the deployments that began by it is
/// written down where ecsui followed them to their end, with `--wait`, on a terminal, or in the browser as long as it
/// was open. Then the result is `completed` once all of them are, or how the worst of them ended. A change without an
/// end was interrupted: any of its calls may have been made, and looking at what it was about tells which.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only the last so many changes
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
}

/// A change, and how it ended.
pub(super) type Row = (Begun, Option<Ended>);

/// The columns.
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::new("at", "when it began", |row| Cell::Moment(row.0.at)),
    Column::new("user", "who the person is on this machine", |row| Cell::text(&*row.0.user)),
    Column::fields_only("caller", "who AWS takes the person for, an ARN", |row| Cell::maybe(row.0.caller.as_deref())),
    Column::new("profile", "the AWS profile", |row| Cell::text(&*row.0.profile)),
    Column::new("account", "the account", |row| Cell::maybe(row.0.account.as_deref())),
    Column::new("region", "the region", |row| Cell::text(&*row.0.region)),
    Column::new("what", "what was to be changed", |row| Cell::text(&*row.0.what)),
    Column::new(
        "result",
        "`done`: all calls were made; where the deployments were followed to their end `completed`, `failed`, \
         `rolled back`, `failing` or `superseded`; `failed` also where a call was refused, `unknown` where an answer was \
         lost; `interrupted` without an end, or `under way`",
        |row| Cell::state(result(row)),
    ),
    Column::fields_only("calls", "the calls that were to be made", |row| Cell::maybe(lines(&row.0.calls))),
    Column::fields_only("resources", "the ARNs of what was to be changed", |row| Cell::maybe(lines(&row.0.resources))),
    Column::fields_only("made", "what was made", |row| Cell::maybe(row.1.as_ref().and_then(|end| lines(&end.made)))),
    Column::new("why", "why it failed; what may have been made of what was interrupted", |row| Cell::maybe(why(row))),
    Column::fields_only("ended", "when its last call was answered", |row| {
        Cell::moment(row.1.as_ref().map(|end| end.at))
    }),
    Column::fields_only("id", "tells it from all others", |row| Cell::text(&*row.0.id)),
    Column::fields_only("over", "when the last of what was followed was over", |row| Cell::moment(over(row))),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let history = audit::history(context.cx())?;
    if history.odd > 0 {
        say(&format!("{} lines of {} cannot be understood", history.odd, history.path.display()));
    }
    let left_out = args.last.map_or(0, |last| history.changes.len().saturating_sub(last));
    output::print(COLUMNS, &history.changes[left_out..], &context.style())?;
    Ok(Exit::Done)
}

fn result((begun, ended): &Row) -> &'static str {
    match ended.as_ref().map(|ended| ended.result) {
        Some(Outcome::Done) => ended.as_ref().and_then(Ended::fate).map_or("done", word),
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Unknown) => "unknown",
        None if begun.under_way => "under way",
        None => "interrupted",
    }
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Completed => "completed",
        Fate::Superseded => "superseded",
        Fate::Failing => "failing",
        Fate::RolledBack => "rolled back",
        Fate::Failed => "failed",
    }
}

/// Returns why a change, or what it has begun, failed; of one without an end, what nobody has written down.
fn why((begun, ended): &Row) -> Option<String> {
    match ended {
        Some(ended) => ended.why.clone().or_else(|| lines(&whys(ended))),
        None if begun.under_way => None,
        None => Some(format!("may have been made, as far as it came: {}", lines(&begun.calls)?)),
    }
}

fn whys(ended: &Ended) -> Vec<String> {
    ended.became.iter().filter_map(|became| became.why.clone()).collect()
}

fn over((_, ended): &Row) -> Option<Timestamp> {
    ended.as_ref()?.became.iter().map(|became| became.at).max()
}

fn lines(lines: &[String]) -> Option<String> {
    (!lines.is_empty()).then(|| lines.join("; "))
}
