//! What the tasks of a service are started with, beside their definition: what a rollback brings back with it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Launch, Service, Target};

/// Where and how a service's tasks are started.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) launch: Launch,
    /// The capacity provider that stands in place of the launch type.
    pub(crate) provider: Option<Arc<str>>,
    pub(crate) targets: Vec<Target>,
    /// The members of UpdateService that were given and that the tasks depend on, word for word.
    pub(crate) given: Map<String, Value>,
}

impl Service {
    /// Returns the setup in force.
    pub(crate) fn setup(&self) -> Setup {
        Setup {
            launch: self.launch,
            provider: self.provider.clone(),
            targets: self.targets.clone(),
            given: self.given.clone(),
        }
    }

    /// Puts a setup in force.
    pub(crate) fn set_up(&mut self, setup: &Setup) {
        self.launch = setup.launch;
        self.provider.clone_from(&setup.provider);
        self.targets.clone_from(&setup.targets);
        // What no deployment depends on is not brought back.
        self.given.retain(|name, _| !DEPLOYED.contains(&name.as_str()));
        let deployed = setup.given.iter().filter(|(name, _)| DEPLOYED.contains(&name.as_str()));
        self.given.extend(deployed.map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// The members of UpdateService that begin a deployment where they change, beside the task definition: its
/// documentation says so of each. <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>
pub(crate) const DEPLOYED: [&str; 7] = [
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];
