//! One permission that is missing hides nothing else: the command says which, and prints the rest.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::process::{Command, Stdio};

use ecsui::sim::{Fault, Options, Sim, World};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A command, what IAM denies it, what it prints all the same, and the action that it says is missing.
struct Case {
    line: &'static str,
    operation: &'static str,
    action: &'static str,
    prints: &'static [&'static str],
}

const fn case(
    line: &'static str,
    operation: &'static str,
    action: &'static str,
    prints: &'static [&'static str],
) -> Case {
    Case { line, operation, action, prints }
}

const CASES: &[Case] = &[
    case("ls prod payments-api", "DescribeClusters", "ecs:DescribeClusters", &["payments-api:41", "RUNNING", "3.41.0"]),
    case("ls prod payments-api", "DescribeServices", "ecs:DescribeServices", &["payments-api", "RUNNING", "(ACTIVE)"]),
    case("ls prod payments-api", "ListTasks", "ecs:ListTasks", &["payments-api:41", "COMPLETED", "3.41.0"]),
    case("ls prod payments-api", "DescribeTasks", "ecs:DescribeTasks", &["payments-api:41", "COMPLETED", "3.41.0"]),
    case(
        "ls prod payments-api",
        "DescribeTaskDefinition",
        "ecs:DescribeTaskDefinition",
        &["payments-api:41", "RUNNING"],
    ),
    case("ls prod -v", "ListTasks", "ecs:ListTasks", &["payments-api", "ledger", "Environment"]),
    case("ls prod -v", "DescribeTaskDefinition", "ecs:DescribeTaskDefinition", &["payments-api", "ledger", "Tasks"]),
    case("ls prod payments-web --events 5", "DescribeTasks", "ecs:DescribeTasks", &["has begun draining connections"]),
    case("ls -v", "ListServices", "ecs:ListServices", &["prod", "staging"]),
    case("ls -v", "DescribeServices", "ecs:DescribeServices", &["prod", "staging"]),
    case("applet skipper list", "ListServices", "ecs:ListServices", &[]),
    case("applet ecsman -region eu-west-1 ls prod payments-api", "ListTasks", "ecs:ListTasks", &["Running Count: 3"]),
    case(
        "applet ecsman -region eu-west-1 ls prod payments-api",
        "DescribeTaskDefinition",
        "ecs:DescribeTaskDefinition",
        &["Running Count: 3", "- Task arn:aws:ecs"],
    ),
    case("check prod payments-web", "DescribeTasks", "ecs:DescribeTasks", &["payments-web"]),
    case("check prod payments-web", "ListTasks", "ecs:ListTasks", &["payments-web"]),
    case("deployments prod/payments-web", "ListServiceDeployments", "ecs:ListServiceDeployments", &["payments-web"]),
    case(
        "deployments prod/payments-web",
        "DescribeServiceRevisions",
        "ecs:DescribeServiceRevisions",
        &["payments-web"],
    ),
    case("events prod/payments-web", "DescribeTasks", "ecs:DescribeTasks", &["has begun draining connections"]),
];

#[test]
fn one_denial_hides_nothing_else() {
    let runtime = Runtime::new().unwrap();
    let sim = runtime.block_on(Sim::start(World::demo(), Options::explicit())).unwrap();
    let home = TempDir::new().unwrap();
    let mut wrong = Vec::new();
    for Case { line, operation, action, prints } in CASES {
        let message = format!(
            "User: arn:aws:iam::482913007156:user/mia is not authorized to perform: {action} on resource: * because no \
             identity-based policy allows the {action} action"
        );
        sim.fault(Fault::error(operation, "AccessDeniedException", &message));
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsui"));
        command.args(line.split_whitespace()).env_clear().current_dir(&home).stdin(Stdio::null()).envs([
            ("PATH", "/usr/bin:/bin"),
            ("TZ", "UTC"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", sim.endpoint()),
            ("AWS_REGION", sim.region()),
            ("AWS_ACCESS_KEY_ID", sim.access_key()),
            ("AWS_SECRET_ACCESS_KEY", sim.secret_key()),
        ]);
        let output = command.env("HOME", home.path()).output().unwrap();
        sim.mend();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let is_said = err.contains(action) || out.contains(action);
        let is_printed = prints.iter().all(|text| out.contains(text));
        if !(is_said && is_printed) {
            wrong.push(format!("{line} without {action}: code {:?}\n{out}{err}", output.status.code()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
