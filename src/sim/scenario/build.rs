//! From the words of a scenario to a world.

use std::{collections::BTreeMap, mem, sync::Arc, time::Duration};

use toml::Spanned;

use super::{
    Mistake, balancers, images, watched,
    words::{
        Age, BreakerWord, ClosesWord, ClusterWords, ContainerWords, ControllerWord, DefinitionWords, EndWord, ExecWord,
        FaultWords, FramesWord, InstanceWords, LaunchWord, Scenario, ServiceWords, SessionFaultWords, StatusWord,
        StoppedWords, TaskWords,
    },
};
use crate::sim::{
    agent::{self, Direction, Frames},
    clock::Moment,
    fault::{Damage, Fault},
    identity::{self, TaskId},
    life::{Agenda, Change, REMEMBERED},
    world::{
        Breaker, Cluster, ContainerSpec, Controller, DRAINS, Definition, Deployment, Errand, Exec, Family, Fate, Group,
        Instance, Launch, LogSpec, Phase, Port, Release, Rollout, Service, Stage, Stop, Tags, Task, Template, World,
        zone,
    },
};

/// How the scheduler stops what is too many.
const SCALED_IN: &str = "ServiceSchedulerInitiated";
/// How long a task runs first that crashes.
const BEFORE_CRASH: Duration = Duration::from_secs(8);
const DAY: Duration = Duration::from_hours(24);
/// `TaskStopCode` of botocore's model of ECS.
const STOP_CODES: [&str; 7] = [
    "TaskFailedToStart",
    "EssentialContainerExited",
    "UserInitiated",
    "ServiceSchedulerInitiated",
    "SpotInterruption",
    "TerminationNotice",
    "InfrastructureHealth",
];

pub(super) fn world(mut scenario: Scenario) -> Result<World, Mistake> {
    let mut world = World::empty();
    if let Some(account) = &scenario.account {
        world.account = account.as_str().into();
    }
    if let Some(region) = &scenario.region {
        world.region = region.as_str().into();
    }
    for words in &scenario.taskdef {
        add_definition(&mut world, words, &scenario.sidecar)?;
    }
    let (balancers, groups) = (mem::take(&mut scenario.balancer), mem::take(&mut scenario.target_group));
    balancers::add(&mut world, balancers, groups);
    for (name, words) in &scenario.cluster {
        add_cluster(&mut world, name, words)?;
    }
    watched::add(&mut world, &scenario)?;
    images::add(&mut world, &scenario.image, &scenario.missing_images);
    watched::permit(&mut world, &mut scenario);
    world.history_lag = scenario.history_lag.map_or(Duration::ZERO, |lag| lag.0);
    world.newer_members = mem::take(&mut scenario.newer_members).into_iter().collect();
    if scenario.lively {
        world.agenda.add(Moment::START.after(Duration::from_secs(9)), Change::Chatter);
    }
    world.logs.missing = scenario.missing_log_groups.into_iter().collect();
    world.faults = scenario.fault.into_iter().map(fault).collect();
    world.session_faults = scenario.session_fault.into_iter().map(session_fault).collect();
    let doors = scenario.session_door.iter();
    world.session_doors = doors.flat_map(|words| (0..words.times).map(|_| words.is.0)).collect();
    Ok(world)
}

fn add_definition(
    world: &mut World,
    words: &DefinitionWords,
    sidecars: &BTreeMap<String, ContainerWords>,
) -> Result<(), Mistake> {
    let registry = format!("{}.dkr.ecr.{}.amazonaws.com", world.account, world.region);
    let launch = launch(words.launch);
    let mut containers: Vec<ContainerSpec> =
        words.container.iter().map(|words| container(words, "app", true, &registry)).collect();
    for name in &words.sidecars {
        let sidecar = sidecars.get(name.get_ref()).ok_or_else(|| mistake(name, "there is no such sidecar"))?;
        containers.push(container(sidecar, name.get_ref(), false, &registry));
    }
    if containers.is_empty() {
        return Err(mistake(&words.family, "a task definition needs a container"));
    }
    let role = match words.role.as_deref() {
        Some("") => None,
        role => Some(format!("arn:aws:iam::{}:role/{}", world.account, role.unwrap_or("{family}-task"))),
    };
    let awsvpc = if launch == Launch::Fargate { "awsvpc" } else { "bridge" };
    let template = Arc::new(Template {
        launch,
        network_mode: words.network.clone().unwrap_or_else(|| awsvpc.to_owned()),
        cpu: words.cpu,
        memory: words.memory,
        task_role: role,
        execution_role: Some(format!("arn:aws:iam::{}:role/ecs-execution", world.account)),
        architecture: words.arch.clone(),
        containers,
        tags: tags(&words.tags),
        errand: words.runs.as_ref().map(|it| Errand { lasts: it.lasts.0, exit: it.exit, says: it.says.clone() }),
        document: None,
    });
    let name = words.family.get_ref().as_str().into();
    let family = world.families.entry(name).or_insert_with(|| Family::new(words.first));
    if words.revision <= family.latest {
        return Err(mistake(&words.family, "revisions of a family come in ascending order"));
    }
    if words.first > words.revision + 1 {
        return Err(mistake(&words.family, "the first revision that is ACTIVE is the one after the last at most"));
    }
    family.begin(words.revision, template, ago(words.age, 12 * DAY));
    Ok(())
}

fn container(words: &ContainerWords, name: &str, essential: bool, registry: &str) -> ContainerSpec {
    let pairs = |table: &toml::Table| {
        let text = |value: &toml::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        table.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    let health = words.health.iter().flat_map(|command| ["CMD-SHELL".to_owned(), command.clone()]);
    ContainerSpec {
        name: words.name.clone().unwrap_or_else(|| name.to_owned()),
        image: words.image.replace("{registry}", registry),
        essential: words.essential.unwrap_or(essential),
        cpu: words.cpu,
        memory: words.memory,
        memory_reservation: words.reserve,
        ports: words
            .ports
            .iter()
            .map(|port| Port { container: port.container, host: port.host, protocol: port.protocol.clone() })
            .collect(),
        entry_point: words.entry.clone(),
        command: words.command.clone(),
        environment: pairs(&words.env),
        secrets: pairs(&words.secrets),
        log: log(words, essential),
        health: health.collect(),
        init_process: words.init,
        read_only_root: words.read_only,
        exec: match &words.exec {
            ExecWord::Ready => Exec::Ready,
            ExecWord::Absent => Exec::Absent,
            ExecWord::Pending => Exec::Pending,
            ExecWord::Disconnected => Exec::Disconnected,
            ExecWord::Stopped(reason) => Exec::Stopped(reason.clone()),
        },
    }
}

/// Returns where a container's output goes; what a task stands and falls with has more to say.
fn log(words: &ContainerWords, essential: bool) -> Option<LogSpec> {
    let driver = words.log_driver.clone().unwrap_or_else(|| "awslogs".to_owned());
    (!driver.is_empty()).then(|| LogSpec {
        driver,
        group: words.log.clone().unwrap_or_else(|| "/ecs/{family}".to_owned()),
        region: words.log_region.clone(),
        prefix: Some(words.log_prefix.clone().unwrap_or_else(|| "ecs".to_owned())).filter(|prefix| !prefix.is_empty()),
        creates: false,
        rate: words.lines.unwrap_or(if essential { 0.7 } else { 0.1 }).clamp(0.0, 10_000.0),
    })
}

fn add_cluster(world: &mut World, name: &str, words: &ClusterWords) -> Result<(), Mistake> {
    let mut cluster = Cluster::new(name);
    cluster.insights = words.insights;
    cluster.kms_key = words.kms_key.as_deref().map(Into::into);
    cluster.tags = tags(&words.tags);
    for words in &words.instance {
        add_instances(world, &mut cluster, words);
    }
    for words in &words.service {
        add_service(world, &mut cluster, words)?;
    }
    for words in &words.task {
        add_tasks(world, &mut cluster, words)?;
    }
    world.clusters.push(cluster);
    Ok(())
}

fn add_instances(world: &World, cluster: &mut Cluster, words: &InstanceWords) {
    for _ in 0..words.count {
        let number = cluster.instances.len();
        let name = number.to_string();
        let id = |what: &str, digits| identity::hex(&[what, &cluster.name, &name], digits);
        let instance = Instance {
            id: id("instance", 32).into(),
            ec2: format!("i-0{}", id("ec2", 16)).into(),
            kind: words.kind.as_str().into(),
            zone: zone(&world.region, number),
            status: words.status.as_str().into(),
            connected: words.connected,
            registered: ago(words.age, 31 * DAY),
            tags: tags(&words.tags),
        };
        cluster.instances.push(instance);
    }
}

fn add_service(world: &mut World, cluster: &mut Cluster, words: &ServiceWords) -> Result<(), Mistake> {
    let name: Arc<str> = words.name.get_ref().as_str().into();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 255 || !name.chars().all(fits) {
        return Err(mistake(&words.name, "a service's name has up to 255 of letters, digits, - and _"));
    }
    if cluster.services.contains_key(&name) {
        return Err(mistake(&words.name, "there is a service of this name"));
    }
    let definition = definition(world, words.taskdef.as_ref().unwrap_or(&words.name))?;
    let created = ago(words.age, 90 * DAY);
    let deployed = ago(words.deployed, words.age.map_or(9 * DAY, |age| age.0));
    let mut service = Service::steady(&cluster.name, &name, definition, words.desired, created);
    service.status = if words.status == "DRAINING" { "DRAINING" } else { "ACTIVE" };
    service.exec = words.exec;
    service.daemon = words.daemon;
    service.controller = match words.controller {
        ControllerWord::Ecs => Controller::Ecs,
        ControllerWord::CodeDeploy => Controller::CodeDeploy,
        ControllerWord::External => Controller::External,
    };
    service.provider = words.provider.as_deref().map(Into::into);
    service.tags = tags(&words.tags);
    service.targets = words.targets.iter().map(balancers::target).collect();
    watched::set(&mut service, &cluster.name, words);
    service.failing = words.failing.as_ref().map(|it| {
        let (reason, container) = (it.reason.clone(), it.container.clone());
        Arc::new(Fate { reason, container, exit: it.exit, after: BEFORE_CRASH, by: None })
    });
    let given_up = words.failing.as_ref().is_some_and(|failing| failing.given_up);
    service.breaker = match words.breaker {
        Some(BreakerWord::Off) => Breaker::Off,
        Some(BreakerWord::Rollback) => Breaker::Rollback,
        None if service.failing.is_some() && !given_up => Breaker::Off,
        Some(BreakerWord::On) | None => Breaker::On,
    };
    service.primary_mut().doomed = service.failing.is_some();
    service.primary_mut().created = deployed;
    service.primary_mut().updated = deployed.after(Duration::from_mins(3));
    service.primary_mut().failed = words.failing.as_ref().map_or(0, |it| it.failed);
    let old = match &words.rolling {
        None => None,
        Some(rolling) => {
            let from = self::definition(world, &rolling.from)?;
            service.redeployed_every = rolling.every.map(|every| every.0);
            let id = service.next_deployment_id(&cluster.name);
            let old = Deployment { rollout: Rollout::Completed, ..Deployment::begun(id, from, created) };
            service.primary_mut().rollout = Rollout::InProgress;
            service.deployments.push(old);
            Some(rolling)
        }
    };
    if service.failing.is_some() {
        service.primary_mut().rollout = if given_up { Rollout::Failed } else { Rollout::InProgress };
    }
    service.releases = releases(&service);
    cluster.services.insert(Arc::clone(&name), service);
    let new = old.map_or(words.desired, |rolling| rolling.done);
    let new = if words.failing.is_some() { 0 } else { new };
    run_tasks(world, cluster, &name, new, 0, words.unhealthy);
    if old.is_some() {
        run_tasks(world, cluster, &name, words.desired - new.min(words.desired), 1, 0);
    }
    for stopped in &words.stopped {
        let id = cluster.place(&world.region, &name, Moment::START);
        end(&mut world.agenda, cluster, id, stopped)?;
    }
    for asked in &words.draining {
        drain(world, cluster, &name, Moment::ago(asked.0));
    }
    tell_events(world, cluster, &name, words, deployed);
    if old.is_some() || words.failing.is_some() {
        let change = Change::Reconcile { cluster: Arc::clone(&cluster.name), service: name };
        world.agenda.add(Moment::START.after(Duration::from_secs(5)), change);
    }
    Ok(())
}

/// Returns what ECS remembers of the deployments that a service has at the start.
fn releases(service: &Service) -> Vec<Release> {
    let mut releases = Vec::new();
    for (place, deployment) in service.deployments.iter().enumerate().rev() {
        let mut release = Release::begun(service.deployments.get(place + 1), deployment, service.desired);
        release.enter(deployment.created, Stage::InProgress);
        release.failed = deployment.failed;
        match deployment.rollout {
            Rollout::InProgress => {}
            Rollout::Completed => release.enter(deployment.updated, Stage::Successful),
            Rollout::Failed => release.enter(deployment.updated, Stage::Stopped),
        }
        release.remember(&mut releases);
    }
    releases
}

/// Adds running tasks to the `nth` deployment of a service, of which the first few are `unhealthy`.
fn run_tasks(world: &World, cluster: &mut Cluster, service: &Arc<str>, count: u32, nth: usize, unhealthy: u32) {
    for number in 0..count {
        let deployment = cluster.services[service].deployments[nth].clone();
        let id = cluster.place(&world.region, service, deployment.created);
        let task = cluster.tasks.get_mut(&id).expect("it was just placed");
        task.definition = deployment.definition;
        task.started_by = Some(deployment.id);
        task.created = deployment.created.after(Duration::from_secs(20 * u64::from(number)));
        task.phase = Phase::Running;
        task.started = Some(task.created.after(Duration::from_secs(19)));
        task.healthy = number >= unhealthy;
    }
}

/// Adds a task of a service's oldest deployment that was told to stop, and drains.
fn drain(world: &mut World, cluster: &mut Cluster, service: &Arc<str>, asked: Moment) {
    let (count, drains) = (cluster.services[service].deployments.len(), &cluster.services[service].targets);
    let groups = drains.iter().map(|target| world.groups.get(&target.group).map_or(DRAINS, |group| group.drains));
    let end = asked.after(groups.max().unwrap_or_default());
    run_tasks(world, cluster, service, 1, count - 1, 0);
    let started_by = cluster.services[service].deployments[count - 1].id.clone();
    let reason = format!("Scaling activity initiated by (deployment {})", cluster.services[service].primary().id);
    let newest = cluster.tasks.values_mut().filter(|task| task.started_by.as_ref() == Some(&started_by));
    let Some(task) = newest.filter(|task| task.wanted()).max_by_key(|task| task.created) else { return };
    let stop = Stop { asked, stopped: None, code: SCALED_IN, reason: reason.into(), endings: Vec::new() };
    task.phase = Phase::Deactivating;
    task.stop = Some(Box::new(stop));
    let step = Change::Step { cluster: Arc::clone(&cluster.name), task: task.id, from: task.phase };
    world.agenda.add(end.max(Moment::START), step);
}

/// Says what a scenario says, and what the scheduler always has said.
fn tell_events(world: &World, cluster: &mut Cluster, name: &Arc<str>, words: &ServiceWords, deployed: Moment) {
    let ids: Vec<TaskId> =
        cluster.tasks.values().filter(|task| task.service() == Some(name)).map(|task| task.id).collect();
    let service = cluster.services.get_mut(name).expect("it was just added");
    // People write names, and ECS writes ARNs.
    let full = |name: &str| format!("(target-group {})", world.group_arn(name));
    let groups = service.targets.iter().map(|target| &target.group);
    let groups: Vec<_> = groups.map(|name| (format!("(target-group {name})"), full(name))).collect();
    let second = Duration::from_secs(1);
    if words.rolling.is_none() && words.failing.is_none() {
        for id in ids.iter().take(10) {
            service.say(deployed.after(second), &format!("has started 1 tasks: (task {id})."));
        }
        let said = format!("(deployment {}) deployment completed.", service.primary().id);
        service.say(deployed.after(second * 90), &said);
        service.say_steady(deployed.after(second * 91));
    }
    let mut events: Vec<&(Age, String)> = words.events.iter().collect();
    events.sort_by_key(|(age, _)| std::cmp::Reverse(age.0));
    for (age, text) in events {
        let first = ids.first().map(ToString::to_string).unwrap_or_default();
        let text = text.replace("{task}", &first);
        service.say(Moment::ago(age.0), &groups.iter().fold(text, |text, (name, arn)| text.replace(name, arn)));
    }
    service.ever += 1;
}

fn add_tasks(world: &mut World, cluster: &mut Cluster, words: &TaskWords) -> Result<(), Mistake> {
    let definition = definition(world, &words.taskdef)?;
    for _ in 0..words.count {
        let number = cluster.tasks.len();
        let id = TaskId(identity::number(&["standalone", &cluster.name, &definition.name(), &number.to_string()]));
        let created = ago(words.age, Duration::from_mins(40));
        let (phase, started) = match words.status {
            StatusWord::Provisioning => (Phase::Provisioning, None),
            StatusWord::Pending => (Phase::Pending, None),
            StatusWord::Running => (Phase::Running, Some(created.after(Duration::from_secs(17)))),
        };
        cluster.put(Task {
            id,
            definition: definition.clone(),
            group: words.group.as_deref().map_or(Group::Family, |group| Group::Named(group.into())),
            started_by: words.started_by.as_deref().map(Into::into),
            launch: definition.template.launch,
            provider: None,
            instance: None,
            zone: zone(&world.region, number),
            exec: words.exec,
            healthy: true,
            created,
            phase,
            started,
            fate: None,
            run: None,
            stop: None,
            tags: tags(&words.tags),
        });
        match &words.stopped {
            Some(stopped) => end(&mut world.agenda, cluster, id, stopped)?,
            None if started.is_none() => {
                let change = Change::Step { cluster: Arc::clone(&cluster.name), task: id, from: phase };
                world.agenda.add(Moment::START.after(Duration::from_secs(2)), change);
            }
            None => {}
        }
    }
    Ok(())
}

/// Makes a task one that has stopped.
fn end(agenda: &mut Agenda, cluster: &mut Cluster, id: TaskId, words: &StoppedWords) -> Result<(), Mistake> {
    let code = STOP_CODES.iter().find(|code| **code == words.code.get_ref());
    let code = code.ok_or_else(|| mistake(&words.code, "no TaskStopCode of AWS"))?;
    let at = Moment::ago(words.age.0);
    let second = Duration::from_secs(1);
    let task = cluster.tasks.get_mut(&id).expect("it was just added");
    let ran = words.ran.map_or(Duration::ZERO, |ran| ran.0);
    task.created = at.before(ran + second * 30);
    task.started = words.ran.map(|_| at.before(ran + second * 10));
    let (reason, container) = (words.reason.clone(), words.container.clone());
    let fate = Fate { reason, container, exit: words.exit, after: ran, by: None };
    task.fail(at.before(second * 10), code, &fate);
    if let Some(stop) = &mut task.stop {
        stop.stopped = Some(at);
    }
    task.phase = Phase::Stopped;
    let step = Change::Step { cluster: Arc::clone(&cluster.name), task: id, from: Phase::Stopped };
    agenda.add(at.after(REMEMBERED), step);
    Ok(())
}

/// Returns the revision that `family` or `family:revision` names.
fn definition(world: &World, name: &Spanned<String>) -> Result<Definition, Mistake> {
    let (family, revision) = match name.get_ref().split_once(':') {
        None => (name.get_ref().as_str(), None),
        Some((family, revision)) => {
            let revision = revision.parse().map_err(|_| mistake(name, "a revision is a number"))?;
            (family, Some(revision))
        }
    };
    world.definition(family, revision).ok_or_else(|| mistake(name, "there is no such task definition"))
}

fn fault(words: FaultWords) -> Fault {
    let damage = match (words.error, words.garbage) {
        (Some(code), _) => Damage::Error { code, message: words.message, status: words.status },
        (None, Some(text)) => Damage::Garbage(text),
        (None, None) if words.hang => Damage::Hang,
        (None, None) if words.cut => Damage::Cut,
        (None, None) => match words.closes {
            Some(ClosesWord::Before) => Damage::Unheard,
            Some(ClosesWord::After) => Damage::Lost,
            None => Damage::None,
        },
    };
    Fault {
        operation: words.operation,
        matching: words.matching,
        times: words.times,
        delay: words.delay.map_or(Duration::ZERO, |delay| delay.0),
        damage,
    }
}

fn session_fault(words: SessionFaultWords) -> agent::Fault {
    let direction = match words.to {
        EndWord::Client => Direction::ToClient,
        EndWord::Agent => Direction::ToAgent,
    };
    let frames = match words.frames {
        FramesWord::All => Frames::All,
        FramesWord::Data => Frames::Data,
        FramesWord::Acknowledgements => Frames::Acknowledgements,
    };
    agent::Fault::new(direction, words.first, words.every, words.harm.0).only(frames)
}

fn launch(word: LaunchWord) -> Launch {
    match word {
        LaunchWord::Fargate => Launch::Fargate,
        LaunchWord::Ec2 => Launch::Ec2,
        LaunchWord::External => Launch::External,
    }
}

fn tags(words: &BTreeMap<String, String>) -> Tags {
    words.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect()
}

pub(super) fn ago(age: Option<Age>, otherwise: Duration) -> Moment {
    Moment::ago(age.map_or(otherwise, |age| age.0))
}

pub(super) fn mistake(at: &Spanned<String>, what: &str) -> Mistake {
    Mistake { span: at.span(), message: format!("{:?}: {what}", at.get_ref()) }
}
