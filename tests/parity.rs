//! The rows of docs/parity.md: each has a test here.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Output, Stdio},
};

use ecsui::{
    model::Timestamp,
    sim::{Options, Sim, World},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

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
        rig.run(line).prints(0, &["Usage: ecsman <flags> <operation> <cluster> <service>\n", "    -events <int> "]);
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
fn ecsman_changes_are_refused_by_name() {
    let rig = Rig::new();
    for line in ["update prod payments-api :new", "register task.json", "run prod payments-api"] {
        let seen = rig.ecsman(line);
        let name = line.split(' ').next().unwrap();
        assert!(seen.code == 1 && seen.err.contains(&format!("ecsman {name} changes things")), "{seen:?}");
    }
    assert!(rig.sim.calls().is_empty());
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
    said("dance", 1, "Unknown operation: dance");
    said("check prod", 1, "Must specify cluster name and service name to check.");
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
fn skipper_changes_are_refused_by_name() {
    let rig = Rig::new();
    for line in ["restart prod api", "update prod api --set A=B", "shell tunnel", "setlimits"] {
        let seen = rig.run(&format!("--region eu-west-1 applet skipper {line}"));
        assert!(seen.code == 1 && seen.err.contains("later version"), "{line}: {seen:?}");
    }
    assert!(rig.sim.calls().is_empty());
}
