//! The simulated AWS where it is changed: held against botocore's models, and in its life afterwards.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod boto;
    pub(crate) mod peers;
}

use std::time::Duration;

use common::boto::check;
use ecsui::sim::{Damage, Fault, Options, Outcome, Sim, World};
use serde_json::json;

const SCRIPT: &str = "changes.py";

/// A service of two, and a definition that could take the place of its own.
const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 8
first = 3
container = [{ image = "{registry}/web:{revision}", ports = [8080] }]

[[cluster.prod.service]]
name = "web"
taskdef = "web:7"
desired = 2

[[taskdef]]
family = "job"
revision = 2
first = 2
tags = { team = "payments" }
container = [{ image = "{registry}/job:{revision}", lines = 0 }, { name = "side", image = "side:1", essential = false }]

[[taskdef]]
family = "heavy"
launch = "EC2"
cpu = 1024
memory = 6000
container = [{ image = "{registry}/heavy:1" }]

[[cluster.prod.instance]]
count = 2

[[cluster.prod.instance]]
connected = false

[cluster.bare]
"#;

async fn sim(world: World) -> Sim {
    Sim::start(world, Options::explicit()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shapes_of_requests_are_botocores() {
    let sim = sim(World::empty()).await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sim/ecs/shapes.json");
    let Some(seen) = check(&sim, SCRIPT, &["shapes", path]).await else { return };
    assert_eq!(seen, json!(["RegisterTaskDefinition", "RunTask", "UpdateService"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_given_back_as_it_was_registered() {
    let sim = sim(World::empty()).await;
    let Some(seen) = check(&sim, SCRIPT, &["register"]).await else { return };
    assert_eq!(seen.as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_changed_at_once_or_by_a_deployment() {
    let sim = sim(World::from_toml(WORLD).unwrap()).await;
    let Some(seen) = check(&sim, SCRIPT, &["update", "prod", "web", "web:8"]).await else { return };
    let superseded = "Service deployment stopped because a newer service deployment was started.";
    let mut expected = vec![json!(["PENDING", null])];
    expected.extend(vec![json!(["STOPPED", superseded]); 4]);
    expected.push(json!(["SUCCESSFUL", null]));
    assert_eq!(seen, json!(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_does_not_change_is_refused_in_its_words() {
    let sim = sim(World::from_toml(WORLD).unwrap()).await;
    let Some(seen) = check(&sim, SCRIPT, &["not_updated", "prod", "web", "web:2"]).await else { return };
    assert_eq!(seen, json!(["DescribeServices", "RegisterTaskDefinition", "UpdateService"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_stopped_and_rolled_back() {
    let sim = sim(World::from_toml(WORLD).unwrap()).await;
    let Some(seen) = check(&sim, SCRIPT, &["stop_deployment", "prod", "web", "web:8"]).await else { return };
    assert_eq!(seen, json!(["IN_PROGRESS", "FAILED"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_are_run_do_what_they_are_told_and_end() {
    let sim = sim(World::from_toml(WORLD).unwrap()).await;
    let script = "echo \"$GREETING, it begins\"; sleep 5; echo done; exit 7";
    let Some(seen) = check(&sim, SCRIPT, &["run", "prod", "job", script]).await else { return };
    let told = || {
        let lines = sim.log("/ecs/job", 0);
        lines
            .into_iter()
            .filter(|(stream, ..)| stream.starts_with("ecs/app/"))
            .map(|(_, _, words)| words)
            .collect::<Vec<_>>()
    };
    for _ in 0..6 {
        sim.advance(Duration::from_secs(1));
    }
    assert_eq!(told(), ["hello, it begins", "hello, it begins"]);
    for _ in 0..20 {
        sim.advance(Duration::from_secs(1));
    }
    assert_eq!(told(), ["hello, it begins", "done", "hello, it begins", "done"]);
    let words = ["ended", "prod", seen[0].as_str().unwrap()];
    let ended = check(&sim, SCRIPT, &words).await.unwrap();
    assert_eq!(ended, json!(["EssentialContainerExited", "Essential container in task exited", 7]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_cannot_run_are_refused_or_find_no_room() {
    let sim = sim(World::from_toml(WORLD).unwrap()).await;
    let words = ["not_run", "prod", "job", "heavy", "job:1"];
    let Some(seen) = check(&sim, SCRIPT, &words).await else { return };
    // Two fit on each of two instances; the six others each fail for three, of which one has lost its agent.
    assert_eq!(seen, json!([4, { "RESOURCE:MEMORY": 12, "AGENT": 6 }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_stopped_is_replaced() {
    let sim = sim(World::from_toml(WORLD).unwrap()).await;
    let Some(seen) = check(&sim, SCRIPT, &["stop_task", "prod", "web"]).await else { return };
    for _ in 0..60 {
        sim.advance(Duration::from_secs(1));
    }
    let words = ["running", "prod", "web"];
    let running = check(&sim, SCRIPT, &words).await.unwrap();
    let running = running.as_array().unwrap();
    assert!(running.len() == 2 && !running.contains(&seen), "{running:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_tags_is_tagged() {
    let sim = sim(World::from_toml(WORLD).unwrap()).await;
    let Some(seen) = check(&sim, SCRIPT, &["tag", "prod", "web", "web:7"]).await else { return };
    assert_eq!(seen.as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_is_lost_has_happened_and_one_that_is_unheard_has_not() {
    for (damage, families) in [(Damage::Lost, 1), (Damage::Unheard, 0)] {
        let sim = sim(World::empty()).await;
        sim.fault(Fault::new("RegisterTaskDefinition", damage.clone()).times(1));
        let Some(seen) = check(&sim, SCRIPT, &["lost"]).await else { return };
        assert_eq!(seen, json!(families), "{damage:?}");
        let registered = sim.calls().into_iter().find(|call| call.operation == "RegisterTaskDefinition").unwrap();
        assert_eq!(registered.outcome, Outcome::Unanswered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn images_say_what_they_are_built_for() {
    let mut world = World::from_toml(
        "[[taskdef]]\nfamily = \"app\"\nrevision = 7\ncontainer = [{ image = \"{registry}/app:{revision}\" }]\n",
    )
    .unwrap();
    world.push_image_for("app", "both", &["X86_64", "ARM64"]);
    world.push_image_for("app", "arm", &["ARM64"]);
    let sim = sim(world).await;
    let Some(seen) = check(&sim, SCRIPT, &["images", &sim.account()]).await else { return };
    assert_eq!(seen, json!(["1", "2", "3", "4", "5", "6", "7", "arm", "both"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_roles_are_there_and_what_is_denied_is_told() {
    let mut world = World::from_toml("roles = [\"reader\"]\n").unwrap();
    let secret = world.add_secret("there/db");
    world.deny("reader", "kms:*", "*");
    world.deny("demo", "iam:PassRole", "*:role/reader");
    let sim = sim(world).await;
    let Some(seen) = check(&sim, SCRIPT, &["permissions", &secret, "reader"]).await else { return };
    assert_eq!(
        seen,
        json!([
            ["secretsmanager:GetSecretValue", "allowed"],
            ["kms:Decrypt", "implicitDeny"],
            ["iam:PassRole", "implicitDeny"]
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_told_as_moto_tells_it() {
    let sim = sim(World::empty()).await;
    let Some(seen) = check(&sim, SCRIPT, &["round_trip"]).await else { return };
    assert_eq!(seen, json!([{}, []]));
}
