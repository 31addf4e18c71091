//! Following what a change has begun, to its end.

use std::time::Duration;

use futures_util::future::join_all;

use super::result::Row;
use crate::{
    cli::{
        context::{Context, Interrupted},
        deployments::{Progress, ended, in_time},
        exit::Exit,
        failure::say,
    },
    ops::{
        change::{Made, Place},
        deployments::{self, Outcome},
    },
};

/// Follows the deployments of the services that were changed, all at once, and notes in the rows what became of them.
pub(super) fn to_the_end(
    made: &[Made],
    rows: &mut [Row],
    limit: Option<Duration>,
    context: &Context,
) -> anyhow::Result<Exit> {
    let places: Vec<&Place> = made.iter().filter_map(Made::deploys).collect();
    if places.is_empty() {
        return Ok(Exit::Done);
    }
    let cx = context.cx();
    let several = places.len() > 1;
    let follow = |place: &'_ Place| {
        let place = place.clone();
        async move {
            let mut progress = if several { Progress::of(place.name()) } else { Progress::new() };
            let report = |outcome, seen: &deployments::Deployments| progress.show(outcome, seen);
            let followed = deployments::follow(cx, &place.cluster, &place.service, report).await;
            progress.end();
            (place, followed)
        }
    };
    let all = join_all(places.iter().map(|place| follow(place)));
    let followed = match context.wait_unless_interrupted(in_time(limit.unwrap_or(Duration::MAX / 4), all)) {
        Ok(Some(followed)) => followed,
        Ok(None) => {
            say(&format!("not over in time, and goes on; look with {}", look(&places)));
            rows.iter_mut().filter(|row| row.place.is_some()).for_each(|row| row.outcome = Some("in progress"));
            return Ok(Exit::Failed);
        }
        Err(error) if error.is::<Interrupted>() => {
            say(&format!("no longer following: the deployment goes on; look with {}", look(&places)));
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    let mut exit = Exit::Done;
    for (place, followed) in followed {
        let (outcome, seen) = match followed {
            Ok(followed) => followed,
            Err(error) => {
                say(&format!("{} was changed, and cannot be followed: {}", place.path(), error.line()));
                exit = Exit::Failed;
                continue;
            }
        };
        let primary = seen.primary().and_then(|it| it.reason.clone());
        let newest = seen.history.first().and_then(|it| it.deployment.reason.clone());
        for row in rows.iter_mut().filter(|row| row.place.as_ref() == Some(&place)) {
            row.outcome = Some(outcome.words());
            row.reason = newest.clone().or(primary.clone()).filter(|_| outcome != Outcome::Completed);
        }
        if outcome != Outcome::Completed {
            exit = Exit::Failed;
            say(&format!("the deployment of {} {}", place.path(), ended(outcome)));
            if outcome == Outcome::Failed {
                say(&format!("hint: `ecsui rollback {}` brings back what ran before", place.path()));
            }
        }
    }
    Ok(exit)
}

fn look(places: &[&Place]) -> String {
    let commands: Vec<String> = places.iter().map(|place| format!("`ecsui deployments {}`", place.path())).collect();
    commands.join(", ")
}
