//! A browser without a terminal and without AWS: keys go in as text, answers come from a small world or by hand.

#![allow(dead_code, reason = "each user of this file needs a part of it")]

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ecsui::{
    config::Settings,
    model::{
        Alarm, AlarmState, Arn, Cluster, ClusterDetail, Container, ContainerDefinition, Deployment, Described,
        EnvironmentValue, ExecAgent, Group, LogPlace, PolicyKind, PortMapping, Scaling, ScalingActivity, ScalingLimits,
        ScalingPolicy, SecretReference, Series, Service, ServiceDetail, ServiceEvent, Task, TaskDefinition, Thing,
        Timestamp, Usage,
    },
    ops::{
        Identity, Urgency,
        deployments::Deployments,
        instances::Instances,
        list,
        ls::Branch,
        opened::Opened,
        sites::KnownProfile,
        stopped::StoppedTask,
        targets::{Fronts, Health},
        taskdefs::Revision,
    },
    session::Size,
    tui::app::{Effect, Event, Look, Notice, Request, RequestId, Response, Seen, State, StoppedTasks, leaves, update},
};
use jiff::tz::TimeZone;

/// The time at which every script begins.
const BEGIN: &str = "2026-03-10T12:03:30Z";

/// A browser, and what it has asked for that nobody has answered.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) state: State,
    pub(crate) now: Timestamp,
    pub(crate) waiting: Vec<(RequestId, Urgency, Request)>,
    /// Effects that are no requests.
    pub(crate) effects: Vec<Effect>,
}

/// What AWS would answer.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) services: Vec<Service>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) definitions: Vec<TaskDefinition>,
    /// Of every family, the newest first.
    pub(crate) revisions: Option<Vec<Revision>>,
    /// Of every service.
    pub(crate) usage: Option<Usage>,
    pub(crate) scaling: Option<Scaling>,
    pub(crate) alarms: Option<Vec<Alarm>>,
    pub(crate) stopped: Vec<StoppedTask>,
    pub(crate) fronts: Option<Fronts>,
    pub(crate) health: Option<Health>,
    pub(crate) instances: Option<Instances>,
    pub(crate) profiles: Option<Vec<KnownProfile>>,
    /// What was logged in to, and what that counts.
    pub(crate) opened: Vec<(Opened, u32)>,
}

impl Script {
    /// Opens a browser of this size; the time is told once, as the loop does at once.
    pub(crate) fn new(columns: u16, rows: u16, settings: &Settings) -> Self {
        Self::begun(columns, rows, settings, at(BEGIN))
    }

    /// Opens a browser as [`Script::new`] does, at a time.
    pub(crate) fn begun(columns: u16, rows: u16, settings: &Settings, now: Timestamp) -> Self {
        let state = State::new(settings, Size { columns, rows }, now, TimeZone::UTC);
        let mut script = Self { state, now, waiting: Vec::new(), effects: Vec::new() };
        script.event(Event::Due(now));
        script
    }

    /// Lets something happen.
    pub(crate) fn event(&mut self, event: Event) {
        for effect in update(&mut self.state, event) {
            match effect {
                Effect::Send(id, urgency, request) => self.waiting.push((id, urgency, request)),
                Effect::Cancel(id) => {
                    self.waiting.retain(|(waiting, ..)| *waiting != id);
                    self.effects.push(effect);
                }
                Effect::Attach(..) | Effect::Answer(..) | Effect::Go(_) | Effect::Copy(_) | Effect::Quit => {
                    self.effects.push(effect);
                }
            }
        }
        assert_eq!(self.state.detail(), &self.state.describe(), "the details are written as often as they must be");
    }

    /// Types: letters as they are, other keys in angle brackets as the config writes them.
    pub(crate) fn keys(&mut self, text: &str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (name, len) = match rest.strip_prefix('<').and_then(|tail| tail.split_once('>')) {
                Some((name, _)) => (name, name.len() + 2),
                None => (&rest[..first.len_utf8()], first.len_utf8()),
            };
            self.event(Event::Due(self.now));
            self.event(Event::Key(key(name)));
            rest = &rest[len..];
        }
    }

    /// Says that what the state shows is on the screen.
    pub(crate) fn shown(&mut self) {
        self.event(Event::Drawn);
    }

    /// Lets the mouse do something there; what was shown last is what it points at.
    pub(crate) fn mouse(&mut self, kind: MouseEventKind, (column, row): (u16, u16)) {
        self.event(Event::Due(self.now));
        self.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    /// Clicks there.
    pub(crate) fn click(&mut self, place: (u16, u16)) {
        self.mouse(MouseEventKind::Down(MouseButton::Left), place);
        self.mouse(MouseEventKind::Up(MouseButton::Left), place);
    }

    /// Lets time pass, waking the browser whenever it wants to be woken.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.checked_add(time).expect("a script is short");
        while let Some(deadline) = self.state.next_deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.event(Event::Due(self.now));
        }
        self.now = end;
        self.event(Event::Due(end));
    }

    /// Answers one request.
    pub(crate) fn answer(&mut self, id: RequestId, answer: Result<Response, Notice>) {
        self.waiting.retain(|(waiting, ..)| *waiting != id);
        self.event(Event::Reply(id, self.now, answer));
    }

    /// Answers everything from the world, until nothing is asked any more.
    pub(crate) fn serve(&mut self, world: &World) {
        while let Some(place) = self.waiting.iter().position(|(_, _, request)| world.answer(request).is_some()) {
            let (id, _, request) = self.waiting.remove(place);
            self.answer(id, world.answer(&request).expect("it had an answer above"));
        }
    }

    /// Lets the cursor rest, and answers what that leads to.
    pub(crate) fn settle(&mut self, world: &World) {
        self.serve(world);
        self.pass(Duration::from_millis(150));
        self.serve(world);
    }
}

impl World {
    /// Returns a cluster with all that is in it.
    pub(crate) fn branch(&self, cluster: &Arn) -> Branch {
        let services = self.services.iter().filter(|service| service.cluster == *cluster);
        let tasks = self.tasks.iter().filter(|task| task.cluster == *cluster);
        Branch { cluster: cluster.clone(), services: services.cloned().collect(), tasks: tasks.cloned().collect() }
    }

    /// Returns the answer to a request; none to those that open a session.
    pub(crate) fn answer(&self, request: &Request) -> Option<Result<Response, Notice>> {
        let response = match request {
            Request::Identity => Response::Identity(Identity {
                profile: "dev".to_owned(),
                region: "eu-west-1".to_owned(),
                account: Some("123456789012".to_owned()),
                caller: None,
            }),
            Request::Clusters => Response::Clusters(self.clusters.clone(), None),
            Request::Leaves { cluster } => {
                Response::Leaves(leaves(cluster, list::flat(self.branch(cluster)), Vec::new(), self.opened.clone()))
            }
            Request::Note { .. } => Response::Noted(None),
            Request::Services { cluster } => Response::Services(
                self.services
                    .iter()
                    .filter(|service| service.cluster == *cluster)
                    .map(|service| Service { detail: None, ..service.clone() })
                    .collect(),
            ),
            Request::ServiceDetails { services, .. } => Response::ServiceDetails(
                self.services.iter().filter(|service| services.contains(&service.arn)).cloned().collect(),
            ),
            Request::Tasks { cluster, service } => {
                let of = |task: &&Task| {
                    let name = task.group.service().map(|name| &**name);
                    task.cluster == *cluster && service.as_ref().is_none_or(|service| name == Some(service.name()))
                };
                Response::Tasks(self.tasks.iter().filter(of).cloned().collect())
            }
            Request::Look(look) => Response::Seen(self.look(look)?),
            Request::Elsewhere { .. }
            | Request::OpenExec { .. }
            | Request::OpenService { .. }
            | Request::OpenTask { .. }
            | Request::Plan(_)
            | Request::PlanRegistration { .. }
            | Request::Change(_)
            | Request::WaitForTasks { .. }
            | Request::OpenPage { .. }
            | Request::Edit { .. }
            | Request::RunOwn { .. } => return None,
        };
        Some(Ok(response))
    }

    /// Returns what AWS says of something: as much as a script needs.
    fn described(&self, thing: &Thing) -> Option<Described> {
        if let Thing::Definition(arn) = thing {
            return self.definitions.iter().find(|known| known.arn == *arn).map(|known| known.described.clone());
        }
        let environment = serde_json::json!([{ "name": "DB_PASSWORD", "value": "hunter2" }]);
        Some(Described::new(serde_json::json!({
            "arn": thing.arn().as_str(),
            "name": thing.name(),
            "newThing": { "of": ["tomorrow"] },
            "overrides": { "containerOverrides": [{ "name": "app", "environment": environment }] },
        })))
    }

    fn look(&self, look: &Look) -> Option<Seen> {
        match look {
            Look::Logs(_) | Look::OlderLogs { .. } => None,
            Look::Definition(arn) => {
                let found = self.definitions.iter().find(|definition| definition.arn == *arn);
                Some(Seen::Definition(Box::new(found?.clone())))
            }
            Look::Described(thing) => Some(Seen::Described(Box::new(self.described(thing)?))),
            Look::Revisions(_) => self.revisions.clone().map(Seen::Revisions),
            Look::Deployments { service, .. } => {
                let service = self.services.iter().find(|known| known.arn == *service)?.clone();
                let definitions = self.definitions.iter();
                let definitions = definitions.map(|it| (it.arn.clone(), std::sync::Arc::new(it.clone()))).collect();
                let seen = Deployments { service, history: Vec::new(), definitions, gaps: Vec::new() };
                Some(Seen::Deployments(Box::new(seen)))
            }
            Look::Usage { .. } => self.usage.clone().map(|usage| Seen::Usage(Box::new(usage))),
            Look::Scaling { .. } => self.scaling.clone().map(|scaling| Seen::Scaling(Box::new(scaling))),
            Look::Profiles => self.profiles.clone().map(Seen::Profiles),
            Look::Alarms => self.alarms.clone().map(Seen::Alarms),
            Look::Events { services, .. } => {
                Some(Seen::Events(self.services.iter().filter(|one| services.contains(&one.arn)).cloned().collect()))
            }
            Look::Fronts(_) => self.fronts.clone().map(|fronts| Seen::Fronts(Box::new(fronts))),
            Look::Health { .. } => self.health.clone().map(|health| Seen::Health(Box::new(health))),
            Look::Instances(_) => self.instances.clone().map(|instances| Seen::Instances(Box::new(instances))),
            Look::Stopped(_) => {
                Some(Seen::Stopped(Box::new(StoppedTasks { tasks: self.stopped.clone(), troubles: Vec::new() })))
            }
        }
    }
}

/// A company with two clusters.
pub(crate) fn company() -> World {
    let prod = arn("cluster/prod");
    let mut world = World {
        clusters: vec![cluster("staging", 1, 0, 0), cluster("prod", 4, 5, 3)],
        services: vec![
            service(&prod, "payments-api", 2, 2, "2026-03-08T09:00:00Z", "COMPLETED"),
            service(&prod, "payments-web", 1, 2, "2026-03-10T11:59:00Z", "IN_PROGRESS"),
            service(&prod, "search", 0, 1, "2026-03-10T11:00:00Z", "FAILED"),
            service(&arn("cluster/staging"), "payments-api", 0, 0, "2026-02-08T09:00:00Z", "COMPLETED"),
        ],
        tasks: vec![
            task(&prod, "4f2ab81c0d0e4f5a8b7c6d5e4f3a2b1c", Some("payments-api"), "2026-03-08T12:00:00Z"),
            task(&prod, "77c01d9e0d0e4f5a8b7c6d5e4f3a2b1c", Some("payments-api"), "2026-03-08T11:00:00Z"),
            task(&prod, "b0aa71f30d0e4f5a8b7c6d5e4f3a2b1c", Some("payments-web"), "2026-03-10T11:59:30Z"),
            task(&prod, "c1d2e3f40d0e4f5a8b7c6d5e4f3a2b1c", None, "2026-03-10T02:00:00Z"),
        ],
        definitions: vec![definition("payments-api:41")],
        revisions: None,
        usage: Some(usage()),
        scaling: Some(scaling()),
        alarms: Some(vec![
            alarm("payments-api", "payments-cpu-high", AlarmState::Ok),
            alarm("payments-api", "payments-memory-high", AlarmState::Alarm),
            alarm("payments-api", "TargetTracking-service/prod/payments-api-AlarmLow-1", AlarmState::Alarm),
            alarm("search", "search-cpu-high", AlarmState::InsufficientData),
        ]),
        stopped: Vec::new(),
        fronts: None,
        health: None,
        instances: None,
        profiles: None,
        opened: Vec::new(),
    };
    if let Some(detail) = &mut world.services[0].detail {
        detail.events = vec![
            event("e2", "2026-03-10T12:03:11Z", "(service payments-api) has reached a steady state."),
            event(
                "e1",
                "2026-03-09T11:58:40Z",
                "(service payments-api) registered 1 targets in (target-group payments-blue)",
            ),
        ];
    }
    world
}

/// Returns an ARN of ECS in the account of these worlds.
pub(crate) fn arn(resource: &str) -> Arn {
    format!("arn:aws:ecs:eu-west-1:123456789012:{resource}").parse().expect("it has six parts")
}

/// Returns a point in time.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a script names times rightly")
}

pub(crate) fn cluster(name: &str, services: u32, running: u32, instances: u32) -> Cluster {
    Cluster {
        arn: arn(&format!("cluster/{name}")),
        name: name.into(),
        detail: Some(ClusterDetail { status: "ACTIVE".into(), services, running, pending: 0, instances }),
    }
}

pub(crate) fn service(cluster: &Arn, name: &str, running: u32, desired: u32, deployed: &str, rollout: &str) -> Service {
    let definition = arn(&format!("task-definition/{name}:41"));
    Service {
        arn: arn(&format!("service/{}/{name}", cluster.name())),
        cluster: cluster.clone(),
        name: name.into(),
        detail: Some(Box::new(ServiceDetail {
            status: "ACTIVE".into(),
            desired,
            running,
            pending: desired - running,
            task_definition: Some(definition.clone()),
            launch: "FARGATE".into(),
            controller: "ECS".into(),
            scheduling: "REPLICA".into(),
            breaker: true,
            exec_enabled: true,
            attachments: Vec::new(),
            created: Some(at("2025-06-01T08:00:00Z")),
            deployments: vec![Deployment {
                id: format!("ecs-svc/{name}"),
                status: "PRIMARY".into(),
                rollout: Some(rollout.into()),
                reason: Some(format!("ECS deployment ecs-svc/{name} {}.", rollout.to_lowercase())),
                task_definition: Some(definition),
                desired,
                running,
                pending: desired - running,
                failed: 0,
                created: Some(at(deployed)),
            }],
            events: Vec::new(),
        })),
    }
}

pub(crate) fn task(cluster: &Arn, id: &str, service: Option<&str>, started: &str) -> Task {
    let family = service.unwrap_or("migrate");
    Task {
        arn: arn(&format!("task/{}/{id}", cluster.name())),
        cluster: cluster.clone(),
        group: match service {
            Some(name) => Group::Service(name.into()),
            None => Group::Standalone(format!("family:{family}").into()),
        },
        definition: arn(&format!("task-definition/{family}:41")),
        last_status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        health: "HEALTHY".into(),
        launch: "FARGATE".into(),
        zone: Some("eu-west-1b".into()),
        instance: None,
        ip: Some("10.0.12.34".into()),
        exec_enabled: true,
        created: Some(at(started)),
        started: Some(at(started)),
        stopping: None,
        stopped: None,
        stop_code: None,
        stopped_reason: None,
        containers: vec![
            container("app", "registry.example.com/payments:2026.3.1", ExecAgent::Running),
            container("envoy", "envoyproxy/envoy:v1.31", ExecAgent::Absent),
        ],
    }
}

pub(crate) fn container(name: &str, image: &str, exec: ExecAgent) -> Container {
    Container {
        arn: None,
        name: name.into(),
        image: image.into(),
        digest: None,
        last_status: "RUNNING".into(),
        health: "UNKNOWN".into(),
        bindings: Vec::new(),
        runtime_id: Some(format!("{name}-1234567890").into()),
        exit_code: None,
        reason: None,
        exec,
    }
}

pub(crate) fn alarm(service: &str, name: &str, state: AlarmState) -> Alarm {
    Alarm {
        name: name.to_owned(),
        description: None,
        cluster: "prod".to_owned(),
        service: service.to_owned(),
        state,
        since: Some(at("2026-03-10T11:40:00Z")),
        reason: Some("Threshold Crossed".to_owned()),
        condition: "CPUUtilization > 85 for 3 minutes".to_owned(),
        actions_enabled: true,
    }
}

fn usage() -> Usage {
    let series = |start: u32, step: u32, peak| Series {
        since: at("2026-03-10T08:10:00Z"),
        period: Duration::from_mins(10),
        points: (0..24).map(|point| (point != 5).then_some(start + point * step)).collect(),
        peak: Some(peak),
    };
    Usage { cpu: series(400, 380, 9740), memory: series(6100, 10, 6633) }
}

fn scaling() -> Scaling {
    let track = PolicyKind::Track {
        metric: "ECSServiceAverageCPUUtilization".to_owned(),
        target: "60".to_owned(),
        scales_in: false,
    };
    Scaling {
        limits: Some(ScalingLimits { min: 2, max: 8, suspended: vec!["scheduled scaling"] }),
        policies: vec![ScalingPolicy { name: "payments-cpu".to_owned(), kind: track }],
        activities: vec![ScalingActivity {
            at: Some(at("2026-03-10T11:01:00Z")),
            description: "Setting desired count to 2.".to_owned(),
            cause: "monitor alarm".to_owned(),
            status: "Successful".to_owned(),
        }],
        missing: vec!["the scaling activities cannot be read: not allowed: x".to_owned()],
    }
}

fn event(id: &str, when: &str, message: &str) -> ServiceEvent {
    ServiceEvent { id: id.into(), at: Some(at(when)), message: message.into() }
}

fn definition(name: &str) -> TaskDefinition {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    TaskDefinition {
        arn: arn(&format!("task-definition/{name}")),
        status: "ACTIVE".to_owned(),
        network_mode: Some("awsvpc".to_owned()),
        cpu: Some("512".to_owned()),
        memory: Some("1024".to_owned()),
        compatibilities: vec!["FARGATE".to_owned()],
        task_role: Some("arn:aws:iam::123456789012:role/payments".to_owned()),
        execution_role: None,
        operating_system: None,
        architecture: Some("ARM64".to_owned()),
        registered: Some(at("2026-03-08T08:55:00Z")),
        containers: vec![ContainerDefinition {
            name: "app".to_owned(),
            image: "registry.example.com/payments:2026.3.1".to_owned(),
            essential: true,
            cpu: 256,
            memory: Some(768),
            memory_reservation: None,
            ports: vec![PortMapping { container: 8080, host: Some(8080), protocol: "tcp".to_owned() }],
            entry_point: Vec::new(),
            command: words("serve --listen :8080"),
            environment: vec![
                EnvironmentValue { name: "LOG_LEVEL".to_owned(), value: "info".to_owned() },
                EnvironmentValue { name: "DB_PASSWORD".to_owned(), value: "hunter2".to_owned() },
            ],
            secrets: vec![SecretReference {
                name: "API_TOKEN".to_owned(),
                value_from: "arn:aws:ssm:eu-west-1:123456789012:parameter/payments/token".to_owned(),
            }],
            log: LogPlace::CloudWatch {
                group: "/ecs/payments".to_owned(),
                region: None,
                prefix: Some("ecs".to_owned()),
            },
            health_check: words("CMD-SHELL curl -f localhost:8080/health"),
        }],
        described: Described::new(serde_json::json!({
            "tags": [{ "key": "team", "value": "payments" }],
            "taskDefinition": {
                "taskDefinitionArn": arn(&format!("task-definition/{name}")).as_str(),
                "networkMode": "awsvpc",
                "cpu": "512",
                "memory": "1024",
                "taskRoleArn": "arn:aws:iam::123456789012:role/payments",
                "containerDefinitions": [{
                    "name": "app",
                    "image": "registry.example.com/payments:2026.3.1",
                    "portMappings": [{ "containerPort": 8080, "hostPort": 8080, "protocol": "tcp" }],
                    "environment": [
                        { "name": "LOG_LEVEL", "value": "info" },
                        { "name": "DB_PASSWORD", "value": "hunter2" },
                    ],
                    "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/payments" } },
                    "healthCheck": { "command": ["CMD-SHELL", "curl"], "interval": 30, "retries": 3 },
                    "mountPoints": [{ "sourceVolume": "receipts", "containerPath": "/srv/receipts", "readOnly": false }],
                    "dockerLabels": { "team": "payments", "deploy.token": "dt_1" },
                    "stopTimeout": 60,
                }],
                "volumes": [{ "name": "receipts", "efsVolumeConfiguration": { "fileSystemId": "fs-0c3a" } }],
                "registeredBy": "arn:aws:iam::123456789012:user/ci",
            },
        })),
    }
}

fn key(name: &str) -> KeyEvent {
    let mut rest = name;
    let mut modifiers = KeyModifiers::NONE;
    for (prefix, modifier) in [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT)] {
        if let Some(tail) = rest.strip_prefix(prefix) {
            (rest, modifiers) = (tail, modifiers | modifier);
        }
    }
    let code = match rest {
        "enter" => KeyCode::Enter,
        "space" => KeyCode::Char(' '),
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "shift-tab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        _ if rest.len() > 1 && rest.starts_with('f') => {
            KeyCode::F(rest[1..].parse().expect("a function key has a number"))
        }
        _ => KeyCode::Char(rest.chars().next().expect("a key has a name")),
    };
    KeyEvent::new(code, modifiers)
}
