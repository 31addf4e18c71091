//! One permission that is missing hides nothing else, whichever it is: commands and views say which action they lack,
//! and show the rest as before.
//!
//! What a command reads is seen in the journal of calls, so that no command and no API can be forgotten: every API that
//! `src/aws` reads is denied to every command that uses it, and to the whole browser. What then differs has a row below.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/tour.rs"]
mod tour;
#[path = "common/way.rs"]
mod way;
#[path = "common/window.rs"]
mod window;

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, thread};

use ecsui::{
    sim::{Damage, Fault, Options, Sim, World},
    tui::app::{Level, Load},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tour::{COMMANDS, VIEWS};
use window::Window;

/// What is left of what a command prints, or a view shows, without an action.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Left {
    /// The same rows, some of whose fields are empty.
    Rows,
    /// All but so many of its lines.
    But(usize),
    /// Some of its lines.
    Some,
    /// These words.
    Words(&'static [&'static str]),
    /// Nothing: there is nothing else in it.
    Nothing,
}

/// The commands that change something, without the change.
const DRY_RUNS: &[&str] = &[RUN, STOP, REGISTER];
const RUN: &str = "run prod database-migration --like payments-api --dry-run -o json";
const STOP: &str = "stop prod/payments-api --all --dry-run -o json";
const REGISTER: &str = "register task.json --dry-run -o json";

/// What is registered.
const TASK: &str = r#"{ "family": "mailer", "containerDefinitions": [{ "name": "app", "image": "x", "memory": 64 }] }"#;

/// The views that are panes.
const PANES: [(&str, Level); 4] = [
    ("pane of clusters", Level::Cluster),
    ("pane of services", Level::Service),
    ("pane of tasks", Level::Task),
    ("pane of containers", Level::Container),
];

/// By action, the commands and views that show less without it, and what they show all the same.
#[rustfmt::skip]
const TABLE: &[(&str, Left, &[&str])] = &[
    ("application-autoscaling:DescribeScalableTargets", Left::But(6), &["facts of a service"]),
    ("application-autoscaling:DescribeScalingActivities", Left::But(3), &["facts of a service"]),
    ("application-autoscaling:DescribeScalingPolicies", Left::But(2), &["facts of a service"]),
    ("cloudwatch:DescribeAlarms", Left::But(2), &["facts of a service"]),
    ("cloudwatch:GetMetricData", Left::But(2), &["facts of a service"]),
    ("ec2:DescribeInstances", Left::But(6), &["instances"]),
    ("ec2:DescribeInstances", Left::Words(&["m6i.xlarge", "c7i.large", "DRAINING"]), &[
        "instances -o json", "instances prod -o json",
    ]),
    ("ecs:DescribeClusters", Left::Rows, &["ls -o json", "ls -v -o json"]),
    ("ecs:DescribeClusters", Left::Words(&["\"prod\"", "\"prod-batch\"", "\"staging\"", "\"tools\""]), &[
        "pane of clusters",
    ]),
    ("ecs:DescribeClusters", Left::But(4), &["facts of a cluster"]),
    ("ecs:DescribeClusters", Left::But(18), &["applet ecsman -region eu-west-1 ls"]),
    ("ecs:DescribeClusters", Left::But(1), &[
        "ls prod payments-api -v --events 5 --elb", "ls prod-batch voucher-legacy --elb",
    ]),
    ("ecs:DescribeContainerInstances", Left::But(2), &["classic targets"]),
    ("ecs:DescribeContainerInstances", Left::Nothing, &["instances", "instances -o json", "instances prod -o json"]),
    ("ecs:DescribeContainerInstances", Left::But(4), &["targets on hosts"]),
    ("ecs:DescribeContainerInstances", Left::Rows, &[
        "targets prod-batch/voucher-legacy -o json", "targets prod/search -o json",
    ]),
    ("ecs:DescribeServiceDeployments", Left::But(1), &["deployments"]),
    ("ecs:DescribeServiceDeployments", Left::Rows, &["deployments prod/payments-web -o json"]),
    ("ecs:DescribeServiceRevisions", Left::But(1), &["deployments"]),
    ("ecs:DescribeServiceRevisions", Left::Rows, &["deployments prod/payments-web -o json"]),
    ("ecs:DescribeServices", Left::Some, &[
        "applet ecsman -region eu-west-1 ls prod payments-api", "facts of a service",
        "ls prod payments-api -v --events 5 --elb", "ls prod-batch voucher-legacy --elb", "pane of services",
    ]),
    ("ecs:DescribeServices", Left::Nothing, &[
        "check prod/orders -o json --exit-zero", "check tools -o json -v --exit-zero", "classic targets",
        "deployments", "deployments prod/payments-web -o json", "events", "events of a cluster",
        "events prod/payments-web -o json", "events tools -o json",
        "targets", "targets of a task", "targets on hosts", "targets prod-batch/voucher-legacy -o json",
        "targets prod/payments-api -o json", "targets prod/search -o json", "task definition",
    ]),
    ("ecs:DescribeServices", Left::Nothing, &[STOP, RUN]),
    ("ecs:DescribeServices", Left::But(1), &["params list prod/payments-api -o json"]),
    ("ecs:DescribeServices", Left::But(37), &["applet ecsman -region eu-west-1 ls"]),
    ("ecs:DescribeServices", Left::Rows, &["ls -v -o json", "ls prod -o json"]),
    ("ecs:DescribeTaskDefinition", Left::Some, &[
        "applet ecsman -region eu-west-1 ls prod payments-api", "ls prod payments-api -v --events 5 --elb",
    ]),
    ("ecs:DescribeTaskDefinition", Left::But(1), &["deployments"]),
    ("ecs:DescribeTaskDefinition", Left::Rows, &["deployments prod/payments-web -o json"]),
    ("ecs:DescribeTaskDefinition", Left::Nothing, &[
        "logs", "logs of a container", "logs prod/payments-api --limit 5 -o json", "logs prod --limit 5 -o json",
        "task definition",
        "taskdefs diff payments-api:40 payments-api:41 -o json", "taskdefs payments-api 41",
    ]),
    ("ecs:DescribeTaskDefinition", Left::Nothing, &[RUN]),
    ("ecs:DescribeTaskDefinition", Left::But(67), &[REGISTER]),
    ("ecs:DescribeTaskDefinition", Left::But(1), &["params list prod/payments-api -o json"]),
    ("ecs:DescribeTaskDefinition", Left::Words(&["task-definition/ledger:203", "task-definition/ledger:190"]), &[
        "taskdefs ledger -o json", "applet ecsman -region eu-west-1 taskdefs ledger",
    ]),
    ("ecs:DescribeTaskDefinition", Left::But(3), &["ls prod-batch voucher-legacy --elb"]),
    ("ecs:DescribeTasks", Left::Some, &[
        "applet ecsman -region eu-west-1 ls prod payments-api", "instances", "list -o json",
        "list -o json --cluster prod",
    ]),
    ("ecs:DescribeTasks", Left::Some, &["logs", "logs prod/payments-api --limit 5 -o json", "logs prod --limit 5 -o json"]),
    ("ecs:DescribeTasks", Left::Nothing, &[
        "applet miniecs list", "facts of a container", "facts of a task", "logs of a container", "pane of containers",
        "pane of tasks", "stopped prod -o json", "stopped prod/search -o json", "stopped tasks",
        "stopped tasks of a cluster", "targets of a task",
    ]),
    ("ecs:DescribeTasks", Left::But(0), &[
        "check prod/orders -o json --exit-zero", "check tools -o json -v --exit-zero",
    ]),
    ("ecs:DescribeTasks", Left::Nothing, &[STOP]),
    ("ecs:DescribeTasks", Left::But(2), &["classic targets"]),
    ("ecs:DescribeTasks", Left::Rows, &[
        "events prod/payments-web -o json", "events tools -o json", "targets prod-batch/voucher-legacy -o json",
        "targets prod/payments-api -o json", "targets prod/search -o json",
    ]),
    ("ecs:DescribeTasks", Left::But(5), &["ls prod payments-api -v --events 5 --elb"]),
    ("ecs:DescribeTasks", Left::But(4), &["ls prod-batch voucher-legacy --elb", "targets on hosts"]),
    ("ecs:DescribeTasks", Left::But(1), &["pane of services"]),
    ("ecs:DescribeTasks", Left::But(3), &["targets"]),
    ("ecs:ListClusters", Left::Nothing, &[
        "applet ecsman -region eu-west-1 ls",
        "applet miniecs list", "applet skipper list", "classic targets", "deployments", "events",
        "events of a cluster", "facts of a cluster", "facts of a container", "facts of a service", "facts of a task",
        "instances", "instances -o json", "list -o json", "logs", "logs of a container", "ls -o json",
        "ls -v -o json", "pane of clusters", "pane of containers", "pane of services", "pane of tasks",
        "stopped tasks", "stopped tasks of a cluster", "targets", "targets of a task", "targets on hosts",
        "task definition",
    ]),
    ("ecs:ListContainerInstances", Left::Nothing, &["instances", "instances -o json", "instances prod -o json"]),
    ("ecs:ListServiceDeployments", Left::But(3), &["deployments"]),
    ("ecs:ListServiceDeployments", Left::But(1), &["deployments prod/payments-web -o json"]),
    ("ecs:ListServices", Left::Nothing, &[
        "applet ecsman -region eu-west-1 ls prod payments-api", "applet skipper list",
        "check tools -o json -v --exit-zero", "classic targets", "deployments", "events", "events of a cluster",
        "events tools -o json", "facts of a container", "facts of a service", "facts of a task", "logs",
        "logs of a container", "ls prod -o json", "pane of containers", "pane of tasks", "stopped tasks", "targets",
        "targets of a task", "targets on hosts", "task definition",
    ]),
    ("ecs:ListServices", Left::But(37), &["applet ecsman -region eu-west-1 ls"]),
    ("ecs:ListServices", Left::But(2), &["applet miniecs list", "list -o json"]),
    ("ecs:ListServices", Left::But(1), &["list -o json --cluster prod"]),
    ("ecs:ListServices", Left::Rows, &["ls -v -o json"]),
    ("ecs:ListServices", Left::Some, &["pane of services"]),
    ("ecs:ListTaskDefinitionFamilies", Left::Nothing, &[
        "taskdefs -o json", "applet ecsman -region eu-west-1 taskdefs",
    ]),
    ("ecs:ListTaskDefinitions", Left::But(67), &[REGISTER]),
    ("ecs:ListTaskDefinitions", Left::Rows, &["taskdefs -o json"]),
    ("ecs:ListTaskDefinitions", Left::Words(&["  payments-api (latest", "  ledger (latest"]), &[
        "applet ecsman -region eu-west-1 taskdefs",
    ]),
    ("ecs:ListTaskDefinitions", Left::Words(&["ledger:203"]), &[
        "taskdefs ledger -o json", "applet ecsman -region eu-west-1 taskdefs ledger",
    ]),
    ("ecs:ListTasks", Left::Some, &[
        "applet ecsman -region eu-west-1 ls prod payments-api", "instances", "list -o json",
        "list -o json --cluster prod",
    ]),
    ("ecs:ListTasks", Left::Some, &["logs", "logs prod/payments-api --limit 5 -o json", "logs prod --limit 5 -o json"]),
    ("ecs:ListTasks", Left::Nothing, &[
        "applet miniecs list", "facts of a container", "facts of a task", "logs of a container", "pane of containers",
        "pane of tasks", "stopped prod -o json", "stopped prod/search -o json", "stopped tasks",
        "stopped tasks of a cluster", "targets of a task",
    ]),
    ("ecs:ListTasks", Left::But(0), &["check prod/orders -o json --exit-zero", "check tools -o json -v --exit-zero"]),
    ("ecs:ListTasks", Left::Nothing, &[STOP]),
    ("ecs:ListTasks", Left::But(2), &["classic targets"]),
    ("ecs:ListTasks", Left::But(5), &["ls prod payments-api -v --events 5 --elb"]),
    ("ecs:ListTasks", Left::But(4), &["ls prod-batch voucher-legacy --elb", "targets on hosts"]),
    ("ecs:ListTasks", Left::But(1), &["pane of services"]),
    ("ecs:ListTasks", Left::But(3), &["targets"]),
    ("ecs:ListTasks", Left::Rows, &[
        "targets prod-batch/voucher-legacy -o json", "targets prod/payments-api -o json",
        "targets prod/search -o json",
    ]),
    ("elasticloadbalancing:DescribeInstanceHealth", Left::But(3), &["classic targets"]),
    ("elasticloadbalancing:DescribeInstanceHealth", Left::Nothing, &["targets prod-batch/voucher-legacy -o json"]),
    ("elasticloadbalancing:DescribeListeners", Left::But(2), &["targets", "targets of a task", "targets on hosts"]),
    ("elasticloadbalancing:DescribeListeners", Left::Rows, &[
        "targets prod/payments-api -o json", "targets prod/search -o json",
    ]),
    ("elasticloadbalancing:DescribeLoadBalancers", Left::But(3), &["classic targets"]),
    ("elasticloadbalancing:DescribeLoadBalancers", Left::But(2), &[
        "ls prod payments-api -v --events 5 --elb", "ls prod-batch voucher-legacy --elb",
    ]),
    ("elasticloadbalancing:DescribeLoadBalancers", Left::But(1), &["targets", "targets of a task", "targets on hosts"]),
    ("elasticloadbalancing:DescribeLoadBalancers", Left::Rows, &[
        "targets prod-batch/voucher-legacy -o json", "targets prod/payments-api -o json",
        "targets prod/search -o json",
    ]),
    ("elasticloadbalancing:DescribeRules", Left::But(2), &["ls prod payments-api -v --events 5 --elb"]),
    ("elasticloadbalancing:DescribeRules", Left::But(3), &["targets", "targets of a task", "targets on hosts"]),
    ("elasticloadbalancing:DescribeRules", Left::Rows, &[
        "targets prod/payments-api -o json", "targets prod/search -o json",
    ]),
    ("elasticloadbalancing:DescribeTargetGroupAttributes", Left::But(1), &[
        "targets", "targets of a task", "targets on hosts",
    ]),
    ("elasticloadbalancing:DescribeTargetGroupAttributes", Left::Rows, &[
        "targets prod/payments-api -o json", "targets prod/search -o json",
    ]),
    ("elasticloadbalancing:DescribeTargetGroups", Left::But(2), &["ls prod payments-api -v --events 5 --elb"]),
    ("elasticloadbalancing:DescribeTargetGroups", Left::But(4), &["targets", "targets of a task", "targets on hosts"]),
    ("elasticloadbalancing:DescribeTargetGroups", Left::Rows, &[
        "targets prod/payments-api -o json", "targets prod/search -o json",
    ]),
    ("elasticloadbalancing:DescribeTargetHealth", Left::Nothing, &[
        "check prod/orders -o json --exit-zero", "targets prod/payments-api -o json", "targets prod/search -o json",
    ]),
    ("elasticloadbalancing:DescribeTargetHealth", Left::But(0), &["check tools -o json -v --exit-zero"]),
    ("elasticloadbalancing:DescribeTargetHealth", Left::But(4), &["targets"]),
    ("elasticloadbalancing:DescribeTargetHealth", Left::But(2), &["targets of a task"]),
    ("elasticloadbalancing:DescribeTargetHealth", Left::But(5), &["targets on hosts"]),
    // What a run looks at beforehand is unknown then.
    ("ecr:BatchGetImage", Left::Some, &[RUN]),
    ("ecr:GetDownloadUrlForLayer", Left::Some, &[RUN]),
    ("iam:GetRole", Left::Some, &[RUN]),
    ("iam:SimulatePrincipalPolicy", Left::Some, &[RUN]),
    ("logs:DescribeLogGroups", Left::Some, &[RUN]),
    ("secretsmanager:DescribeSecret", Left::Some, &[RUN]),
    ("ssm:GetParameters", Left::Some, &[RUN]),
    ("logs:FilterLogEvents", Left::Nothing, &[
        "logs", "logs of a container", "logs prod/payments-api --limit 5 -o json", "logs prod --limit 5 -o json",
    ]),
    ("ssm:GetParameter", Left::Nothing, &["params get prod/payments-api DATABASE_PASSWORD"]),
    ("ssm:GetParameterHistory", Left::Nothing, &["params history prod/payments-api DATABASE_PASSWORD"]),
    ("ssm:GetParameters", Left::Words(&["signing-key", "DATABASE_PASSWORD"]), &[
        "params list prod/payments-api -o json",
    ]),
    ("ssm:GetParametersByPath", Left::But(4), &["params list prod/payments-api -o json"]),
    ("ssm:GetParametersByPath", Left::But(5), &["applet skipper ssm list prod/payments-api"]),
];

/// What only changes and sessions read: tests/watch.rs denies the first, tests/encryption.rs the other.
const ELSEWHERE: [&str; 9] = [
    "ssm:DescribeParameters",
    "kms:GenerateDataKey",
    // What is looked at before a change: tests/verify.rs.
    "ecr:BatchGetImage",
    "ecr:DescribePullThroughCacheRules",
    "ecr:GetDownloadUrlForLayer",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "logs:DescribeLogGroups",
    "secretsmanager:DescribeSecret",
];

#[test]
fn one_denial_hides_nothing_else() {
    // Who one is can be asked whatever a policy says:
    // <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
    let reads: Vec<_> = declared_reads().into_iter().filter(|action| action != "sts:GetCallerIdentity").collect();
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    thread::scope(|scope| {
        for found in [scope.spawn(|| in_commands(&reads)), scope.spawn(|| in_views(&reads))] {
            let (wrong_there, used_there) = found.join().unwrap();
            wrong.extend(wrong_there);
            used.extend(used_there);
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let elsewhere = |action: &&String| ELSEWHERE.contains(&action.as_str());
    let unused: Vec<&String> = reads.iter().filter(|action| !used.contains(*action) && !elsewhere(action)).collect();
    assert!(unused.is_empty(), "nothing here reads {unused:?}");
}

/// Denies each command each action that it needs; returns what is wrong with what is left, and which actions it were.
fn in_commands(reads: &[String]) -> (Vec<String>, BTreeSet<String>) {
    let runtime = Runtime::new().unwrap();
    let sim = runtime.block_on(Sim::start(World::demo(), Options::explicit())).unwrap();
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for line in COMMANDS.iter().chain(DRY_RUNS) {
        let before = sim.calls().len();
        let whole = run(&sim, line);
        assert!(whole.code == Some(0), "{line}: {}{}", whole.out, whole.err);
        let calls: BTreeSet<String> = sim.calls()[before..].iter().map(|call| call.operation.clone()).collect();
        for action in reads.iter().filter(|action| calls.contains(operation(action))) {
            used.insert(action.clone());
            sim.fault(denial(action));
            let less = run(&sim, line);
            sim.mend();
            let said = format!("{}{}", less.out, less.err);
            if let Some(trouble) = trouble(action, left(action, line), &whole.out, &less.out, &said) {
                wrong.push(format!("{line} without {action}: {trouble}"));
            }
        }
    }

    (wrong, used)
}

/// Denies each action to the whole browser; returns what is wrong with what is left, and which actions it needs.
fn in_views(reads: &[String]) -> (Vec<String>, BTreeSet<String>) {
    let runtime = Runtime::new().unwrap();
    let sim = runtime.block_on(Sim::start(World::demo(), Options::explicit())).unwrap();
    let mut wrong = Vec::new();
    let whole = runtime.block_on(tour(&sim));
    let calls = sim.calls();
    let is_used = |action: &&String| calls.iter().any(|call| call.operation == operation(action));
    let used = reads.iter().filter(is_used).cloned().collect();
    for action in reads {
        sim.fault(denial(action));
        let less = runtime.block_on(tour(&sim));
        sim.mend();
        for ((view, _), (whole, less)) in VIEWS.iter().zip(whole.iter().zip(&less)) {
            if let Some(trouble) = trouble(action, left(action, view), &whole.shown, &less.shown, &less.said) {
                wrong.push(format!("the view {view} without {action}: {trouble}"));
            }
        }
    }

    (wrong, used)
}

/// Returns what the table says of an action and a command or a view.
fn left(action: &str, what: &str) -> Option<Left> {
    TABLE.iter().find(|(of, _, whats)| *of == action && whats.contains(&what)).map(|(_, left, _)| *left)
}

/// Returns what is wrong with what was shown without an action.
fn trouble(action: &str, expected: Option<Left>, whole: &str, less: &str, said: &str) -> Option<String> {
    if whole == less {
        return expected.map(|_| "it shows as much as before, and has a row".to_owned());
    }
    let there: Vec<&str> = less.lines().map(bare).collect();
    let all: Vec<&str> = whole.lines().map(bare).filter(|line| line.len() > 1).collect();
    let gone = all.iter().filter(|line| !there.contains(line)).count();
    let is_so = match expected {
        None => false,
        Some(Left::Nothing) => gone == all.len(),
        Some(Left::Rows) => has_the_rows_of(whole, less),
        Some(Left::But(lines)) => gone == lines && gone < all.len(),
        Some(Left::Some) => gone < all.len(),
        Some(Left::Words(words)) => words.iter().all(|word| less.contains(word)),
    };
    let is_said = said.contains(action);
    (!is_said || !is_so).then(|| {
        let found =
            if has_the_rows_of(whole, less) { "Rows".to_owned() } else { format!("But({gone}) of {}", all.len()) };
        format!("said: {is_said}, expected: {expected:?}, found: {found}\n{}", difference(whole, less, said))
    })
}

/// A row of JSON is the same where another one follows it or not.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches(',')
}

/// Whether two arrays of JSON have the same rows, but for what is empty in the second.
fn has_the_rows_of(whole: &str, less: &str) -> bool {
    let rows = |text: &str| serde_json::from_str::<Vec<Value>>(text).unwrap_or_default();
    let (whole, less) = (rows(whole), rows(less));
    !whole.is_empty() && whole.len() == less.len() && whole.iter().zip(&less).all(|(whole, less)| is_kept(whole, less))
}

fn is_kept(whole: &Value, less: &Value) -> bool {
    match (whole, less) {
        (_, Value::Null) => true,
        (Value::Object(whole), Value::Object(less)) => {
            whole.iter().all(|(name, value)| less.get(name).is_some_and(|less| is_kept(value, less)))
        }
        (Value::Array(whole), Value::Array(less)) if whole.len() == less.len() => {
            whole.iter().zip(less).all(|(whole, less)| is_kept(whole, less))
        }
        (_, Value::Array(less)) => less.is_empty(),
        (whole, less) => whole == less,
    }
}

/// Returns the lines that are gone, and those that have come.
fn difference(whole: &str, less: &str, said: &str) -> String {
    let mut text = String::new();
    let lines = |of: &str| of.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (whole, less, said) = (lines(whole), lines(less), lines(said));
    let cut = |line: &String| line.chars().take(300).collect::<String>();
    for line in whole.difference(&less).take(6) {
        writeln!(text, "  - {}", cut(line)).unwrap();
    }
    for line in less.difference(&whole).take(6) {
        writeln!(text, "  + {}", cut(line)).unwrap();
    }
    for line in said.difference(&less).take(6) {
        writeln!(text, "  ! {}", cut(line)).unwrap();
    }
    text
}

/// Returns the actions of all operations that `src/aws` declares to read.
fn declared_reads() -> BTreeSet<String> {
    let mut reads = BTreeSet::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws")).unwrap() {
        let path = file.unwrap().path();
        let Some(text) = path.is_file().then(|| fs::read_to_string(&path).unwrap()) else { continue };
        let of = text.split("Operation::read(").skip(1);
        reads
            .extend(of.filter_map(|rest| rest.strip_prefix('"')?.split_once('"')).map(|(action, _)| action.to_owned()));
    }
    assert!(reads.len() > 30, "{reads:?}");
    reads
}

fn operation(action: &str) -> &str {
    action.split_once(':').unwrap().1
}

/// Returns what IAM says, in the way of each API.
fn denial(action: &str) -> Fault {
    let message = format!(
        "User: arn:aws:iam::482913007156:user/mia is not authorized to perform: {action} on resource: * because no \
         identity-based policy allows the {action} action"
    );
    let (code, status) = match action.split_once(':').unwrap().0 {
        "ec2" => ("UnauthorizedOperation", 403),
        "elasticloadbalancing" | "sts" => ("AccessDenied", 403),
        _ => ("AccessDeniedException", 400),
    };
    Fault::new(operation(action), Damage::Error { code: code.to_owned(), message, status })
}

/// What a command printed, and how it ended.
struct Ran {
    out: String,
    err: String,
    code: Option<i32>,
}

fn run(sim: &Sim, line: &str) -> Ran {
    // What it remembers of stopped tasks would help the next one out.
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("task.json"), TASK).unwrap();
    let output = way::command(sim, home.path(), line).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
}

/// What a view showed.
struct Shown {
    /// Its lines.
    shown: String,
    /// All that is said anywhere.
    said: String,
}

/// Looks at every view once.
async fn tour(sim: &Sim) -> Vec<Shown> {
    let mut window = Window::open(sim, way::cx(sim), 200, 50).await;
    let mut views = Vec::new();
    for (view, keys) in VIEWS {
        window.keys(keys).await;
        window.catch_up().await;
        let said = format!("{}\n{}\n{}", window.text(), window.screen(), failures(&window));
        let level = PANES.iter().find(|(name, _)| name == view).map(|(_, level)| *level);
        let shown = level.map_or_else(|| shown(&window), |level| names(&window, level));
        views.push(Shown { shown, said });
    }
    views
}

/// Returns the rows of a pane, a line each.
fn names(window: &Window, level: Level) -> String {
    let pane = window.script.state.pane(level);
    let rows = (0..pane.hits()).filter_map(|place| pane.hit(place)).map(|row| format!("{row:?}"));
    rows.collect::<Vec<_>>().join("\n")
}

/// Returns the lines of the details and of the logs, without the bars that move with the real time.
fn shown(window: &Window) -> String {
    let state = &window.script.state;
    let mut text = String::new();
    let logs = state.log_page(None, 200, 40).rows;
    let logs = logs.iter().filter_map(|row| state.log_book()?.row(*row)).map(|row| row.text.clone());
    let is_bar = |line: &str| line.contains(['▁', '▂', '▃', '▄', '▅', '▆', '▇']);
    let lines = window.lines().into_iter().map(|line| match line.split_whitespace().next() {
        Some(first) if is_bar(&line) => format!("{first} …"),
        _ => line,
    });
    lines.chain(logs).for_each(|line| writeln!(text, "{line}").unwrap());
    text
}

/// Returns what could not be read of the panes.
fn failures(window: &Window) -> String {
    let failures = Level::ALL.into_iter().filter_map(|level| match window.script.state.load(level) {
        Load::Failed(notice, _) => Some(notice.text.clone()),
        Load::Never | Load::Loading | Load::Ready(_) => None,
    });
    failures.collect::<Vec<_>>().join("\n")
}
