//! The rows of docs/parity.md: each has a test here.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use ecsui::{
    model::Timestamp,
    sim::{Options, Sim, World},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What ecsman shows people to write.
const SAMPLE: &str = r#"{
    "containerDefinitions": [
        {
            "command": ["command string"], "cpu": 1024, "entryPoint": ["/entrypoint.sh"],
            "environment": [{ "Name": "DATABASE_HOSTNAME", "Value": "my_database_host" }],
            "essential": true, "image": "quay.io/mycompany/myimage", "memory": 1024, "name": "my-test",
            "portMappings": [{ "containerPort": 8080, "hostPort": 80 }]
        }
    ],
    "family": "testfamily"
}"#;

/// The demo's account, whose clock stands still.
struct Rig {
    _runtime: Runtime,
    home: TempDir,
    sim: Sim,
}

impl Rig {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(World::demo(), Options::explicit())).unwrap();
        Self { _runtime: runtime, home: TempDir::new().unwrap(), sim }
    }

    /// Returns the program with this line of words and no credentials.
    fn stranger(&self, line: &str) -> Command {
        let mut command = way::stranger(self.home.path(), line);
        command.env("AWS_ENDPOINT_URL", self.sim.endpoint());
        command
    }

    fn command(&self, line: &str) -> Command {
        let mut command = self.stranger(line);
        command.env("AWS_ACCESS_KEY_ID", self.sim.access_key()).env("AWS_SECRET_ACCESS_KEY", self.sim.secret_key());
        command
    }

    fn ecsman(&self, line: &str) -> Seen {
        Seen::of(self.command(&format!("applet ecsman -region eu-west-1 {line}")).output().unwrap())
    }

    /// Returns the time so many minutes before the one at which the account stands still.
    fn ago(&self, minutes: i64) -> Timestamp {
        Timestamp::from_millisecond(self.sim.now() - minutes * 60_000).unwrap()
    }

    fn skipper(&self, line: &str) -> Seen {
        self.run(&format!("--region eu-west-1 applet skipper {line}"))
    }

    /// Runs a line of skipper's that reads what it asks for.
    fn told(&self, line: &str, input: &str) -> Seen {
        let mut command = self.command(&format!("--region eu-west-1 applet skipper {line}"));
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Seen::of(child.wait_with_output().unwrap())
    }

    /// Runs a line that reads `input`, while time goes on at AWS.
    fn in_time(&self, line: &str, input: &str) -> Seen {
        let mut command = self.command(&format!("--region eu-west-1 {line}"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        while child.try_wait().unwrap().is_none() {
            self.sim.advance(Duration::from_millis(500));
            thread::sleep(Duration::from_millis(20));
        }
        Seen::of(child.wait_with_output().unwrap())
    }

    /// Returns the calls that changed something.
    fn changes(&self) -> Vec<String> {
        let all = self.sim.calls().into_iter().map(|call| call.operation);
        all.filter(|it| ["RegisterTaskDefinition", "UpdateService", "RunTask", "StopTask"].contains(&&**it)).collect()
    }

    /// Returns what was sent with an operation, each time.
    fn sent(&self, operation: &str) -> Vec<serde_json::Value> {
        let calls = self.sim.calls().into_iter().filter(|call| call.operation == operation);
        calls.map(|call| call.body).collect()
    }

    fn run(&self, line: &str) -> Seen {
        Seen::of(self.command(line).output().unwrap())
    }
}

/// What a script sees.
#[derive(Debug)]
struct Seen {
    out: String,
    err: String,
    code: i32,
}

impl Seen {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }

    #[track_caller]
    fn prints(&self, code: i32, lines: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        for line in lines {
            assert!(self.out.contains(line), "{line:?} is not in {self:?}");
        }
        self
    }
}

#[test]
fn every_row_has_its_test() {
    let documents = fs::read_to_string("docs/parity.md").unwrap();
    let own = fs::read_to_string("tests/parity.rs").unwrap();
    let of_row = |line: &str| {
        line.trim_end_matches(" |").rsplit_once("| `").map(|(_, name)| name.trim_end_matches('`').to_owned())
    };
    let rows: BTreeSet<String> =
        documents.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |")).filter_map(of_row).collect();
    assert!(rows.len() > 25, "{rows:?}");
    for name in &rows {
        assert!(own.contains(&format!("#[test]\nfn {name}()")), "{name} is no test");
    }
    let tests =
        own.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split_once('(')).map(|(name, _)| name.to_owned());
    let without_row: Vec<String> =
        tests.filter(|name| !rows.contains(name) && name != "every_row_has_its_test").collect();
    assert!(without_row.is_empty(), "no row for {without_row:?}");
}

#[test]
fn ecsman_without_an_operation_prints_its_usage() {
    let rig = Rig::new();
    for line in ["applet ecsman", "applet ecsman -h", "applet ecsman -v"] {
        rig.run(line).prints(0, &["Usage: ecsman <flags> <operation> <cluster> <service>\n", "  -events NUMBER "]);
    }
    assert!(rig.sim.calls().is_empty());
}

#[test]
fn ecsman_version() {
    Rig::new().run("applet ecsman -version").prints(0, &["Version 0."]);
}

#[test]
fn ecsman_cred_names_a_profile() {
    let seen = Rig::new().ecsman("-cred nobody ls");
    assert!(seen.code == 1 && seen.err.contains("no profile \"nobody\""), "{seen:?}");
}

#[test]
fn ecsman_cred_env_takes_the_keys_of_the_environment() {
    let seen = Rig::new().ecsman("-v -cred env ls");
    seen.prints(0, &["--> Running with credentials from environment variables\n\n"]);
}

#[test]
fn ecsman_ecscredential_names_a_profile() {
    let rig = Rig::new();
    let mut command = rig.command("applet ecsman -region eu-west-1 ls");
    let seen = Seen::of(command.env("ECSCREDENTIAL", "nobody").output().unwrap());
    assert!(seen.code == 1 && seen.err.contains("no profile \"nobody\""), "{seen:?}");
}

#[test]
fn ecsman_region() {
    let rig = Rig::new();
    rig.run("applet ecsman -region eu-west-1 ls").prints(0, &["Cluster: prod (ACTIVE)\n"]);
    // Without one it is ecsman's own, whatever the environment says.
    let seen = Seen::of(rig.command("applet ecsman -v -region= ls").output().unwrap());
    assert_ne!(seen.code, 0, "{seen:?}");
}

#[test]
fn ecsman_ls_lists_clusters_and_their_services() {
    let seen = Rig::new().ecsman("ls");
    seen.prints(
        0,
        &[
            "-----\nCluster: prod (ACTIVE)\n  ",
            " services active, 6 containers\n  Tasks: ",
            " running, 0 pending\n",
            "  - Service: payments-api (ACTIVE), running count: ",
        ],
    );
}

#[test]
fn ecsman_ls_cluster_describes_its_services() {
    let seen = Rig::new().ecsman("ls prod");
    seen.prints(0, &[" Services in cluster prod\n", "  Service: payments-api\n", "  Service: ledger\n"]);
}

#[test]
fn ecsman_ls_service_describes_one() {
    let rig = Rig::new();
    let seen = rig.ecsman("ls prod payments-api");
    seen.prints(
        0,
        &[
            " Services in cluster prod\n-----",
            "  Service: payments-api\n  - Running Count: 3\n  - Status: ACTIVE\n",
            "  - Deployment: ecs-svc/",
            " Status: PRIMARY\n    Running instances: 3\n",
            "  - Task arn:aws:ecs:eu-west-1:482913007156:task/prod/",
            "    Task Def: arn:aws:ecs:eu-west-1:482913007156:task-definition/payments-api:41\n",
            "    Desired status RUNNING - Last status RUNNING\n",
            "  - Task Definition: arn:aws:ecs:eu-west-1:482913007156:task-definition/payments-api:41\n    - Family: payments-api\n",
            "    - Container Definition:\n      - Image: 482913007156.dkr.ecr.eu-west-1.amazonaws.com/payments-api:3.41.0\n",
            "      - Container Port 8080 : Host Port 8080\n      - Command: [serve --port 8080]\n",
        ],
    );
    assert!(!seen.out.contains("Service: ledger") && !seen.out.contains("CPU"), "{seen:?}");
    rig.ecsman("ls prod payments").prints(0, &[" Services in cluster prod\n  Service payments not found.\n"]);
}

#[test]
fn ecsman_ls_warns_of_another_revision() {
    let rig = Rig::new();
    let warning = "    *** WARNING: task does not have the same task/revision as the service definition ***\n";
    rig.ecsman("ls prod payments-web").prints(0, &[warning]);
    assert!(!rig.ecsman("ls prod payments-api").out.contains(warning));
}

#[test]
fn ecsman_v_shows_environment_and_sizes() {
    let seen = Rig::new().ecsman("-v ls prod payments-api");
    seen.prints(
        0,
        &[
            "--> Running with credential profile default\n\n",
            "      - CPU: 768\n      - Memory: 1536\n",
            "      - Environment:\n",
            "        PORT = 8080\n",
            "        PROVIDER_API_KEY = ••••••\n",
        ],
    );
}

#[test]
fn ecsman_events_resolve_their_task() {
    let seen = Rig::new().ecsman("-events 5 ls prod payments-web");
    seen.prints(
        0,
        &[
            "  - Events (most recent 5):\n    At 20",
            " +0000 UTC: (service payments-web) has begun draining",
            "      Task: arn:aws:ecs:eu-west-1:482913007156:task-definition/payments-web:",
            "      Last known status: ",
        ],
    );
}

#[test]
fn ecsman_elb_prints_load_balancers() {
    let rig = Rig::new();
    rig.ecsman("-elb ls prod payments-web").prints(
        0,
        &["  Service: payments-web\n", "  - ELB: prod-public\n    DNS Name: prod-public-", "    Backend Port: "],
    );
    let own = "ls --elb --region eu-west-1 prod payments-web";
    rig.run(own).prints(0, &["Load balancers\n", "prod-public-"]);
    rig.run(&format!("{own} -o json")).prints(0, &["\"load_balancers\"", "\"dns_name\"", "\"backend_ports\""]);
    assert!(!rig.ecsman("ls prod payments-web").out.contains("ELB"));
}

#[test]
fn ecsman_check_warns_and_is_silent_when_all_is_well() {
    let rig = Rig::new();
    assert_eq!(rig.ecsman("check prod payments-api").prints(0, &[]).out, "");
    let warning = "WARNING: task uses payments-web:87 but service definition is payments-web:88\n";
    rig.ecsman("check prod payments-web").prints(0, &[warning]);
    rig.ecsman("check staging payments-api").prints(0, &["WARNING: No tasks in RUNNING state for the service\n"]);
    let warning = "WARNING: ELB instance count of 4 is different from number of running tasks 5\n";
    assert_eq!(rig.ecsman("check prod orders").prints(0, &[warning]).out, warning);
    rig.ecsman("-v check prod payments-api").prints(0, &["  - Task arn:aws:ecs:"]);
    let seen = rig.ecsman("check prod nothing");
    assert!(seen.code == 1 && seen.err.contains("returned no data!"), "{seen:?}");
}

#[test]
fn ecsman_taskdefs_lists_families() {
    let seen = Rig::new().ecsman("taskdefs");
    seen.prints(0, &["Task Definition families:\n", "  payments-api (latest revision: 41)\n"]);
}

#[test]
fn ecsman_taskdefs_describes_revisions() {
    let rig = Rig::new();
    let all = rig.ecsman("taskdefs payments-api");
    all.prints(
        0,
        &["task-definition/payments-api:40\n", "task-definition/payments-api:41\n", "      - Environment:\n"],
    );
    assert!(all.out.find("payments-api:40\n") < all.out.find("payments-api:41\n"), "{all:?}");
    let one = rig.ecsman("taskdefs payments-api 40");
    one.prints(0, &["  - Task Definition: arn:aws:ecs:eu-west-1:482913007156:task-definition/payments-api:40\n"]);
    assert!(!one.out.contains("payments-api:41"), "{one:?}");
}

#[test]
fn ecsman_taskdefs_latest() {
    let seen = Rig::new().ecsman("taskdefs payments-api latest");
    seen.prints(0, &["task-definition/payments-api:41\n"]);
    assert!(!seen.out.contains("payments-api:40"), "{seen:?}");
}

#[test]
fn ecsman_update_swaps_the_tag_or_the_image() {
    let rig = Rig::new();
    let before = "482913007156.dkr.ecr.eu-west-1.amazonaws.com/payments-cron";
    for (image, after, revision) in
        [(":9", format!("{before}:9"), 13), ("quay.io:443/x/y", "quay.io:443/x/y".to_owned(), 14)]
    {
        rig.ecsman(&format!("update prod payments-cron {image}")).prints(
            0,
            &[
                &format!(
                    "Updating service payments-cron\n  - Task Definition: payments-cron\n  - Current image: {before}:"
                ),
                &format!("\n  - Updating to: {after}\n"),
                &format!("  -> Task definition updated, registered as revision {revision}\n"),
                "  -> Service updated with new task definition:\n     - Desired count: 1\n     - Pending count: ",
                "     - Service status: ACTIVE\n",
            ],
        );
    }
    assert_eq!(rig.changes(), ["RegisterTaskDefinition", "UpdateService", "RegisterTaskDefinition", "UpdateService"]);
}

#[test]
fn ecsman_update_with_the_same_tag_replaces_the_tasks() {
    let rig = Rig::new();
    rig.ecsman("update prod payments-cron :9").prints(0, &["registered as revision 13\n"]);
    let seen = rig.ecsman("update prod payments-cron :9");
    seen.prints(0, &["Updating service payments-cron\n  -> Service updated with new task definition:\n"]);
    assert!(seen.err.contains("no revision is registered"), "{seen:?}");
    assert_eq!(rig.changes(), ["RegisterTaskDefinition", "UpdateService", "UpdateService"]);
    assert_eq!(rig.sent("UpdateService")[1]["forceNewDeployment"], true);
}

#[test]
fn ecsman_update_keeps_all_of_the_definition() {
    let rig = Rig::new();
    rig.ecsman("update prod mailer :9").prints(0, &["registered as revision "]);
    let sent = &rig.sent("RegisterTaskDefinition")[0];
    for member in ["executionRoleArn", "cpu", "memory", "requiresCompatibilities", "runtimePlatform"] {
        assert!(!sent[member].is_null(), "{member} is lost: {sent}");
    }
}

#[test]
fn ecsman_update_says_what_checks_find() {
    let rig = Rig::new();
    let seen = rig.ecsman("update prod payments-cron :nowhere");
    assert!(seen.code == 0 && seen.err.contains("check failed: image "), "{seen:?}");
    assert_eq!(rig.changes(), ["RegisterTaskDefinition", "UpdateService"]);
}

#[test]
fn ecsman_update_refuses_several_containers_and_unknown_services() {
    let rig = Rig::new();
    let seen = rig.ecsman("update prod payments-web :9");
    assert!(seen.code == 1 && seen.err.contains("has several containers ==> app ("), "{seen:?}");
    assert!(seen.err.contains("`ecsui update` takes them"), "{seen:?}");
    let seen = rig.ecsman("update prod nothing :9");
    assert!(seen.code == 1 && seen.err.contains("Error Got zero services for name nothing"), "{seen:?}");
    let seen = rig.ecsman("update prod mailer");
    assert!(seen.code == 1 && seen.err.contains("update needs a cluster, a service and an image"), "{seen:?}");
    assert!(rig.changes().is_empty());
}

#[test]
fn ecsman_register_takes_its_sample() {
    let rig = Rig::new();
    fs::write(rig.home.path().join("sample_task.json"), SAMPLE).unwrap();
    rig.ecsman("register sample_task.json").prints(
        0,
        &[
            "Registering Task Definition...\n\nRegistered new Task Definition:\n",
            "  - Family: testfamily\n  - Revision: 1\n  - Status: ACTIVE\n",
        ],
    );
    let seen = rig.ecsman("register nothing.json");
    assert!(seen.code == 1 && seen.err.contains("nothing.json cannot be read"), "{seen:?}");
    assert_eq!(rig.changes(), ["RegisterTaskDefinition"]);
}

#[test]
fn ecsman_run_starts_one_task() {
    let rig = Rig::new();
    rig.ecsman("run prod-batch nightly-settlement").prints(
        0,
        &[
            "Running one instance of task nightly-settlement\n  Running task definition: arn:aws:ecs:eu-west-1:",
            ":task-definition/nightly-settlement:7\n  - Task Running on container(s) [settlement]\n  - Last known status: ",
        ],
    );
    let sent = &rig.sent("RunTask")[0];
    assert_eq!((&sent["startedBy"], &sent["count"]), (&"ecsman".into(), &1.into()));
    assert_eq!(rig.changes(), ["RunTask"]);
}

#[test]
fn ecsman_run_needs_a_network_for_awsvpc() {
    let rig = Rig::new();
    let seen = rig.ecsman("run prod payments-api");
    assert!(seen.code == 1 && seen.err.contains("--like"), "{seen:?}");
    assert!(seen.err.contains("`ecsui run` takes them"), "{seen:?}");
    assert!(rig.changes().is_empty());
}

#[test]
fn ecsman_run_that_starts_nothing_fails() {
    let rig = Rig::new();
    for line in ["run prod-batch nothing", "run nowhere nightly-settlement"] {
        let seen = rig.ecsman(line);
        assert!(seen.code == 1 && seen.err.starts_with("Error "), "{seen:?}");
    }
    assert!(rig.changes().is_empty());
}

#[test]
fn ecsman_asks_only_where_a_guard_wants_it() {
    let rig = Rig::new();
    let config = rig.home.path().join("config.toml");
    let with = |action: &str| {
        fs::write(&config, format!("[[guard]]\ncluster = \"prod\"\naction = \"{action}\"\n")).unwrap();
        let applet = "applet ecsman -region eu-west-1 update prod payments-cron :9";
        rig.run(&format!("--config {} {applet}", config.display()))
    };
    let seen = with("type");
    assert!(seen.code == 1 && seen.err.contains("a guard wants the name"), "{seen:?}");
    assert!(seen.err.contains("ecsui's own command for it takes --confirm payments-cron"), "{seen:?}");
    let seen = with("refuse");
    assert!(seen.code == 1 && seen.err.contains("is refused"), "{seen:?}");
    assert!(rig.changes().is_empty());
    with("confirm").prints(0, &[]);
    assert_eq!(rig.changes(), ["RegisterTaskDefinition", "UpdateService"]);
}

#[test]
fn ecsman_says_what_it_does_not_understand() {
    let rig = Rig::new();
    let said = |line: &str, code: i32, text: &str| {
        let seen = rig.ecsman(line);
        assert!(seen.code == code && seen.err.contains(text) && seen.err.contains("Usage: ecsman"), "{seen:?}");
    };
    said("-nonsense ls", 2, "flag provided but not defined: -nonsense");
    said("-events many ls", 2, "invalid value \"many\" for flag -events: parse error");
    said("dance", 1, "there is no operation `dance`");
    said("check prod", 1, "check needs a cluster and a service");
    assert!(rig.sim.calls().is_empty());
}

#[test]
fn miniecs_list_has_all_four_columns() {
    let seen = Rig::new().run("applet miniecs list --region eu-west-1");
    seen.prints(0, &["CLUSTER", "TASK DEFINITION"]);
    let row = seen.out.lines().find(|line| line.starts_with("prod ") && line.contains("payments-api:41")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["prod", "payments-api", "payments-api:41", "app"]);
}

#[test]
fn miniecs_cluster_is_honoured() {
    let seen = Rig::new().run("applet miniecs list --region eu-west-1 --cluster staging");
    seen.prints(0, &["staging"]);
    assert!(seen.out.lines().skip(1).all(|line| line.starts_with("staging")), "{seen:?}");
}

#[test]
fn miniecs_login_wants_a_terminal() {
    let rig = Rig::new();
    let seen = rig.run("applet miniecs login --region eu-west-1 --cluster prod --shell sh");
    assert_ne!(seen.code, 0, "{seen:?}");
    assert_eq!(rig.run("applet miniecs login --nonsense").code, 1);
}

#[test]
fn skipper_list_prints_clusters_and_services() {
    let mut command = Rig::new();
    let rig = &mut command;
    let seen = rig.run("--region eu-west-1 applet skipper list");
    seen.prints(0, &["Cluster:\tprod\n[ - ]: ", "[ - ]: payments-api\n"]);
    assert!(!seen.out.contains("sandbox-mira"), "{seen:?}");
}

#[test]
fn skipper_keys_of_the_environment() {
    let rig = Rig::new();
    let mut command = rig.stranger("applet skipper list");
    command.env("AWS_REGION", "eu-west-1");
    command.env("AWS_ACCESS_KEY", rig.sim.access_key()).env("AWS_SECRET_KEY", rig.sim.secret_key());
    Seen::of(command.output().unwrap()).prints(0, &["Cluster:\tprod\n"]);
}

#[test]
fn skipper_ssm_list_prints_global_and_own_parameters() {
    let seen = Rig::new().run("--region eu-west-1 applet skipper ssm list prod payments-api");
    seen.prints(0, &["=== global Config Vars\n", "=== payments-api Config Vars\n"]);
}

#[test]
fn skipper_ssm_puts_and_deletes() {
    let rig = Rig::new();
    let told = |verb: &str, input: &str| rig.told(&format!("ssm {verb} prod payments-api"), input);
    told("put", "PARITY\nof tools\n").prints(0, &[]);
    let list = "--region eu-west-1 applet skipper ssm list prod payments-api";
    rig.run(list).prints(0, &["PARITY                        : \tof tools\n"]);
    told("delete", "PARITY\nno\n").prints(1, &[]);
    told("delete", "PARITY\nyes\n").prints(0, &[]);
    assert!(!rig.run(list).out.contains("PARITY"));
}

#[test]
fn skipper_ssm_history_prints_all_versions() {
    let rig = Rig::new();
    let told = |verb: &str, input: &str| rig.told(&format!("ssm {verb} prod payments-api"), input);
    let rule = "-".repeat(85);
    let seen = told("history", "LOG_LEVEL\n");
    seen.prints(0, &[&format!("{rule}\nVERSION                       : \t2\nLastModifiedDate              : \t20")]);
    seen.prints(0, &["LOG_LEVEL                     : \tinfo\n", "LOG_LEVEL                     : \tdebug\n"]);
    seen.prints(0, &["User                          : \tarn:aws:iam::"]);
    assert!(seen.out.find("\t2\n") < seen.out.find("\t1\n"), "newest first: {seen:?}");
    told("put", "PARITY\none\n").prints(0, &[]);
    told("put", "PARITY\ntwo\n").prints(0, &[]);
    told("history", "PARITY\n").prints(0, &["PARITY                        : \ttwo\n", ": \tone\n"]);
    let own = rig.run("--region eu-west-1 params history prod/payments-api PARITY -o json");
    let versions: serde_json::Value = serde_json::from_str(&own.prints(0, &[]).out).unwrap();
    let said = |row: usize, name: &str| versions[row][name].clone();
    assert_eq!((said(0, "version"), said(1, "version")), (2.into(), 1.into()));
    assert_eq!((said(0, "type"), said(0, "value")), ("SecureString".into(), serde_json::Value::Null));
    let shown = rig.run("--region eu-west-1 params history prod/payments-api PARITY --reveal -o tsv");
    shown.prints(0, &["\tSecureString\ttwo\t", "\tSecureString\tone\t"]);
    let none = told("history", "NOTHING\n");
    assert!(none.code == 1 && none.err.contains("there is no parameter"), "{none:?}");
}

#[test]
fn skipper_logs_prints_an_hour_in_its_format() {
    let rig = Rig::new();
    let lines = |seen: &Seen| seen.prints(0, &[]).out.lines().count();
    let hour = rig.skipper("logs prod payments-api");
    assert!(hour.out.lines().all(|line| line.starts_with("[ INFO - ")), "{hour:?}");
    let (less, more) = (rig.skipper("logs -s 50m prod payments-api"), rig.skipper("logs -s 70m prod payments-api"));
    assert!(lines(&less) < lines(&hour) && lines(&hour) < lines(&more), "{}", lines(&hour));
    let since = rig.ago(40);
    let ours = rig.run(&format!("--region eu-west-1 logs prod/payments-api --since {since}"));
    assert_eq!(lines(&rig.skipper(&format!("logs -s {since} prod payments-api"))), lines(&ours));
}

#[test]
fn skipper_logs_knows_its_times() {
    let rig = Rig::new();
    let lines =
        |words: &str| rig.skipper(&format!("logs {words} prod payments-api")).prints(0, &[]).out.lines().count();
    let hour = lines("");
    assert!(lines("-s 10m") < hour && hour <= lines("--since 1h30m"));
    assert!(lines("-u 30m") < hour && lines("-u now") >= lines("-u 30m"));
    assert_eq!(lines("-s 2013-01-02T13:23:37 -u 2013-01-03"), 0);
    let seen = rig.skipper("logs -s yesterday prod payments-api");
    assert!(seen.code == 1 && seen.err.contains("is no time: all, now, 42m"), "{seen:?}");
}

#[test]
fn skipper_logs_of_one_task() {
    let rig = Rig::new();
    let tasks = |seen: &Seen| seen.out.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let all = tasks(&rig.skipper("logs -o {{.TaskShort}} prod payments-api"));
    let one = all.first().unwrap();
    assert!(all.len() > 1, "{all:?}");
    let only = rig.skipper(&format!("logs -o {{{{.TaskShort}}}} --task {one} prod payments-api"));
    assert_eq!(tasks(&only), BTreeSet::from([one.clone()]));
}

#[test]
fn skipper_logs_follows() {
    let rig = Rig::new();
    let seen = rig.skipper("logs -f -u 1h prod payments-api");
    assert!(seen.code == 1 && seen.err.contains("cannot be used with"), "{seen:?}");
    assert!(rig.sim.calls().is_empty());
    let mut command = rig.command("--region eu-west-1 applet skipper logs -f -s 1m -o {{.Message}} prod payments-api");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(!first.is_empty());
    // Who follows has not ended: it is ended.
    assert_eq!(child.try_wait().unwrap(), None);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn skipper_logs_takes_fields_and_colours_of_go_templates() {
    let rig = Rig::new();
    let seen = rig.skipper("logs -o {{red(print.Group)}} prod payments-api");
    assert!(seen.code == 1 && seen.err.contains("is not understood here. Fields: .Level"), "{seen:?}");
    let seen = rig.skipper("logs --format <{{.Level}}|{{.Group}}|{{.Stream}}> prod payments-api");
    let line = seen.prints(0, &[]).out.lines().next().unwrap().to_owned();
    assert!(line.starts_with("<INFO|/ecs/") && line.ends_with('>') && line.contains("/app/"), "{line}");
    let seen = rig.skipper("logs -o {{.DataFlat}} prod payments-api");
    assert!(seen.code == 1 && seen.err.contains("--verbose prints it"), "{seen:?}");
}

#[test]
fn skipper_logs_verbose_and_raw() {
    let rig = Rig::new();
    let seen = rig.skipper("logs -v -r prod payments-api");
    assert!(seen.code == 1 && seen.err.contains("cannot be used with"), "{seen:?}");
    let since = rig.ago(10);
    let verbose = rig.skipper(&format!("logs -v -s {since} prod payments-api"));
    let line = verbose.prints(0, &[" INFO "]).out.lines().next().unwrap().to_owned();
    assert!(line.starts_with("[ ") && line.contains(" ] ") && line.contains(" - "), "{line}");
    let raw = rig.skipper(&format!("logs -r -s {since} prod payments-api")).prints(0, &[]).out.clone();
    let events: Vec<serde_json::Value> =
        serde_json::Deserializer::from_str(&raw).into_iter().collect::<Result<_, _>>().unwrap();
    assert_eq!(events.len(), verbose.out.lines().count());
    assert!(events.iter().all(|event| event["level"].is_string() && event["Stream"].is_string()), "{raw}");
}

#[test]
fn skipper_restart_replaces_the_tasks_and_waits() {
    let rig = Rig::new();
    let seen = rig.in_time("applet skipper restart prod mailer", "");
    seen.prints(0, &["mailer", "completed"]);
    assert_eq!(rig.changes(), ["UpdateService"]);
}

#[test]
fn skipper_restart_asks_where_names_are_not_whole() {
    let rig = Rig::new();
    let seen = rig.told("restart prod mail", "");
    assert!(seen.code == 1 && seen.err.contains("Is prod/mailer meant?"), "{seen:?}");
    assert!(rig.changes().is_empty());
    rig.in_time("applet skipper restart prod mail", "y\n").prints(0, &["completed"]);
    assert_eq!(rig.changes(), ["UpdateService"]);
}

#[test]
fn skipper_restart_that_fails_ends_with_1() {
    let rig = Rig::new();
    let seen = rig.in_time("applet skipper restart prod refunds", "");
    assert!(seen.code == 1 && seen.err.contains("the deployment of prod/refunds "), "{seen:?}");
    assert_eq!(rig.changes(), ["UpdateService"]);
}

#[test]
fn skipper_restart_r_stops_one_task_after_the_other() {
    let rig = Rig::new();
    let seen = rig.told("restart -r prod mailer", "n\n");
    assert!(seen.code == 1 && seen.err.contains("Start rotating kill tasks?"), "{seen:?}");
    assert!(rig.changes().is_empty());
    let seen = rig.in_time("applet skipper restart -r prod mailer", "y\n");
    seen.prints(0, &["stopped"]);
    assert_eq!(rig.changes(), ["StopTask", "StopTask"]);
    let seen = rig.told("restart --rotatingkill prod payments-cron", "y\n");
    assert!(seen.code == 1 && seen.err.contains("of fewer than 2 none can stop"), "{seen:?}");
    assert_eq!(rig.changes(), ["StopTask", "StopTask"]);
}

#[test]
fn skipper_restart_t_wants_kill_typed() {
    let rig = Rig::new();
    for typed in ["mailer\n", "KILL\n", "y\n", ""] {
        let seen = rig.told("restart -t prod mailer", typed);
        assert!(seen.code == 1 && seen.err.contains("by writing the following [KILL MAILER]"), "{seen:?}");
    }
    assert!(rig.changes().is_empty());
    rig.told("restart --terminatekill prod mailer", "kill mailer\n").prints(0, &["stopped"]);
    assert_eq!(rig.changes(), ["StopTask", "StopTask"]);
}

#[test]
fn skipper_update_sets_and_unsets_variables_and_the_group() {
    let rig = Rig::new();
    let line =
        "applet skipper update prod payments-web --set NODE_ENV=test --set NEW= --unset PAYMENTS_API --targetGroup g1";
    rig.in_time(line, "").prints(0, &["payments-web:89"]);
    let sent = &rig.sent("RegisterTaskDefinition")[0];
    assert_eq!(sent["placementConstraints"][0]["expression"], "attribute:group == g1");
    for container in sent["containerDefinitions"].as_array().unwrap() {
        let environment = container["environment"].as_array().unwrap();
        let value = |name: &str| environment.iter().find(|it| it["name"] == name).map(|it| it["value"].clone());
        assert_eq!((value("NODE_ENV"), value("NEW")), (Some("test".into()), Some("".into())), "{container}");
        assert_eq!(value("PAYMENTS_API"), None);
    }
    assert_eq!(rig.changes(), ["RegisterTaskDefinition", "UpdateService"]);
}

#[test]
fn skipper_update_that_changes_nothing_replaces_the_tasks() {
    let rig = Rig::new();
    rig.in_time("applet skipper update prod mailer --unset NOTHING", "").prints(0, &["updated", "completed"]);
    assert_eq!(rig.changes(), ["UpdateService"]);
    assert_eq!(rig.sent("UpdateService")[0]["forceNewDeployment"], true);
}

#[test]
fn skipper_update_refuses_flags_that_skipper_forgets() {
    let rig = Rig::new();
    for flag in ["-i x:1", "--image_tag 1", "--taskdefinition_override x", "--service x", "--service_type web"] {
        let seen = rig.skipper(&format!("update prod mailer {flag}"));
        assert!(seen.code == 1 && seen.err.contains("unexpected argument"), "{seen:?}");
    }
    assert!(rig.sim.calls().is_empty());
}

#[test]
fn skipper_shell_and_setlimits_are_refused_by_name() {
    let rig = Rig::new();
    for line in ["shell tunnel", "setlimits"] {
        let seen = rig.run(&format!("--region eu-west-1 applet skipper {line}"));
        assert!(seen.code == 1 && seen.err.contains("later version"), "{line}: {seen:?}");
    }
    assert!(rig.sim.calls().is_empty());
}
