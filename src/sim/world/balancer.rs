//! Load balancers, their listeners and rules, and the target groups they send requests to.

use std::{sync::Arc, time::Duration};

use super::{Task, World};
use crate::sim::{clock::Moment, identity};

/// How long a load balancer takes to register a target.
const REGISTERED: Duration = Duration::from_secs(2);
/// What Elastic Load Balancing waits where nobody said how long.
pub(crate) const DRAINS: Duration = Duration::from_mins(5);

/// A load balancer.
#[derive(Debug, Clone)]
pub(crate) struct Balancer {
    pub(crate) name: Arc<str>,
    pub(crate) kind: BalancerKind,
    /// `internet-facing` or `internal`.
    pub(crate) scheme: &'static str,
    pub(crate) created: Moment,
    pub(crate) listeners: Vec<Listener>,
}

/// The kinds of load balancer; a classic one has no target groups, and an API of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BalancerKind {
    Application,
    Network,
    Classic,
}

/// A port on which a load balancer listens.
#[derive(Debug, Clone)]
pub(crate) struct Listener {
    pub(crate) port: u16,
    pub(crate) protocol: String,
    /// What becomes of requests that no rule is for.
    pub(crate) otherwise: Forward,
    /// By priority.
    pub(crate) rules: Vec<Rule>,
    /// A classic load balancer's: the port of the instances.
    pub(crate) instance_port: u16,
}

/// A rule of a listener.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) priority: u32,
    pub(crate) hosts: Vec<String>,
    pub(crate) paths: Vec<String>,
    pub(crate) to: Forward,
}

/// What becomes of requests.
#[derive(Debug, Clone)]
pub(crate) enum Forward {
    /// They go to target groups, each with its weight.
    Groups(Vec<(Arc<str>, u32)>),
    /// They are sent on to HTTPS.
    Redirect,
    /// They are answered with this status.
    Fixed(u16),
}

/// A target group.
#[derive(Debug, Clone)]
pub(crate) struct TargetGroup {
    pub(crate) protocol: String,
    pub(crate) port: u16,
    /// How long a target that is taken out drains.
    pub(crate) drains: Duration,
    pub(crate) check: Check,
}

/// How a load balancer finds out whether a target is well.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) path: String,
    pub(crate) interval: Duration,
    /// The HTTP codes that are good.
    pub(crate) codes: String,
}

/// Why the targets of unhealthy tasks fail their check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ailment {
    Code(u16),
    Timeout,
    Refused,
}

impl Default for TargetGroup {
    fn default() -> Self {
        let check = Check { path: "/".into(), interval: Duration::from_secs(10), codes: "200".into() };
        Self { protocol: "HTTP".into(), port: 80, drains: DRAINS, check }
    }
}

impl Forward {
    /// Returns the target groups that requests go to.
    pub(crate) fn groups(&self) -> &[(Arc<str>, u32)] {
        match self {
            Self::Groups(groups) => groups,
            Self::Redirect | Self::Fixed(_) => &[],
        }
    }
}

impl Listener {
    /// Returns every target group that requests go to.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Arc<str>> {
        let ways = std::iter::once(&self.otherwise).chain(self.rules.iter().map(|rule| &rule.to));
        ways.flat_map(Forward::groups).map(|(group, _)| group)
    }
}

impl World {
    /// Returns the ARN of a target group.
    pub(crate) fn group_arn(&self, name: &str) -> String {
        self.balancing_arn(format_args!("targetgroup/{name}/{}", identity::hex(&["target group", name], 16)))
    }

    /// Returns the name of the target group that an ARN names, if there is one.
    pub(crate) fn group_of<'a>(&self, arn: &'a str) -> Option<&'a str> {
        let name = arn.split('/').nth(1).filter(|name| self.group_arn(name) == arn)?;
        let services = self.clusters.iter().flat_map(|cluster| cluster.services.values());
        let targets = services.flat_map(|service| &service.targets).filter(|target| !target.classic);
        let listeners = self.balancers.iter().flat_map(|balancer| &balancer.listeners).flat_map(Listener::groups);
        let mut known = self.groups.keys().chain(targets.map(|target| &target.group)).chain(listeners);
        known.any(|group| &**group == name).then_some(name)
    }

    /// Returns the ARN of something of Elastic Load Balancing.
    pub(crate) fn balancing_arn(&self, resource: impl std::fmt::Display) -> String {
        format!("arn:aws:elasticloadbalancing:{}:{}:{resource}", self.region, self.account)
    }

    /// Returns how long the targets of a service drain.
    pub(crate) fn drains(&self, cluster: &str, service: &str) -> Option<Duration> {
        let targets = &self.cluster(cluster)?.services.get(service)?.targets;
        let groups = targets.iter().filter(|target| !target.classic).map(|target| &target.group);
        groups.map(|group| self.groups.get(group).map_or(DRAINS, |group| group.drains)).max()
    }
}

impl TargetGroup {
    /// Returns until when a task is being registered here, and when it passes its first health check, if all is well.
    pub(crate) fn checked(&self, task: &Task) -> Option<(Moment, Moment)> {
        let registered = task.started?.after(REGISTERED);
        Some((registered, registered.after(self.check.interval)))
    }
}
