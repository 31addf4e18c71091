//! The demo's clockwork, moved by hand.

use super::*;
use crate::sim::world::{Phase, Rollout, Stage, Task};

/// A service of three whose tasks are being replaced, and one whose new tasks fail.
const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 8
container = [{ image = "web:{revision}" }]

[target_group.web]
drains = "15s"

[[cluster.prod.service]]
name = "web"
desired = 3
rolling = { from = "web:7", done = 1, every = "10m" }
targets = [{ group = "web", container = "app", port = 80 }]

[[cluster.prod.service]]
name = "broken"
taskdef = "web:8"
desired = 1
rolling = { from = "web:7" }
failing = { reason = "CannotPullContainerError: no such image" }

[[cluster.prod.service]]
name = "crashing"
taskdef = "web:8"
desired = 1
rolling = { from = "web:7" }
failing = { reason = "Essential container in task exited", exit = 3 }

[[cluster.prod.task]]
taskdef = "web:8"
status = "PROVISIONING"

[[cluster.prod.task]]
taskdef = "web:7"
stopped = { age = "59m", code = "UserInitiated", reason = "done", ran = "1m" }
"#;

fn world() -> World {
    World::from_toml(WORLD).unwrap()
}

fn at(seconds: u64) -> Moment {
    Moment::START.after(Duration::from_secs(seconds))
}

fn tasks<'a>(world: &'a World, service: &'a str) -> impl Iterator<Item = &'a Task> {
    world.clusters[0].tasks.values().filter(move |task| task.service().is_some_and(|name| &**name == service))
}

fn said(world: &World, service: &str) -> Vec<String> {
    let service = &world.clusters[0].services[service];
    service.events.iter().map(|event| event.message(&service.name)).collect()
}

#[test]
fn a_deployment_rolls_to_its_end_and_never_runs_too_few() {
    let mut world = world();
    let running =
        |world: &World| tasks(world, "web").filter(|task| task.phase == Phase::Running && task.wanted()).count();
    assert_eq!((running(&world), world.clusters[0].services["web"].deployments.len()), (3, 2));
    for second in 0..240 {
        world.settle(at(second));
        assert!(running(&world) >= 3, "after {second} s");
    }
    let service = &world.clusters[0].services["web"];
    assert_eq!((service.deployments.len(), service.primary().rollout), (1, Rollout::Completed));
    assert!(tasks(&world, "web").filter(|task| task.wanted()).all(|task| task.definition.revision == 8));
    assert_eq!(tasks(&world, "web").filter(|task| task.phase == Phase::Stopped).count(), 2);
    let said = said(&world, "web");
    assert_eq!(said[0], "(service web) has reached a steady state.");
    for words in [
        "registered 1 targets in (target-group arn:aws:elasticloadbalancing:eu-west-1:482913007156:targetgroup/web/",
        "has begun draining connections",
        "deployment completed.",
    ] {
        assert!(said.iter().any(|said| said.contains(words)), "{words} in {said:#?}");
    }
}

#[test]
fn the_next_revision_comes_when_it_was_said_to() {
    let mut world = world();
    world.settle(at(240));
    assert_eq!(world.families["web"].latest, 8);
    world.settle(at(900));
    assert_eq!(world.families["web"].latest, 9);
    let tasks: Vec<_> = tasks(&world, "web").filter(|task| task.wanted()).collect();
    assert_eq!(tasks.len(), 3);
    assert!(tasks.iter().all(|task| task.definition.revision == 9));
}

#[test]
fn a_failing_deployment_fails_again_and_keeps_what_runs() {
    for (service, code, ran) in [("broken", "TaskFailedToStart", false), ("crashing", "EssentialContainerExited", true)]
    {
        let mut world = world();
        world.settle(at(600));
        let stopped: Vec<_> = tasks(&world, service).filter(|task| task.phase == Phase::Stopped).collect();
        assert!(stopped.len() >= 3, "{service}: {}", stopped.len());
        assert!(stopped.iter().all(|task| task.stop.as_ref().unwrap().code == code && task.started.is_some() == ran));
        let old = tasks(&world, service).filter(|task| task.definition.revision == 7 && task.phase == Phase::Running);
        assert_eq!(old.count(), 1, "{service}: the old task runs on");
        let deployment = world.clusters[0].services[service].primary();
        assert_eq!((deployment.rollout, deployment.failed as usize), (Rollout::InProgress, stopped.len()));
        assert!(said(&world, service).iter().any(|said| said.contains("unable to consistently start tasks")));
    }
}

#[test]
fn a_task_runs_after_two_seconds_and_is_forgotten_after_an_hour() {
    let mut world = world();
    let standalone = |world: &World| {
        let tasks = world.clusters[0].tasks.values().filter(|task| task.service().is_none());
        tasks.map(|task| task.phase).collect::<Vec<_>>()
    };
    assert!(standalone(&world).contains(&Phase::Provisioning) && standalone(&world).contains(&Phase::Stopped));
    world.settle(at(3));
    assert!(standalone(&world).contains(&Phase::Activating), "{:?}", standalone(&world));
    world.settle(at(4));
    assert!(standalone(&world).contains(&Phase::Running));
    world.settle(at(61));
    assert_eq!(standalone(&world), [Phase::Running]);
}

#[test]
fn a_stopped_task_ends_its_containers_once() {
    let mut world = world();
    let cluster: Arc<str> = "prod".into();
    let id = tasks(&world, "web").next().unwrap().id;
    assert!(world.stop_task(at(0), &cluster, id, "UserInitiated", "enough"));
    assert!(!world.stop_task(at(0), &cluster, id, "UserInitiated", "enough"), "it is stopping already");
    assert!(!world.settle(at(14)).contains(&id), "its targets drain first");
    let ended: Vec<TaskId> = (15..25).flat_map(|second| world.settle(at(second))).collect();
    assert_eq!(ended.iter().filter(|ended| **ended == id).count(), 1);
}

#[test]
fn only_a_lively_world_chatters() {
    let steady = |world: &mut World| {
        world.settle(at(2_000));
        let services = world.clusters.iter().flat_map(|cluster| cluster.services.values());
        services.map(|service| service.events.len()).sum::<usize>()
    };
    let quiet = WORLD.split("[[cluster").next().unwrap().to_owned() + "[[cluster.prod.service]]\nname = \"web\"\n";
    let before = steady(&mut World::from_toml(&quiet).unwrap());
    let after = steady(&mut World::from_toml(&format!("lively = true\n{quiet}")).unwrap());
    assert!(after > before + 30, "{before} {after}");
}

/// A service whose next deployment fails, with a circuit breaker.
fn broken(breaker: &str, desired: u32) -> World {
    let world = WORLD.split("[[cluster").next().unwrap().to_owned()
        + &format!(
            r#"
[[cluster.prod.service]]
name = "broken"
taskdef = "web:8"
desired = {desired}
rolling = {{ from = "web:7", every = "50s" }}
breaker = "{breaker}"
failing = {{ reason = "CannotPullContainerError: no such image" }}
"#
        );
    World::from_toml(&world).unwrap()
}

#[test]
fn a_deployment_that_fails_too_often_is_rolled_back_and_the_next_one_tried() {
    let mut world = broken("rollback", 2);
    let mut seen = vec![];
    for second in 0..300 {
        world.settle(at(second));
        let service = &world.clusters[0].services["broken"];
        let running = tasks(&world, "broken").filter(|task| task.phase == Phase::Running && task.wanted()).count();
        assert!(running >= 2, "after {second} s");
        let primary = service.primary();
        let now = (service.releases[0].stage, primary.rollout, primary.definition.revision);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(
        seen[..8],
        [
            (Stage::InProgress, Rollout::InProgress, 8),
            (Stage::RollbackRequested, Rollout::InProgress, 7),
            (Stage::RollbackInProgress, Rollout::InProgress, 7),
            (Stage::RollbackSuccessful, Rollout::Completed, 7),
            (Stage::Pending, Rollout::InProgress, 9),
            (Stage::InProgress, Rollout::InProgress, 9),
            (Stage::RollbackRequested, Rollout::InProgress, 7),
            (Stage::RollbackInProgress, Rollout::InProgress, 7),
        ]
    );
    let service = &world.clusters[0].services["broken"];
    let release = service.releases.iter().find(|release| release.target.definition.revision == 8).unwrap();
    assert_eq!((release.failed, release.threshold), (3, 3));
    assert_eq!(release.source.as_ref().unwrap().definition.revision, 7);
    let said = said(&world, "broken");
    let old = &release.source.as_ref().unwrap().deployment;
    assert!(said.contains(&format!("(service broken) rolling back to deployment {old}.")), "{said:#?}");
    let failed = format!(
        "(service broken) (deployment {}) deployment failed: tasks failed to start.",
        release.target.deployment
    );
    assert!(said.contains(&failed), "{said:#?}");
}

#[test]
fn a_deployment_that_fails_too_often_is_given_up() {
    let mut world = broken("on", 9);
    world.settle(at(900));
    let service = &world.clusters[0].services["broken"];
    assert_eq!((service.primary().rollout, service.primary().failed), (Rollout::Failed, 5), "half of nine, rounded up");
    assert_eq!((service.releases[0].stage, service.releases.len()), (Stage::Stopped, 2));
    let old = tasks(&world, "broken").filter(|task| task.definition.revision == 7 && task.phase == Phase::Running);
    assert_eq!(old.count(), 9, "what ran runs on");
}
