//! What becomes of services that somebody changes.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::sim::{
    clock::{Clock, Mode},
    ecs,
    refusal::Refusal,
    world::{Cause, Rollout, Stage, Task},
};

/// A service of two with a circuit breaker.
const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 7
container = [{ image = "{registry}/web:{revision}", ports = [80] }]

[[image]]
repository = "web"
tags = ["crashes"]
exits = { code = 3, after = "4s" }

[[image]]
repository = "web"
tags = ["arm"]
arch = ["ARM64"]

[[cluster.prod.service]]
name = "web"
desired = 2
breaker = "rollback"
"#;

/// A world whose time somebody moves.
struct Moved {
    world: World,
    clock: Clock,
}

impl Moved {
    fn new() -> Self {
        Self { world: World::from_toml(WORLD).unwrap(), clock: Clock::new(Mode::Explicit, None) }
    }

    fn ask(&mut self, operation: &str, body: &Value) -> Result<Value, Refusal> {
        ecs::change(&mut self.world, &self.clock, operation, body).unwrap()
    }

    fn after(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            self.world.settle(self.clock.now());
        }
    }

    /// Registers the service's definition with another image, and deploys it.
    fn deploy(&mut self, tag: &str) {
        let image = format!("{}/web:{tag}", self.world.registry_host());
        let definition = json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"], "executionRoleArn": "arn:aws:iam::482913007156:role/ecs-execution",
            "containerDefinitions": [{ "name": "app", "image": image, "portMappings": [{ "containerPort": 80 }] }],
        });
        let registered = self.ask("RegisterTaskDefinition", &definition).unwrap();
        let arn = &registered["taskDefinition"]["taskDefinitionArn"];
        self.ask("UpdateService", &json!({ "cluster": "prod", "service": "web", "taskDefinition": arn })).unwrap();
    }

    fn service(&self) -> &crate::sim::world::Service {
        &self.world.clusters[0].services["web"]
    }

    fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.world.clusters[0].tasks.values()
    }

    /// Returns the revisions of the tasks that run, and how those stopped that did not want to.
    fn seen(&self) -> (Vec<u32>, Vec<(&str, Option<i32>)>) {
        let running = self.tasks().filter(|task| task.wanted() && task.phase == Phase::Running);
        let mut running: Vec<u32> = running.map(|task| task.definition.revision).collect();
        running.sort_unstable();
        let stopped = self.tasks().filter_map(|task| task.stop.as_deref()).filter(|stop| !stop.endings.is_empty());
        (running, stopped.map(|stop| (&*stop.reason, stop.endings[0].exit)).collect())
    }
}

#[test]
fn a_new_image_rolls_out() {
    let mut moved = Moved::new();
    moved.world.push_image("web", "new");
    moved.deploy("new");
    moved.after(5);
    assert_eq!(moved.service().releases[0].stage, Stage::InProgress);
    moved.after(120);
    assert_eq!(moved.seen(), (vec![8, 8], vec![]));
    let service = moved.service();
    assert_eq!((service.deployments.len(), service.primary().rollout), (1, Rollout::Completed));
    assert_eq!(service.releases[0].stage, Stage::Successful);
}

#[test]
fn an_image_that_is_not_there_or_crashes_is_rolled_back() {
    let missing = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 482913007156.dkr.ecr.eu-west-1.amazonaws.com/web:nowhere: not found";
    let exited = "Essential container in task exited";
    for (tag, reason, exit) in [("nowhere", missing, None), ("crashes", exited, Some(3)), ("arm", exited, Some(255))] {
        let mut moved = Moved::new();
        moved.deploy(tag);
        moved.after(200);
        let (running, stopped) = moved.seen();
        assert_eq!(running, [7, 7], "{tag}: what ran runs on");
        assert!(stopped.len() >= 3 && stopped.iter().all(|it| *it == (reason, exit)), "{tag}: {stopped:?}");
        let release = &moved.service().releases[0];
        assert_eq!((release.stage, release.cause), (Stage::RollbackSuccessful, Cause::Breaker), "{tag}");
        moved.after(200);
        assert_eq!(moved.seen().0, [7, 7], "{tag}: and goes on");
    }
}

#[test]
fn an_image_that_comes_late_is_found() {
    let mut moved = Moved::new();
    moved.deploy("late");
    moved.after(15);
    moved.world.push_image("web", "late");
    moved.after(150);
    assert_eq!((moved.seen().0, moved.service().primary().rollout), (vec![8, 8], Rollout::Completed));
}

#[test]
fn the_newer_deployment_takes_over() {
    let mut moved = Moved::new();
    moved.world.push_image("web", "one");
    moved.world.push_image("web", "two");
    moved.deploy("one");
    moved.after(14);
    moved.deploy("two");
    let service = moved.service();
    assert_eq!((service.releases[1].stage, service.releases[1].cause), (Stage::Stopped, Cause::Superseded));
    assert_eq!(service.deployments.len(), 3);
    moved.after(200);
    assert_eq!(moved.seen().0, [9, 9]);
    assert_eq!((moved.service().deployments.len(), moved.service().releases[0].stage), (1, Stage::Successful));
}

#[test]
fn as_many_tasks_run_as_are_asked_for() {
    let mut moved = Moved::new();
    for (desired, expected) in [(4, 4), (1, 1), (0, 0), (2, 2)] {
        moved.ask("UpdateService", &json!({ "cluster": "prod", "service": "web", "desiredCount": desired })).unwrap();
        assert_eq!(moved.service().deployments.len(), 1);
        moved.after(90);
        assert_eq!(moved.seen().0.len(), expected);
        let said = moved.service().events[0].message("web");
        assert!(said.contains("steady state"), "{said}");
    }
}

#[test]
fn what_another_controller_deploys_is_only_counted() {
    let refused = [
        (json!({ "taskDefinition": "web:7", "forceNewDeployment": true }), "Unable to update task definition"),
        (json!({ "forceNewDeployment": true }), "Cannot force a new deployment"),
        (json!({ "loadBalancers": [] }), "Unable to update load balancers"),
    ];
    let then = "on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.";
    let mut moved = Moved::new();
    let service = moved.world.clusters[0].services.get_mut("web").unwrap();
    service.controller = crate::sim::world::Controller::CodeDeploy;
    let ask = |moved: &mut Moved, mut body: Value| {
        body["cluster"] = "prod".into();
        body["service"] = "web".into();
        moved.ask("UpdateService", &body)
    };
    for (body, what) in refused {
        assert_eq!(ask(&mut moved, body).unwrap_err().message, format!("{what} {then}"));
    }
    let answer = ask(&mut moved, json!({ "desiredCount": 3 })).unwrap();
    assert_eq!(answer["service"]["deployments"], json!([]));
    assert_eq!(answer["service"]["taskSets"][0]["computedDesiredCount"], 3);
}

#[test]
fn a_rollback_brings_the_setup_back() {
    let mut moved = Moved::new();
    let other = json!({ "awsvpcConfiguration": { "subnets": ["subnet-1"] } });
    let update = json!({ "cluster": "prod", "service": "web", "networkConfiguration": other });
    moved.ask("UpdateService", &update).unwrap();
    assert!(moved.service().given.contains_key("networkConfiguration"));
    moved.deploy("nowhere");
    moved.after(300);
    assert_eq!(moved.service().releases[0].stage, Stage::RollbackSuccessful);
    assert!(!moved.service().given.contains_key("networkConfiguration"), "{:?}", moved.service().given);
}

#[test]
fn a_task_that_is_stopped_while_it_starts_is_remembered() {
    let mut moved = Moved::new();
    moved.ask("UpdateService", &json!({ "cluster": "prod", "service": "web", "desiredCount": 3 })).unwrap();
    moved.after(1);
    let id = moved.tasks().find(|task| task.phase < Phase::Running).unwrap().id;
    let cluster: Arc<str> = "prod".into();
    assert!(moved.world.stop_task(moved.clock.now(), &cluster, id, "UserInitiated", "no"));
    moved.after(60);
    assert_eq!(moved.world.clusters[0].tasks[&id].phase, Phase::Stopped);
}

#[test]
fn what_a_scenario_tells_of_a_family_happens_to_who_runs_it() {
    let world = WORLD.to_owned()
        + r#"
[[taskdef]]
family = "job"
runs = { for = "9s", exit = 4, says = ["one", "two"] }
container = [{ image = "{registry}/job:1" }]
"#;
    let mut moved = Moved { world: World::from_toml(&world).unwrap(), clock: Clock::new(Mode::Explicit, None) };
    let network = json!({ "awsvpcConfiguration": { "subnets": ["subnet-1"] } });
    for family in ["job", "web"] {
        let asked = json!({
            "cluster": "prod", "taskDefinition": family, "launchType": "FARGATE", "networkConfiguration": network,
        });
        moved.ask("RunTask", &asked).unwrap();
    }
    moved.after(40);
    let by_hand = moved.tasks().filter(|task| task.run.is_some());
    let mut seen: Vec<_> = by_hand
        .map(|task| {
            let exit = task.stop.as_deref().and_then(|stop| stop.endings.first()?.exit);
            (&*task.definition.family, task.phase, exit)
        })
        .collect();
    seen.sort_unstable_by_key(|(family, ..)| *family);
    assert_eq!(seen, [("job", Phase::Stopped, Some(4)), ("web", Phase::Running, None)]);
}

#[test]
fn what_lacks_its_secret_or_its_log_group_does_not_start() {
    let awslogs = |more: Value| {
        let mut options =
            json!({ "awslogs-group": "/none", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "x" });
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "logConfiguration": { "logDriver": "awslogs", "options": options } })
    };
    let secret = |arn: &str| json!({ "secrets": [{ "name": "TOKEN", "valueFrom": arn }] });
    let mut moved = Moved::new();
    let (open, shut) = (moved.world.add_secret("open"), moved.world.add_secret("shut"));
    moved.world.deny("ecs-execution", "secretsmanager:GetSecretValue", "*:secret:shut-*");
    moved.world.create_log_group("/made");
    for (number, (extra, why)) in [
        (secret(&format!("{open}:password::")), None),
        (secret(&shut), Some("AccessDeniedException")),
        (secret(&open.replace("open", "lost")), Some("ResourceNotFoundException")),
        (awslogs(json!({})), Some("The specified log group does not exist")),
        (awslogs(json!({ "awslogs-create-group": "true" })), None),
        (awslogs(json!({ "awslogs-group": "/made" })), None),
    ]
    .into_iter()
    .enumerate()
    {
        let family = format!("job-{number}");
        let mut container = json!({ "name": "app", "image": "nginx:1", "command": ["sleep", "infinity"] });
        container.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let definition = json!({
            "family": family, "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
            "executionRoleArn": "arn:aws:iam::482913007156:role/ecs-execution", "containerDefinitions": [container],
        });
        moved.ask("RegisterTaskDefinition", &definition).unwrap();
        let network = json!({ "awsvpcConfiguration": { "subnets": ["subnet-1"] } });
        let asked = json!({
            "cluster": "prod", "taskDefinition": family, "launchType": "FARGATE", "networkConfiguration": network,
        });
        moved.ask("RunTask", &asked).unwrap();
        moved.after(10);
        let task = moved.tasks().find(|task| *task.definition.family == *family).unwrap();
        match (why, task.stop.as_deref()) {
            (None, None) => assert_eq!(task.phase, Phase::Running, "{extra}"),
            (Some(why), Some(stop)) => {
                assert!(
                    stop.reason.starts_with("ResourceInitializationError") && stop.reason.contains(why),
                    "{}",
                    stop.reason
                );
                assert_eq!(stop.code, "TaskFailedToStart");
            }
            other => panic!("{extra}: {other:?}"),
        }
    }
    assert!(moved.world.log_groups().contains("/none"), "the task has created it");
}
