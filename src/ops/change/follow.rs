//! Following what a change has begun: how far it has come, what the scheduler says, and why tasks fail.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{Course, Failures, Made, Place};
use crate::{
    model::{Arn, ServiceEvent, Task, Timestamp},
    ops::{
        Cx, Result,
        deployments::{Deployments, Following, Outcome},
        ls,
    },
};

/// The status of a task that runs.
const RUNNING: &str = "RUNNING";

/// What is new about a service that is followed.
#[derive(Debug)]
pub struct News<'a> {
    /// How its deployment stands.
    pub outcome: Outcome,
    /// All that is known of its deployments.
    pub seen: &'a Deployments,
    /// What the scheduler has said since the last look, in order.
    pub events: Vec<ServiceEvent>,
    /// The new tasks that have another status since, in ECS's words, the oldest first.
    pub statuses: Vec<(Arn, Arc<str>)>,
    /// The tasks that have failed since, and why, in words.
    pub failures: Vec<(Arn, String)>,
}

/// Follows what was made of a service to its end: a deployment until it is over, another number of tasks until so many
/// run. Tells `report` of each look, and returns what became of it with the last look. Dropping it changes nothing.
pub async fn follow(
    cx: &Cx,
    made: &Made,
    place: &Place,
    mut report: impl FnMut(News<'_>),
) -> Result<(Outcome, Deployments)> {
    let mut following = Following::begin(cx, &place.cluster, &place.service).await?;
    let mut course = Course::of(made);
    // Boxed: what waits for this lies deep enough.
    let mut heard = Box::pin(Heard::before(cx, made, place, &following.seen, &course)).await;
    loop {
        let outcome = course.outcome(&following.seen);
        let events = heard.events(&following.seen);
        let statuses = heard.statuses(cx, place, &following.seen).await;
        let failures = heard.failures(cx, place, course.failed(&following.seen)).await;
        report(News { outcome, seen: &following.seen, events, statuses, failures });
        if outcome.is_final() {
            return Ok((outcome, following.seen));
        }
        following.look_again().await?;
    }
}

/// What was told already.
#[derive(Debug)]
struct Heard {
    since: Option<Timestamp>,
    events: HashSet<Arc<str>>,
    /// How many tasks ran and were on their way at the last look.
    counts: Option<(u32, u32)>,
    statuses: HashMap<Arn, Arc<str>>,
    failures: Failures,
}

impl Heard {
    /// Returns what counts as told when something was made: what is older than its deployment. Where it has none of its
    /// own, nothing says when it began, and all that is there by the first look counts.
    async fn before(cx: &Cx, made: &Made, place: &Place, seen: &Deployments, course: &Course) -> Self {
        let (events, statuses, failures) = (HashSet::new(), HashMap::new(), course.failures(seen));
        let mut heard = Self { since: None, events, counts: None, statuses, failures };
        if let Made::Updated { deploys: true, begun, .. } = made {
            heard.since = begun.or_else(|| seen.primary()?.created);
        } else {
            heard.events(seen);
            heard.statuses(cx, place, seen).await;
            let failed = course.failed(seen);
            if failed > 0 {
                heard.read_failures(cx, place, failed).await;
            }
        }
        heard
    }

    /// Returns what the scheduler has said that was not told yet, in order.
    fn events(&mut self, seen: &Deployments) -> Vec<ServiceEvent> {
        let events = seen.service.detail.iter().flat_map(|detail| &detail.events).rev();
        let new =
            events.filter(|event| event.at >= self.since).filter(|event| self.events.insert(Arc::clone(&event.id)));
        new.cloned().collect()
    }

    /// Returns the new tasks whose status is another. Nothing is asked while all of them run and their number stays.
    async fn statuses(&mut self, cx: &Cx, place: &Place, seen: &Deployments) -> Vec<(Arn, Arc<str>)> {
        let progress = seen.progress();
        let counts = Some((progress.running, progress.pending));
        let all_run = self.statuses.values().all(|status| &**status == RUNNING);
        if self.counts == counts && all_run {
            return Vec::new();
        }
        // What cannot be read now is read at the next look.
        let Ok(mut tasks) = ls::tasks(cx, &place.cluster, Some(&place.service)).await else { return Vec::new() };
        let is_first = std::mem::replace(&mut self.counts, counts).is_none();
        tasks.retain(|task| task.created >= self.since);
        let known = |task: &Task, status: &Arc<str>| *status == task.last_status;
        let told = |task: &&Task| match self.statuses.get(&task.arn) {
            Some(status) => !known(task, status),
            None => !(is_first && &*task.last_status == RUNNING),
        };
        let news = tasks.iter().rev().filter(told).map(|task| (task.arn.clone(), Arc::clone(&task.last_status)));
        let news = news.collect();
        self.statuses = tasks.into_iter().map(|task| (task.arn, task.last_status)).collect();
        news
    }

    /// Returns the tasks that have failed and were not told of yet. Nothing is asked as long as none more has.
    async fn failures(&mut self, cx: &Cx, place: &Place, failed: u32) -> Vec<(Arn, String)> {
        if self.failures.are_more(failed) { self.read_failures(cx, place, failed).await } else { Vec::new() }
    }

    async fn read_failures(&mut self, cx: &Cx, place: &Place, failed: u32) -> Vec<(Arn, String)> {
        // What cannot be read now is read when the next one fails.
        let Ok(tasks) = ls::stopped_tasks(cx, &place.cluster, Some(&place.service)).await else { return Vec::new() };
        self.failures.take(failed, tasks.iter())
    }
}
