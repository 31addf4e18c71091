//! Worlds made by the dozen: as many clusters, services and tasks as wanted, the same ones each time.

use std::{sync::Arc, time::Duration};

use super::{
    clock::Moment,
    identity::{self, TaskId},
    world::{
        Cluster, ContainerSpec, Exec, Family, Group, Launch, LogSpec, Phase, Port, Service, Tags, Task, Template, World,
    },
};

const HOUR: Duration = Duration::from_hours(1);

/// The sizes of world that `ecsui demo --scale` offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// 2 clusters of 10 services of 2 tasks.
    Small,
    /// 5 clusters of 100 services of 3 tasks: a large account.
    Large,
    /// 20 clusters of 500 services of 10 tasks: the largest that is reasonable.
    Huge,
}

impl World {
    /// Returns a world of this size; each task has two containers.
    pub fn generated(scale: Scale) -> Self {
        match scale {
            Scale::Small => Self::grid(2, 10, 2),
            Scale::Large => Self::grid(5, 100, 3),
            Scale::Huge => Self::grid(20, 500, 10),
        }
    }

    /// Returns a world of `clusters` clusters of `services` services of `tasks` running tasks of two containers.
    pub fn grid(clusters: usize, services: usize, tasks: usize) -> Self {
        let mut world = Self::empty();
        for cluster in 0..clusters {
            let cluster = world.add_cluster(&cluster_name(cluster));
            for service in 0..services {
                world.add_service(&cluster, &service_name(service), tasks);
            }
        }
        world
    }

    /// Adds an empty cluster and returns its name.
    pub fn add_cluster(&mut self, name: &str) -> String {
        self.clusters.push(Cluster::new(name));
        name.to_owned()
    }

    /// Adds a Fargate service whose `tasks` tasks run and can be logged in to, and its task definition
    /// `CLUSTER-SERVICE:1` of the containers `app` and `envoy`.
    ///
    /// # Panics
    /// Where there is no such cluster.
    pub fn add_service(&mut self, cluster: &str, name: &str, tasks: usize) {
        let family: Arc<str> = format!("{cluster}-{name}").into();
        let template = self
            .families
            .values()
            .find_map(|family| family.templates.iter().find(|(_, template)| is_plain(template)))
            .map_or_else(|| Arc::new(plain_template()), |(_, template)| Arc::clone(template));
        let registered = Moment::ago(HOUR * 24 * 30);
        self.families.insert(Arc::clone(&family), Family::single(template, registered));
        let definition = self.definition(&family, None).expect("the family was just added");
        let region = Arc::clone(&self.region);
        let zones: [Arc<str>; 3] = ["a", "b", "c"].map(|zone| format!("{region}{zone}").into());
        let cluster = self.cluster_mut(cluster).expect("the cluster exists");
        let name: Arc<str> = name.into();
        let age =
            HOUR + Duration::from_secs(u64::try_from(identity::number(&[&family]) % 3_000_000).unwrap_or_default());
        let since = Moment::ago(age);
        let desired = u32::try_from(tasks).unwrap_or(u32::MAX);
        let mut service = Service::steady(&cluster.name, &name, definition, desired, since);
        service.say_steady(Moment::ago(age / 3));
        let started_by = Arc::clone(&service.primary().id);
        let base = identity::number(&["task", &cluster.name, &name]);
        for index in 0..tasks {
            // A multiplication by an odd constant scatters the ids of neighbours and keeps them apart.
            let id =
                TaskId(base.wrapping_add(index as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
            cluster.tasks.insert(
                id,
                Task {
                    id,
                    definition: service.primary().definition.clone(),
                    group: Group::Service(Arc::clone(&name)),
                    started_by: Some(Arc::clone(&started_by)),
                    launch: Launch::Fargate,
                    provider: None,
                    instance: None,
                    zone: Arc::clone(&zones[index % zones.len()]),
                    exec: true,
                    healthy: true,
                    created: since,
                    phase: Phase::Running,
                    started: Some(since.after(Duration::from_secs(31))),
                    fate: None,
                    run: None,
                    stop: None,
                    tags: Tags::new(),
                },
            );
        }
        service.ever = service.ever.max(desired + 1);
        cluster.services.insert(name, service);
    }

    /// Lets a container of every task of a family write so many lines a second; returns whether there is one.
    pub fn set_log_rate(&mut self, family: &str, container: &str, rate: f64) -> bool {
        let change = |template: &Template| {
            let mut template = template.clone();
            let named = template.containers.iter_mut().filter(|spec| spec.name == container);
            named.filter_map(|spec| spec.log.as_mut()).for_each(|log| log.rate = rate);
            Arc::new(template)
        };
        let Some(known) = self.families.get_mut(family) else { return false };
        known.templates.iter_mut().for_each(|(_, template)| *template = change(template));
        let tasks = self.clusters.iter_mut().flat_map(|cluster| cluster.tasks.values_mut());
        for task in tasks.filter(|task| &*task.definition.family == family) {
            task.definition.template = change(&task.definition.template);
        }
        let services = self.clusters.iter_mut().flat_map(|cluster| cluster.services.values_mut());
        let deployments = services.flat_map(|service| &mut service.deployments);
        for deployment in deployments.filter(|deployment| &*deployment.definition.family == family) {
            deployment.definition.template = change(&deployment.definition.template);
        }
        true
    }

    /// Takes a service away with its tasks, as if it had never been; returns whether it was there.
    pub fn remove_service(&mut self, cluster: &str, name: &str) -> bool {
        let Some(cluster) = self.cluster_mut(cluster) else { return false };
        cluster.tasks.retain(|_, task| task.service().is_none_or(|service| &**service != name));
        cluster.services.remove(name).is_some()
    }
}

/// Returns the name of the `index`th cluster of a grid: `prod-1`.
fn cluster_name(index: usize) -> String {
    const STAGES: [&str; 5] = ["prod", "preprod", "staging", "batch", "tools"];
    format!("{}-{}", STAGES[index % STAGES.len()], index / STAGES.len() + 1)
}

/// Returns the name of the `index`th service of a grid's cluster: `billing-worker-017`.
fn service_name(index: usize) -> String {
    const SUBJECTS: [&str; 13] = [
        "payments",
        "billing",
        "orders",
        "catalog",
        "search",
        "inventory",
        "shipping",
        "identity",
        "pricing",
        "ledger",
        "mail",
        "media",
        "reports",
    ];
    const ROLES: [&str; 5] = ["api", "worker", "web", "cron", "gateway"];
    format!("{}-{}-{index:03}", SUBJECTS[index % SUBJECTS.len()], ROLES[index / SUBJECTS.len() % ROLES.len()])
}

/// Whether a template is the one [`plain_template`] makes.
fn is_plain(template: &Template) -> bool {
    template.containers.first().is_some_and(|container| container.image.contains("/{family}:plain-"))
}

/// Returns the template that every generated service shares.
fn plain_template() -> Template {
    let app = ContainerSpec {
        name: "app".into(),
        image: "482913007156.dkr.ecr.eu-west-1.amazonaws.com/{family}:plain-{revision}".into(),
        essential: true,
        cpu: 192,
        ports: vec![Port { container: 8080, host: Some(8080), protocol: "tcp".into() }],
        environment: vec![("PORT".into(), "8080".into()), ("SERVICE".into(), "{family}".into())],
        log: Some(LogSpec::awslogs("/ecs/{family}", 0.5)),
        health: ["CMD-SHELL", "curl -fs localhost:8080/health"].map(str::to_owned).to_vec(),
        init_process: true,
        ..ContainerSpec::default()
    };
    let envoy = ContainerSpec {
        name: "envoy".into(),
        image: "public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod".into(),
        cpu: 64,
        log: Some(LogSpec::awslogs("/ecs/{family}", 0.1)),
        exec: Exec::Ready,
        ..ContainerSpec::default()
    };
    Template {
        launch: Launch::Fargate,
        network_mode: "awsvpc".into(),
        cpu: 256,
        memory: 512,
        task_role: Some("arn:aws:iam::482913007156:role/{family}-task".into()),
        execution_role: Some("arn:aws:iam::482913007156:role/ecs-execution".into()),
        architecture: "X86_64".into(),
        containers: vec![app, envoy],
        tags: Tags::new(),
        errand: None,
        document: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_has_the_size_asked_for() {
        assert_eq!(World::grid(3, 11, 4).size(), (3, 33, 132));
        assert_eq!(World::grid(0, 9, 9).size(), (0, 0, 0));
        assert_eq!(World::generated(Scale::Large).size(), (5, 500, 1500));
    }

    #[test]
    fn a_removed_service_takes_its_tasks_along() {
        let mut world = World::grid(1, 2, 3);
        assert!(world.remove_service("prod-1", "payments-api-000"));
        assert_eq!(world.size(), (1, 1, 3));
    }
}
