//! Logging in by words: whether one thing is all that they may mean, and what it is called from one deployment to the
//! next.

use super::{Found, closest};
use crate::ops::{exec::ExecTarget, opened::Opened};

/// Whether one service, or one standalone task, is all that the words may mean: among those whose names they are letter
/// by letter, or else among all that were found.
pub fn is_one(found: &[Found]) -> bool {
    let exact: Vec<&Found> = found.iter().filter(|found| found.fit.is_exact()).collect();
    let meant = if exact.is_empty() { found.iter().collect() } else { exact };
    let mut choices = meant.iter().map(|found| found.target.choice());
    choices.next().is_some_and(|first| choices.all(|other| other == first))
}

/// Returns what a container that was picked among those found is called by names that outlive its task; without the
/// container's where the words left that open.
pub fn opened(found: &[Found], picked: &ExecTarget) -> Option<Opened> {
    let closest = closest(found);
    let mut named = closest.iter().filter_map(|found| found.target.container());
    let is_named = named.all(|name| name == picked.container);
    let task = closest.iter().filter_map(|found| found.target.task()).find(|task| task.arn == picked.task)?;
    Some(Opened {
        cluster: picked.cluster.name().to_owned(),
        place: task.group.service().or_else(|| task.group.standalone())?.to_string(),
        container: is_named.then(|| picked.container.clone()),
    })
}
