//! boto3 as a client of the simulated AWS, which holds every answer against botocore's models.

use std::process::Command;

use ecsui::sim::Sim;
use serde_json::Value;

use super::peers;

/// Runs a check of a script in tests/ against `sim`; `None` where there is no Python for it.
///
/// # Panics
/// Where the check fails.
pub(crate) async fn check(sim: &Sim, script: &str, words: &[&str]) -> Option<Value> {
    let python = peers::python()?;
    let mut command = Command::new(python);
    command
        .arg(format!("{}/tests/{script}", env!("CARGO_MANIFEST_DIR")))
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
