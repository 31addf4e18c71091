//! The commands that show what runs, as a script meets them: one right call each, and one that cannot be understood.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};

use ecsui::sim::{Options, Sim, World};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A shop with one service of each kind that these commands tell of, on hosts and off, well and failing.
const SHOP: &str = r#"
[[taskdef]]
family = "api"
revision = 8
first = 7
cpu = 256
memory = 512
[[taskdef.container]]
image = "api:{revision}"
ports = [8080]
env = { STAGE = "prod", RELEASE = "{revision}", API_TOKEN = "hidden-{revision}" }
secrets = { SIGNING_KEY = "/shop/signing-key" }

[[taskdef]]
family = "hosted"
launch = "EC2"
[[taskdef.container]]
image = "hosted"

[target_group.api]
port = 8080

[balancer.front]
listener = [{ port = 443, to = "api" }]

[[cluster.prod.instance]]
count = 2
type = "m6i.large"

[[cluster.prod.service]]
name = "api"
desired = 2
deployed = "2h"
targets = [{ group = "api", container = "app", port = 8080 }]
events = [["5m", "has reached a steady state."]]
stopped = [{ age = "7m", code = "EssentialContainerExited", reason = "Essential container in task exited", exit = 137, container = "OutOfMemoryError: Container killed due to memory usage", ran = "3h" }]

[[cluster.prod.service]]
name = "hosted"
desired = 1

[[cluster.prod.service]]
name = "idle"
taskdef = "hosted"
failing = { reason = "Essential container in task exited", exit = 1, failed = 11, given_up = true }

[[parameter]]
name = "/application/api/LOG_LEVEL"
value = "info"

[[parameter]]
name = "/shop/signing-key"
value = "hidden"
type = "SecureString"
"#;

struct Rig {
    _runtime: Runtime,
    home: TempDir,
    sim: Sim,
}

impl Rig {
    /// Starts a simulated AWS whose clock stands still.
    fn new(world: World) -> Self {
        let runtime = Runtime::new().unwrap();
        let epoch = Some("2026-03-01T12:00:00Z".parse().unwrap());
        let sim = runtime.block_on(Sim::start(world, Options { epoch, ..Options::explicit() })).unwrap();
        Self { _runtime: runtime, home: TempDir::new().unwrap(), sim }
    }

    fn shop() -> Self {
        Self::new(World::from_toml(SHOP).unwrap())
    }

    fn command(&self, line: &str) -> Command {
        way::command(&self.sim, self.home.path(), line)
    }

    /// Runs the program and returns all a script can see of it.
    fn run(&self, line: &str) -> String {
        see(self.command(line).output().unwrap())
    }
}

/// Returns output and code as one text, without the ids that the simulated AWS makes up.
fn see(output: Output) -> String {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    let all = format!("{}--- stderr\n{}--- exit {code}\n", text(output.stdout), text(output.stderr));
    without_ids(&all)
}

/// Makes every digit of `ecs-svc/…`, and every long number in hexadecimal digits, a zero.
fn without_ids(text: &str) -> String {
    let mut pieces = text.split_inclusive(|letter: char| !letter.is_ascii_hexdigit());
    let mut after_service = false;
    let mut all = String::new();
    for piece in &mut pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
        let is_id = digits >= 16 || (after_service && digits > 8);
        all += &if is_id { "0".repeat(digits) + &piece[digits..] } else { piece.to_owned() };
        after_service = all.ends_with("ecs-svc/") || all.ends_with("i-");
    }
    all
}

#[test]
fn each_command_prints_what_it_is_for() {
    let rig = Rig::shop();
    for (name, line) in [
        ("events", "events prod/api --limit 3"),
        ("targets", "targets prod/api"),
        ("deployments", "deployments prod/idle"),
        ("deployments_over", "deployments prod/hosted --wait"),
        ("logs", "logs prod/api --limit 3 --format {service}/{container}"),
        ("taskdefs", "taskdefs"),
        ("taskdefs_of_a_family", "taskdefs api"),
        ("taskdefs_one", "taskdefs api latest"),
        ("taskdefs_diff", "taskdefs diff api:7 8"),
        ("stopped", "stopped prod/api"),
        ("instances", "instances prod"),
        ("params", "params list prod/api"),
        ("check", "check prod"),
        ("check_exit_zero", "check prod --exit-zero"),
    ] {
        insta::assert_snapshot!(name, rig.run(line));
    }
}

#[test]
fn each_command_refuses_what_it_cannot_understand() {
    let rig = Rig::shop();
    let mut seen = String::new();
    for line in [
        "events prod/api --limit many",
        "targets prod",
        "deployments prod/api --timeout soon",
        "logs prod/api --since yesterday",
        "taskdefs api 99",
        "taskdefs api first",
        "taskdefs diff api",
        "stopped prod/nothing-like-it",
        "instances nowhere",
        "params get prod/api",
        "params get prod/api NOTHING",
        "check nowhere",
    ] {
        writeln!(seen, "$ ecsui {line}\n{}", rig.run(line)).unwrap();
    }
    insta::assert_snapshot!("refused", seen);
}

/// Waits for a deployment while the simulated time goes on whenever it is looked at again; returns how it ended.
fn wait_for(service: &str) -> (String, i32) {
    let rig = Rig::new(World::demo());
    let mut command = rig.command(&format!("deployments {service} --wait"));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (ended, done) = std::sync::mpsc::channel();
    let err = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let lines: Vec<String> = BufReader::new(err).lines().map_while(Result::ok).collect();
        ended.send(()).unwrap();
        lines.join("\n")
    });
    // A step for every look: the command reads the service, and then the time has gone on.
    let mut looks = 0;
    while done.try_recv().is_err() {
        let now = rig.sim.calls().iter().filter(|call| call.operation == "DescribeServices").count();
        if now > looks {
            looks = now;
            rig.sim.advance(std::time::Duration::from_secs(15));
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    (reader.join().unwrap(), child.wait().unwrap().code().unwrap())
}

#[test]
fn waiting_for_a_deployment_ends_with_it() {
    let (said, code) = wait_for("prod/storefront");
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains("error:"), "{said}");
    let (said, code) = wait_for("prod/refunds");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("was rolled back"), "{said}");
}
