//! Which tasks of a service fail while it is followed, and why; each is told once.

use std::collections::HashSet;

use crate::model::{Arn, Ending, Task, Timestamp};

/// The tasks that have failed since something began, as far as they were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    since: Option<Timestamp>,
    /// How many had failed when the stopped tasks were last read.
    count: u32,
    told: HashSet<Arn>,
}

impl Failures {
    /// Returns those since then, of which so many are nobody's news.
    pub(super) fn since(since: Option<Timestamp>, count: u32) -> Self {
        Self { since, count, told: HashSet::new() }
    }

    /// Whether more have failed than when the stopped tasks were last read, so that it is time to read these.
    pub fn are_more(&self, failed: u32) -> bool {
        failed > self.count
    }

    /// Takes the stopped tasks, the last to stop first, which were read when so many had failed. Returns those that
    /// have failed and were not told of yet, the oldest first, and why, in words.
    pub fn take<'a>(&mut self, failed: u32, tasks: impl DoubleEndedIterator<Item = &'a Task>) -> Vec<(Arn, String)> {
        self.count = failed;
        let mut new = Vec::new();
        for task in tasks.rev().filter(|task| task.created >= self.since) {
            let ending = Ending::of(task).filter(|ending| ending.failed);
            if let Some(ending) = ending.filter(|_| self.told.insert(task.arn.clone())) {
                new.push((task.arn.clone(), ending.words));
            }
        }
        new
    }
}
