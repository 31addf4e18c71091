//! Services, their deployments and what their scheduler says.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::{Ailment, Cause, Definition, Fate, Launch, Load, Release, Scaling, Setup, Stage, Tags};
use crate::sim::{clock::Moment, identity, identity::TaskId};

/// How many events ECS keeps: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html>.
const EVENTS: usize = 100;

/// A service.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) name: Arc<str>,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub(crate) status: &'static str,
    pub(crate) desired: u32,
    pub(crate) launch: Launch,
    /// The capacity provider that stands in place of the launch type.
    pub(crate) provider: Option<Arc<str>>,
    pub(crate) exec: bool,
    pub(crate) daemon: bool,
    pub(crate) controller: Controller,
    pub(crate) created: Moment,
    /// Newest first; never empty.
    pub(crate) deployments: Vec<Deployment>,
    /// What ECS remembers of its deployments, newest first; never empty.
    pub(crate) releases: Vec<Release>,
    pub(crate) breaker: Breaker,
    /// Newest first, at most 100.
    pub(crate) events: VecDeque<Event>,
    pub(crate) targets: Vec<Target>,
    /// Why the tasks of its doomed deployments do not come up.
    pub(crate) failing: Option<Arc<Fate>>,
    /// What UpdateService has set, member by member and word for word.
    pub(crate) given: Map<String, Value>,
    /// How many per cent of what is wanted run at least and at most while a deployment rolls.
    pub(crate) percents: (u32, u32),
    /// Whether it has not said that it is well since somebody changed how many are wanted.
    pub(crate) unsettled: bool,
    /// How busy it is, where that is not left to chance.
    pub(crate) load: Option<Load>,
    /// How it is scaled, if it is.
    pub(crate) scaling: Option<Box<Scaling>>,
    /// How long after a rollout the next revision is deployed.
    pub(crate) redeployed_every: Option<Duration>,
    /// Until when the scheduler leaves it alone.
    pub(crate) rests_until: Moment,
    pub(crate) tags: Tags,
    /// How many tasks and events it has ever had: what their ids are made of.
    pub(crate) ever: u32,
}

/// A deployment of a service.
#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    /// `ecs-svc/…`.
    pub(crate) id: Arc<str>,
    pub(crate) definition: Definition,
    pub(crate) rollout: Rollout,
    /// Whether its tasks fail as [`Service::failing`] says.
    pub(crate) doomed: bool,
    /// Whether it came back because a later one failed.
    pub(crate) returned: bool,
    /// What its tasks are started with; as the service where nothing has changed since.
    pub(crate) setup: Option<Arc<Setup>>,
    pub(crate) failed: u32,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
}

/// How far a deployment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rollout {
    InProgress,
    Completed,
    Failed,
}

/// Something the scheduler said.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) at: Moment,
    /// Its number in the service's life.
    pub(crate) number: u32,
    pub(crate) said: Said,
}

/// The words of an event; the commonest takes no room.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    SteadyState,
    Text(Arc<str>),
}

/// A target group, or a classic load balancer, that the service's tasks are registered with.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) group: Arc<str>,
    pub(crate) classic: bool,
    /// Why those of its tasks fail that are not well.
    pub(crate) ailment: Ailment,
    pub(crate) container: Arc<str>,
    pub(crate) port: u16,
    /// Its `advancedConfiguration`, word for word.
    pub(crate) advanced: Option<Value>,
}

/// A task that the scheduler has started, and how long it waits before it does anything else.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) task: TaskId,
    pub(crate) pause: Duration,
}

/// Who deploys a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    Ecs,
    CodeDeploy,
    External,
}

/// What happens to a deployment whose tasks fail again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaker {
    /// It goes on trying.
    Off,
    /// It is given up.
    On,
    /// It is given up, and the last one that was completed comes back.
    Rollback,
}

impl Service {
    /// Returns a service of one completed deployment.
    pub(crate) fn steady(cluster: &str, name: &Arc<str>, definition: Definition, desired: u32, since: Moment) -> Self {
        let id = deployment_id(cluster, name, 0);
        let deployment = Deployment { rollout: Rollout::Completed, ..Deployment::begun(id, definition, since) };
        let mut release = Release::begun(None, &deployment, desired);
        release.enter(since.after(Duration::from_mins(3)), Stage::Successful);
        Self {
            name: Arc::clone(name),
            status: "ACTIVE",
            desired,
            launch: deployment.definition.template.launch,
            provider: None,
            exec: true,
            daemon: false,
            controller: Controller::Ecs,
            created: since,
            deployments: vec![deployment],
            releases: vec![release],
            breaker: Breaker::On,
            events: VecDeque::new(),
            targets: Vec::new(),
            failing: None,
            given: Map::new(),
            percents: (100, 200),
            unsettled: false,
            load: None,
            scaling: None,
            redeployed_every: None,
            rests_until: since,
            tags: Tags::new(),
            ever: 0,
        }
    }

    /// Returns the deployment in force.
    pub(crate) fn primary(&self) -> &Deployment {
        self.deployments.first().expect("a service always has a deployment")
    }

    /// Returns the deployment in force.
    pub(crate) fn primary_mut(&mut self) -> &mut Deployment {
        self.deployments.first_mut().expect("a service always has a deployment")
    }

    /// Returns whether it runs what is wanted.
    pub(crate) fn is_steady(&self) -> bool {
        self.status == "ACTIVE" && !self.primary().doomed && self.primary().rollout == Rollout::Completed
    }

    /// Returns how the tasks of the deployment in force fail by the scenario, if they do.
    pub(crate) fn doom(&self) -> Option<&Arc<Fate>> {
        self.failing.as_ref().filter(|_| self.primary().doomed)
    }

    /// Returns the release of the deployment in force.
    pub(crate) fn release_mut(&mut self) -> &mut Release {
        self.releases.first_mut().expect("a service always has a release")
    }

    /// Puts a deployment in force; one that is under way gives way to it.
    pub(crate) fn release(&mut self, at: Moment, deployment: Deployment) {
        let under_way = self.releases.first_mut().filter(|release| !release.stage.is_over());
        if let Some(release) = under_way {
            release.end(at, Stage::Stopped, Cause::Superseded);
        }
        Release::begun(self.deployments.first(), &deployment, self.desired).remember(&mut self.releases);
        self.deployments.insert(0, deployment);
    }

    /// Returns the id of the deployment that comes next.
    pub(crate) fn next_deployment_id(&self, cluster: &str) -> Arc<str> {
        deployment_id(cluster, &self.name, self.ever + 1)
    }

    /// Adds an event; `text` comes after `(service NAME) `.
    pub(crate) fn say(&mut self, at: Moment, text: &str) {
        let text = format!("(service {}) {text}", self.name);
        self.keep(at, Said::Text(text.into()));
    }

    /// Adds the event of a service that is well.
    pub(crate) fn say_steady(&mut self, at: Moment) {
        self.keep(at, Said::SteadyState);
    }

    fn keep(&mut self, at: Moment, said: Said) {
        self.ever += 1;
        self.events.push_front(Event { at, number: self.ever, said });
        self.events.truncate(EVENTS);
    }
}

impl Deployment {
    /// Returns a deployment that has just begun.
    pub(crate) fn begun(id: Arc<str>, definition: Definition, at: Moment) -> Self {
        Self {
            id,
            definition,
            rollout: Rollout::InProgress,
            doomed: false,
            returned: false,
            setup: None,
            failed: 0,
            created: at,
            updated: at,
        }
    }
}

fn deployment_id(cluster: &str, service: &str, number: u32) -> Arc<str> {
    let digits = identity::number(&["deployment", cluster, service, &number.to_string()]) % 10_u128.pow(19);
    format!("ecs-svc/{digits:019}").into()
}

impl Controller {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeploy => "CODE_DEPLOY",
            Self::External => "EXTERNAL",
        }
    }
}

impl Event {
    /// Returns the event's words.
    pub(crate) fn message(&self, service: &str) -> String {
        match &self.said {
            Said::SteadyState => format!("(service {service}) has reached a steady state."),
            Said::Text(text) => text.to_string(),
        }
    }
}

impl Rollout {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}
