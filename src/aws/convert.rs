//! The SDK's types made into the model's. Every field of an answer may be missing; what is there is shown.

mod release;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_ecs::types;
use aws_smithy_types::DateTime;
use jiff::Unit;

pub(super) use self::release::service_revision;
use crate::model::{
    Arn, AttachedTo, Attachment, Cluster, ClusterDetail, Container, ContainerDefinition, Deployment, Described,
    EnvironmentValue, ExecAgent, Group, LogPlace, NetworkBinding, PortMapping, SecretReference, Service, ServiceDetail,
    ServiceEvent, Shifting, Task, TaskDefinition, Timestamp,
};

/// What stands where AWS gives a state no name.
const UNKNOWN: &str = "UNKNOWN";

/// The strings that come again and again (names, states, images), each kept once.
#[derive(Debug, Default)]
pub(super) struct Words(Mutex<HashSet<Arc<str>>>);

impl Words {
    /// Returns the one copy of this word.
    fn get(&self, word: &str) -> Arc<str> {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        words.insert(Arc::clone(&word));
        word
    }

    fn state(&self, state: Option<&str>) -> Arc<str> {
        self.get(state.unwrap_or(UNKNOWN))
    }

    /// Returns the cluster, or `None` for an answer without an identity.
    pub(super) fn cluster(&self, cluster: &types::Cluster) -> Option<Cluster> {
        let arn: Arn = cluster.cluster_arn()?.parse().ok()?;
        Some(Cluster {
            name: self.get(cluster.cluster_name().unwrap_or_else(|| arn.name())),
            detail: Some(ClusterDetail {
                status: self.state(cluster.status()),
                services: count(cluster.active_services_count),
                running: count(cluster.running_tasks_count),
                pending: count(cluster.pending_tasks_count),
                instances: count(cluster.registered_container_instances_count),
            }),
            arn,
        })
    }

    /// Returns the service that ListServices names.
    pub(super) fn named_service(&self, cluster: &Arn, arn: &str) -> Option<Service> {
        let arn: Arn = arn.parse().ok()?;
        Some(Service { cluster: cluster.clone(), name: self.get(arn.name()), detail: None, arn })
    }

    /// Returns the service, or `None` for an answer without an identity.
    pub(super) fn service(&self, cluster: &Arn, service: types::Service) -> Option<Service> {
        let arn: Arn = service.service_arn()?.parse().ok()?;
        let name = self.get(service.service_name().unwrap_or_else(|| arn.name()));
        let launch = self.launch_of_service(&service);
        let attachments = self.attachments(&service);
        let breaker = service.deployment_configuration().and_then(|it| it.deployment_circuit_breaker());
        let breaker = breaker.is_some_and(types::DeploymentCircuitBreaker::enable);
        // Where nothing is said it is as services are made where nothing is said.
        let controller = service.deployment_controller().map_or("ECS", |controller| controller.r#type().as_str());
        let controller = self.get(controller);
        let scheduling = self.get(service.scheduling_strategy().map_or("REPLICA", types::SchedulingStrategy::as_str));
        let deployments = service.deployments.unwrap_or_default();
        let detail = ServiceDetail {
            status: self.state(service.status.as_deref()),
            desired: count(service.desired_count),
            running: count(service.running_count),
            pending: count(service.pending_count),
            task_definition: service.task_definition.as_deref().and_then(|text| definition(cluster, text)),
            launch,
            controller,
            scheduling,
            breaker,
            exec_enabled: service.enable_execute_command,
            attachments,
            created: service.created_at.and_then(time),
            deployments: deployments.into_iter().map(|deployment| self.deployment(cluster, deployment)).collect(),
            events: service.events.unwrap_or_default().into_iter().map(event).collect(),
        };
        Some(Service { arn, cluster: cluster.clone(), name, detail: Some(Box::new(detail)) })
    }

    fn launch_of_service(&self, service: &types::Service) -> Arc<str> {
        let providers: Vec<&str> =
            service.capacity_provider_strategy().iter().map(|item| item.capacity_provider.as_str()).collect();
        match (&providers[..], service.launch_type()) {
            ([], Some(launch)) => self.get(launch.as_str()),
            ([], None) => self.get(UNKNOWN),
            (providers, _) => self.get(&providers.join(", ")),
        }
    }

    /// Returns what the tasks are registered with: with some deployment controllers, each set of them by itself.
    fn attachments(&self, service: &types::Service) -> Vec<Attachment> {
        let of_sets = service.task_sets().iter().flat_map(types::TaskSet::load_balancers);
        let mut attachments: Vec<Attachment> = Vec::new();
        for attached in service.load_balancers().iter().chain(of_sets).filter_map(|it| self.attachment(it)) {
            if !attachments.contains(&attached) {
                attachments.push(attached);
            }
        }
        attachments
    }

    fn attachment(&self, attached: &types::LoadBalancer) -> Option<Attachment> {
        let group = attached.target_group_arn().and_then(|arn| arn.parse().ok()).map(AttachedTo::TargetGroup);
        let classic = || attached.load_balancer_name().map(|name| AttachedTo::Classic(self.get(name)));
        Some(Attachment {
            to: group.or_else(classic)?,
            container: self.get(attached.container_name().unwrap_or_default()),
            port: attached.container_port().and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
            shifting: attached.advanced_configuration().cloned().map(shifting).map(Box::new),
        })
    }

    fn deployment(&self, cluster: &Arn, deployment: types::Deployment) -> Deployment {
        Deployment {
            id: deployment.id.unwrap_or_default(),
            status: self.state(deployment.status.as_deref()),
            rollout: deployment.rollout_state.map(|state| self.get(state.as_str())),
            reason: said(deployment.rollout_state_reason),
            task_definition: deployment.task_definition.as_deref().and_then(|text| definition(cluster, text)),
            desired: count(deployment.desired_count),
            running: count(deployment.running_count),
            pending: count(deployment.pending_count),
            failed: count(deployment.failed_tasks),
            created: deployment.created_at.and_then(time),
        }
    }

    /// Returns the task, or `None` for an answer without an identity.
    pub(super) fn task(&self, cluster: &Arn, task: types::Task) -> Option<Task> {
        let arn: Arn = task.task_arn()?.parse().ok()?;
        let launch = match (task.capacity_provider_name(), task.launch_type()) {
            (Some(provider), _) => self.get(provider),
            (None, Some(launch)) => self.get(launch.as_str()),
            (None, None) => self.get(UNKNOWN),
        };
        Some(Task {
            arn,
            cluster: cluster.clone(),
            group: self.group(task.group()),
            definition: task
                .task_definition_arn()
                .and_then(|text| definition(cluster, text))
                .or_else(|| definition(cluster, "?"))
                .unwrap_or_else(|| cluster.clone()),
            last_status: self.state(task.last_status()),
            desired_status: self.state(task.desired_status()),
            health: self.state(task.health_status().map(types::HealthStatus::as_str)),
            launch,
            zone: task.availability_zone().map(|zone| self.get(zone)),
            instance: task.container_instance_arn().and_then(|arn| arn.parse().ok()),
            ip: address(&task).map(Into::into),
            exec_enabled: task.enable_execute_command,
            created: task.created_at.and_then(time),
            started: task.started_at.and_then(time),
            stopping: task.stopping_at.and_then(time),
            stopped: task.stopped_at.and_then(time),
            stop_code: task.stop_code().map(|code| self.get(code.as_str())),
            containers: task.containers().iter().map(|container| self.container(container)).collect(),
            stopped_reason: said(task.stopped_reason),
        })
    }

    fn group(&self, group: Option<&str>) -> Group {
        match group.and_then(|group| group.strip_prefix("service:")) {
            Some(service) => Group::Service(self.get(service)),
            None => Group::Standalone(self.get(group.unwrap_or_default())),
        }
    }

    fn container(&self, container: &types::Container) -> Container {
        Container {
            arn: container.container_arn().and_then(|arn| arn.parse().ok()),
            name: self.get(container.name().unwrap_or_default()),
            image: self.get(container.image().unwrap_or_default()),
            digest: container.image_digest().filter(|digest| !digest.is_empty()).map(|digest| self.get(digest)),
            last_status: self.state(container.last_status()),
            health: self.state(container.health_status().map(types::HealthStatus::as_str)),
            runtime_id: container.runtime_id().map(Into::into),
            // An emulator says 0 while a container runs.
            exit_code: container.exit_code.filter(|_| container.last_status() == Some("STOPPED")),
            reason: said(container.reason.clone()),
            bindings: container.network_bindings().iter().filter_map(binding).collect(),
            exec: exec_agent(container),
        }
    }
}

fn shifting(advanced: types::AdvancedConfiguration) -> Shifting {
    Shifting {
        alternate: advanced.alternate_target_group_arn,
        production: advanced.production_listener_rule,
        test: advanced.test_listener_rule,
        role: advanced.role_arn,
    }
}

/// Returns the port of the host that leads to a container's; ranges of ports have none of their own.
fn binding(binding: &types::NetworkBinding) -> Option<NetworkBinding> {
    let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
    Some(NetworkBinding { container: port(binding.container_port())?, host: port(binding.host_port())? })
}

/// Returns the state of the ExecuteCommandAgent, found by its name: other agents may stand before it, and containers
/// that AWS adds itself have none.
fn exec_agent(container: &types::Container) -> ExecAgent {
    let agent = container
        .managed_agents()
        .iter()
        .find(|agent| agent.name() == Some(&types::ManagedAgentName::ExecuteCommandAgent));
    match agent.map(|agent| (agent.last_status().unwrap_or_default(), agent.reason())) {
        None => ExecAgent::Absent,
        Some(("RUNNING", _)) => ExecAgent::Running,
        Some(("STOPPED", reason)) => ExecAgent::Stopped(reason.map(str::to_owned)),
        Some(_) => ExecAgent::Pending,
    }
}

/// Returns the task's address: its network interface's, or that of its first container.
fn address(task: &types::Task) -> Option<&str> {
    let interface = task.attachments().iter().find(|attachment| attachment.r#type() == Some("ElasticNetworkInterface"));
    let of_interface = interface.and_then(|interface| {
        let detail = interface.details().iter().find(|detail| detail.name() == Some("privateIPv4Address"));
        detail.and_then(types::KeyValuePair::value)
    });
    let interfaces = || task.containers().iter().flat_map(types::Container::network_interfaces);
    of_interface
        .or_else(|| interfaces().find_map(types::NetworkInterface::private_ipv4_address))
        .or_else(|| interfaces().find_map(types::NetworkInterface::ipv6_address))
}

/// Returns the task definition, or `None` for an answer without an identity.
pub(super) fn task_definition(definition: types::TaskDefinition, described: Described) -> Option<TaskDefinition> {
    let arn: Arn = definition.task_definition_arn()?.parse().ok()?;
    let platform = definition.runtime_platform;
    Some(TaskDefinition {
        arn,
        status: definition.status.map_or_else(|| UNKNOWN.to_owned(), |status| status.as_str().to_owned()),
        network_mode: definition.network_mode.map(|mode| mode.as_str().to_owned()),
        cpu: definition.cpu,
        memory: definition.memory,
        compatibilities: definition
            .compatibilities
            .unwrap_or_default()
            .iter()
            .map(|compatibility| compatibility.as_str().to_owned())
            .collect(),
        task_role: definition.task_role_arn,
        execution_role: definition.execution_role_arn,
        operating_system: platform
            .as_ref()
            .and_then(|platform| platform.operating_system_family())
            .map(|family| family.as_str().to_owned()),
        architecture: platform
            .as_ref()
            .and_then(|platform| platform.cpu_architecture())
            .map(|architecture| architecture.as_str().to_owned()),
        registered: definition.registered_at.and_then(time),
        containers: definition
            .container_definitions
            .unwrap_or_default()
            .into_iter()
            .map(container_definition)
            .collect(),
        described,
    })
}

fn container_definition(container: types::ContainerDefinition) -> ContainerDefinition {
    let environment = container.environment.unwrap_or_default().into_iter();
    let secrets = container.secrets.unwrap_or_default().into_iter();
    ContainerDefinition {
        name: container.name.unwrap_or_default(),
        image: container.image.unwrap_or_default(),
        // Where nothing is said a container is essential.
        essential: container.essential.unwrap_or(true),
        cpu: container.cpu,
        memory: container.memory,
        memory_reservation: container.memory_reservation,
        ports: container.port_mappings.unwrap_or_default().iter().filter_map(port).collect(),
        entry_point: container.entry_point.unwrap_or_default(),
        command: container.command.unwrap_or_default(),
        environment: environment
            .map(|pair| EnvironmentValue { name: pair.name.unwrap_or_default(), value: pair.value.unwrap_or_default() })
            .collect(),
        secrets: secrets.map(|secret| SecretReference { name: secret.name, value_from: secret.value_from }).collect(),
        log: container.log_configuration.as_ref().map(log_place).unwrap_or_default(),
        health_check: container.health_check.map(|check| check.command).unwrap_or_default(),
    }
}

fn port(port: &types::PortMapping) -> Option<PortMapping> {
    Some(PortMapping {
        container: u16::try_from(port.container_port?).ok()?,
        host: port.host_port.and_then(|port| u16::try_from(port).ok()),
        protocol: port.protocol().map_or("tcp", |protocol| protocol.as_str()).to_owned(),
    })
}

fn log_place(logging: &types::LogConfiguration) -> LogPlace {
    LogPlace::of(logging.log_driver.as_str(), |name| logging.options()?.get(name).cloned())
}

fn event(event: types::ServiceEvent) -> ServiceEvent {
    ServiceEvent {
        id: event.id.unwrap_or_default().into(),
        at: event.created_at.and_then(time),
        message: event.message.unwrap_or_default().into(),
    }
}

/// Returns a task definition's ARN; some answers hold only `family:revision`, which names one of the cluster's account.
fn definition(cluster: &Arn, text: &str) -> Option<Arn> {
    let short = || {
        let (partition, region, account) = (cluster.partition(), cluster.region(), cluster.account());
        format!("arn:{partition}:ecs:{region}:{account}:task-definition/{text}").parse()
    };
    text.parse().or_else(|_| short()).ok()
}

/// Returns the text unless it is empty.
fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Returns a time to the nearest millisecond: AWS writes no more, but as a float, whose further digits are noise.
pub(super) fn time(time: DateTime) -> Option<Timestamp> {
    let exact = Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()?;
    exact.round(Unit::Millisecond).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster() -> Arn {
        "arn:aws:ecs:eu-west-1:123456789012:cluster/prod".parse().unwrap()
    }

    fn task() -> types::builders::TaskBuilder {
        types::Task::builder().task_arn("arn:aws:ecs:eu-west-1:123456789012:task/prod/4f2ab81c")
    }

    fn agent(name: types::ManagedAgentName, status: &str) -> types::ManagedAgent {
        types::ManagedAgent::builder().name(name).last_status(status).reason("why").build()
    }

    #[test]
    fn an_answer_of_nothing_but_an_arn_is_a_row() {
        let task = Words::default().task(&cluster(), task().build()).unwrap();
        assert_eq!((&*task.last_status, &*task.health, task.definition.name()), ("UNKNOWN", "UNKNOWN", "?"));
        assert_eq!((task.group, task.ip, task.containers.len()), (Group::Standalone("".into()), None, 0));
        let bare = types::Service::builder().service_arn("arn:aws:ecs:eu-west-1:123456789012:service/prod/api");
        let service = Words::default().service(&cluster(), bare.build()).unwrap();
        assert_eq!(&*service.name, "api");
        let bare = types::Cluster::builder().cluster_arn(cluster().as_str()).build();
        assert_eq!(&*Words::default().cluster(&bare).unwrap().name, "prod");
    }

    #[test]
    fn an_answer_without_an_identity_is_no_row() {
        let words = Words::default();
        assert_eq!(words.task(&cluster(), types::Task::builder().build()), None);
        assert_eq!(words.service(&cluster(), types::Service::builder().build()), None);
        assert_eq!(words.cluster(&types::Cluster::builder().build()), None);
        assert_eq!(task_definition(types::TaskDefinition::builder().build(), Described::default()), None);
    }

    #[test]
    fn only_what_has_stopped_has_an_exit_code() {
        let container = |status: &str| types::Container::builder().last_status(status).exit_code(3).reason("").build();
        let words = Words::default();
        assert_eq!(words.container(&container("RUNNING")).exit_code, None);
        let stopped = words.container(&container("STOPPED"));
        assert_eq!((stopped.exit_code, stopped.reason), (Some(3), None));
    }

    #[test]
    fn the_agent_is_found_by_its_name() {
        let other = types::ManagedAgentName::from("GuardDutyAgent");
        let exec = types::ManagedAgentName::ExecuteCommandAgent;
        let state = |agents: Vec<types::ManagedAgent>| {
            exec_agent(&types::Container::builder().set_managed_agents(Some(agents)).build())
        };
        assert_eq!(state(vec![]), ExecAgent::Absent);
        assert_eq!(state(vec![agent(other.clone(), "RUNNING")]), ExecAgent::Absent);
        assert_eq!(state(vec![agent(other, "STOPPED"), agent(exec.clone(), "RUNNING")]), ExecAgent::Running);
        assert_eq!(state(vec![agent(exec.clone(), "PENDING")]), ExecAgent::Pending);
        assert_eq!(state(vec![agent(exec, "STOPPED")]), ExecAgent::Stopped(Some("why".to_owned())));
    }

    #[test]
    fn the_address_is_the_interfaces_or_a_containers() {
        let detail = types::KeyValuePair::builder().name("privateIPv4Address").value("10.0.0.7").build();
        let interface = types::Attachment::builder().r#type("ElasticNetworkInterface").details(detail).build();
        assert_eq!(address(&task().attachments(interface).build()), Some("10.0.0.7"));
        let of_container = types::NetworkInterface::builder().private_ipv4_address("10.0.0.8").build();
        let container = types::Container::builder().network_interfaces(of_container).build();
        assert_eq!(address(&task().containers(container).build()), Some("10.0.0.8"));
    }

    #[test]
    fn a_short_definition_belongs_to_the_clusters_account() {
        assert_eq!(
            definition(&cluster(), "web:3").unwrap().as_str(),
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3"
        );
    }

    #[test]
    fn times_have_milliseconds_and_no_noise() {
        let shown = |seconds: f64| time(DateTime::from_secs_f64(seconds)).unwrap().to_string();
        assert_eq!(shown(1_700_000_206.405), "2023-11-14T22:16:46.405Z");
        assert_eq!(shown(1_700_000_206.999_999_9), "2023-11-14T22:16:47Z");
        assert_eq!(time(DateTime::from_secs(i64::MAX)), None);
    }

    #[test]
    fn a_word_is_kept_once() {
        let words = Words::default();
        assert!(Arc::ptr_eq(&words.get("RUNNING"), &words.get("RUNNING")));
    }
}
