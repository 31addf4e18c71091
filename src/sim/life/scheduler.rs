//! The service scheduler: brings what runs nearer to what is wanted, one task at a time.

use std::{sync::Arc, time::Duration};

use super::Change;
use crate::sim::{
    clock::Moment,
    identity::TaskId,
    world::{
        Breaker, Cause, Cluster, Deployment, Fate, Phase, Rollout, Service, Stage, Started, Target, TargetGroup, Task,
        World, threshold,
    },
};

/// How long the scheduler waits between two tasks of a service.
const PACE: Duration = Duration::from_secs(12);
/// How soon it looks again when a task of the service has changed.
const SOON: Duration = Duration::from_secs(2);
/// How soon what it has started must end so that it never takes over from what ran before.
const SHORT_LIVED: Duration = Duration::from_secs(30);
/// How long it waits at most before it tries again to start what fails.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(4);
const UNABLE: &str = "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";

/// What the scheduler does next for a service.
#[derive(Debug, PartialEq, Eq)]
enum Move {
    Start,
    Stop(TaskId),
    Complete,
    /// It has as many tasks as somebody has asked for.
    Settle,
    /// A rollback has just begun.
    Wait,
    Rest,
}

impl World {
    /// Lets the scheduler look at a service once.
    pub(super) fn reconcile(&mut self, at: Moment, cluster: &Arc<str>, service: &Arc<str>) {
        let Some(state) = self.cluster_mut(cluster) else { return };
        let Some(due) = state.services.get_mut(service).filter(|service| service.rests_until <= at) else { return };
        let begins = due.go_on(at);
        let Some(state) = self.cluster(cluster) else { return };
        let serves = |task: &Task| self.serves_from(cluster, task.id).is_some_and(|since| since <= at);
        let doomed = self.is_doomed(&state.services[service]);
        let planned = if begins { Move::Wait } else { state.plan(&state.services[service], doomed, serves) };
        let Some(state) = self.cluster_mut(cluster) else { return };
        let due = &state.services[service];
        let again = match planned {
            Move::Wait => Some(PACE),
            // What fails is tried again whatever becomes of the last try.
            Move::Rest => (doomed && due.primary().rollout == Rollout::InProgress).then_some(PACE * 3),
            Move::Settle => {
                self.with_service(cluster, service, |service| {
                    service.unsettled = false;
                    service.say_steady(at);
                });
                None
            }
            Move::Complete => {
                let Some(service) = state.services.get_mut(service) else { return };
                service.complete(at);
                let every = service.redeployed_every;
                service.unsettled = false;
                if let Some(every) = every {
                    let change = Change::Deploy { cluster: Arc::clone(cluster), service: Arc::clone(&service.name) };
                    self.agenda.add(at.after(every), change);
                }
                None
            }
            Move::Start => {
                let Started { task, pause } = self.start_for(at, cluster, service, doomed);
                let from = Phase::Provisioning;
                let step = Change::Step { cluster: Arc::clone(cluster), task, from };
                self.agenda.add(at.after(Duration::from_millis(500)), step);
                Some(pause)
            }
            Move::Stop(task) => {
                let reason =
                    format!("Scaling activity initiated by (deployment {})", state.services[service].primary().id);
                self.stop_task(at, cluster, task, "ServiceSchedulerInitiated", &reason);
                let said = format!("has stopped 1 running tasks: (task {task}).");
                self.with_service(cluster, service, |service| {
                    if !service.targets.is_empty() {
                        service.say(at, "has begun draining connections on 1 tasks.");
                    }
                    service.say(at, &said);
                });
                Some(PACE)
            }
        };
        if let Some(pause) = again {
            self.with_service(cluster, service, |service| service.rests_until = at.after(pause));
            let change = Change::Reconcile { cluster: Arc::clone(cluster), service: Arc::clone(service) };
            self.agenda.add(at.after(pause), change);
        }
    }

    /// Begins a deployment of the next revision of a service's family.
    pub(super) fn deploy(&mut self, at: Moment, cluster: &Arc<str>, service: &Arc<str>) {
        // Whoever takes a hand in a service ends its story.
        let lively = self.service(cluster, service).filter(|service| service.redeployed_every.is_some());
        let Some(family) = lively.map(|it| Arc::clone(&it.primary().definition.family)) else { return };
        let Some(revisions) = self.families.get_mut(&family) else { return };
        revisions.register(at);
        let Some(definition) = self.definition(&family, None) else { return };
        let id = self.service(cluster, service).map(|service| service.next_deployment_id(cluster));
        self.with_service(cluster, service, |service| {
            let id = id.expect("the service is there");
            service.ever += 1;
            let doomed = service.failing.is_some();
            service.release(at, Deployment { doomed, ..Deployment::begun(id, definition, at) });
        });
        let change = Change::Reconcile { cluster: Arc::clone(cluster), service: Arc::clone(service) };
        self.agenda.add(at.after(SOON), change);
    }

    /// Tells a service that one of its tasks has come to a new phase.
    pub(super) fn tell_service(&mut self, at: Moment, cluster: &Arc<str>, name: &Arc<str>, task: TaskId, phase: Phase) {
        let served = self.serves_from(cluster, task);
        let groups: Vec<String> = self
            .service(cluster, name)
            .into_iter()
            .flat_map(|service| service.targets.iter().filter(|target| !target.classic))
            .map(|target| self.group_arn(&target.group))
            .collect();
        let Some(state) = self.cluster_mut(cluster) else { return };
        let failed = state.tasks.get(&task).and_then(|task| {
            let stop = task
                .stop
                .as_ref()
                .filter(|stop| stop.code != "ServiceSchedulerInitiated" && stop.code != "UserInitiated");
            stop.and(task.started_by.clone())
        });
        let Some(service) = state.services.get_mut(name) else { return };
        match phase {
            Phase::Running => service.say_targets(at, "registered 1 targets in", &groups),
            Phase::Deactivating => service.say_targets(at, "deregistered 1 targets in", &groups),
            Phase::Stopped => {
                if let Some(failed) = failed {
                    service.count_failure(at, &failed);
                }
            }
            Phase::Provisioning | Phase::Pending | Phase::Activating | Phase::Stopping | Phase::Deprovisioning => {
                return;
            }
        }
        if service.unsettled || !self.service(cluster, name).is_some_and(|service| self.is_doomed(service)) {
            let change = || Change::Reconcile { cluster: Arc::clone(cluster), service: Arc::clone(name) };
            self.agenda.add(at.after(SOON), change());
            // What has become healthy may take an old one's place.
            if let Some(served) = served.filter(|served| phase == Phase::Running && *served > at.after(SOON)) {
                self.agenda.add(served, change());
            }
        }
    }

    /// Starts a task of a service's deployment in force.
    fn start_for(&mut self, at: Moment, cluster: &Arc<str>, service: &Arc<str>, doomed: bool) -> Started {
        let region = Arc::clone(&self.region);
        let fate = self.service(cluster, service).and_then(|service| self.fate(service));
        let state = self.cluster_mut(cluster).expect("the scheduler has just looked at it");
        let task = state.place(&region, service, at);
        state.tasks.get_mut(&task).expect("it was just placed").fate = fate;
        let service = state.services.get_mut(service).expect("the scheduler has just looked at it");
        service.say(at, &format!("has started 1 tasks: (task {task})."));
        let failed = service.primary().failed;
        let pause = if doomed && service.breaker == Breaker::Off {
            (PACE * 2_u32.saturating_pow(failed.min(8))).clamp(PACE * 3, LONGEST_BACK_OFF)
        } else {
            PACE
        };
        Started { task, pause }
    }

    /// Returns when all load balancers find a task well; `None` for one that does not run or is not well.
    fn serves_from(&self, cluster: &str, task: TaskId) -> Option<Moment> {
        let task = self.cluster(cluster)?.tasks.get(&task).filter(|task| task.phase == Phase::Running)?;
        let targets = &self.service(cluster, task.service()?)?.targets;
        let usual = TargetGroup::default();
        let group = |target: &Target| self.groups.get(&target.group).unwrap_or(&usual).checked(task);
        let healthy = targets.iter().filter(|target| !target.classic).filter_map(group).map(|(_, healthy)| healthy);
        healthy.chain(task.started).max().filter(|_| task.healthy || targets.is_empty())
    }

    /// Returns how the tasks end by themselves that a service's deployment in force starts now.
    fn fate(&self, service: &Service) -> Option<Arc<Fate>> {
        service.doom().cloned().or_else(|| self.fate_of(&service.primary().definition, service.launch))
    }

    /// Whether the tasks of a service's deployment in force do not come up, or not for long.
    fn is_doomed(&self, service: &Service) -> bool {
        self.fate(service).is_some_and(|fate| fate.after <= SHORT_LIVED)
    }

    fn service(&self, cluster: &str, service: &str) -> Option<&Service> {
        self.cluster(cluster)?.services.get(service)
    }

    fn with_service(&mut self, cluster: &str, service: &str, change: impl FnOnce(&mut Service)) {
        if let Some(service) = self.cluster_mut(cluster).and_then(|cluster| cluster.services.get_mut(service)) {
            change(service);
        }
    }
}

impl Cluster {
    /// Decides what to do next for a service.
    fn plan(&self, service: &Service, doomed: bool, serves: impl Fn(&Task) -> bool) -> Move {
        let primary = &service.primary().id;
        let own = || self.tasks.values().filter(|task| task.wanted() && task.service() == Some(&service.name));
        let (new, old): (Vec<_>, Vec<_>) = own().partition(|task| task.started_by.as_ref() == Some(primary));
        let running = |tasks: &[&_]| tasks.iter().filter(|task: &&&Task| task.phase == Phase::Running).count();
        if service.primary().rollout == Rollout::Failed {
            return Move::Rest;
        }
        let desired = if service.status == "ACTIVE" { service.desired as usize } else { 0 };
        let (least, most) = service.bounds(desired);
        if new.len() < desired && new.len() + old.len() < most {
            return Move::Start;
        }
        let surplus = if new.len() > desired { new.last() } else { None };
        // What crashes is not what an old task is given up for.
        let serving = || new.iter().filter(|task| serves(task)).count();
        let settled = if doomed { 0 } else { serving() };
        let outdated = if settled + running(&old) > least { old.first() } else { None };
        if let Some(task) = surplus.or(outdated) {
            return Move::Stop(task.id);
        }
        if old.is_empty() && settled == desired && service.primary().rollout == Rollout::InProgress {
            return Move::Complete;
        }
        if old.is_empty() && settled == desired && service.unsettled {
            return Move::Settle;
        }
        Move::Rest
    }
}

impl Service {
    /// Lets a release begin that was only asked for; returns whether it is a rollback.
    fn go_on(&mut self, at: Moment) -> bool {
        let stage = self.release_mut().stage;
        match stage {
            Stage::Pending => self.release_mut().enter(at, Stage::InProgress),
            Stage::RollbackRequested => self.release_mut().enter(at, Stage::RollbackInProgress),
            Stage::InProgress
            | Stage::Successful
            | Stage::Stopped
            | Stage::RollbackInProgress
            | Stage::RollbackSuccessful => {}
        }
        stage == Stage::RollbackRequested
    }

    /// Counts a task that failed, and lets the circuit breaker look at the deployment.
    fn count_failure(&mut self, at: Moment, id: &Arc<str>) {
        let Some(deployment) = self.deployments.iter_mut().find(|it| it.id == *id) else { return };
        deployment.failed += 1;
        deployment.updated = at;
        let (failed, rolling) = (deployment.failed, deployment.rollout == Rollout::InProgress);
        if let Some(release) = self.releases.iter_mut().find(|release| release.target.deployment == *id) {
            release.failed = failed;
            release.updated = at;
        }
        if failed.is_multiple_of(3) {
            self.say(at, UNABLE);
        }
        if rolling && self.primary().id == *id && self.breaker != Breaker::Off && failed >= threshold(self.desired) {
            self.give_up(at);
        }
    }

    /// Gives the deployment in force up; where that is wanted, the last one that was completed comes back.
    fn give_up(&mut self, at: Moment) {
        let deployment = self.primary_mut();
        deployment.rollout = Rollout::Failed;
        let said = format!("(deployment {}) deployment failed: tasks failed to start.", deployment.id);
        self.say(at, &said);
        if self.breaker != Breaker::Rollback || !self.roll_back(at, Cause::Breaker) {
            self.release_mut().end(at, Stage::Stopped, Cause::Breaker);
        }
    }

    /// Brings the last deployment back that was completed; returns whether there is one.
    pub(crate) fn roll_back(&mut self, at: Moment, cause: Cause) -> bool {
        let completed = self.deployments.iter().skip(1).position(|it| it.rollout == Rollout::Completed);
        let Some(completed) = completed else { return false };
        let mut deployment = self.deployments.remove(completed + 1);
        (deployment.rollout, deployment.returned, deployment.updated) = (Rollout::InProgress, true, at);
        self.say(at, &format!("rolling back to deployment {}.", deployment.id));
        if let Some(setup) = deployment.setup.clone() {
            self.set_up(&setup);
        }
        self.deployments.insert(0, deployment);
        self.release_mut().end(at, Stage::RollbackRequested, cause);
        self.rests_until = at;
        true
    }

    /// Returns how many tasks run at least and at most while `desired` are wanted.
    fn bounds(&self, desired: usize) -> (usize, usize) {
        let (least, most) = self.percents;
        ((desired * least as usize).div_ceil(100), desired * most as usize / 100)
    }

    /// Ends the rollout of the deployment in force.
    fn complete(&mut self, at: Moment) {
        self.deployments.truncate(1);
        let returned = self.primary().returned;
        self.release_mut().enter(at, if returned { Stage::RollbackSuccessful } else { Stage::Successful });
        let deployment = self.primary_mut();
        deployment.rollout = Rollout::Completed;
        deployment.updated = at;
        let said = format!("(deployment {}) deployment completed.", deployment.id);
        self.say(at, &said);
        self.say_steady(at);
    }

    fn say_targets(&mut self, at: Moment, what: &str, groups: &[String]) {
        for group in groups {
            self.say(at, &format!("{what} (target-group {group})."));
        }
    }
}
