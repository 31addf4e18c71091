//! The simulated AWS where it is changed: held against botocore's models, and in its life afterwards.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod boto;
    pub(crate) mod peers;
}

use common::boto::check;
use ecsui::sim::{Options, Sim, World};
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
