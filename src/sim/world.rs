//! The state of the simulated account: clusters, services, tasks, task definitions, container instances.

mod alarm;
mod balancer;
mod definition;
mod document;
mod errand;
mod fate;
mod parameter;
mod permission;
mod registry;
mod release;
mod scaling;
mod service;
mod setup;
mod task;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

pub(crate) use alarm::{Alarm, AlarmState, Metric};
pub(crate) use balancer::{Ailment, Balancer, BalancerKind, Check, DRAINS, Forward, Listener, Rule, TargetGroup};
pub(crate) use definition::{ContainerSpec, Definition, Exec, Family, LogSpec, Port, Template};
pub(crate) use errand::{Errand, Ran, Run};
pub(crate) use fate::Fate;
pub(crate) use parameter::{Parameter, ParameterKind};
pub(crate) use permission::{Denied, Named};
pub(crate) use registry::{Image, Platform, Registry, Whereabouts, oci_architecture};
pub(crate) use release::{Cause, Release, Revision, Stage, threshold};
pub(crate) use scaling::{Activity, Load, Policy, Scaling};
pub(crate) use service::{Breaker, Controller, Deployment, Rollout, Service, Started, Target};
pub(crate) use setup::{DEPLOYED, Setup};
pub(crate) use task::{Ending, Group, Phase, Stop, Task};

use super::{
    agent::{self, Door},
    clock::Moment,
    fault::Fault,
    identity,
    identity::TaskId,
    life::Agenda,
    logs::Ledger,
};

/// Key and value of a tag.
pub(crate) type Tags = Vec<(Arc<str>, Arc<str>)>;

/// A simulated account in one region; see [`World::demo`], [`World::from_toml`] and [`World::grid`].
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) account: Arc<str>,
    pub(crate) region: Arc<str>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) families: BTreeMap<Arc<str>, Family>,
    /// Members of requests that this AWS takes and that no model of it tells of yet.
    pub(crate) newer_members: BTreeSet<String>,
    /// How long ListServiceDeployments does not tell of a new deployment yet.
    pub(crate) history_lag: Duration,
    pub(crate) roles: Named,
    /// The secrets, by their ARNs; those that are missing by their names.
    pub(crate) secrets: Named,
    pub(crate) denied: Vec<Denied>,
    /// What has been run by hand.
    pub(crate) ran: Ran,
    /// The images of the account.
    pub(crate) registry: Registry,
    pub(crate) balancers: Vec<Balancer>,
    /// The target groups that are not as AWS makes them where nothing is said.
    pub(crate) groups: BTreeMap<Arc<str>, TargetGroup>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) parameters: BTreeMap<Arc<str>, Parameter>,
    /// When the tag of an image was pushed anew.
    pub(crate) pushes: BTreeMap<Arc<str>, Vec<Moment>>,
    pub(crate) faults: Vec<Fault>,
    /// What goes wrong on the line of each session.
    pub(crate) session_faults: Vec<agent::Fault>,
    /// What the first dials of each session meet.
    pub(crate) session_doors: Vec<Door>,
    /// What stands in the logs beside what the containers write.
    pub(crate) logs: Ledger,
    /// What will happen.
    pub(crate) agenda: Agenda,
}

/// A cluster with all that is in it.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub(crate) name: Arc<str>,
    pub(crate) services: BTreeMap<Arc<str>, Service>,
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) insights: bool,
    /// The id of the KMS key that its sessions are encrypted with.
    pub(crate) kms_key: Option<Arc<str>>,
    pub(crate) tags: Tags,
}

/// An EC2 instance registered with a cluster.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// The last segment of its ARN.
    pub(crate) id: Arc<str>,
    /// `i-…`.
    pub(crate) ec2: Arc<str>,
    /// `m6i.xlarge`.
    pub(crate) kind: Arc<str>,
    pub(crate) zone: Arc<str>,
    /// `ACTIVE` or `DRAINING`.
    pub(crate) status: Arc<str>,
    pub(crate) connected: bool,
    pub(crate) registered: Moment,
    pub(crate) tags: Tags,
}

/// Where tasks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Launch {
    Fargate,
    Ec2,
    External,
}

impl Launch {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fargate => "FARGATE",
            Self::Ec2 => "EC2",
            Self::External => "EXTERNAL",
        }
    }
}

impl World {
    /// Returns an account without anything in it, in eu-west-1.
    pub fn empty() -> Self {
        Self {
            account: "482913007156".into(),
            region: "eu-west-1".into(),
            clusters: Vec::new(),
            families: BTreeMap::new(),
            newer_members: BTreeSet::new(),
            history_lag: Duration::ZERO,
            roles: Named::default(),
            secrets: Named::default(),
            denied: Vec::new(),
            ran: Ran::default(),
            registry: Registry::default(),
            balancers: Vec::new(),
            groups: BTreeMap::new(),
            alarms: Vec::new(),
            parameters: BTreeMap::new(),
            pushes: BTreeMap::new(),
            faults: Vec::new(),
            session_faults: Vec::new(),
            session_doors: Vec::new(),
            logs: Ledger::default(),
            agenda: Agenda::default(),
        }
    }

    /// Returns the same world in another region, whose zones have other names.
    #[must_use]
    pub fn in_region(self, region: &str) -> Self {
        let mut world = Self { region: region.into(), ..self.clone() };
        let moved = |zone: &mut Arc<str>| {
            if let Some(letter) = zone.strip_prefix(&*self.region) {
                *zone = format!("{region}{letter}").into();
            }
        };
        for cluster in &mut world.clusters {
            cluster.tasks.values_mut().for_each(|task| moved(&mut task.zone));
            cluster.instances.iter_mut().for_each(|instance| moved(&mut instance.zone));
        }
        world
    }

    /// Returns the same world in another account, twelve digits.
    #[must_use]
    pub fn of_account(self, account: &str) -> Self {
        Self { account: account.into(), ..self }
    }

    /// Lets changing operations take a member of this name, at whatever depth, that no model of AWS tells of yet.
    pub fn take_newer_member(&mut self, name: &str) {
        self.newer_members.insert(name.to_owned());
    }

    /// Returns how many clusters, services and tasks there are, stopped tasks included.
    pub fn size(&self) -> (usize, usize, usize) {
        (
            self.clusters.len(),
            self.clusters.iter().map(|cluster| cluster.services.len()).sum(),
            self.clusters.iter().map(|cluster| cluster.tasks.len()).sum(),
        )
    }

    /// Returns the ARN of `resource`, for instance `cluster/prod`.
    pub(crate) fn arn(&self, resource: impl std::fmt::Display) -> String {
        format!("arn:aws:ecs:{}:{}:{resource}", self.region, self.account)
    }

    /// Returns the ARN of a KMS key.
    pub(crate) fn key_arn(&self, id: &str) -> String {
        format!("arn:aws:kms:{}:{}:key/{id}", self.region, self.account)
    }

    pub(crate) fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| &*cluster.name == name)
    }

    pub(crate) fn cluster_mut(&mut self, name: &str) -> Option<&mut Cluster> {
        self.clusters.iter_mut().find(|cluster| &*cluster.name == name)
    }
}

impl Cluster {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            services: BTreeMap::new(),
            tasks: BTreeMap::new(),
            instances: Vec::new(),
            insights: false,
            kms_key: None,
            tags: Tags::new(),
        }
    }

    /// Starts a task of a service's deployment in force, on the instance with the fewest tasks where it needs one.
    pub(crate) fn place(&mut self, region: &str, service: &Arc<str>, at: Moment) -> TaskId {
        let service = self.services.get_mut(service).expect("the service is there");
        service.ever += 1;
        let id = TaskId(identity::number(&["task", &self.name, &service.name, &service.ever.to_string()]));
        let number = service.ever as usize;
        let deployment = service.primary();
        let task = Task {
            id,
            definition: deployment.definition.clone(),
            group: Group::Service(Arc::clone(&service.name)),
            started_by: Some(Arc::clone(&deployment.id)),
            launch: service.launch,
            provider: service.provider.clone(),
            instance: None,
            zone: zone(region, number),
            exec: service.exec,
            healthy: true,
            created: at,
            phase: Phase::Provisioning,
            started: None,
            fate: None,
            run: None,
            stop: None,
            tags: service.tags.clone(),
        };
        self.put(task);
        id
    }

    /// Adds a task, on the instance with the fewest tasks where it needs one.
    pub(crate) fn put(&mut self, mut task: Task) {
        if task.launch != Launch::Fargate {
            let load = |instance: &&Instance| {
                self.tasks.values().filter(|task| task.wanted() && task.instance.as_ref() == Some(&instance.id)).count()
            };
            let ready = self.instances.iter().filter(|instance| &*instance.status == "ACTIVE" && instance.connected);
            if let Some(instance) = ready.min_by_key(load) {
                task.instance = Some(Arc::clone(&instance.id));
                task.zone = Arc::clone(&instance.zone);
            }
        }
        self.tasks.insert(task.id, task);
    }

    /// Returns the place of a cluster, a service or a task in lists: AWS keeps to no order that means anything.
    pub(crate) fn order(name: &str) -> String {
        identity::hex(&["order", name], 16)
    }
}

/// Returns the zone that the `number`th thing is put in.
pub(crate) fn zone(region: &str, number: usize) -> Arc<str> {
    format!("{region}{}", ["a", "b", "c"][number % 3]).into()
}
