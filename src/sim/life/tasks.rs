//! A task's life, step by step.

use std::{sync::Arc, time::Duration};

use super::{Change, REMEMBERED};
use crate::sim::{
    clock::Moment,
    identity::TaskId,
    world::{Ending, Fate, Phase, Stop, Task, World},
};

impl World {
    /// Takes a task's next step, if it is still in the phase `from`; returns its id when its containers have ended by
    /// that.
    pub(super) fn step(&mut self, at: Moment, cluster: &Arc<str>, id: TaskId, from: Phase) -> Option<TaskId> {
        let state = self.cluster_mut(cluster)?;
        let task = state.tasks.get_mut(&id).filter(|task| task.phase == from)?;
        let service = task.service().cloned();
        let fate = task.fate.clone().filter(|_| task.wanted());
        let wait = match task.phase {
            Phase::Stopped => {
                state.tasks.remove(&id);
                return None;
            }
            Phase::Running if task.wanted() && fate.is_none() => return None,
            _ => {
                if let Some(fate) = &fate
                    && (task.phase == Phase::Pending && fate.exit.is_none() || task.phase == Phase::Running)
                {
                    let code = if fate.exit.is_some() { "EssentialContainerExited" } else { "TaskFailedToStart" };
                    task.fail(at, code, fate);
                }
                task.advance(at)
            }
        };
        let (phase, ended) = (task.phase, task.phase == Phase::Stopping);
        // What died by itself has nothing left to drain.
        let drains = phase == Phase::Deactivating && task.stop.as_ref().is_some_and(|stop| stop.endings.is_empty());
        let lasts = fate.filter(|_| phase == Phase::Running).map(|fate| fate.after);
        let drained = service.as_ref().filter(|_| drains).and_then(|service| self.drains(cluster, service));
        let wait = wait.max(drained);
        if let Some(wait) = wait.or(lasts) {
            let step = Change::Step { cluster: Arc::clone(cluster), task: id, from: phase };
            self.agenda.add(at.after(wait), step);
        }
        if let Some(service) = service {
            self.tell_service(at, cluster, &service, id, phase);
        }
        ended.then_some(id)
    }

    /// Asks a task to stop, as StopTask and the scheduler do; returns whether it was there and running.
    pub(crate) fn stop_task(
        &mut self,
        at: Moment,
        cluster: &Arc<str>,
        id: TaskId,
        code: &'static str,
        reason: &str,
    ) -> bool {
        let Some(task) = self.cluster_mut(cluster).and_then(|cluster| cluster.tasks.get_mut(&id)) else { return false };
        if !task.wanted() {
            return false;
        }
        task.stop = Some(Box::new(Stop { asked: at, stopped: None, code, reason: reason.into(), endings: Vec::new() }));
        let from = task.phase;
        self.agenda.add(at, Change::Step { cluster: Arc::clone(cluster), task: id, from });
        true
    }
}

impl Task {
    /// Goes on to the next phase; returns how long that one lasts by itself.
    fn advance(&mut self, at: Moment) -> Option<Duration> {
        let millis = |millis| Some(Duration::from_millis(millis));
        let (next, lasts) = match (self.phase, self.wanted()) {
            (Phase::Provisioning, true) => (Phase::Pending, millis(800)),
            (Phase::Pending, true) => (Phase::Activating, millis(700)),
            (Phase::Activating, true) => (Phase::Running, None),
            (Phase::Provisioning | Phase::Pending | Phase::Activating, false) => (Phase::Deprovisioning, millis(800)),
            (Phase::Running, _) => (Phase::Deactivating, millis(2_000)),
            (Phase::Deactivating, _) => (Phase::Stopping, millis(1_500)),
            (Phase::Stopping, _) => (Phase::Deprovisioning, millis(1_000)),
            (Phase::Deprovisioning | Phase::Stopped, _) => (Phase::Stopped, Some(REMEMBERED)),
        };
        self.phase = next;
        if next == Phase::Running {
            self.started = Some(at);
        }
        if next == Phase::Stopped
            && let Some(stop) = &mut self.stop
        {
            stop.stopped.get_or_insert(at);
        }
        lasts
    }

    /// Lets the task end by itself: its first essential container exits, or never starts.
    pub(crate) fn fail(&mut self, at: Moment, code: &'static str, fate: &Fate) {
        let containers = &self.definition.template.containers;
        let named = containers.iter().find(|container| fate.by.as_ref() == Some(&container.name));
        let ends = named.or_else(|| containers.iter().find(|container| container.essential));
        let endings = ends.map(|container| Ending {
            container: container.name.clone(),
            exit: fate.exit,
            reason: fate.container.clone(),
        });
        self.stop = Some(Box::new(Stop {
            asked: at,
            stopped: None,
            code,
            reason: fate.reason.as_str().into(),
            endings: endings.into_iter().collect(),
        }));
    }
}
