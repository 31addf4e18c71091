//! The simulated AWS held against AWS's own words: botocore's service models, and boto3 as a client.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod peers;
}

use std::process::Command;

use common::peers;
use ecsui::sim::{Options, Sim, World};
use serde_json::{Value, json};

/// Runs a check of tests/sim.py against `sim`; `None` where there is no Python for it.
async fn check(sim: &Sim, words: &[&str]) -> Option<Value> {
    let python = peers::python()?;
    let mut command = Command::new(python);
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sim.py"))
        .args(words)
        .env_clear()
        .env("AWS_ENDPOINT_URL", sim.endpoint())
        .env("AWS_REGION", sim.region())
        .env("AWS_DEFAULT_REGION", sim.region())
        .env("AWS_ACCESS_KEY_ID", sim.access_key())
        .env("AWS_SECRET_ACCESS_KEY", sim.secret_key())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{words:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_walks_a_generated_world() {
    let sim = Sim::start(World::grid(3, 21, 2), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["walk"]).await else { return };
    let count = |name: &str| seen[name].as_u64().unwrap();
    assert_eq!((count("clusters"), count("services"), count("tasks"), count("containers")), (3, 63, 126, 252));
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_walks_the_demo_world_and_its_answers_are_awss() {
    let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["walk"]).await else { return };
    let count = |name: &str| seen[name].as_u64().unwrap();
    let (clusters, services, _) = World::demo().size();
    assert_eq!((count("clusters"), count("services")), (clusters as u64, services as u64));
    assert!(count("tasks") > 60 && count("stopped") > 5 && count("instances") == 11, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_opens_resumes_and_ends_a_session() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let service = "payments-api-000";
    let Some(seen) = check(&sim, &["execute", "prod-1", service]).await else { return };
    assert_eq!(
        seen["operations"],
        json!(["DescribeTasks", "ExecuteCommand", "ListTasks", "ResumeSession", "TerminateSession"])
    );
}
