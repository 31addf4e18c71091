//! Which tasks are registered with a target group or a classic load balancer, and how these find them.

use std::sync::Arc;

use super::{
    ecs::Account,
    world::{Ailment, Cluster, Phase, Service, Target, TargetGroup, Task},
};

/// A target, as a load balancer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registered {
    /// An address, or an instance.
    pub(crate) id: String,
    pub(crate) port: u16,
    /// Only told of addresses.
    pub(crate) zone: Option<Arc<str>>,
    pub(crate) condition: Condition,
}

/// How a load balancer finds a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Registering,
    Checking,
    Healthy,
    Unhealthy(Ailment),
    Draining,
}

impl Account<'_> {
    /// Returns the targets of a target group, or of a classic load balancer, by id and port.
    pub(crate) fn registered(self, name: &str, classic: bool) -> Vec<Registered> {
        let usual = TargetGroup::default();
        let group = self.world.groups.get(name).unwrap_or(&usual);
        let mut registered: Vec<Registered> = self
            .registering(name, classic)
            .flat_map(|(cluster, service, target)| {
                let tasks = cluster.tasks.values().filter(|task| task.service() == Some(&service.name));
                tasks.filter_map(move |task| self.target(cluster, target, group, task))
            })
            .collect();
        registered.sort_by(|one, other| (&one.id, one.port).cmp(&(&other.id, other.port)));
        registered
    }

    /// Returns the services that register their tasks there.
    pub(crate) fn registering<'b>(
        self,
        name: &'b str,
        classic: bool,
    ) -> impl Iterator<Item = (&'b Cluster, &'b Service, &'b Target)>
    where
        Self: 'b,
    {
        self.world.clusters.iter().flat_map(move |cluster| {
            cluster.services.values().flat_map(move |service| {
                let there = service.targets.iter().filter(move |it| it.classic == classic && &*it.group == name);
                there.map(move |target| (cluster, service, target))
            })
        })
    }

    fn target(self, cluster: &Cluster, target: &Target, group: &TargetGroup, task: &Task) -> Option<Registered> {
        let condition = self.condition(target, group, task)?;
        if task.definition.template.network_mode == "awsvpc" {
            let zone = Some(Arc::clone(&task.zone));
            return Some(Registered { id: Self::address(task), port: target.port, zone, condition });
        }
        let instance = cluster.instances.iter().find(|instance| Some(&instance.id) == task.instance.as_ref())?;
        let container = task.definition.container(&target.container)?;
        let port = container.ports.iter().find(|port| port.container == target.port)?;
        Some(Registered { id: instance.ec2.to_string(), port: Self::host_port(task, port), zone: None, condition })
    }

    fn condition(self, target: &Target, group: &TargetGroup, task: &Task) -> Option<Condition> {
        let now = self.clock.now();
        let died = task.stop.as_ref().is_some_and(|stop| !stop.endings.is_empty());
        match task.phase {
            Phase::Deactivating if !died && !target.classic => return Some(Condition::Draining),
            Phase::Running => {}
            Phase::Provisioning
            | Phase::Pending
            | Phase::Activating
            | Phase::Deactivating
            | Phase::Stopping
            | Phase::Deprovisioning
            | Phase::Stopped => return None,
        }
        let (registered, checked) = group.checked(task)?;
        Some(match (now < registered, now < checked, task.healthy) {
            (true, ..) => Condition::Registering,
            (_, true, _) => Condition::Checking,
            (_, _, true) => Condition::Healthy,
            (_, _, false) => Condition::Unhealthy(target.ailment.clone()),
        })
    }
}
