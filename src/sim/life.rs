//! What time does to the world: tasks start and stop, services are reconciled, and say how they are.
//!
//! Nothing runs in the background: whoever looks at the world first lets happen what has come due.

mod scheduler;
mod tasks;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    clock::Moment,
    identity,
    identity::TaskId,
    world::{Phase, World},
};

/// How long a stopped task can be seen: AWS promises an hour.
pub(crate) const REMEMBERED: Duration = Duration::from_hours(1);

/// What will happen, by the time it will.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agenda {
    due: BTreeMap<(Moment, u64), Change>,
    /// How many entries there have ever been: those of one moment happen in their order.
    ever: u64,
}

/// Something that will happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A task takes the next step of its life, if it is still in this phase.
    Step { cluster: Arc<str>, task: TaskId, from: Phase },
    /// The scheduler looks at a service.
    Reconcile { cluster: Arc<str>, service: Arc<str> },
    /// A service gets its next revision.
    Deploy { cluster: Arc<str>, service: Arc<str> },
    /// Some service says that it is well.
    Chatter,
}

impl Agenda {
    /// Adds what will happen at a moment.
    pub(crate) fn add(&mut self, at: Moment, change: Change) {
        self.ever += 1;
        self.due.insert((at, self.ever), change);
    }

    /// Takes what has come due first.
    fn next(&mut self, now: Moment) -> Option<(Moment, Change)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), change) = entry.remove_entry();
        Some((at, change))
    }
}

impl World {
    /// Lets happen what has come due until `now`; returns the tasks whose containers have ended by that.
    pub(crate) fn settle(&mut self, now: Moment) -> Vec<TaskId> {
        let mut ended = Vec::new();
        while let Some((at, change)) = self.agenda.next(now) {
            match change {
                Change::Step { cluster, task, from } => ended.extend(self.step(at, &cluster, task, from)),
                Change::Reconcile { cluster, service } => self.reconcile(at, &cluster, &service),
                Change::Deploy { cluster, service } => self.deploy(at, &cluster, &service),
                Change::Chatter => self.chatter(at),
            }
        }
        ended
    }

    /// Lets one service that is well say so, and the next one a while later.
    fn chatter(&mut self, at: Moment) {
        let turn = self.agenda.ever.to_string();
        let draw = identity::number(&["chatter", &turn]);
        let services = self.clusters.iter_mut().flat_map(|cluster| cluster.services.values_mut());
        let mut steady: Vec<_> = services.filter(|service| service.is_steady()).collect();
        let chosen = usize::try_from(draw % steady.len().max(1) as u128).unwrap_or_default();
        if let Some(service) = steady.get_mut(chosen) {
            service.say_steady(at);
        }
        let pause = Duration::from_secs(20 + u64::try_from(draw >> 64 & 31).unwrap_or_default());
        self.agenda.add(at.after(pause), Change::Chatter);
    }
}

#[cfg(test)]
mod changes;
#[cfg(test)]
mod tests;
