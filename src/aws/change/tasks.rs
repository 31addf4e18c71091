//! RunTask and StopTask.

use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerOverride, KeyValuePair, LaunchType,
    NetworkConfiguration, TaskOverride,
};

use crate::{
    aws::{Error, budget::Category, call::Operation, clients::Clients},
    model::{Arn, Task},
};

const RUN_TASK: Operation = Operation::change("ecs:RunTask", Category::ResourceModify);
const STOP_TASK: Operation = Operation::change("ecs:StopTask", Category::ResourceModify);
const DESCRIBE_SERVICES: Operation = Operation::read("ecs:DescribeServices", Category::ServiceRead);

/// Where tasks are placed, and in which network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkPlace {
    /// `FARGATE`, `EC2`, `EXTERNAL`; not together with capacity providers.
    pub launch_type: Option<String>,
    /// The capacity providers, each with its weight and its base.
    pub providers: Vec<(String, i32, i32)>,
    /// Fargate's platform version.
    pub platform: Option<String>,
    /// The subnets, for tasks with a network of their own.
    pub subnets: Vec<String>,
    /// Their security groups.
    pub security_groups: Vec<String>,
    /// Whether they get a public address.
    pub public_ip: bool,
}

/// Tasks to be started.
#[derive(Clone, PartialEq, Eq)]
pub struct NewTasks {
    /// In which cluster.
    pub cluster: Arn,
    /// From which task definition.
    pub definition: Arn,
    /// How many, at most ten.
    pub count: u32,
    /// Where.
    pub place: NetworkPlace,
    /// The container whose command or environment is another.
    pub container: Option<String>,
    /// The command in place of the container's.
    pub command: Vec<String>,
    /// Variables besides those of the definition.
    pub environment: Vec<(String, String)>,
    /// Who started them, as tasks say it.
    pub started_by: Option<String>,
    /// What makes a second call the same as the first: up to 64 visible characters.
    pub token: String,
}

/// What became of RunTask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The tasks that were started.
    pub tasks: Vec<Task>,
    /// Why others were not.
    pub failures: Vec<NotStarted>,
}

/// Why a task was not started, as AWS says it: untrusted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStarted {
    /// Where it might have been: a container instance.
    pub arn: Option<String>,
    /// `RESOURCE:MEMORY`.
    pub reason: Option<String>,
    /// More about it.
    pub detail: Option<String>,
}

impl std::fmt::Debug for NewTasks {
    /// Commands and variables may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewTasks")
            .field("cluster", &self.cluster)
            .field("definition", &self.definition)
            .field("count", &self.count)
            .field("place", &self.place)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

impl Clients {
    /// Starts tasks. A second call with the same token starts no more of them, and answers as the first did.
    pub async fn run_tasks(&self, new: &NewTasks) -> Result<Started, Error> {
        let call = || {
            let call = self.ecs().run_task().cluster(new.cluster.as_str()).task_definition(new.definition.as_str());
            let call = call.count(i32::try_from(new.count).unwrap_or(i32::MAX));
            let call = call.set_launch_type(new.place.launch_type.as_deref().map(LaunchType::from));
            let call = call.set_capacity_provider_strategy(new.place.strategy());
            let call = call.set_network_configuration(new.place.network()).set_overrides(new.overrides());
            let call = call.set_platform_version(new.place.platform.clone()).set_started_by(new.started_by.clone());
            call.client_token(&new.token).send()
        };
        let answer = self.call(RUN_TASK, call).await?;
        let failures = answer.failures.unwrap_or_default().into_iter();
        let tasks = answer.tasks.unwrap_or_default().into_iter();
        Ok(Started {
            tasks: tasks.filter_map(|task| self.words().task(&new.cluster, task)).collect(),
            failures: failures.map(|it| NotStarted { arn: it.arn, reason: it.reason, detail: it.detail }).collect(),
        })
    }

    /// Asks a task to stop and returns it as it is then. Made once; a second call does no harm.
    pub async fn stop_task(&self, cluster: &Arn, task: &Arn, reason: &str) -> Result<Task, Error> {
        let call = || {
            let call = self.ecs().stop_task().cluster(cluster.as_str()).task(task.as_str());
            call.reason(reason).send()
        };
        let answer = self.call(STOP_TASK, call).await?;
        let task = answer.task.and_then(|task| self.words().task(cluster, task));
        task.ok_or_else(|| Error::broken(STOP_TASK.name, "an answer without a task"))
    }

    /// Returns where a service places its tasks; `None` where there is no such service.
    pub async fn place_of_service(&self, cluster: &Arn, service: &Arn) -> Result<Option<NetworkPlace>, Error> {
        let call = || self.ecs().describe_services().cluster(cluster.as_str()).services(service.as_str()).send();
        let answer = self.call(DESCRIBE_SERVICES, call).await?;
        Ok(answer.services.unwrap_or_default().first().map(NetworkPlace::of))
    }
}

impl NetworkPlace {
    fn of(service: &aws_sdk_ecs::types::Service) -> Self {
        let network = service.network_configuration().and_then(NetworkConfiguration::awsvpc_configuration);
        let providers = service.capacity_provider_strategy().iter();
        let providers: Vec<_> = providers.map(|it| (it.capacity_provider.clone(), it.weight, it.base)).collect();
        let launch = service.launch_type().map(|launch| launch.as_str().to_owned());
        Self {
            launch_type: launch.filter(|_| providers.is_empty()),
            providers,
            platform: service.platform_version().map(str::to_owned),
            subnets: network.map(|it| it.subnets().to_vec()).unwrap_or_default(),
            security_groups: network.map(|it| it.security_groups().to_vec()).unwrap_or_default(),
            public_ip: network.and_then(AwsVpcConfiguration::assign_public_ip) == Some(&AssignPublicIp::Enabled),
        }
    }

    /// Whether tasks run on Fargate there.
    pub fn on_fargate(&self) -> bool {
        let launch = self.launch_type.as_deref() == Some("FARGATE");
        launch || self.providers.iter().any(|(name, ..)| name.starts_with("FARGATE"))
    }

    fn strategy(&self) -> Option<Vec<CapacityProviderStrategyItem>> {
        let item = |(name, weight, base): &(String, i32, i32)| {
            let item = CapacityProviderStrategyItem::builder().capacity_provider(name).weight(*weight).base(*base);
            item.build().ok()
        };
        (!self.providers.is_empty()).then(|| self.providers.iter().filter_map(item).collect())
    }

    fn network(&self) -> Option<NetworkConfiguration> {
        if self.subnets.is_empty() {
            return None;
        }
        let public = if self.public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
        let groups = (!self.security_groups.is_empty()).then(|| self.security_groups.clone());
        let vpc = AwsVpcConfiguration::builder().set_subnets(Some(self.subnets.clone())).assign_public_ip(public);
        let vpc = vpc.set_security_groups(groups).build().ok()?;
        Some(NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
    }
}

impl NewTasks {
    fn overrides(&self) -> Option<TaskOverride> {
        let name = self.container.as_ref().filter(|_| !self.command.is_empty() || !self.environment.is_empty())?;
        let variable = |(name, value): &(String, String)| KeyValuePair::builder().name(name).value(value).build();
        let environment: Vec<_> = self.environment.iter().map(variable).collect();
        let container = ContainerOverride::builder().name(name);
        let container = container.set_command((!self.command.is_empty()).then(|| self.command.clone()));
        let container = container.set_environment((!environment.is_empty()).then_some(environment)).build();
        Some(TaskOverride::builder().container_overrides(container).build())
    }
}
