//! `ecsui stop`, `run` and `register` as scripts use them: exit codes, what is printed where, and what is asked of AWS.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::{
    fs,
    io::Write as _,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use ecsui::sim::{Fault, Options, Sim, World};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The demo's account, whose clock a test moves.
struct Rig {
    _runtime: Runtime,
    home: TempDir,
    sim: Sim,
}

/// What a script sees.
#[derive(Debug)]
struct Seen {
    out: String,
    err: String,
    code: i32,
}

impl Rig {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(World::demo(), Options::explicit())).unwrap();
        Self { _runtime: runtime, home: TempDir::new().unwrap(), sim }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsui"));
        command.args(words).env_clear().current_dir(&self.home).stdin(Stdio::null());
        command.envs([("PATH", "/usr/bin:/bin"), ("TZ", "UTC"), ("AWS_EC2_METADATA_DISABLED", "true")]);
        command.env("HOME", self.home.path()).env("AWS_ENDPOINT_URL", self.sim.endpoint());
        command.env("AWS_REGION", self.sim.region());
        command.env("AWS_ACCESS_KEY_ID", self.sim.access_key()).env("AWS_SECRET_ACCESS_KEY", self.sim.secret_key());
        command
    }

    fn run(&self, line: &str) -> Seen {
        Seen::of(self.command(&line.split_whitespace().collect::<Vec<_>>()).output().unwrap())
    }

    /// Runs a command while time goes on at AWS.
    fn run_in_time(&self, words: &[&str]) -> Seen {
        let mut child = self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            self.sim.advance(Duration::from_millis(500));
            thread::sleep(Duration::from_millis(20));
        }
        Seen::of(child.wait_with_output().unwrap())
    }

    /// Returns the bodies of an operation's calls.
    fn bodies(&self, operation: &str) -> Vec<Value> {
        let calls = self.sim.calls().into_iter().filter(|call| call.operation == operation);
        calls.map(|call| call.body).collect()
    }
}

impl Seen {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }

    #[track_caller]
    fn says(&self, code: i32, texts: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        for text in texts {
            assert!(self.err.contains(text), "{text:?} is not in {self:?}");
        }
        self
    }
}

const TASK: &str = "run prod database-migration --like payments-api --yes";

#[test]
fn nothing_is_done_without_a_yes_or_in_a_dry_run() {
    let rig = Rig::new();
    rig.run("stop prod/payments-api --all").says(2, &["say --yes"]);
    rig.run("stop prod/payments-api --all --dry-run").says(0, &["calls ecs:StopTask on arn:", "starts 3 others"]);
    rig.run("run prod database-migration --like payments-api").says(2, &["say --yes"]);
    let seen = rig.run("run prod database-migration --like payments-api --dry-run -o json");
    let plan: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!((&plan["calls"][0]["action"], seen.code), (&"ecs:RunTask".into(), 0));
    rig.run("--read-only stop prod/payments-api --all --yes").says(1, &["is refused: ecsui is read-only"]);
    assert!(rig.bodies("StopTask").is_empty() && rig.bodies("RunTask").is_empty());
}

#[test]
fn tasks_are_stopped_and_printed() {
    let rig = Rig::new();
    rig.run("stop prod/payments-api --yes").says(2, &["which of its tasks is not said", "--all or --rolling"]);
    let seen = rig.run("stop prod/payments-api --all --yes --reason why -o json");
    seen.says(0, &["service prod/payments-api starts 3 others in their place"]);
    let rows: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!((&rows[0]["made"], &rows[0]["service"]), (&"stopped".into(), &"payments-api".into()));
    let bodies = rig.bodies("StopTask");
    assert!(bodies.len() == 3 && bodies.iter().all(|body| body["reason"] == "why"), "{bodies:?}");
    let task = rows[0]["arn"].as_str().unwrap();
    rig.run(&format!("stop {task} --yes")).says(1, &["is stopping already"]);
    rig.run(&format!("stop prod/payments-api --all --yes --reason {}", "x".repeat(256))).says(2, &["255 characters"]);
}

#[test]
fn who_waits_for_a_stop_hears_when_the_tasks_are_gone_and_others_run() {
    let rig = Rig::new();
    let seen = rig.run_in_time(&["stop", "prod/payments-api", "--all", "--yes", "--wait"]);
    seen.says(0, &[" is DEACTIVATING", "3 of 3 tasks of prod/payments-api run\n"]);
    let late = rig.run("stop prod/payments-api --all --yes --timeout 1s");
    late.says(1, &["not over in time, and goes on; look with `ecsui stopped prod`"]);
    rig.run("stop prod/payments-api --rolling --yes --timeout 1s").says(2, &["cannot be used with"]);
    let done =
        rig.run_in_time(&TASK.split_whitespace().chain(["-o", "json", "--", "sleep", "1000"]).collect::<Vec<_>>());
    let rows: Value = serde_json::from_str(&done.out).unwrap();
    let task = rows[0]["arn"].as_str().unwrap();
    rig.run_in_time(&["stop", task, "--yes", "--wait"]).says(0, &["nothing starts another", " is "]);
}

#[test]
fn a_service_without_a_network_of_its_own_says_so() {
    let rig = Rig::new();
    let words = "prod/search has none that they could be in: its tasks are not awsvpc";
    rig.run("run prod payments-api --like search --yes").says(2, &["(awsvpc)", words]);
}

#[test]
fn the_exit_code_of_run_is_the_containers() {
    let rig = Rig::new();
    let with = |words: &[&'static str]| TASK.split_whitespace().chain(words.iter().copied()).collect::<Vec<_>>();
    let seen = rig.run_in_time(&with(&["--wait"]));
    seen.says(0, &[": STOPPED", "container migrate ended with 0"]);
    assert!(seen.out.contains("started"), "{seen:?}");
    let seen = rig.run_in_time(&with(&["--logs", "--env", "GREETING=hello", "--command", "echo $GREETING; exit 7"]));
    seen.says(7, &["container migrate ended with 7"]);
    assert!(seen.out.lines().any(|line| line.ends_with(" hello")), "{seen:?}");
    let seen = rig.run_in_time(&with(&["--wait", "--", "sh", "-c", "exit 3"]));
    seen.says(3, &[]);
    let overrides = &rig.bodies("RunTask")[2]["overrides"]["containerOverrides"][0];
    assert_eq!(overrides["command"], serde_json::json!(["sh", "-c", "exit 3"]));
}

#[test]
fn whatever_else_fails_is_255_for_who_waits() {
    let rig = Rig::new();
    let denied = "User: mia is not authorized to perform: ecs:RunTask on resource: x";
    rig.sim.fault(Fault::error("RunTask", "AccessDeniedException", denied));
    rig.run(&format!("{TASK} --wait")).says(255, &["not allowed: ecs:RunTask on x"]);
    rig.run(TASK).says(1, &["not allowed: ecs:RunTask on x"]);
    rig.run("run nowhere database-migration --yes --wait").says(255, &["there is no cluster"]);
    rig.run("run prod database-migration --yes --wait").says(2, &["--like", "--subnets"]);
}

#[test]
fn a_definition_is_registered_from_a_file_and_from_standard_input() {
    let rig = Rig::new();
    let file = rig.home.path().join("task.json");
    let sample = r#"{"Family": "testfamily", "containerDefinitions": [{"Name": "a", "image": "b", "memory": 64}], "revision": 3}"#;
    fs::write(&file, sample).unwrap();
    let seen = rig.run("register task.json --dry-run");
    seen.says(0, &["container a, image: b", "left out, for AWS says it itself: revision", "this was a dry run"]);
    assert!(rig.bodies("RegisterTaskDefinition").is_empty());
    let seen = rig.run("register task.json --yes -o tsv");
    assert!(seen.code == 0 && seen.out.contains("testfamily:1"), "{seen:?}");
    let mut command = rig.command(&["register", "-", "--yes"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(sample.as_bytes()).unwrap();
    let seen = Seen::of(child.wait_with_output().unwrap());
    seen.says(0, &["nothing is different from testfamily:1"]);
    assert!(seen.out.contains("testfamily:2"), "{seen:?}");
    for (text, says) in [
        ("{\n \"family\": ,", "task.json:2:12: expected value"),
        ("{\"family\": \"x\", \"containerDefinitions\": [{}]}", "task.json: containerDefinitions[0]: it has no name"),
    ] {
        fs::write(&file, text).unwrap();
        rig.run("register task.json --yes").says(2, &[says]);
    }
    rig.run("register nothing.json --yes").says(2, &["nothing.json cannot be read"]);
}
