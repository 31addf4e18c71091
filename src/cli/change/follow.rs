//! Following what a change has begun, to its end.

use std::{cell::Cell, time::Duration};

use futures_util::future::join_all;

use super::result::Row;
use crate::{
    cli::{
        context::{Context, Interrupted},
        deployments::{Progress, ended, in_time},
        exit::Exit,
        failure::say,
    },
    model::text::clean,
    ops::{
        self,
        change::{self, Done, Made, News, Place},
        deployments::{Deployments, Outcome},
    },
};

/// What became of what was followed.
pub(super) struct Followed {
    /// How the command ends.
    pub(super) exit: Exit,
    /// The services whose deployment fails, or has failed and stays where it is.
    pub(super) failed: Vec<Place>,
}

/// Follows what was made of services, all of them at once, and notes in the rows what became of it.
pub(super) fn to_the_end(
    done: &Done,
    rows: &mut [Row],
    limit: Option<Duration>,
    context: &Context,
) -> anyhow::Result<Followed> {
    let followed: Vec<(&Made, &Place)> = done.made.iter().filter_map(|made| Some((made, made.place()?))).collect();
    let places: Vec<&Place> = followed.iter().map(|(_, place)| *place).collect();
    let failing = Cell::new(false);
    let several = followed.len() > 1;
    let all = join_all(followed.iter().map(|(made, place)| follow(context, &done.id, made, place, several, &failing)));
    let ends = match context.wait_unless_interrupted(in_time(limit.unwrap_or(Duration::MAX / 4), all)) {
        Ok(Some(ends)) => ends,
        Ok(None) => {
            say(&format!("not over in time, and goes on; look with {}", commands("deployments", &places)));
            hint(&places, failing.get());
            rows.iter_mut().filter(|row| row.place.is_some()).for_each(|row| row.outcome = Some("in progress"));
            return Ok(Followed { exit: Exit::Failed, failed: Vec::new() });
        }
        Err(error) if error.is::<Interrupted>() => {
            say(&format!("no longer following: it goes on; look with {}", commands("deployments", &places)));
            hint(&places, failing.get());
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    let mut result = Followed { exit: Exit::Done, failed: Vec::new() };
    for (place, end) in places.into_iter().zip(ends) {
        note(place, end, rows, &mut result);
    }
    Ok(result)
}

/// Follows one of them, says what is new, and has it written down what became of it.
async fn follow(
    context: &Context,
    id: &str,
    made: &Made,
    place: &Place,
    several: bool,
    failing: &Cell<bool>,
) -> ops::Result<(Outcome, Deployments)> {
    let mut progress = if several { Progress::of(place.name()) } else { Progress::new() };
    let report = |news: News<'_>| {
        for event in &news.events {
            progress.above(event.said());
        }
        for (task, status) in &news.statuses {
            progress.above(&format!("task {} is {}", task.short(), clean(status)));
        }
        for (task, why) in &news.failures {
            failing.set(true);
            progress.above(&format!("task {} failed: {why}", task.short()));
        }
        progress.show(news.outcome, news.seen);
    };
    let end = change::follow(context.cx(), made, place, report).await;
    progress.end();
    if let Ok((outcome, seen)) = &end
        && let Some(complaint) = change::became(context.cx(), id, place, *outcome, seen).await
    {
        say(&complaint);
    }
    end
}

/// Notes in the rows what became of a service.
fn note(place: &Place, end: ops::Result<(Outcome, Deployments)>, rows: &mut [Row], result: &mut Followed) {
    let (outcome, seen) = match end {
        Ok(end) => end,
        Err(error) => {
            say(&format!("{} was changed, and cannot be followed: {}", place.path(), error.line()));
            result.exit = Exit::Failed;
            return;
        }
    };
    let reason = change::reason(outcome, &seen);
    for row in rows.iter_mut().filter(|row| row.place.as_ref() == Some(place)) {
        row.outcome = Some(outcome.words());
        row.reason.clone_from(&reason);
    }
    if outcome == Outcome::Completed {
        return;
    }
    result.exit = Exit::Failed;
    say(&format!("the deployment of {} {}", place.path(), ended(outcome, &seen)));
    if let Some(reason) = reason.filter(|_| outcome != Outcome::Failing) {
        say(&reason);
    }
    if matches!(outcome, Outcome::Failed | Outcome::Failing) {
        result.failed.push(place.clone());
    }
}

/// Says what brings back what ran before, where tasks have failed.
fn hint(places: &[&Place], failing: bool) {
    if failing {
        say(&format!("hint: tasks fail; {} brings back what ran before", commands("rollback", places)));
    }
}

/// Returns a command line for each of the services.
pub(super) fn commands(command: &str, places: &[&Place]) -> String {
    let commands: Vec<String> = places.iter().map(|place| place.command(command)).collect();
    clean(commands.join(", "))
}
